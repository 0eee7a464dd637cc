package html

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"xiaoyue/ingest"
	"xiaoyue/ingest/readertest"
)

// government is a page as the content systems of government sites make them.
const government = `<!DOCTYPE html><html><head><meta charset="utf-8"><title>关于生活补贴的通知_越州市人民政府</title>
<meta name="ArticleTitle" content="关于生活补贴的通知"><meta name="PubDate" content="2025-01-15 09:30"><meta name="ContentSource" content="市人社局">
<style>p{}</style><script>var a="script"</script></head><body>
<div class="nav"><ul><li><a href="/">首页</a></li><li><a href="/zwgk">政务公开</a></li></ul></div>
<table class="xxgk"><tr><th>索 引 号：</th><td>11339900/2025-00012</td><th>发布机构</th><td>越州市人社局</td></tr>
<tr><td>文　　号：</td><td>越人社发〔2025〕3号</td><td>时效性</td><td>有效</td></tr></table>
<div class="info">发布时间：2025-01-15 来源：越州市人社局 浏览次数：<span>12</span></div>
<div class="TRS_Editor"><p style="text-align: center">越人社发〔2025〕3号</p>
<p>　　现就有关
事项通知如下：</p><h2>一、标准</h2><ol start="3"><li>博士</li><li>硕士</li></ol>
<table><thead><tr><th rowspan="2">学历</th><th colspan="2">标准</th></tr><tr><th>每月</th><th>期限</th></tr></thead>
<tbody><tr><td>博士</td><td>3000</td><td rowspan="2">36个月</td></tr><tr><td>硕士</td><td>1500</td></tr></tbody></table>
<p style="display:none">暗</p><p align="right">2025年1月10日</p></div>
<div class="share">分享到 <a href="#">微信</a></div></body></html>`

func read(t testing.TB, b []byte) (ingest.Reading, error) {
	t.Helper()
	return Reader{}.Read(t.Context(), bytes.NewReader(b), int64(len(b)), ingest.Limits{})
}

func TestGovernmentPage(t *testing.T) {
	got, err := read(t, []byte(government))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"c # 关于生活补贴的通知", "c 越人社发〔2025〕3号", "现就有关事项通知如下：", "### 一、标准", "3. 博士", "4. 硕士",
		"> 学历 | 标准 | 标准", "> 学历 | 每月 | 期限", "| 博士 | 3000 | 36个月", "| 硕士 | 1500 | 36个月", "r 2025年1月10日",
	}
	if d := cmp.Diff(want, readertest.Lines(got.Blocks)); d != "" {
		t.Error(d)
	}
	properties := map[string]string{
		"title": "关于生活补贴的通知", "索引号": "11339900/2025-00012", "发文机关": "越州市人社局", "文号": "越人社发〔2025〕3号",
		"有效性": "有效", "发布日期": "2025-01-15 09:30", "来源": "市人社局",
	}
	if d := cmp.Diff(properties, got.Properties); d != "" {
		t.Error(d)
	}
	if got.Coverage != 1 {
		t.Errorf("coverage %v", got.Coverage)
	}
}

