package grounding

import "testing"

func BenchmarkCheck(b *testing.B) {
	c := load(b)
	s := sample{cited: []string{"living"}, question: "硕士毕业来越州工作，生活补贴有多少？"}
	g, cited := c.grounds(s)
	for name, sentence := range map[string]string{
		"sound":    "硕士研究生每人每月可以领取1500元生活补贴，累计发放不超过36个月。",
		"stopped":  "博士研究生每人每月可以领取1500元生活补贴。",
		"invented": "申请人还应当通过面试并提交无犯罪记录证明和近期免冠照片。",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				g.Check(sentence, cited)
			}
		})
	}
}

func BenchmarkPrepare(b *testing.B) {
	c := load(b)
	s := sample{cited: []string{"living", "jianhu", "rent"}, question: "硕士毕业来越州工作，生活补贴有多少？"}
	b.ReportAllocs()
	for b.Loop() {
		clear(c.prepared)
		c.grounds(s)
	}
}
