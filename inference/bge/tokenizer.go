package bge

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	// maxTokens is the number of positions the model knows, the marks at both ends included.
	maxTokens = 512

	// maxWord is the number of characters above which a word is unknown as a whole.
	maxWord = 100

	maxVocabulary = 1 << 20
)

// tokenizer is BERT's WordPiece for Chinese: lower case without accents, one token for each
// Chinese character and punctuation mark, the longest known pieces for everything else.
//
// Names of special tokens in a text, such as "[SEP]", are text like any other: what a citizen
// types never becomes structure.
type tokenizer struct {
	words   map[string]int32 // pieces at the start of a word
	tails   map[string]int32 // pieces inside a word, without their ##
	longest int              // bytes of the longest piece
	unknown int32            // [UNK]
	start   int32            // [CLS]
	end     int32            // [SEP]
	size    int              // entries
}

// readTokenizer reads the vocabulary out of a tokenizer.json.
//
// The file's own setting of lower case is not used: the published file says false, but the
// vocabulary has no upper case and the model was trained on lower-cased text.
func readTokenizer(r io.Reader) (*tokenizer, error) {
	var file struct {
		Model struct {
			Vocab map[string]int32 `json:"vocab"`
		} `json:"model"`
	}
	if err := json.NewDecoder(r).Decode(&file); err != nil {
		return nil, fmt.Errorf("read tokenizer: %w", err)
	}
	vocab := file.Model.Vocab
	t := &tokenizer{words: map[string]int32{}, tails: map[string]int32{}, size: len(vocab)}
	for piece, id := range vocab {
		if id < 0 || int(id) >= len(vocab) || len(vocab) > maxVocabulary {
			return nil, fmt.Errorf("read tokenizer: id %d of %q in a vocabulary of %d", id, piece, len(vocab))
		}
		t.longest = max(t.longest, len(piece))
		if tail, ok := strings.CutPrefix(piece, "##"); ok {
			t.tails[tail] = id
		} else {
			t.words[piece] = id
		}
	}
	for name, id := range map[string]*int32{"[UNK]": &t.unknown, "[CLS]": &t.start, "[SEP]": &t.end} {
		var ok bool
		if *id, ok = t.words[name]; !ok {
			return nil, fmt.Errorf("read tokenizer: no %s in the vocabulary", name)
		}
	}
	return t, nil
}

// encode returns the ids of the text between [CLS] and [SEP], cut at the end to maxTokens.
func (t *tokenizer) encode(text string) []int32 {
	s := splitter{t: t, ids: append(make([]int32, 0, 64), t.start)}
	for _, r := range text {
		if len(s.ids) >= maxTokens-1 {
			break
		}
		s.add(r)
	}
	s.flush()
	return append(s.ids[:min(len(s.ids), maxTokens-1)], t.end)
}

// splitter cuts a text into words as it goes by.
type splitter struct {
	t     *tokenizer
	ids   []int32
	word  []byte // the word so far, at most maxWord characters of it
	chars int

	raw, parts []byte // of the character at hand
}

// add takes the next character of the text through the steps of BERT's normalizer.
func (s *splitter) add(r rune) {
	switch {
	case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
		s.letter(r)
	case isChinese(r):
		s.flush()
		s.decompose(r)
		s.flush()
	case r == 0 || r == utf8.RuneError || isControl(r):
		// Vanishes without parting a word.
	case unicode.IsSpace(r):
		s.flush()
	default:
		s.decompose(r)
	}
}

// decompose strips the accents off r and adds what is left in lower case.
func (s *splitter) decompose(r rune) {
	s.raw = utf8.AppendRune(s.raw[:0], r)
	if norm.NFD.IsNormal(s.raw) {
		s.part(r)
		return
	}
	s.parts = norm.NFD.Append(s.parts[:0], s.raw...)
	for _, part := range string(s.parts) {
		s.part(part)
	}
}

func (s *splitter) part(r rune) {
	switch {
	case unicode.Is(unicode.Mn, r):
	case unicode.IsSpace(r):
		s.flush()
	case isPunctuation(r):
		s.flush()
		s.letter(r)
		s.flush()
	default:
		s.letter(unicode.ToLower(r))
	}
}

func (s *splitter) letter(r rune) {
	if s.chars++; s.chars <= maxWord {
		s.word = utf8.AppendRune(s.word, r)
	}
}

// flush ends the word and appends the ids of its pieces: at each place the longest that the
// vocabulary has, or one [UNK] for the whole word where there is none.
func (s *splitter) flush() {
	word, first := s.word, len(s.ids)
	known := s.chars <= maxWord
	for vocab := s.t.words; known && len(word) > 0; vocab = s.t.tails {
		n := min(len(word), s.t.longest)
		id, ok := vocab[string(word[:n])]
		for !ok && n > 1 {
			n--
			id, ok = vocab[string(word[:n])]
		}
		s.ids = append(s.ids, id)
		word, known = word[n:], ok
	}
	if !known {
		s.ids = append(s.ids[:first], s.t.unknown)
	}
	s.word, s.chars = s.word[:0], 0
}

// isControl reports the characters that BERT drops, among them form feed and zero-width space.
func isControl(r rune) bool {
	return r != '\t' && r != '\n' && r != '\r' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co)
}

// isPunctuation counts all of ASCII that is neither letter nor digit, as BERT does.
func isPunctuation(r rune) bool {
	if r < utf8.RuneSelf {
		return r > ' ' && r < 0x7f && !(r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z')
	}
	return unicode.IsPunct(r)
}

// isChinese reports the blocks of ideographs that BERT takes one by one.
func isChinese(r rune) bool {
	switch {
	case r < 0x3400:
		return false
	case r <= 0x4dbf, r >= 0x4e00 && r <= 0x9fff, r >= 0xf900 && r <= 0xfaff:
		return true
	}
	return r >= 0x20000 && r <= 0x2a6df || r >= 0x2a700 && r <= 0x2b73f ||
		r >= 0x2b740 && r <= 0x2b81f || r >= 0x2b820 && r <= 0x2ceaf || r >= 0x2f800 && r <= 0x2fa1f
}