func TestBody(t *testing.T) {
	for _, c := range []struct {
		name, body string
		want       []string
	}{
		{"page without a container, menu and all", `<div><a>首页</a></div><nav>导航</nav><h1>分数线</h1><p>正文</p>`, []string{"首页", "## 分数线", "正文"}},
		{"teaser in a container is not the page", `<div class="article-content">摘要</div><p>` + strings.Repeat("正文很长。", 9) + `</p>`, []string{"摘要", strings.Repeat("正文很长。", 9)}},
		{"paragraphs by breaks and indents", "<div>　　甲<br>　　乙<br>同段<br><br>丙</div>", []string{"甲", "乙\n同段", "丙"}},
		{"words keep their spaces", "<p>No. 3\n of\t<b>5</b> pages</p>", []string{"No. 3 of 5 pages"}},
		{"table that lays out", "<table><tr><td><table><tr><td>甲</td><td>乙</td></tr><tr><td>1</td><td>2</td></tr></table></td></tr></table>", []string{"> 甲 | 乙", "| 1 | 2"}},
		{"caption and spans past the edge", "<table><caption>标准表</caption><tr><th>甲</th><th>乙</th></tr><tr><td colspan=3 rowspan=9>合计</td></tr></table>", []string{"c 标准表", "> 甲 | 乙", "| 合计 | 合计 | 合计"}},
		{"label table inside the article stays out", "<article><table><tr><td>文号</td><td>一号</td></tr><tr><td>有效性</td><td>有效</td></tr></table><p>正文</p></article>", []string{"正文"}},
		{"entities and hidden signs", "<p>&lt;甲&gt;&nbsp;乙&#8203;</p>", []string{"<甲> 乙"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := read(t, []byte("<html><body>"+c.body+"</body></html>"))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, readertest.Lines(got.Blocks)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestLabels(t *testing.T) {
	for _, c := range []struct {
		name, body string
		want       map[string]string
	}{
		{"list", `<ul><li><b>发文字号：</b>越政发〔2024〕1号</li><li>成文日期： 2024-01-02</li></ul>`, map[string]string{"文号": "越政发〔2024〕1号", "成文日期": "2024-01-02"}},
		{"terms", `<dl><dt>发布机构</dt><dd>市政府</dd><dt>是否有效</dt><dd>是</dd></dl>`, map[string]string{"发文机关": "市政府", "有效性": "是"}},
		{"spans without spaces", `<div><span>发布时间：2024-01-02</span><span>来源：市政府办</span><span>字体：大</span></div>`, map[string]string{"发布日期": "2024-01-02", "来源": "市政府办"}},
		{"label in a label", `<p>发布日期：2024-01-02 规范性文件编号：ZJKC01-2024-0001</p>`, map[string]string{"发布日期": "2024-01-02", "统一编号": "ZJKC01-2024-0001"}},
		{"brackets", `<p><span>【文号】</span><span>越政发〔2024〕1号</span></p>`, map[string]string{"文号": "越政发〔2024〕1号"}},
		{"prose is no label", `<p>来源于群众的意见很多，文号另行公布。</p>`, map[string]string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := read(t, []byte("<html><body>"+c.body+"<div id='zoom'><p>"+strings.Repeat("正文", 30)+"</p></div></body></html>"))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, got.Properties); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestEncodings(t *testing.T) {
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(`<html><meta charset="utf-8"><body>参保登记</body></html>`)
	if err != nil {
		t.Fatal(err)
	}
	big5, err := traditionalchinese.Big5.NewEncoder().String(`<html><meta http-equiv="Content-Type" content="text/html; charset=big5"><body>參保登記</body></html>`)
	if err != nil {
		t.Fatal(err)
	}
	for page, want := range map[string]string{gbk: "参保登记", big5: "參保登記"} {
		got, err := read(t, []byte(page))
		if err != nil || got.Blocks[0].Text != want {
			t.Errorf("got %v, %v, want %s", readertest.Lines(got.Blocks), err, want)
		}
	}
}

func TestFaults(t *testing.T) {
	for name, c := range map[string]struct {
		page string
		want ingest.Status
	}{
		"nothing visible": {"<html><body><script>x</script></body></html>", ingest.StatusEmpty},
		"depth":           {strings.Repeat("<div>", 400) + "x", ingest.StatusHostile},
		"absurd span":     {"<table><tr><td colspan=2000000000>a</td><td>b</td></tr></table>", ingest.StatusHostile},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := read(t, []byte(c.page))
			var fault *ingest.ReadError
			if !errors.As(err, &fault) || fault.Status != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(government))
	f.Add([]byte("<table><tr><td rowspan=3 colspan=2>a<td>b<tr><td>c"))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := Reader{}.Read(t.Context(), bytes.NewReader(b), int64(len(b)), ingest.Limits{TextBytes: 1 << 20, Cells: 1 << 12})
		var fault *ingest.ReadError
		if err != nil && !errors.As(err, &fault) || got.Coverage < 0 || got.Coverage > 1 {
			t.Errorf("coverage %v, %v", got.Coverage, err)
		}
	})
}
