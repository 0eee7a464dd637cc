package grounding

import (
	"slices"
	"strings"
)

// denial is a word that denies what follows it in its piece.
type denial struct {
	token int    // index of the word
	word  string // the word itself
	head  string // the group of what is denied, or the unknown characters that follow
	rest  []token
	text  string // from the word to the end of the piece
	fixed bool   // says with one word what it denies: 免费
	twice bool   // denies a word that denies: 不取消
	bare  bool   // nothing follows; rest and text are what stands before
	whole string // of its piece, with the condition before it
}

// denialsOf returns the denials of a piece. A chain (不 予, 不 需要) is one; what follows 除 up to 外 is
// denied as well.
func denialsOf(p *piece) []denial {
	var found []denial
	for i := 0; i < len(p.tokens); i++ {
		t := p.tokens[i]
		if t.kind != deny && t.kind != denied && t.name != "除" && t.name != "除了" {
			continue
		}
		d := denial{token: i, word: t.name, whole: p.text, text: p.text[t.start-p.from:]}
		if t.kind == denied {
			d.head, d.fixed = t.name, true
		}
		d.rest = p.tokens[i+1:]
		for d.head == "" && i+1 < len(p.tokens) {
			i++
			d.twice = d.twice || ends[p.tokens[i].name] && p.tokens[i].kind == deny
			if n := p.tokens[i]; n.kind == same || n.kind == free || n.kind == raw || n.kind == plain {
				d.head = n.name
			}
		}
		if len(d.rest) == 0 {
			d.rest, d.text, d.bare = p.tokens[:i], p.text, true // 延时服务：无
		}
		found = append(found, d)
	}
	return found
}

// ends are words that deny by ending something; denied themselves, they affirm it.
var ends = map[string]bool{"取消": true, "停止": true, "暂停": true, "免除": true, "免收": true, "免交": true, "免缴": true, "禁止": true}

// meets reports whether two denials may deny the same: what follows them shares a word or a pair of
// characters.
func (d denial) meets(e denial) bool {
	switch {
	case d.twice != e.twice:
		return false
	case d.fixed || e.fixed:
		return d.head == e.head || d.frees() || e.frees()
	}
	return d.head == e.head || d.excludes(e) || e.excludes(d) || (d.bare || e.bare) && d.word == e.word || d.touches(e) || e.touches(d)
}

func (d denial) frees() bool { return strings.HasPrefix(d.word, "免") }

// excludes reports whether of two denials one says that something is not for somebody, and the other
// that they do not get it: 不适用于已经毕业的, 已经毕业的不能享受.
func (d denial) excludes(e denial) bool {
	return d.head == "适用" && e.head == "领取" && slices.ContainsFunc(d.rest, func(t token) bool {
		return (t.kind == raw || t.kind == same || t.kind == person) && strings.Contains(e.whole, t.name)
	})
}

// touches reports whether a word that d denies stands behind e.
func (d denial) touches(e denial) bool {
	for _, t := range d.rest {
		switch t.kind {
		case mark, empty, must, may:
		case raw:
			if sharesPair(t.name, e.text) {
				return true
			}
		default:
			if t.name == e.head || slices.ContainsFunc(e.rest, func(u token) bool { return u.name == t.name }) {
				return true
			}
		}
	}
	return false
}

// sharesPair reports whether two neighbouring characters of a run stand in a text.
func sharesPair(run, text string) bool {
	last := -1
	for i := range run {
		if last >= 0 {
			if end := i + len(firstRune(run[i:])); strings.Contains(text, run[last:end]) {
				return true
			}
		}
		last = i
	}
	return false
}

func firstRune(s string) string {
	for i := range s {
		if i > 0 {
			return s[:i]
		}
	}
	return s
}

// denials compares what a clause denies with what the pieces that bear it out deny: nothing may be
// added, nothing dropped.
func (j *judging) denials(c *clause, s *source, a *attempt) bool {
	var there []denial
	for _, id := range a.own {
		there = append(there, j.g.index.pieces[id].denials...)
	}
	there = append(there, c.deniedActs(a)...)
	added := append(slices.Clone(there), j.deniedCells(s, a)...)
	above := j.ledDenials(a.unit)
	for _, d := range c.denials {
		if !meetsAny(d, added) && !meetsAny(d, above) {
			a.fault, a.detail = Negation, "依据没有说“"+d.text+"”"
			return false
		}
	}
	for _, d := range there {
		if !j.denied(c, d) {
			a.fault, a.detail = Negation, "依据说的是“"+d.text+"”"
			return false
		}
	}
	for _, d := range above {
		if !j.deniedAnywhere(d) {
			a.fault, a.detail = Negation, "依据说的是“"+d.text+"”"
			return false
		}
	}
	return true
}

