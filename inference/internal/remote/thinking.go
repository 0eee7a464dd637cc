package remote

import "strings"

const thinkBegin, thinkEnd = "<think>", "</think>"

// Thinking keeps what a model writes between <think> and </think> apart from its answer, though a
// mark comes in pieces. The zero value is ready for the start of an answer.
type Thinking struct {
	inside bool
	fresh  bool   // the answer begins, behind thinking: blank lines are not part of it
	held   string // may turn out to be the start of a mark
}

// Split says what of the next piece of a stream is text and what is thinking.
func (t *Thinking) Split(piece string) (text, thinking string) {
	if t.held == "" && !t.inside && !t.fresh && strings.IndexByte(piece, '<') < 0 {
		return piece, ""
	}
	piece, t.held = t.held+piece, ""
	for {
		mark := thinkBegin
		if t.inside {
			mark = thinkEnd
		}
		before, after, found := strings.Cut(piece, mark)
		if !found {
			at := len(piece) - overlap(piece, mark)
			before, t.held = piece[:at], piece[at:]
		}
		if t.inside {
			thinking += before
		} else {
			text += t.begin(before)
		}
		if !found {
			return text, thinking
		}
		t.inside, t.fresh, piece = !t.inside, t.inside, after
	}
}

// Rest is what Split held back when the stream ended.
func (t *Thinking) Rest() (text, thinking string) {
	held := t.held
	t.held = ""
	if t.inside {
		return "", held
	}
	return t.begin(held), ""
}

func (t *Thinking) begin(s string) string {
	if t.fresh {
		s = strings.TrimLeft(s, " \t\r\n")
		t.fresh = s == ""
	}
	return s
}

// overlap is the length of the longest end of s that begins mark.
func overlap(s, mark string) int {
	for n := min(len(s), len(mark)-1); n > 0; n-- {
		if strings.HasSuffix(s, mark[:n]) {
			return n
		}
	}
	return 0
}
