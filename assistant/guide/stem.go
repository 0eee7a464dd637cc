package guide

import (
	"slices"
	"strings"

	"xiaoyue/assistant/traits"
)

// stem returns a question without what it asks: 硕士生活补贴有多少 becomes 硕士生活补贴. A case that was
// asked about falls away with its question where the matter stands before it: 租房补贴，离职了还发吗
// becomes 租房补贴.
func (g *Guide) stem(question string) string {
	var kept []string
	named := false
	for _, s := range splitClauses(question) {
		head := g.withoutAsk(s)
		switch {
		case head == "":
			continue
		case named && g.matterOf(s) == "" && len(g.regions.Find(s)) == 0:
			continue
		}
		named = named || hasTopicNoun(head) || isMatter(head)
		kept = append(kept, head)
	}
	return strings.Join(kept, "，")
}

func splitClauses(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("，,。？?！!；;、 ", r) })
}

// withoutAsk cuts a clause at the words that ask, and keeps the matter where it stands behind them:
// 公务员可以领租房补贴吗 becomes 公务员租房补贴. A clause that only asks becomes empty.
func (g *Guide) withoutAsk(clause string) string {
	for at := 0; at < len(clause); at += runeLen(clause, at) {
		if n := g.asksAt(clause, at); n > 0 {
			head := trimVerbs(clause[:at])
			if !g.hasSubject(head) && len(traits.Of(head)) == 0 && len(g.regions.Find(head)) == 0 {
				return g.withoutAskHead(clause[at+n:])
			}
			if _, ok := matterIn(head); !ok {
				head += g.matterOf(clause[at+n:])
			}
			return head
		}
	}
	return clause
}

// askingVerbs stand before the words that ask and belong to them.
var askingVerbs = []string{"最多", "最高", "最长", "最少", "一共", "总共", "要等", "一个月", "一年", "每学期", "每月", "每个月", "每年", "有", "是", "要", "能", "可以", "可", "在", "需要", "需", "该", "会", "给", "得", "领", "拿", "发", "补", "的"}

// nounEnds end in a character of askingVerbs and are none of them.
var nounEnds = []string{"申领", "补领", "换领", "认领", "签发", "补发", "换发", "颁发", "开发", "目的", "标的", "存在"}

func trimVerbs(s string) string {
	for i := 0; i < len(askingVerbs) && !slices.ContainsFunc(nounEnds, func(w string) bool { return strings.HasSuffix(s, w) }); i++ {
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
