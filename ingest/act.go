package ingest

import (
	"strings"

	"xiaoyue/kb"
)

// maxRelations bounds the acts read from one text; a clean-up list of a city has some hundreds.
const maxRelations = 2000

// actor reads the acts of a text on others, sentence by sentence and row by row.
type actor struct {
	*describer
	title string
	from  kb.Date // first day of the text itself
	acts  []stated
	seen  map[string]int    // place in acts plus 1, by kind and text
	codes map[string]string // numbers by title, as the text gives them anywhere
	// amended is the text that the clauses named next belong to; list is what is done to the texts of
	// the list that is being read.
	amended reference
	// successor: the paragraph that is read says from when the text itself holds. grounds: what is
	// read stands under 办理依据.
	successor, grounds bool
	list               kb.RelationKind
	listDay            kb.Date
}

// stated is a relation with the place of its words.
type stated struct {
	kb.Relation
	at    int // byte in the text
	short string
}

// findActs returns the acts of the text on others in reading order, without repetitions.
func (d *describer) findActs(title string, from kb.Date) []stated {
	a := &actor{describer: d, title: title, from: from, seen: map[string]int{}, codes: map[string]string{}}
	for _, r := range references(d.page.text) {
		if r.title != "" && r.number != "" {
			a.codes[r.title] = r.number
		}
	}
	a.listDay = a.cancellationDay()
	a.readTitle()
	for i := range d.lines {
		a.readLine(i)
		if len(a.acts) >= maxRelations {
			break
		}
	}
	return a.acts
}

// add takes an act down, or makes the one of the same kind on the same text more precise.
func (a *actor) add(kind kb.RelationKind, ref reference, at int, quote string, effective kb.Date) *stated {
	if ref.number == "" {
		ref.number = a.codes[ref.title]
	}
	if ref == (reference{}) || ref.number != "" && ref.number == a.ownNumber || ref.title != "" && ref.title == a.title {
		return &stated{}
	}
	act := stated{at: at, short: ref.short(), Relation: kb.Relation{Kind: kind, ToRef: ref.String(), Effective: effective,
		Quote: strings.TrimSpace(quote), Confident: sureSentence}}
	key := string(kind) + "\x00" + ref.short()
	if i := a.seen[key]; i > 0 {
		known := &a.acts[i-1]
		if known.Effective.IsZero() && !effective.IsZero() {
			act.Until, act.Clauses = known.Until, known.Clauses
			*known = act
		}
		return known
	}
	a.acts = append(a.acts, act)
	a.seen[key] = len(a.acts)
	return &a.acts[len(a.acts)-1]
}

// readTitle takes what the title says that the text does: 关于修改《…》的决定, 《…》政策解读.
func (a *actor) readTitle() {
	a.readAmendmentNote()
	refs := references(a.title)
	if len(refs) == 0 {
		return
	}
	switch {
	case interprets(a.title):
		a.add(kb.Interprets, refs[0], 0, a.title, kb.Date{})
	case strings.Contains(a.title, "修改《") || strings.Contains(a.title, "修订《"):
		a.amended = refs[0]
		a.add(kb.Amends, refs[0], 0, a.title, a.from)
	case strings.Contains(a.title, "废止《"):
		for _, r := range refs {
			a.add(kb.Repeals, r, 0, a.title, a.from)
		}
	}
}

func interprets(title string) bool {
	return containsAny(title, []string{"解读", "解答", "问答", "图解", "起草说明"})
}

func (a *actor) readLine(i int) {
	l := a.lines[i]
	text := a.line(i)
	if l.table > 0 {
		a.readRow(l, text)
		return
	}
	a.listState(i, text)
	if !a.historyLine(i).IsZero() {
		return
	}
	_, a.successor = beginningIn(text)
	for _, s := range a.sentences(i, i+1) {
		a.readSentence(s.start, a.page.text[s.start:s.end])
	}
	a.readGround(i, text)
	if a.list != "" && l.runes <= 2*maxTitle {
		a.readListItem(l, text)
	}
}

// readSentence takes the acts that one sentence states.
func (a *actor) readSentence(at int, s string) {
	refs := references(s)
	switch verbs := withoutTitles(s, refs); {
	case containsAny(verbs, []string{"废止", "失效", "停止执行"}):
		a.readRepeal(at, s, refs)
	case containsAny(verbs, []string{"暂停执行", "暂停受理", "暂停实施", "暂停适用", "暂停办理", "暂缓执行", "中止执行"}):
		a.readSuspension(at, s, refs)
	case strings.Contains(verbs, "有效期") && strings.Contains(verbs, "延长"), containsAny(verbs, []string{"继续执行", "继续有效", "延期执行"}):
		a.readExtension(at, s, refs)
	case amends(verbs), containsAny(verbs, []string{"作如下修改", "作出修改", "作以下修改", "作出如下修改", "删去"}):
		a.readAmendment(at, s, refs)
	case containsAny(s, []string{"代替《", "替代《", "取代《", "代替原", "替代原", "取代原"}):
		for _, r := range refs {
			a.add(kb.Supersedes, r, at, s, a.from)
		}
	default:
		a.readBasis(at, s, refs)
	}
}

