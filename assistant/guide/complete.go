package guide

import (
	"slices"
	"strings"
	"unicode/utf8"

	"xiaoyue/assistant/traits"
	"xiaoyue/kb"
)

// maxHistory bounds the earlier questions from which a follow-up is completed.
const maxHistory = 8

// complete returns a question that can be understood without the conversation before it.
func (g *Guide) complete(history []kb.Exchange, question string) string {
	history = history[max(0, len(history)-maxHistory):]
	previous := ""
	for _, e := range history {
		if q := cleanQuestion(e.Question); q != "" {
			previous = g.follow(previous, q)
		}
	}
	return g.follow(previous, question)
}

// follow completes one question from the completed one before it. A question with a subject of its
// own stands alone: the topic has changed.
func (g *Guide) follow(previous, question string) string {
	if previous == "" || g.isTalk(question) {
		return question
	}
	f := g.partsOf(question)
	switch {
	case f.pronoun != "":
		return strings.Replace(question, f.pronoun, g.topicOf(previous), 1)
	case len(f.subject) == 0:
		return g.refill(previous, question, f)
	case f.conditional || f.bare && !f.asks:
		return g.substitute(previous, question, f)
	}
	return question
}

// parts are what a follow-up holds.
type parts struct {
	subject     []string // its own words
	asks        bool
	bare        bool // 那租房补贴呢: a new subject without a question
	conditional bool // 如果…呢: another case of the same question
	pronoun     string
}

// pronouns stand for the topic before them.
var pronouns = []string{"这个补贴", "那个补贴", "这项补贴", "这笔钱", "这个钱", "这个证", "那个证", "这个事项", "这项业务", "这个政策", "这项政策", "该补贴", "该政策", "该事项", "这事", "它"}

func (g *Guide) partsOf(question string) parts {
	r := g.read(question)
	var p parts
	for _, c := range r.chunks {
		if c.hasContent() {
			p.subject = append(p.subject, c.text)
		}
	}
	p.asks = len(r.asks) > 0 && !(len(r.asks) == 1 && r.asks[0] == askYesNo)
	p.bare = isBare(question)
	p.conditional = p.bare && (containsAny(question, "如果", "要是", "假如", "的话") || !isTopic(bare(question))) || strings.HasPrefix(question, "那如果") || strings.HasPrefix(question, "那要是")
	for _, w := range pronouns {
		if strings.Contains(question, w) {
			p.pronoun = w
			break
		}
	}
	return p
}

// refill answers a follow-up without a subject: its attribute, place, time and question take the
// place of those in the question before.
func (g *Guide) refill(previous, question string, f parts) string {
	completed := previous
	completed = g.replaceAttributes(completed, question)
	completed = g.replacePlaces(completed, question)
	completed = replaceTimes(completed, question)
	completed = replaceQuantities(completed, question)
	if f.asks || !f.bare && g.read(question).wants(askYesNo) {
		return g.stem(completed) + g.tail(question)
	}
	return completed
}

// substitute puts a new subject or case into the question before.
func (g *Guide) substitute(previous, question string, f parts) string {
	if f.conditional {
		return g.stem(previous) + "，" + bare(question) + "，" + strings.TrimLeft(g.askPhrase(previous), "，")
	}
	ask := g.askPhrase(previous)
	own := traits.Of(question)
	var b strings.Builder
	if len(g.regions.Find(question)) == 0 {
		for _, m := range g.regions.Find(previous) {
			b.WriteString(m.Region.Name)
		}
	}
	for _, a := range g.read(previous).attributes {
		if !slices.ContainsFunc(own, func(o traits.Trait) bool { return o.Class == a.Class }) {
			b.WriteString(a.Word)
		}
	}
	b.WriteString(strings.TrimLeft(bare(question), "那么"))
	b.WriteString(ask)
	return b.String()
}

// bare strips the marks and particles behind a follow-up.
func bare(question string) string {
	return strings.TrimSuffix(strings.TrimRight(question, "？?。！! "), "呢")
}

// topicOf returns the words of a question that a pronoun in the next one stands for: the last chunk
// of its subject.
func (g *Guide) topicOf(previous string) string {
	r := g.read(previous)
	best := ""
	for _, c := range r.chunks {
		if utf8.RuneCountInString(c.text) >= 2 {
			best = c.text
		}
	}
	if best == "" {
		return previous
	}
	var b strings.Builder
	for _, m := range g.regions.Find(previous) {
		b.WriteString(m.Region.Name)
	}
	for _, a := range r.attributes {
		b.WriteString(a.Word)
	}
	return b.String() + best
}

// stem returns a question without what it asks: 硕士生活补贴有多少 becomes 硕士生活补贴.
func (g *Guide) stem(question string) string {
	var kept []string
	for _, s := range splitClauses(question) {
		if s = g.withoutAsk(s); s != "" {
			kept = append(kept, s)
		}
	}
	return strings.Join(kept, "，")
}

func splitClauses(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("，,。？?！!；;、 ", r) })
}

// withoutAsk cuts a clause at the words that ask; a clause that only asks becomes empty.
func (g *Guide) withoutAsk(clause string) string {
	for at := 0; at < len(clause); at += runeLen(clause, at) {
		if n := g.asksAt(clause, at); n > 0 {
			head := trimVerbs(clause[:at])
			if !g.hasSubject(head) && len(traits.Of(head)) == 0 && len(g.regions.Find(head)) == 0 {
				return g.withoutAskHead(clause[at+n:])
			}
			return head
		}
	}
	return clause
}

// askingVerbs stand before the words that ask and belong to them.
var askingVerbs = []string{"最多", "最高", "最长", "最少", "一共", "总共", "每月", "每个月", "每年", "有", "是", "要", "能", "可以", "可", "在", "需要", "需", "该", "会", "给", "得", "领", "拿", "发", "补", "的"}

func trimVerbs(s string) string {
	for i := 0; i < len(askingVerbs); i++ {
		if rest, ok := strings.CutSuffix(s, askingVerbs[i]); ok {
			s, i = rest, -1
		}
	}
	return s
}

// withoutAskHead keeps a subject that follows the asking words: 怎么办理居住证.
func (g *Guide) withoutAskHead(rest string) string {
	if !g.hasSubject(rest) {
		return ""
	}
	return strings.TrimLeft(rest, "的")
}

// hasSubject reports whether a text names something to look for.
func (g *Guide) hasSubject(text string) bool {
	return hasContent(g.read(text).chunks)
}

func (g *Guide) asksAt(text string, at int) int {
	if e, ok := entryAt(g.lexicon.asks, text, at); ok {
		return len(e.word)
	}
	for _, list := range genericAsks {
		for _, w := range list {
			if strings.HasPrefix(text[at:], w) {
				return len(w)
			}
		}
	}
	return 0
}

// askPhrase returns the asking part of a question.
func (g *Guide) askPhrase(question string) string {
	clauses := splitClauses(question)
	for _, c := range slices.Backward(clauses) {
		if head := g.withoutAsk(c); head != c {
			if rest, ok := strings.CutPrefix(c, head); ok {
				return rest + "？"
			}
			return c + "？"
		}
	}
	return "？"
}

// tail returns the follow-up without its particles at the front.
func (g *Guide) tail(question string) string {
	q := strings.TrimLeft(question, "那么，, ")
	for _, m := range g.regions.Find(q) {
		q = strings.Replace(q, q[m.Start:m.End], "", 1)
		break
	}
	for _, a := range traits.Of(q) {
		q = strings.Replace(q, a.Word, "", 1)
	}
	return strings.TrimLeft(q, "的在 ")
}
