package traits

import "testing"

func TestFits(t *testing.T) {
	for _, c := range []struct {
		question, text string
		want           Fit
	}{
		{"硕士有多少", "硕士研究生每月900元", Named},
		{"硕士有多少", "博士研究生每月1600元", Clash},
		{"硕士有多少", "累计不超过24个月", Neutral},
		{"硕士有多少", "全日制本科及以上毕业生", Named},
		{"专科有多少", "全日制本科及以上毕业生", Clash},
		{"研究生有多少", "硕士研究生每月900元", Named},
		{"博士有多少", "博士后研究人员每年12万元", Clash},
		{"D类人才多少", "C类以上人才60万元", Clash},
		{"B类人才多少", "C类及以上人才60万元", Named},
		{"有多少", "博士研究生每月1600元", Neutral},
	} {
		t.Run(c.question+"/"+c.text, func(t *testing.T) {
			if got := Fits(Of(c.question), c.text); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}
