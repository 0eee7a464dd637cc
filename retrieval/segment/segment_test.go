package segment

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNormal(t *testing.T) {
	for in, want := range map[string]string{
		"ＡＰＰ１２３４５":  "app12345",
		"戶口遷移　社會保險": "户口迁移 社会保险",
		"㎡\u200b":   "m2",
		"Ｗｉ－Ｆｉ":     "wi-fi",
	} {
		if got := Normal(in); got != want {
			t.Errorf("Normal(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestTermsKeepWholes(t *testing.T) {
	s := segmenter(t)
	tests := []struct{ name, text, want string }{
		{"document number", "根据越人社发[2025]03号文", "越人社发〔2025〕3号"},
		{"full-width number", "浙政办发〔２０２４〕１２号", "浙政办发〔2024〕12号"},
		{"clause in words", "民法典第四百六十五条", "第465条"},
		{"clause in digits", "第 12 条", "第12条"},
		{"year", "2025年度", "2025年"},
		{"item code", "编码330602-A01.2", "330602-a01.2"},
		{"other script", "用WiFi登录", "wifi"},
		{"synonym", "怎么入户", "\x01落户"},
		{"traditional synonym", "社會保障卡", "\x01社保卡"},
		{"pair", "公积金", "积金"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			has := func(term Term) bool { return term.Text == tt.want }
			if terms := s.Terms(tt.text); !slices.ContainsFunc(terms, has) {
				t.Errorf("terms of %q lack %q: %v", tt.text, tt.want, terms)
			}
		})
	}
}

func TestQuestionLeavesAskingOut(t *testing.T) {
	s := segmenter(t)
	if diff := cmp.Diff(s.Question("关于落户条件的问题"), s.Question("请问落户条件是什么？")); diff != "" {
		t.Errorf("two ways to ask differ:\n%s", diff)
	}
	if len(s.Question("什么")) == 0 {
		t.Error("a question of asking words alone has no terms")
	}
}

func TestNumber(t *testing.T) {
	for in, want := range map[string]int{"十二": 12, "一百零三": 103, "二〇二五": 2025, "三万五千": 35000, "两千": 2000, "12条": 12, "十": 10} {
		if got, _, ok := Number(in); !ok || got != want {
			t.Errorf("Number(%q) = %d, %t, want %d", in, got, ok, want)
		}
	}
	for _, in := range []string{"", "条", "999999999999"} {
		if n, _, ok := Number(in); ok {
			t.Errorf("Number(%q) = %d", in, n)
		}
	}
}

func FuzzQuestion(f *testing.F) {
	s := segmenter(f)
	f.Add("越人社发〔2025〕3号第十二条 WiFi")
	f.Fuzz(func(t *testing.T, text string) {
		n := Normal(text)
		if again := Normal(n); again != n {
			t.Errorf("normal form of %q is not stable: %q, %q", text, n, again)
		}
		for _, q := range s.Question(text) {
			if q.Text == "" || q.Weight <= 0 {
				t.Errorf("term %+v", q)
			}
		}
	})
}

func segmenter(t testing.TB) *Segmenter {
	t.Helper()
	s, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
