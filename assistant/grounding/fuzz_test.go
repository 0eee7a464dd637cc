package grounding

import (
	"strings"
	"testing"
	"time"
)

// slowest is far above what a check takes, and far below what a reader would notice as a stall.
const slowest = 5 * time.Second

func FuzzCheck(f *testing.F) {
	checker, err := New()
	if err != nil {
		f.Fatal(err)
	}
	f.Add("硕士研究生每人每月1500元。", "（二）硕士研究生每人每月1500元；", "硕士有多少")
	f.Add("博士、硕士分别为3000元、1500元，36个月共5.4万元。", "学历：博士；标准：3000元/月", "您30岁")
	f.Add("（第1条《》“”[]分别和和、", "除，外的，：；仅", "")
	f.Add(strings.Repeat("1、", 300), strings.Repeat("1元，不", 200), strings.Repeat("不", 99))
	f.Fuzz(func(t *testing.T, sentence, said, question string) {
		start := time.Now()
		evidence := []Evidence{{Title: "办法", Places: []string{"鉴湖区"}, Units: []Unit{{Said: said, Above: []string{question}}, {Said: sentence}}}, {Units: []Unit{{Said: said + sentence}}}}
		g := checker.Prepare(question, today, today, evidence)
		v := g.Check(sentence, []int{0})
		if !v.Sound() && v.Detail == "" {
			t.Errorf("%s without a reason", v.Fault)
		}
		for _, r := range v.Support {
			if r.Evidence != 0 || r.Unit >= 2 {
				t.Errorf("support %v was not cited", r)
			}
		}
		if took := time.Since(start); took > slowest {
			t.Errorf("took %v", took)
		}
	})
}
