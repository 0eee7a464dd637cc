// Package guard keeps what is unsafe out of the assistant: requests for help with wrongdoing,
// attempts to turn the assistant against its rules, and personal data in what people write.
//
// Its rules are few and precise rather than complete, because a public service must answer ordinary
// questions about punishments, complaints and fraud: a forbidden act counts only together with the
// wish to do it. It judges questions, never documents: text of documents is only ever quoted, and a
// model gets it as data. What a model writes is checked where it is written.
package guard

import (
	"strings"

	"xiaoyue/kb"
	"xiaoyue/kb/privacy"
	"xiaoyue/retrieval/segment"
)

// Verdict says what kind of request a text is.
type Verdict string

// The verdicts.
const (
	Allowed   Verdict = "allowed"
	Unsafe    Verdict = "unsafe"    // help with an act against the law or against other people
	Injection Verdict = "injection" // an attempt to change the assistant's rules
	Distress  Verdict = "distress"  // somebody who speaks of ending their life
)

// maxRunes bounds the text that is judged; what lies behind is not read by anybody.
const maxRunes = 8000

// Check judges a question.
func Check(question string) Verdict {
	text := segment.Normal(head(question, maxRunes))
	switch {
	case holdsAny(text, distress) && !holdsAny(text, aboutOthers):
		return Distress
	case injects(text):
		return Injection
	case wantsWrong(text):
		return Unsafe
	}
	return Allowed
}

// wantsWrong reports whether a text asks for help with a wrong. Words that are wrong in any request
// need no wish beside them.
func wantsWrong(text string) bool {
	if holdsAny(text, lawful) {
		return false
	}
	if holdsAny(text, always) {
		return true
	}
	if !holdsAny(text, wishes) {
		return false
	}
	return holdsAny(text, wrongs) || holdsAny(text, goods) && !holdsAny(text, permits)
}

// Injects reports whether a text, of whatever origin, is an attempt to change the assistant's rules.
func Injects(text string) bool { return injects(segment.Normal(head(text, maxRunes))) }

func injects(text string) bool {
	if holdsAny(text, injections) {
		return true
	}
	return holdsAny(text, overrides) && holdsAny(text, rules)
}

func holdsAny(text string, words []string) bool {
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

func head(s string, runes int) string {
	for i := range s {
		if runes == 0 {
			return s[:i]
		}
		runes--
	}
	return s
}

// Masked returns a turn without personal data in its texts, to be used in place of the turn from the
// first step on: what is stored, logged, searched for or sent to a model comes from it.
func Masked(turn kb.Turn) kb.Turn {
	turn.Question, _ = privacy.Mask(turn.Question)
	history := make([]kb.Exchange, len(turn.History))
	for i, e := range turn.History {
		history[i].Question, _ = privacy.Mask(e.Question)
		history[i].Answer, _ = privacy.Mask(e.Answer)
	}
	turn.History = history
	return turn
}
