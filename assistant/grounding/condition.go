package grounding

import (
	"regexp"
	"slices"
	"strings"

	"xiaoyue/assistant/traits"
	"xiaoyue/kb/figures"
)

// The least share of a condition's words, and of a piece's, that has to be said.
const (
	saidCondition = 0.6
	saidPiece     = 0.35
	saidTopic     = 0.2
)

// conditions looks at what the pieces that bear out a clause make depend on something: the sentence or
// the question must say it too.
func (j *judging) conditions(c *clause, s *source, a *attempt) bool {
	if p := topicOf(a); p != nil && !j.conveyed(p, saidTopic) {
		a.fault, a.detail = Condition, "漏了“"+p.text+"”"
		return false
	}
	if w := j.thinned(a); w != "" {
		a.fault, a.detail = Condition, "漏了“"+w+"”"
		return false
	}
	for _, id := range a.own {
		p := &j.g.index.pieces[id]
		if w := j.dropped(p, !a.unit.row && !c.claimsIn(p)); w != "" {
			a.fault, a.detail = Condition, "漏了“"+w+"”"
			return false
		}
		if w := j.unnamed(p); w != "" {
			a.fault, a.detail = Condition, "漏了“"+w+"”"
			return false
		}
		if w := j.within(p); w != "" && (p.when || strings.HasSuffix(w, "时") || a.unit.listed) {
			a.fault, a.detail = Condition, "漏了“"+w+"”"
			return false
		}
		if q := a.unit.joined(id); q != nil && (p.when || q.when || a.unit.listed && holdsAny(a.unit.lead, []string{"条件", "情形"})) && !j.conveyed(q, saidPiece) {
			a.fault, a.detail = Condition, "漏了“"+q.text+"”"
			return false
		}
		met := p.alternative() // of alternatives, one is enough
		for _, at := range j.governing(id, a.unit) {
			q := &j.g.index.pieces[at]
			ok := met || j.g.lexicon.isGeneric(q) || p.limits() && at != id-1 || j.oneOf(q) || j.conveyed(q, saidCondition) && j.sameBenefits(q, s)
			if met = ok && q.alternative(); !ok && !q.alternative() {
				a.fault, a.detail = Condition, "漏了条件“"+q.text+"”"
				return false
			}
		}
	}
	return true
}

// limits reports whether a piece says how long something goes on at most. Behind other pieces that hang
// on a condition it holds for whom they hold.
func (p *piece) limits() bool {
	if p.has("只能", "仅") && slices.ContainsFunc(p.figures, func(f figure) bool { return f.Unit == "次" }) {
		return true
	}
	return p.has("期限", "累计") && len(p.figures) == 1 && p.figures[0].Kind == figures.Duration && p.figures[0].bound == atMost
}

var caseList = regexp.MustCompile(`^\p{Han}{2}(?:、\p{Han}{2})+的?$`)

// oneOf reports whether a condition only names cases, and the sentence one of them: 换领、补领的.
func (j *judging) oneOf(p *piece) bool {
	return caseList.MatchString(p.text) && slices.ContainsFunc(strings.Split(strings.TrimSuffix(p.text, "的"), "、"), func(w string) bool {
		return strings.Contains(j.said.text, w)
	})
}

// words returns a piece without its figures and denials.
func (p *piece) words() *piece { return &piece{text: p.text, from: p.from, tokens: p.tokens} }

// claimsIn reports whether a piece holds a figure that the clause claims.
func (c *clause) claimsIn(p *piece) bool {
	return slices.ContainsFunc(c.claims, func(f figure) bool {
		return slices.ContainsFunc(p.figures, func(e figure) bool { return sameFigure(f.Figure, e.Figure) })
	})
}

// topic returns the piece that says of whom or what an own piece speaks, the first of its sentence,
// where that is none of the own pieces and says no condition.
func topicOf(a *attempt) *piece {
	k := a.own[0] - a.unit.at
	n := k
	for n > 0 && a.unit.pieces[n-1].section == a.unit.pieces[k].section {
		n--
	}
	if p := &a.unit.pieces[n]; n < k && !p.when && !a.unit.pieces[k].hasSubject() && !a.unit.row && len(p.figures) == 0 {
		return p.words()
	}
	return nil
}

// thinned returns a restriction or figure that the pieces of a rule hold more often than the sentence
// and the question together.
func (j *judging) thinned(a *attempt) string {
	held := map[string]int{}
	note := func(p *piece) {
		for _, t := range p.tokens {
			if j.g.lexicon.restricting[t.name] && t.name != "本市" || t.kind == number && narrows(p.figures[t.figure]) {
				held[t.name]++
			}
		}
	}
	noted := slices.Clone(a.own)
	for _, id := range a.own {
		note(&j.g.index.pieces[id])
		for _, at := range j.governing(id, a.unit) {
			if !slices.Contains(noted, at) {
				noted = append(noted, at)
				note(&j.g.index.pieces[at])
			}
		}
	}
	for name, n := range held {
		if n > 1 && n > j.spoken.times(name) {
			return name
		}
	}
	return ""
}

// hasSubject reports whether a piece says itself of whom it speaks.
func (p *piece) hasSubject() bool {
	return p.says(person) || len(traits.Of(p.text)) > 0
}

