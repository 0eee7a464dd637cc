package ingest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/kb"
)

func buildText(text string, properties map[string]string) (kb.Document, Report) {
	r := TextReading(text)
	r.Properties = properties
	regions, _ := kb.NewRegions(kb.Region{Code: kb.Nation, Name: "中国"}, kb.Region{Code: "339900", Name: "越州市", Parent: kb.Nation},
		kb.Region{Code: "339902", Name: "鉴湖区", Parent: "339900"})
	doc, _, report := Build(FileReading{Path: "a.txt", Hash: "h", Reading: r}, BuildOptions{Regions: regions})
	return doc, report
}

const letter = `越州市人力资源和社会保障局文件
越人社发 [2025] 3 号
越州市人力资源和社会保障局 越州市财政局
关于印发《越州市生活补贴办法》的通知
各区人力资源和社会保障局、财政局：
现将《越州市生活补贴办法》印发给你们。
越州市人力资源和社会保障局
越州市财政局
二〇二五年一月十七日
越州市生活补贴办法
第一条 根据《越州市人才条例》，制定本办法。
第二条 本办法自2025年2月10日起施行，有效期三年。原《越州市毕业生生活补贴办法》（越人社发（2021）18号）同时废止。`

func TestDescribeLetter(t *testing.T) {
	doc, report := buildText(letter, map[string]string{"发布日期": "2025-01-20 09:30"})
	m := report.Metadata
	got := []string{report.Title, m.Issuer, m.Number, m.IssuedOn.String(), m.PublishedOn.String(), m.ValidFrom.String(), m.ValidUntil.String(), m.Region,
		string(m.Access), strings.Join(m.Supersedes, " "), strings.Join(m.Repeals, " ")}
	want := []string{"越州市人力资源和社会保障局越州市财政局关于印发《越州市生活补贴办法》的通知", "越州市人力资源和社会保障局　越州市财政局", "越人社发〔2025〕3号",
		"2025-01-17", "2025-01-20", "2025-02-10", "2028-02-09", "339900", "public", "越人社发〔2021〕18号", "越人社发〔2021〕18号"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("metadata (-want +got):\n%s", diff)
	}
	if doc.Validity.Basis == "" || doc.Validity.Confidence != sureSentence {
		t.Errorf("validity %+v: want a basis", doc.Validity)
	}
}

func TestValidity(t *testing.T) {
	tests := []struct{ name, text, from, until string }{
		{"date", "本通知自2025年5月1日起施行。", "2025-05-01", ""},
		{"Chinese date", "本意见自二〇二五年五月一日起执行。", "2025-05-01", ""},
		{"publication", "发布日期：2025年3月1日\n本办法自发布之日起施行。", "2025-03-01", ""},
		{"after the issue", "本细则自印发之日起30日后施行。\n越州市民政局\n2025年3月1日", "2025-03-31", ""},
		{"years", "本办法自2025年5月1日起施行，有效期5年。", "2025-05-01", "2030-04-30"},
		{"period in its own sentence", "本办法自2025年5月1日起施行。有效期为2年。", "2025-05-01", "2027-04-30"},
		{"end date", "本通知自2025年5月1日起施行，有效期至2027年12月31日。", "2025-05-01", "2027-12-31"},
		{"trial", "本办法自2020年7月1日起施行，试行期三年，至2023年6月30日止。", "2020-07-01", "2023-06-30"},
		{"trial of two years", "本办法自2025年5月1日起试行，试行两年。", "2025-05-01", "2027-04-30"},
		{"range", "本通知有效期自2025年1月1日至2026年12月31日。", "2025-01-01", "2026-12-31"},
		{"of a certificate", "人才类别自认定之日起有效期五年。\n居住证有效期1年。\n本办法自2025年5月1日起施行。", "2025-05-01", ""},
		{"of another text", "《越州市人才条例》自2020年1月1日起施行。", "", ""},
		{"matter", "一、自2022年8月1日起，标准调整为1760元。\n越州市民政局\n2022年7月22日", "2022-08-01", ""},
		{"day of issue", "请遵照执行。\n越州市民政局\n2022年7月22日", "2022-07-22", ""},
		{"amended later", "2010年1月1日 越州市人大通过\n2020年6月1日 越州市人大修正\n第九条 本条例自2010年5月1日起施行。", "2020-06-01", ""},
		{"annex", "本通知自2025年5月1日起施行。\n附件1\n旧办法\n第一条 本办法自2020年1月1日起施行，有效期5年。", "2025-05-01", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc, _ := buildText("关于补贴的通知\n"+tt.text, nil)
			if got := doc.Validity; got.From.String() != tt.from || got.Until.String() != tt.until {
				t.Errorf("got %s to %s, want %s to %s", got.From, got.Until, tt.from, tt.until)
			}
		})
	}
	if doc, _ := buildText("本办法自2025年5月1日起施行。施行前已经签订合同的，仍按原办法执行。", nil); !doc.Validity.Transitional {
		t.Error("新老划断 is not seen")
	}
}

