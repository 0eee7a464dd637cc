package guide

import (
	"slices"
	"strings"
)

// corrections open a turn that takes the last question back; claims introduce what was meant.
var (
	corrections = []string{"不是的", "不是这个", "不是", "不对", "错了", "说错了", "我说错了", "搞错了", "你搞错了", "你弄错了", "你理解错了", "弄错了", "打错了", "不"}
	claims      = []string{"我问的是", "我说的是", "我要问的是", "我想问的是", "我是问", "我是说", "我指的是", "我要的是", "应该是", "改成", "换成", "是"}
)

// corrected returns what a turn puts in the place of the last one: 不是，我说的是本科 gives 本科. It is
// empty where the turn only says that something is wrong.
func corrected(question string) (rest string, ok bool) {
	question = strings.TrimRight(question, "。！! ")
	for _, w := range corrections {
		tail, cut := strings.CutPrefix(question, w)
		if !cut {
			continue
		}
		rest = strings.TrimLeft(tail, "，,。！!、 啊呀哦的")
		switch {
		case rest == "":
			return "", w != "不"
		case rest != strings.TrimLeft(tail, "的"), w != "不" && startsWithAny(rest, claims):
			return claimed(rest), true
		}
		if parts := splitClauses(rest); len(parts) > 1 && startsWithAny(parts[1], claims) { // 不是租房补贴，是购房补贴
			return claimed(strings.Join(parts[1:], "，")), true
		}
	}
	if rest = claimed(question); rest != question && !strings.HasPrefix(question, "是") {
		return rest, true
	}
	return "", false
}

// claimed strips what introduces the thing meant, and what is said not to be: 我问的是本科，不是硕士.
func claimed(s string) string {
	for _, w := range claims {
		if tail, ok := strings.CutPrefix(s, w); ok {
			s = strings.TrimLeft(tail, "，,：: ")
			break
		}
	}
	if i := strings.Index(s, "不是"); i > 0 {
		s = s[:i]
	}
	return strings.Trim(s, "，,而 ")
}

func startsWithAny(s string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(s, w) })
}

// correct puts what a correction names into the last question. One that asks is a question by itself.
func (g *Guide) correct(t thread, rest string) completion {
	f := g.partsOf(rest)
	switch {
	case f.asks:
		return g.followUp(t.question, rest)
	case len(f.subject) == 0:
		return completion{question: g.refill(t.question, rest, f)}
	}
	f.bare, f.conditional = true, !isMatter(rest)
	return g.substitute(t.question, rest, f)
}