// governing returns the pieces of a unit that say when a piece holds: those before it in its sentence,
// and one behind it that begins with 仅.
func (j *judging) governing(id int, u *unit) []int {
	var found []int
	k := id - u.at
	for n := k - 1; n >= 0 && u.pieces[n].section == u.pieces[k].section; n-- {
		if u.pieces[n].when {
			found = append(found, u.at+n)
		} else if len(found) > 0 {
			break
		}
	}
	for n := k + 1; n < len(u.pieces) && u.pieces[n].section == u.pieces[k].section; n++ {
		if u.pieces[n].tokens[0].name == "仅" {
			found = append(found, u.at+n)
		}
	}
	return found
}

// joined returns the piece beside another that 且 or 并 ties to it.
func (u *unit) joined(id int) *piece {
	k := id - u.at
	if k < 0 || k >= len(u.pieces) {
		return nil
	}
	if k+1 < len(u.pieces) && u.pieces[k+1].section == u.pieces[k].section && u.pieces[k+1].isJoined() {
		return &u.pieces[k+1]
	}
	if k > 0 && u.pieces[k-1].section == u.pieces[k].section && u.pieces[k].isJoined() {
		return &u.pieces[k-1]
	}
	return nil
}

func (p *piece) isJoined() bool {
	return slices.Contains(ties, p.joint) || slices.Contains(ties, p.tokens[0].name)
}

var ties = []string{"且", "并且", "并"}

// alternative reports whether a piece names another case beside the one before it.
func (p *piece) alternative() bool {
	return p.has("或", "或者") || strings.HasPrefix(p.text, "以及") || strings.HasPrefix(p.text, "或")
}

func (l *lexicon) isGeneric(p *piece) bool { return l.generic[p.text] }

// dropped returns what a piece restricts and the sentence leaves out: 首次, 全日制, a figure, what the
// time runs from, or nearly all of it.
func (j *judging) dropped(p *piece, whole bool) string {
	for i, t := range p.tokens {
		if t.kind == number {
			if f := p.figures[t.figure]; narrows(f) && !j.spoken.figure(f) {
				return p.written(t)
			}
			continue
		}
		if j.g.lexicon.restricting[t.name] && p.binds(i) && !j.spoken.index.holds(j.spoken.all, t, p.written(t)) {
			return p.written(t)
		}
	}
	if w := j.anchor(p); w != "" {
		return w
	}
	if whole && !j.conveyed(p.words(), saidPiece) {
		return p.text
	}
	return ""
}

// common are the classes of traits whose words stand in a rule without narrowing it.
var common = map[string]bool{"filing": true, "applicant": true, "age group": true, "run by": true, "payer": true}

// unnamed returns a trait of a piece where neither the sentence nor the question names any of its traits.
func (j *judging) unnamed(p *piece) string {
	left := ""
	for _, t := range traits.Of(p.text) {
		switch {
		case common[t.Class]:
		case traits.Fits([]traits.Trait{t}, j.said.text+j.g.question.text) != traits.Neutral:
			return ""
		case left == "":
			left = t.Word
		}
	}
	return left
}

var inside = regexp.MustCompile(`在([^在,]{2,16}?)(范围内|期间|时)`)

// within returns the range of a requirement (在工作所在地的区范围内) where it is left out.
func (j *judging) within(p *piece) string {
	m := inside.FindStringSubmatch(p.text)
	if m == nil {
		return ""
	}
	if q := j.g.lexicon.read(m[1]); len(q.pieces) > 0 && !j.conveyed(&q.pieces[0], saidPiece) {
		return m[0]
	}
	return ""
}

// narrows reports whether a figure limits what it stands with.
func narrows(f figure) bool {
	return !isOne(f) && f.Kind != figures.Ordinal && f.Kind != figures.Number
}

// binds reports whether a restricting word restricts: a place does where something is done in it, not
// in the name of an office.
func (p *piece) binds(i int) bool {
	if p.tokens[i].name != "本市" {
		return !p.listsAt(i)
	}
	if i+1 < len(p.tokens) && strings.ContainsAny(p.written(p.tokens[i+1]), "局网委府") {
		return false
	}
	before := p.text[:p.tokens[i].start-p.from]
	return strings.HasSuffix(before, "在") || strings.HasSuffix(before, "具有") || strings.HasSuffix(before, "持有") ||
		i+1 < len(p.tokens) && p.tokens[i+1].name == "户籍"
}

// listsAt reports whether a word is itself an entry of a list: 户籍、居住证、出入境.
func (p *piece) listsAt(i int) bool {
	listed := func(k int) bool { return p.tokens[k].kind == mark && p.tokens[k].name == "、" }
	first := strings.HasSuffix(p.text[:p.tokens[i].start-p.from], ":")
	last := i+1 == len(p.tokens)
	return (first || i > 0 && listed(i-1)) && (last || listed(i+1)) && !(first && last)
}

// timed reports whether a time or an act follows at once: 后10个工作日内, 后可以再次申请.
func timed(rest []token) bool {
	for _, t := range rest {
		if t.kind != empty {
			return t.kind == number || t.kind == must || t.kind == may || t.kind == free
		}
	}
	return false
}

// anchor returns what a time of the piece runs from, where it is left out: 公示期满后10个工作日内. That
// it runs from 受理 goes without saying.
func (j *judging) anchor(p *piece) string {
	for i, t := range p.tokens {
		if t.kind != empty || t.name != "后" && t.name != "之日" || i == 0 || !timed(p.tokens[i+1:]) {
			continue
		}
		from := max(0, i-3)
		q := piece{text: p.text, from: p.from, tokens: p.tokens[from:i]}
		if !strings.Contains(p.text[p.tokens[from].start-p.from:t.end-p.from], "受理") && !j.conveyed(&q, saidCondition) {
			return p.text[p.tokens[from].start-p.from : t.end-p.from]
		}
	}
	return ""
}
