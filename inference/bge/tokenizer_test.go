package bge

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// pieces is a vocabulary for tests; the number of a piece is its place.
var pieces = strings.Fields("[PAD] [UNK] [CLS] [SEP] 居 住 证 办 。 , [ ] app ##app wi ##fi cafe 2024 ##年 年 sep 豈 x")

func testTokenizer(tb testing.TB) *tokenizer {
	tb.Helper()
	t, err := readTokenizer(strings.NewReader(tokenizerJSON(tb)))
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

func tokenizerJSON(tb testing.TB) string {
	tb.Helper()
	vocab := map[string]int{}
	for id, piece := range pieces {
		vocab[piece] = id
	}
	b, err := json.Marshal(map[string]any{"model": map[string]any{"vocab": vocab}})
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

func TestEncode(t *testing.T) {
	tokenizer := testTokenizer(t)
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", ""},
		{"space only", " \t\r\n\u3000", ""},
		{"Chinese characters stand alone", "居住证。", "居 住 证 。"},
		{"lower case and pieces", "APPapp WiFi", "app ##app wi ##fi"},
		{"accents", "Café cafe\u0301", "cafe cafe"},
		{"unknown word as a whole", "appzzz 居", "[UNK] 居"},
		{"unknown character", "居囧证", "居 [UNK] 证"},
		{"number before Chinese", "2024年", "2024 年"},
		{"dropped inside a word", "ap\u200bp\x00\f\ufeff ap\ufffdp", "app app"},
		{"invalid UTF-8 is dropped", "ap\xffp", "app"},
		{"special names are text", "[SEP]居[CLS]", "[ sep ] 居 [ [UNK] ]"},
		{"punctuation parts words", "app,app", "app , app"},
		{"compatibility ideograph", "\uf900x", "豈 x"},
		{"word of 101 characters", strings.Repeat("x", 101) + " x", "[UNK] x"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			ids := tokenizer.encode(test.text)
			for _, id := range ids {
				got = append(got, pieces[id])
			}
			want := append(append([]string{"[CLS]"}, strings.Fields(test.want)...), "[SEP]")
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestReadTokenizerFaults(t *testing.T) {
	for name, file := range map[string]string{
		"not JSON":        "vocab",
		"no vocabulary":   `{"model":{}}`,
		"id out of range": `{"model":{"vocab":{"[UNK]":0,"[CLS]":1,"[SEP]":3}}}`,
		"no separator":    `{"model":{"vocab":{"[UNK]":0,"[CLS]":1}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := readTokenizer(strings.NewReader(file)); err == nil {
				t.Error("no error")
			}
		})
	}
}

func FuzzEncode(f *testing.F) {
	for _, text := range []string{"", "居住证APP办理。", "Cafe\u0301 ﬁ İ", strings.Repeat("居,", 600), "\xff\x00[SEP]", "한국어が"} {
		f.Add(text)
	}
	tokenizer := testTokenizer(f)
	f.Fuzz(func(t *testing.T, text string) {
		ids := tokenizer.encode(text)
		if len(ids) < 2 || len(ids) > maxTokens || len(ids) > 2+3*utf8.RuneCountInString(text) {
			t.Fatalf("%d ids for %d bytes", len(ids), len(text))
		}
		if ids[0] != tokenizer.start || ids[len(ids)-1] != tokenizer.end {
			t.Errorf("marks missing: %v", ids)
		}
		for _, id := range ids[1 : len(ids)-1] {
			if id < 0 || int(id) >= len(pieces) || id == tokenizer.start || id == tokenizer.end {
				t.Errorf("id %d inside the text", id)
			}
		}
	})
}
