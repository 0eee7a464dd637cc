package guide

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"xiaoyue/assistant/traits"
)

// pointer is a word that points back, with the noun behind it: 刚才那个补贴, 那个地方, 它.
var pointer = regexp.MustCompile(`(这里|那里|这边|那边|那儿|这儿)|(?:(?:刚才|刚刚|前面|上面|之前|先前|一开始|最开始)(?:我)?(?:们)?(?:说|问|提到|提|讲|查)?(?:的|过的)?(?:这|那)?|这|那|该|此)(?:个|项|笔|种|张|份|本|类|家)?(` + strings.Join(pointed, "|") + `)?|它们|它`)

// pointed are nouns that name nothing by themselves.
var pointed = []string{"补贴", "补助", "津贴", "奖励", "资助", "待遇", "钱", "证件", "证书", "证", "卡", "执照", "事项", "事情", "事", "业务", "手续", "政策", "规定", "办法", "文件", "通知", "项目", "东西", "贷款", "登记", "备案", "公寓", "保险", "服务券", "券", "地方", "地点", "窗口", "大厅", "中心", "部门", "单位"}

// sites are nouns and adverbs for the place where something is done.
var sites = []string{"地方", "地点", "这里", "那里", "这边", "那边", "那儿", "这儿"}

// never are words that begin like a pointer and are none.
var never = []string{"这样", "那样", "这么", "那么", "这些", "那些", "这几", "那几", "那时", "这时", "那天", "这天", "这次", "那次", "这两", "那两", "这个月", "那个月", "那年", "此外", "此前", "此后", "该不该", "该怎么", "该如何", "该去", "该找", "该带", "该交", "应该"}

// resolved puts what a pointer stands for in its place; ok is false for a question without one.
func (g *Guide) resolved(t thread, question string) (completion, bool) {
	if c, ok := g.unnamed(t, question); ok {
		return c, true
	}
	for _, m := range pointer.FindAllStringSubmatchIndex(question, -1) {
		word, noun := question[m[0]:m[1]], ""
		if m[2] >= 0 {
			noun = word
		}
		if m[4] >= 0 {
			noun = question[m[4]:m[5]]
		}
		if g.hasSubject(question[:m[0]]) || startsWithAny(question[m[0]:], never) || strings.HasSuffix(question[:m[0]], "应") || noun == "" && g.startsNoun(question[m[1]:]) {
			continue
		}
		return g.pointTo(t, question, m[0], m[1], noun), true
	}
	return g.pointedBare(t, question)
}

// startsNoun reports whether a noun of its own stands behind a pointer: 那个人才公寓.
func (g *Guide) startsNoun(rest string) bool {
	if rest == "" || g.lexicon.stopAt(rest, 0) > 0 || g.asksAt(rest, 0) > 0 {
		return false
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return isWordRune(r) && !isParticle(r)
}

// isParticle recognises characters that join words, and everyday verbs.
func isParticle(r rune) bool {
	return strings.ContainsRune(edgeRunes, r) || strings.ContainsRune(verbRunes, r)
}

// pointTo replaces the words [from, to) of a question by what they stand for.
func (g *Guide) pointTo(t thread, question string, from, to int, noun string) completion {
	rest := question[:from] + question[to:]
	if slices.Contains(sites, noun) && g.matterOf(rest) != "" { // 那边有安家补贴吗
		mentions := g.regions.Find(t.question)
		return completion{question: question[:from] + placeNames(t.question, mentions) + question[to:], alone: true}
	}
	story, subject := splitStory(g.yielding(g.stem(g.referent(t, noun)), rest))
	if strings.Contains(subject, noun) || slices.Contains(sites, noun) || !slices.Contains(kept, noun) {
		noun = ""
	}
	return completion{question: story + question[:from] + subject + noun + question[to:]}
}

// yielding takes out of a subject what the question around the pointer names anew.
func (g *Guide) yielding(subject, rest string) string {
	own := traits.Of(rest)
	for _, a := range traits.Of(subject) {
		if slices.ContainsFunc(own, func(o traits.Trait) bool { return o.Class == a.Class }) {
			subject = strings.Replace(subject, a.Word, "", 1)
		}
	}
	if len(g.regions.Find(rest)) > 0 {
		subject = strings.TrimSpace(g.withoutPlaces(subject))
	}
	if timeIn(rest) != "" {
		subject = strings.Replace(subject, timeIn(subject), "", 1)
	}
	return strings.TrimLeft(subject, "的，")
}

// kept are pointed nouns that say something beside the matter: 那个窗口几点下班.
var kept = []string{"窗口", "大厅", "中心", "部门", "单位"}

// referent returns the question before that a noun points at: the last that names it, else the last.
func (g *Guide) referent(t thread, noun string) string {
	if noun == "" || slices.Contains(sites, noun) {
		return t.question
	}
	holds := func(q string) bool {
		return strings.Contains(q, noun) || (noun == "钱" || noun == "待遇") && containsAny(q, benefitNouns...)
	}
	for _, q := range slices.Backward(append(slices.Clone(t.earlier), t.question)) {
		if holds(q) {
			return q
		}
	}
	return t.question
}

// splitStory parts the last clause of a stem from those before it.
func splitStory(stem string) (story, subject string) {
	i := strings.LastIndex(stem, "，")
	if i < 0 {
		return "", stem
	}
	return stem[:i+len("，")], stem[i+len("，"):]
}

// pointedBare resolves the name of a kind that stands alone: 补贴能领多久, after 租房补贴.
func (g *Guide) pointedBare(t thread, question string) (completion, bool) {
	if g.matterOf(question) != "" {
		return completion{}, false
	}
	for _, text := range g.lexicon.chunks(g.withoutPlaces(question)) {
		for _, noun := range generic {
			if text != noun && strings.TrimFunc(text, isParticle) != noun || !strings.Contains(t.question, noun) || isToldIn(question, text) {
				continue
			}
			i := strings.Index(question, noun)
			return g.pointTo(t, question, i, i+len(noun), noun), true
		}
	}
	return completion{}, false
}

// ordinal points at an entry of a list: 第二个, 第一项, 后者, 2.
var ordinal = regexp.MustCompile(`^(?:就|选|要|我要|我选|是|办)*(?:第([一二两三四五六七八九1-9])(?:个|项|种|条|款|类)?|(前者|上面那个|上一个|头一个)|(后者|最后一个|最后那个|下面那个)|([1-9])[、.。]?$)`)

// notEntry follow an ordinal that is part of something else: 第二个孩子, 第一次, 第二年.
var notEntry = []string{"孩", "小孩", "胎", "套", "次", "年", "期", "学", "月", "天", "批", "届", "季", "代"}

// entryOf splits a reply into what points at an entry of a list and what follows; found is nil where
// nothing does.
func entryOf(question string) (found []string, rest string) {
	m := ordinal.FindStringSubmatch(question)
	if m == nil || startsWithAny(question[len(m[0]):], notEntry) {
		return nil, question
	}
	return m, strings.Trim(question[len(m[0]):], "呢吧的，,。？?！! ")
}

// unnamed recognises a question about an entry of a list that nobody gave.
func (g *Guide) unnamed(t thread, question string) (completion, bool) {
	m, rest := entryOf(question)
	if m == nil || t.offered != nil || g.hasSubject(rest) {
		return completion{}, false
	}
	return completion{question: question, unclear: m[0]}, true
}
