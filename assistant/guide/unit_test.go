package guide

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUnitsOf(t *testing.T) {
	text := `第一章　总则
第一条　为吸引人才，制定本办法。本办法由市局负责解释。
第二条　补贴标准为：
（一）硕士900元；
（二）博士1600元。
累计不超过24个月。
二、登记标准

| 类别 | 补贴（元/月） | 面积（平方米） | 面积（平方米） |
| 类别 | 补贴（元/月） | 两人户 | 三人户 |
| 低保家庭 | 18 | 45 | 60 |
| 备注 |
问：能一起领吗？
答：能。`
	type short struct {
		Kind unitKind
		Said string
		Lead string
		List bool
	}
	want := []short{
		{sentence, "第一章 总则", "", false},
		{sentence, "第一条 为吸引人才，制定本办法。", "", false},
		{sentence, "本办法由市局负责解释。", "", false},
		{sentence, "第二条 补贴标准为：", "", false},
		{entry, "（一）硕士900元；", "第二条　补贴标准为：", true},
		{entry, "（二）博士1600元。", "第二条　补贴标准为：", true},
		{sentence, "累计不超过24个月。", "第二条　补贴标准为：", false},
		{sentence, "二、登记标准", "", false},
		{row, "类别：低保家庭；补贴：18元/月；面积两人户：45平方米；面积三人户：60平方米", "", true},
		{sentence, "备注", "", false},
		{sentence, "答：能。", "问：能一起领吗？", false},
	}
	var got []short
	for _, u := range unitsOf(text, 0, nil) {
		if text[u.start:u.start+len(u.text)] != u.text {
			t.Errorf("unit %q does not stand at %d", u.text, u.start)
		}
		got = append(got, short{u.kind, u.said, u.lead, u.kind != sentence && u.list > 0})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzUnitsOf(f *testing.F) {
	f.Add("第一条　甲：\n（一）乙；\n| a | b |\n| 1 |\n答：")
	f.Add("| |\n\t\n｜\xff。。”")
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ToValidUTF8(text, "")
		for _, u := range unitsOf(text, 0, []string{"标题"}) {
			if u.start < 0 || u.start+len(u.text) > len(text) || text[u.start:u.start+len(u.text)] != u.text {
				t.Fatalf("unit %+v does not stand in %q", u, text)
			}
		}
	})
}
