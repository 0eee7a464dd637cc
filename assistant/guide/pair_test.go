package guide

import (
	"context"
	"strings"
	"testing"

	"xiaoyue/kb"
)

// TestTimesAndPeople asks for how long a benefit is had, and for people by their everyday name.
func TestTimesAndPeople(t *testing.T) {
	g := openSample(t).guide(t, "339900", nil)
	for _, c := range []struct{ question, says string }{
		{"硕士租房补贴能领多久", "24个月"}, {"公务员可以领生活补贴吗", "不享受"}, {"博士和硕士的租房补贴分别多少", "1500元"},
		{"博士和硕士的租房补贴分别多少", "800元"}, {"生活补贴和租房补贴的申请材料分别是什么", "学历证书和学位证书"}, {"生活补贴和租房补贴的申请材料分别是什么", "租金支付凭证"},
		{"博士和水手的租房补贴分别多少", "没有查到"},
	} {
		if got := askSample(t, g, c.question); !strings.Contains(got.Text, c.says) {
			t.Errorf("%s: says nothing of %s: %s", c.question, c.says, got.Text)
		}
	}
}

func askSample(t *testing.T, g *Guide, question string) kb.Answer {
	t.Helper()
	a, _, err := g.Answer(context.Background(), kb.Turn{Question: question, AsOf: kb.MustDate("2026-11-24"), Caller: kb.Caller{Tenant: kb.DefaultTenant}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