// withoutTitles leaves the titles out of a sentence, whose verbs are not its own.
func withoutTitles(s string, refs []reference) string {
	var b strings.Builder
	at := 0
	for _, r := range refs {
		b.WriteString(s[at:r.start])
		at = r.end
	}
	b.WriteString(s[at:])
	return b.String()
}

// readRepeal takes 《…》（…）同时废止. A text on the same matter that its successor ends is superseded by it.
func (a *actor) readRepeal(at int, s string, refs []reference) {
	end := max(strings.LastIndex(s, "废止"), strings.LastIndex(s, "失效"), strings.LastIndex(s, "停止执行"))
	if containsAny(s, []string{"有效期届满", "自行失效", "自动失效", "自动废止", "未废止", "目录的文件", "目录见"}) && len(refs) == 0 {
		return
	}
	day := a.from
	if b, ok := beginningIn(strings.NewReplacer("停止执行", "执行", "废止", "施行", "失效", "施行").Replace(s)); ok && !b.day.IsZero() {
		day = b.day
	}
	for _, r := range refs {
		if r.start > end || isBasis(s, r) {
			continue
		}
		kind := kb.Repeals
		if (a.successor || sameMatter(a.title, r.title)) && strings.Contains(s, "同时") && !strings.Contains(a.title, "废止") {
			kind = kb.Supersedes
		}
		a.add(kind, r, at, s, day)
	}
}

// isBasis reports whether a reference is named as the ground of an act rather than its object.
func isBasis(s string, r reference) bool {
	const reach = 300 // bytes
	before := s[max(0, r.start-reach):r.start]
	i := max(strings.LastIndex(before, "根据"), strings.LastIndex(before, "依据"), strings.LastIndex(before, "依照"), strings.LastIndex(before, "按照"))
	return i >= 0 && !strings.ContainsAny(before[i:], "，。；")
}

func (a *actor) readSuspension(at int, s string, refs []reference) {
	day := a.from
	if i := strings.Index(s, "自"); i >= 0 {
		if d, n := dateAt(s[i+len("自"):]); n > 0 {
			day = d
		}
	}
	for _, r := range refs {
		if isBasis(s, r) {
			continue
		}
		rel := a.add(kb.Suspends, r, at, s, day)
		rel.Clauses = clausesIn(s[r.end:])
	}
}

func (a *actor) readExtension(at int, s string, refs []reference) {
	if !containsAny(s, []string{"延长至", "延长到", "继续执行", "继续有效", "延期执行", "延长"}) {
		return
	}
	until, day := kb.Date{}, kb.Date{}
	for _, w := range []string{"延长至", "延长到", "执行至", "有效至", "有效期至", "延期至", "延续至"} {
		if i := strings.Index(s, w); i >= 0 && until.IsZero() {
			until, _ = dateAt(s[i+len(w):])
		}
	}
	if b, ok := beginningIn(s); ok {
		day = b.day
	}
	for _, r := range refs {
		if isBasis(s, r) || s[r.end:] == "" {
			continue
		}
		rel := a.add(kb.Extends, r, at, s, day)
		rel.Until = until
	}
}

// readBasis takes 根据《…》，制定本办法.
func (a *actor) readBasis(at int, s string, refs []reference) {
	if len(refs) == 0 || !containsAny(s, []string{"制定", "现就", "现将", "结合", "通知如下", "公告如下", "规定如下"}) {
		return
	}
	for _, r := range refs {
		if isBasis(s, r) {
			a.add(kb.BasedOn, r, at, s, kb.Date{})
		}
	}
}

// readGround takes the texts that are listed under a heading 办理依据.
func (a *actor) readGround(i int, text string) {
	if a.lines[i].runes <= maxTitle && !endsClause(text) && len(references(text)) == 0 {
		a.grounds = strings.HasSuffix(strings.TrimRight(text, "：:"), "依据")
		return
	}
	if !a.grounds {
		return
	}
	for _, r := range references(text) {
		a.add(kb.BasedOn, r, a.lines[i].start, text, kb.Date{})
	}
}
