package grounding

import (
	"strings"
	"unicode/utf8"

	"xiaoyue/kb/figures"
)

// bound says on which side of a figure the matter lies.
type bound uint8

const (
	unbounded bound = iota
	atMost
	below
	atLeast
	above
	within // a time limit: 15个工作日内
	after
)

// The sections of the lexicon with words that stand before a figure, and right behind it.
var (
	boundsBefore = map[string]bound{"at most": atMost, "below": below, "at least": atLeast, "above": above}
	boundsBehind = map[string]bound{"least behind": atLeast, "most behind": atMost, "within": within, "after": after}
)

var boundNames = map[bound]string{atMost: "不超过", below: "未满", atLeast: "至少", above: "超过", within: "以内", after: "以后", unbounded: "没有上下限"}

// maxBoundGap is how many runes may stand between a bound and its figure: 最高可以贷款50万元.
const maxBoundGap = 12

// boundOf returns the bound of a figure in a text, the span of the word before it, if one is there, and
// the end of the one behind it. What stands right behind the figure goes before what stands at some
// distance ahead of it.
func (l *lexicon) boundOf(text string, from int, f figures.Figure) (b bound, start, end, behind int) {
	b, start, end = l.boundBefore(text[from:f.Start])
	start, end, behind = start+from, end+from, f.End
	near := end == f.Start && b != unbounded
	rest := text[f.End:]
	for n := min(len(rest), maxBehind); n > 0 && !near; n-- {
		if found, ok := l.behind[rest[:n]]; ok {
			return found, start, end, f.End + n
		}
	}
	return b, start, end, behind
}

// maxBehind is the length of the longest word behind a figure, in bytes.
const maxBehind = len("(含)以上")

// boundBefore returns the last bound in a text before a figure, with its span. One of a single
// character counts only right at the end.
func (l *lexicon) boundBefore(text string) (b bound, start, end int) {
	b, start, end = unbounded, len(text), len(text)
	for i := 0; i < len(text); {
		found, n := l.boundAt(text[i:])
		if n == 0 {
			_, n = utf8.DecodeRuneInString(text[i:])
			i += n
			continue
		}
		gap := utf8.RuneCountInString(text[i+n:])
		if gap == 0 || n > len("满") && gap <= maxBoundGap {
			b, start, end = found, i, i+n
		}
		i += n
	}
	return b, start, end
}

func (l *lexicon) boundAt(s string) (bound, int) {
	longest, b := 0, unbounded
	for i, r := range s {
		if i > maxBoundGap*len("满") {
			break
		}
		end := i + utf8.RuneLen(r)
		if found, ok := l.before[s[:end]]; ok {
			longest, b = end, found
		}
	}
	return b, longest
}

// agrees reports whether a figure may be said with bound s where the evidence binds it by e: the same
// bound, or one that changes nothing.
func (s bound) agrees(e bound, f figures.Figure, said string) bool {
	switch {
	case s == e:
		return true
	case s == within && e == atMost:
		return strings.Contains(said, "超") // 不超过, but not 最长
	case s == atMost && e == within:
		return true
	case s == unbounded && e == within:
		return true // 15个工作日 of 15个工作日内
	case s == unbounded && e == atLeast && strings.HasSuffix(said, "满"):
		return true // 缴费6个月 of 缴费满6个月
	case f.Kind == figures.Date && s == unbounded && e == atLeast:
		return true // 2025年2月10日施行 of 自2025年2月10日起施行
	case s == after && e == unbounded, s == unbounded && e == after:
		return true // 公示5个工作日后
	}
	return false
}

// carry gives a figure the bound said before the one that it is joined to: 最高限额由60万元提高到80万元,
// 未满男性60周岁、女性55周岁.
func (p *piece) carry(before *piece) {
	if p.joint == "" || len(before.figures) == 0 {
		return
	}
	last := before.figures[len(before.figures)-1]
	if near := strings.HasSuffix(before.text[:last.Start-before.from], last.by); !p.changes() && near {
		return
	}
	for i := range p.figures {
		if f := &p.figures[i]; f.bound == unbounded && f.Kind == last.Kind {
			f.bound, f.by = last.bound, last.by
		}
	}
}

// changes reports whether a piece says what something is changed to.
func (p *piece) changes() bool {
	return p.joint == "提高" || p.joint == "降低" || p.joint == "调整"
}
