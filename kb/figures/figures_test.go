package figures

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestFind(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"plain money", "每月1500元", "money 1500元"},
		{"money in 万", "最高6万元、10.8万元、1亿2千万元", "money 60000元|money 108000元|money 120000000元"},
		{"chinese money", "三万元和十五万元和一千五百元", "money 30000元|money 150000元|money 1500元"},
		{"spoken money", "一千五块钱，一万二", "money 1500元|number 12000"},
		{"capital numerals", "人民币叁万伍仟元整", "money 35000元"},
		{"thousands", "30,000元、３０，０００元", "money 30000元|money 30000元"},
		{"range", "1000—3000元，3-5万元", "money 1000元|money 3000元|money 30000元|money 50000元"},
		{"dates", "2025年3月1日、2025-03-01、二〇二五年三月一日、2024年5月、2023年", "date 2025年3月1日|date 2025年3月1日|date 2025年3月1日|date 2024年5月|date 2023年"},
		{"dates without year", "每年3月、9月，12月31日前，每月15日", "date 3月|date 9月|date 12月31日|date 15日"},
		{"durations", "15个工作日，36个月，五年以内，三十日内，7天", "duration 15个工作日|duration 36个月|duration 5年|duration 30日|duration 7日"},
		{"half a year", "居住半年以上，下半年", "duration 6个月"},
		{"percent", "50%、百分之三十、提高2个百分点", "percent 50%|percent 30%|percent 2个百分点"},
		{"age", "未满45周岁", "age 45岁"},
		{"phones", "电话0570-88001203，拨打12345或13800001234", "phone 0570-88001203|phone 12345|phone 13800001234"},
		{"words are no figures", "一般、统一、一律、三峡、十分", ""},
		{"ordinals", "第五条第二款第（三）项", "ordinal 5条|ordinal 2款"},
		{"codes", "E5项目 MB0X01234R " + strings.Repeat("7", 40) + "元", ""},
		{"behind a code", "E5三万元", "money 30000元"},
		{"beyond all amounts", "九千亿亿亿亿元", ""},
		{"document number", "越人社发〔2025〕3号", "number 2025|ordinal 3号"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, f := range Find(c.text) {
				got = append(got, string(f.Kind)+" "+f.Text())
			}
			if diff := cmp.Diff(c.want, strings.Join(got, "|")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestContains(t *testing.T) {
	for _, c := range []struct {
		name, text, part string
		want             bool
	}{
		{"written otherwise", "给予三万元补贴", "30000元", true},
		{"万 without 元", "给予3万元补贴", "3万", true},
		{"inside a longer number", "给予13000元", "3000元", false},
		{"behind a point", "比例为1.5%", "5%", false},
		{"before a point", "10.8万元", "10元", false},
		{"date", "自2025年2月10日起", "2025-02-10", true},
		{"spaces and width", "在 １５ 个工作日内", "15个工作日", true},
		{"days and 天", "公示7日", "7天", true},
		{"working days are not days", "公示7个工作日", "7日", false},
		{"words", "可以叠加享受", "叠加", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Contains(c.text, c.part); got != c.want {
				t.Errorf("Contains(%q, %q) = %v; normal %q and %q", c.text, c.part, got, Normal(c.text), Normal(c.part))
			}
		})
	}
}

func FuzzNormal(f *testing.F) {
	for _, s := range []string{"三万元", "2025年3月1日", "１２，０００元", "百分之五十", "0570-8800", "一万二千亿亿亿", "E5三万元", strings.Repeat("1-", 30), "9999999999999999999999999999元"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		end := 0
		for _, g := range Find(s) {
			if g.Start < end || g.End <= g.Start || g.End > len(s) {
				t.Fatalf("figure at [%d,%d) after %d in %q", g.Start, g.End, end, s)
			}
			end = g.End
		}
		if utf8.ValidString(s) && !utf8.ValidString(Normal(s)) {
			t.Fatalf("Normal(%q) is not UTF-8", s)
		}
	})
}

func BenchmarkNormal(b *testing.B) {
	text := strings.Repeat("硕士研究生每人每月1500元，自受理之日起十五个工作日内完成审核。", 20)
	b.ReportAllocs()
	for b.Loop() {
		Normal(text)
	}
}