// deniedCells returns the denials of the cells of a row that the sentence says, where it says as well
// which row it is.
func (j *judging) deniedCells(s *source, a *attempt) []denial {
	var found []denial
	if !a.unit.row {
		return nil
	}
	keyed := j.conveyed(s.key(a.unit).words(), saidPiece)
	for k := range a.unit.pieces {
		p := &a.unit.pieces[k]
		_, value, _ := strings.Cut(p.text, ":")
		if len(p.denials) > 0 && (keyed || value != p.denials[0].word) && j.conveyed(p, saidCondition) {
			found = append(found, p.denials...)
		}
	}
	return found
}

// key returns the first piece of a row that tells it from the rows beside it.
func (s *source) key(u *unit) *piece {
	for k := range u.pieces {
		if !slices.ContainsFunc(s.units, func(v unit) bool {
			return v.at != u.at && v.family == u.family && k < len(v.pieces) && v.pieces[k].text == u.pieces[k].text
		}) {
			return &u.pieces[k]
		}
	}
	return &u.pieces[0]
}

// deniedActs returns the denials of a unit that deny the very act of a clause (提交 of 申请人无须提交),
// though the piece they stand in holds none of its other words.
func (c *clause) deniedActs(a *attempt) []denial {
	var found []denial
	if c.when || len(c.claims) > 0 {
		return nil
	}
	for _, t := range c.tokens {
		if t.kind != free || !acts[t.name] || slices.ContainsFunc(a.own, func(id int) bool { return a.unit.pieces[id-a.unit.at].acts(t, c) }) {
			continue
		}
		for n := range a.unit.pieces {
			p := &a.unit.pieces[n]
			if p.section != a.unit.pieces[a.own[0]-a.unit.at].section {
				continue
			}
			for _, d := range p.denials {
				if d.head == t.name {
					found = append(found, d)
					if meetsAny(d, c.denials) {
						a.own = appendOnce(a.own, a.unit.at+n) // with its conditions
					}
				}
			}
		}
	}
	return found
}

// acts reports whether a piece names an act of a clause; where a clause names nothing else, in its very
// words: 出具 is not the 提交 of 无须提交.
func (p *piece) acts(t token, c *clause) bool {
	return p.has(t.name) && (c.worded() || strings.Contains(p.text, c.written(t)))
}

func meetsAny(d denial, all []denial) bool {
	for _, e := range all {
		if d.meets(e) {
			return true
		}
	}
	return false
}

// denied reports whether a denial of the evidence is said in the clause, or beside it where the clause
// says only the other words of its piece.
func (j *judging) denied(c *clause, d denial) bool {
	if meetsAny(d, c.denials) {
		return true
	}
	return len(c.denials) == 0 && !c.has(d.head) && c.at+1 < len(j.said.pieces) && meetsAny(d, j.said.pieces[c.at+1].denials)
}

func (j *judging) deniedAnywhere(d denial) bool {
	for k := range j.said.pieces {
		if len(j.said.pieces[k].denials) > 0 {
			return true
		}
	}
	return false
}

// ledDenials are the denials of the lead right above a unit: 有下列情形之一的，不予受理：.
func (j *judging) ledDenials(u *unit) []denial {
	var found []denial
	for _, id := range u.above {
		p := &j.g.index.pieces[id]
		if len(p.denials) > 0 && u.lead != "" && strings.HasSuffix(u.lead, ":") && strings.Contains(u.lead, p.text) && !p.when {
			found = append(found, p.denials...)
		}
	}
	return found
}

// modals compares what is obliged and what is permitted.
func (j *judging) modals(c *clause, _ *source, a *attempt) bool {
	obliged, permitted := false, false
	for _, id := range a.own {
		p := &j.g.index.pieces[id]
		obliged, permitted = obliged || p.obliges(), permitted || p.permits()
	}
	switch {
	case c.obliges() && permitted && !obliged:
		a.fault, a.detail = Negation, "依据说的是“可以”，不是必须"
	case c.permits() && !c.obliges() && obliged && !permitted:
		a.fault, a.detail = Negation, "依据说的是“应当”，不是可以"
	default:
		return true
	}
	return false
}

func (p *piece) obliges() bool { return p.says(must) }
func (p *piece) permits() bool { return p.says(may) }

// says reports whether a piece has a word of a kind that no denial stands before.
func (p *piece) says(k kind) bool {
	for i, t := range p.tokens {
		if t.kind == k && (i == 0 || p.tokens[i-1].kind != deny) {
			return true
		}
	}
	return false
}
