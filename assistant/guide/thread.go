package guide

import (
	"slices"
	"strings"
	"unicode/utf8"

	"xiaoyue/assistant/guard"
	"xiaoyue/kb"
)

// maxHistory bounds the earlier exchanges that are looked at.
const maxHistory = 8

// thread is what the exchanges before a question have come to. It is read from their words alone, so
// that it is the same whoever kept them.
type thread struct {
	question string   // the last one about a matter, completed; "" before there is one
	earlier  []string // those before it, the oldest first
	asked    *choice  // what was asked back with the last answer, nil for nothing
	offered  *choice  // the last list that was asked about, as long as the matter lasts
	home     string   // the place that the asker told of himself
	failed   bool     // the last answer found no evidence
}

// threadOf follows a conversation. Small talk, requests that were refused and questions outside of
// our work leave the thread as it was: nothing is inherited from them.
func (g *Guide) threadOf(history []kb.Exchange) thread {
	var t thread
	for _, e := range history[max(0, len(history)-maxHistory):] {
		question := withoutOpening(cleanQuestion(e.Question))
		if question == "" || g.isAside(question) {
			t.failed = t.failed && g.isTalk(question)
			continue
		}
		t = g.after(t, question, cleanAnswer(e.Answer))
	}
	return t
}

// isAside reports whether a question is answered without knowledge.
func (g *Guide) isAside(question string) bool {
	return utf8.RuneCountInString(question) > maxQuestionRunes || guard.Check(question) != guard.Allowed ||
		g.isTalk(question) || leavesMatter(handoverOf(question))
}

// after returns the thread behind one more exchange.
func (g *Guide) after(t thread, question, answer string) thread {
	c := g.completeIn(t, question)
	if c.instead != "" && answer != "" && g.continues(t, answer) == c.alone {
		c.question, c.alone = c.instead, !c.alone
	}
	next := thread{question: c.question, earlier: t.earlier, home: t.home, failed: strings.Contains(answer, wordsNoEvidence)}
	if t.question != "" && t.question != c.question {
		next.earlier = append(slices.Clone(t.earlier), t.question)
	}
	if place := g.ownPlace(t, question); place != "" {
		next.home = place
	}
	next.asked = askedBack(answer, c.question)
	switch {
	case next.asked != nil:
		next.offered = next.asked
	case !c.alone:
		next.offered = t.offered
	}
	return next
}

// continues reports whether an answer was still about the matter of the thread.
func (g *Guide) continues(t thread, answer string) bool {
	subject := g.read(g.stem(t.question)).chunks
	return hasContent(subject) && cover(subject, []layer{g.newLayer(answer, worthOwn)}).share > leastStrong
}

// cleanAnswer keeps the lines of an answer; of a long one its beginning.
func cleanAnswer(s string) string { return firstRunes(strings.ToValidUTF8(s, ""), 2*maxQuestionRunes) }

// The words around a place by which people say that it is theirs.
var (
	livesBefore = []string{"我在", "人在", "住在", "我住", "户口在", "户口是", "户籍在", "户籍是", "我是", "家在", "公司在", "单位在", "学校在", "我户口"}
	livesAfter  = []string{"户口", "户籍", "居民", "本地人", "人"}
	livesIn     = []string{"工作", "上班", "就业", "打工", "居住", "生活", "租房", "上学"}
)

// ownPlace returns the place that a question tells of the asker, or that answers where he is.
func (g *Guide) ownPlace(t thread, question string) string {
	mentions := g.regions.Find(question)
	if len(mentions) == 0 {
		return ""
	}
	if t.asked != nil && t.asked.kind == doubtPlace {
		return mentions[len(mentions)-1].Region.Name
	}
	own := ""
	for _, m := range mentions {
		switch {
		case !isOwn(question, m):
		case own != "" && own != m.Region.Name:
			return "" // where he lives and where he works: nobody knows which counts next
		default:
			own = m.Region.Name
		}
	}
	return own
}

// isOwn reports whether a question says that a place is the asker's: 我在东湖区上班, 东湖区户口.
func isOwn(question string, m kb.Mention) bool {
	before, after := question[:m.Start], question[m.End:]
	if startsWithAny(after, livesAfter) || slices.ContainsFunc(livesBefore, func(w string) bool { return strings.HasSuffix(before, w) }) {
		return true
	}
	if end := strings.IndexFunc(after, isClauseEnd); end >= 0 {
		after = after[:end]
	}
	return strings.HasSuffix(before, "在") && startsWithAny(after, livesIn)
}

// clauseAround returns the clause of a text in which the bytes [from, to) stand.
func clauseAround(text string, from, to int) string {
	start := strings.LastIndexFunc(text[:from], isClauseEnd)
	if start >= 0 {
		start += runeLen(text, start)
	}
	end := strings.IndexFunc(text[to:], isClauseEnd)
	if end < 0 {
		end = len(text) - to
	}
	return text[max(0, start) : to+end]
}