func TestActs(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string // kind, text, clauses, effective, until
	}{
		{"repeal", "《A办法》（越政发[2019]2号）自2025年7月1日起废止。", []string{"repeals|《A办法》（越政发〔2019〕2号）||2025-07-01|"}},
		{"repeal by number", "越政发〔2019〕2号文件同时废止。", []string{"repeals|越政发〔2019〕2号||2025-05-01|"}},
		{"successor", "本办法自2025年6月1日起施行，《A办法》同时废止。", []string{"supersedes|《A办法》||2025-06-01|"}},
		{"amendment", "对《A办法》（越政发〔2019〕2号）作如下修改：\n一、将第六条第二款第(五)项修改为：“第三条 新。”\n二、删去第八条。",
			[]string{"amends|《A办法》（越政发〔2019〕2号）|第六条第二款第（五）项 第八条|2025-05-01|"}},
		{"extension", "《A办法》有效期延长至2027年12月31日。", []string{"extends|《A办法》|||2027-12-31"}},
		{"continuation", "《A办法》自2026年1月1日起继续执行。", []string{"extends|《A办法》||2026-01-01|"}},
		{"suspension", "自2026年4月15日起，暂停受理《A办法》第四条规定的补贴申请。", []string{"suspends|《A办法》|第四条|2026-04-15|"}},
		{"ground", "根据《A条例》和《B规定》，结合实际，制定本办法。", []string{"based_on|《A条例》|||", "based_on|《B规定》|||"}},
		{"mere mention", "按照《A办法》执行。废止的情形由《B规定》规定。", nil},
		{"list", "附件1\n继续有效的文件目录\n1.《K办法》\n附件2\n废止的文件目录\n1.《A办法》（越政发〔2019〕2号）\n2.关于调整补贴的通知（越政发〔2018〕1号）",
			[]string{"cleanup_list|《A办法》（越政发〔2019〕2号）||2025-05-01|", "cleanup_list|《关于调整补贴的通知》（越政发〔2018〕1号）||2025-05-01|"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc, _ := buildText("关于补贴的通知\n本通知自2025年5月1日起施行。\n"+tt.text, nil)
			var got []string
			for _, r := range doc.Relations {
				got = append(got, strings.Join([]string{string(r.Kind), r.ToRef, strings.Join(r.Clauses, " "), r.Effective.String(), r.Until.String()}, "|"))
				if !strings.Contains(doc.Text, r.Quote) {
					t.Errorf("%s: %q is not in the text", r.Kind, r.Quote)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("acts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSecrecyAndAccess(t *testing.T) {
	tests := []struct {
		text   string
		status Status
		access kb.Access
	}{
		{"机密★5年\n关于演练的通知", StatusClassified, ""},
		{"000123\n秘　密\n特急\n关于演练的通知", StatusClassified, ""},
		{"密级：绝密\n正文", StatusClassified, ""},
		{"| 文号 | 密级 |\n| 密级 | 秘密 |", StatusClassified, ""},
		{"第一条 保守国家秘密是公民的义务。", StatusOK, kb.AccessPublic},
		{"秘密级国家秘密的保密期限不超过10年。\n标注“机密★5年”。", StatusOK, kb.AccessPublic},
		{"商业秘密", StatusOK, kb.AccessPublic},
		{"口径\n内部资料，不对外公开\n一、答复", StatusOK, kb.AccessInternal},
		{"第一条 内部使用的资料不得外传。", StatusOK, kb.AccessPublic},
	}
	for _, tt := range tests {
		doc, report := buildText(tt.text, nil)
		if report.Status != tt.status || doc.Access != tt.access {
			t.Errorf("%q: got %s %s, want %s %s", tt.text, report.Status, doc.Access, tt.status, tt.access)
		}
		if tt.status == StatusClassified && (report.Text != "" || report.Title != "" || doc.Text != "") {
			t.Errorf("%q: words of a classified text are passed on", tt.text)
		}
	}
}

func TestFindNumber(t *testing.T) {
	for text, want := range map[string]string{"越人社发〔2025〕3号": "越人社发〔2025〕3号", "见国发[2020] 1 号文件": "国发〔2020〕1号", "越政办发（２０２１）第12号": "越政办发〔2021〕12号",
		"根据浙人社发〔2024〕7号": "浙人社发〔2024〕7号", "（2024）3号": "", "第3号": "", "电话〔2025〕号": ""} {
		if got := FindNumber(text); got != want {
			t.Errorf("FindNumber(%q) = %q, want %q", text, got, want)
		}
	}
}

func FuzzBuild(f *testing.F) {
	f.Add(letter, "2025-01-01")
	f.Add("附件1\n废止目录\n| 1 | 《a》 |\n自2025年1月1日起", "x")
	f.Fuzz(func(t *testing.T, text, property string) {
		doc, report := buildText(text, map[string]string{"发布日期": property, "文号": property})
		if report.Status != StatusOK && report.Status != StatusThin {
			if doc.Text != "" || report.Text != "" {
				t.Fatalf("%s: text is passed on", report.Status)
			}
			return
		}
		for _, s := range doc.Sections {
			if doc.Text[s.Start:s.Start+len(s.Text)] != s.Text {
				t.Fatalf("section %s is not at %d", s.Number, s.Start)
			}
		}
	})
}
