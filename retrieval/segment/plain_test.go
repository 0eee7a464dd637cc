package segment

import (
	"iter"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// plainTerms makes terms as Terms does, one rune after the other and by the tables of Unicode alone.
func plainTerms(s *Segmenter, text string) []Term {
	text = inFull(text)
	var terms []Term
	for r, han := range plainRuns(text) {
		if han {
			terms = plainHan(terms, text[r.start:r.end])
		} else {
			terms = appendWord(terms, text, r)
		}
	}
	for i, r := range text {
		switch r {
		case '〔', '[', '(', '【', '〈':
			if t, ok := documentNumber(text, i); ok {
				terms = append(terms, Term{t, Whole})
			}
		case '第':
			if t, ok := clauseNumber(text[i:]); ok {
				terms = append(terms, Term{t, Whole})
			}
		}
	}
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		if name, length := s.concepts.longest(text[i:], r); length > 0 {
			terms, n = append(terms, Term{name, Concept}), length
		}
		i += n
	}
	return terms
}

func plainRuns(text string) iter.Seq2[run, bool] {
	return func(yield func(run, bool) bool) {
		for i := 0; i < len(text); {
			r, n := utf8.DecodeRuneInString(text[i:])
			end := i + n
			switch {
			case plainIsHan(r):
				if end = strings.IndexFunc(text[i:], func(r rune) bool { return !plainIsHan(r) }); end < 0 {
					end = len(text) - i
				}
				end += i
				yield(run{i, end}, true)
			case plainIsWord(r):
				end = 0
				for j, r := range text[i:] {
					if plainIsWord(r) {
						end = j + utf8.RuneLen(r)
					} else if !strings.ContainsRune(joiners, r) || j != end {
						break
					}
				}
				end += i
				yield(run{i, end}, false)
			}
			i = end
		}
	}
}

func plainIsHan(r rune) bool { return r == '〇' || r >= 0x3400 && unicode.Is(unicode.Han, r) }

func plainIsWord(r rune) bool {
	return !plainIsHan(r) && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r))
}

func plainHan(terms []Term, run string) []Term {
	runes := []rune(run)
	if len(runes) == 1 {
		return append(terms, Term{run, Pair})
	}
	for i, r := range runes {
		terms = append(terms, Term{string(r), Char})
		if i+1 < len(runes) {
			terms = append(terms, Term{string(runes[i : i+2]), Pair})
		}
	}
	return terms
}

func TestNormalIsThatOfUnicode(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		for _, text := range []string{string(r), "a" + string(r) + "户b", "戶口" + string(r) + "\u0301遷Ａ"} {
			if got, want := Normal(text), inFull(text); got != want {
				t.Fatalf("Normal(%q) = %q, want %q", text, got, want)
			}
		}
	}
}

// FuzzTerms compares with the plain way, on texts mixed from what needs care.
func FuzzTerms(f *testing.F) {
	s := segmenter(f)
	f.Add("越人社发〔2025〕3号第十二条 WiFi，入户。㎡e\u0301\xe4户\u3099")
	f.Fuzz(func(t *testing.T, text string) { agree(t, s, text) })
}

func agree(t *testing.T, s *Segmenter, text string) {
	t.Helper()
	if got, want := Normal(text), inFull(text); got != want {
		t.Fatalf("Normal(%q) = %q, want %q", text, got, want)
	}
	want := plainTerms(s, text)
	if diff := cmp.Diff(want, s.Terms(text), cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("terms of %q (-want +got):\n%s", text, diff)
	}
	for i, got := range s.Passage("", text) {
		if got != want[i].Text {
			t.Fatalf("term %d of passage %q is %q, want %q", i, text, got, want[i].Text)
		}
	}
}

func TestTermsOfMixtures(t *testing.T) {
	s := segmenter(t)
	pieces := []string{"戶", "户口", "社會保險", "入户", "a", "Ａ", "é", "e\u0301", "\u3099", "か", "㎡", "…", "，", "、", "〇", "々", "第", "十二", "条",
		"[2025]", "〔２０２５〕", "03号", "1", "-", ".", "\u200b", "\u200d", "\xe4", "\xb8", "\xff", "\ufffd", "　", "\n", "𠮷", "丽", "㐂", "ﬁ", "한", "ᄒ", "ᅡ", "Wi", "_",
		"越人社发", "İ", "①", "Ⅳ", "ß", "\u0345", "ｶﾞ", "\u2028", "\x00"}
	r := rand.New(rand.NewPCG(1, 1))
	for range 30_000 {
		text := ""
		for range r.IntN(12) {
			text += pieces[r.IntN(len(pieces))]
		}
		agree(t, s, text)
	}
}

func BenchmarkPassage(b *testing.B) {
	s := segmenter(b)
	text := strings.Repeat("依法成立的合同，受法律保护。因第三人的过错导致合同解除的，按照民法典第四百六十五条的规定处理；", 4)
	b.Run("own", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			s.Passage("", text)
		}
	})
	b.Run("plain", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			plainTerms(s, text)
		}
	})
}
