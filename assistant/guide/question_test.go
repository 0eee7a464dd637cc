package guide

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/assistant/traits"
	"xiaoyue/kb"
)

func TestWhenOf(t *testing.T) {
	for _, c := range []struct {
		question, want string // days in order
		explicit       bool
	}{
		{"租房补贴有多少？", "2025-06-01", false},
		{"2022年的租房补贴有多少？", "2022-12-31 2022-06-30 2022-01-01", true},
		{"去年的标准", "2024-12-31 2024-06-30 2024-01-01", true},
		{"今年3月的标准", "2025-03-31 2025-03-01", true},
		{"2023年3月申请的，补贴多少", "2023-03-31 2023-03-01", true},
		{"二〇二三年五月一日的标准", "2023-05-01", true},
		{"2023年5月1日以前的标准", "2023-04-30", true},
		{"2022年毕业的硕士，补贴多少", "2025-06-01", false},
		{"去年毕业，补贴多少", "2025-06-01", false},
		{"2023年来的，现在补贴多少", "2025-06-01", false},
		{"2026年度的缴费标准", "2026-01-01 2026-12-31 2025-06-01", true},
	} {
		t.Run(c.question, func(t *testing.T) {
			got := whenOf(c.question, kb.MustDate("2025-06-01"))
			var days []string
			for _, d := range got.days {
				days = append(days, d.String())
			}
			if diff := cmp.Diff(c.want, strings.Join(days, " ")); diff != "" || got.explicit != c.explicit {
				t.Errorf("explicit %v %s", got.explicit, diff)
			}
		})
	}
}

func TestFollow(t *testing.T) {
	k := loadKnowledge(t)
	g := k.guide(t, k.searcher, nil)
	for _, c := range []struct{ name, previous, question, want string }{
		{"attribute", "硕士来云州工作，租房补贴有多少？", "那博士呢？", "博士来云州工作，租房补贴有多少？"},
		{"place", "东湖区硕士租房补贴有多少？", "西山区呢？", "西山区硕士租房补贴有多少？"},
		{"time", "硕士租房补贴有多少？", "去年呢？", "去年硕士租房补贴有多少？"},
		{"field", "硕士租房补贴有多少？", "要带什么材料？", "硕士租房补贴要带什么材料？"},
		{"another benefit", "硕士租房补贴有多少？", "安家补贴呢？", "硕士安家补贴有多少？"},
		{"age", "85岁老人长寿津贴有多少？", "92岁的呢？", "92岁老人长寿津贴有多少？"},
		{"case", "失业金最多领几个月？", "要是有老人要照顾呢？", "失业金，要是有老人要照顾，最多领几个月？"},
		{"pronoun", "租房补贴有多少？", "这个补贴能发多久？", "租房补贴能发多久？"},
		{"new topic", "租房补贴有多少？", "优待证怎么办理？", "优待证怎么办理？"},
		{"talk", "租房补贴有多少？", "谢谢", "谢谢"},
		{"nothing before", "", "要带什么材料？", "要带什么材料？"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, g.follow(c.previous, c.question)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAsksOf(t *testing.T) {
	l := newLexicon()
	for _, c := range []struct{ question, want string }{
		{"租房补贴有多少", "amount"},
		{"贴息比例是多少", "ratio"},
		{"咨询电话是多少", "phone"},
		{"监督投诉电话是多少", "complaint"},
		{"带什么材料、去哪里办、多久能办好", "materials place duration"},
		{"能不能叠加", "together"},
		{"要不要先交社保几个月", "yesno"},
		{"符合购房条件怎么申请", "steps"},
		{"积分加多少分", "count"},
		{"额度能上浮多少", "figure"},
		{"领失业金那几个月", ""},
	} {
		t.Run(c.question, func(t *testing.T) {
			var got []string
			for _, a := range l.asksOf(c.question) {
				got = append(got, string(a))
			}
			if diff := cmp.Diff(c.want, strings.Join(got, " ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFitsSpans(t *testing.T) {
	for _, c := range []struct {
		question, row string
		want          traits.Fit
	}{
		{"85岁有多少", "80至89周岁：60元", traits.Named},
		{"92岁有多少", "80至89周岁：60元", traits.Clash},
		{"92岁有多少", "90周岁以上：150元", traits.Named},
		{"缴了6年能领几个月", "满5年不足10年：18个月", traits.Named},
		{"缴了12年能领几个月", "满5年不足10年：18个月", traits.Clash},
		{"35岁可以吗", "未满35周岁", traits.Clash},
		{"34岁可以吗", "未满35周岁", traits.Named},
		{"一个月多少", "缴费满6个月", traits.Neutral},
		{"有多少", "90周岁以上", traits.Neutral},
	} {
		t.Run(c.question+"/"+c.row, func(t *testing.T) {
			if got := fitsSpans(c.question, unit{kind: row, said: c.row}); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}
