package grounding

import (
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"xiaoyue/kb/figures"
)

var listCount = regexp.MustCompile(`(以下|下列|如下|这|共|分为|分|包括|有)$`)

// counts reports whether a figure is the number of entries of a list in the cited evidence: 以下4项材料.
func (j *judging) counts(c *piece, f figure) bool {
	_, ok := j.list(c, f)
	return ok
}

// list returns the first entry of a list that has as many entries as a figure of a clause says.
func (j *judging) list(c *piece, f figure) (Ref, bool) {
	rest := c.text[f.End-c.from:]
	countable := f.Kind == figures.Count && strings.Contains("项种类个条份档件", f.Unit) || f.Kind == figures.Number && (strings.HasPrefix(rest, "项") || strings.HasPrefix(rest, "条"))
	if !countable || !listCount.MatchString(c.text[:f.Start-c.from]) && !strings.Contains(c.text, "如下") {
		return Ref{}, false
	}
	for _, k := range j.cited {
		sizes := map[string]int{}
		for _, u := range j.g.evidence[k].units {
			if u.listed {
				sizes[u.family]++
			}
		}
		for _, u := range j.g.evidence[k].units {
			if u.listed && strconv.Itoa(sizes[u.family]) == f.Value {
				return u.ref, true
			}
		}
	}
	return Ref{}, false
}

// leads reports whether a clause only counts the list that follows, and returns its first entry.
func (j *judging) leads(c *clause) (Ref, bool) {
	if len(c.claims) > 0 || len(c.figures) == 0 || len(c.denials) > 0 {
		return Ref{}, false
	}
	for _, t := range c.tokens {
		if t.kind != empty && t.kind != mark && t.kind != must && t.kind != number && !leadWords[t.name] {
			return Ref{}, false
		}
	}
	return j.list(c.piece, c.figures[0])
}

// askersOwn reports whether a clause only repeats what the question says of the asker.
func (j *judging) askersOwn(c *clause) bool {
	if !strings.Contains(c.text, "您") && !strings.Contains(c.text, "你") || len(c.claims) > 0 || len(c.denials) > 0 {
		return false
	}
	for _, t := range c.tokens {
		if t.kind != empty && t.kind != mark && t.kind != number && t.name != "是" && t.name != "作为" && !j.g.question.says(t, c.written(t)) {
			return false
		}
	}
	return true
}

// says reports whether a text holds a word, by its group or as it is written.
func (r reading) says(t token, written string) bool {
	return strings.Contains(r.text, written) || t.kind == same && slices.ContainsFunc(r.pieces, func(p piece) bool { return p.has(t.name) })
}

// askers reports whether a figure is the asker's own: said in the question, and said to be theirs.
func (j *judging) askers(c *piece, f figure) bool {
	if !strings.Contains(c.text, "您") && !strings.Contains(c.text, "你") {
		return false
	}
	for _, p := range j.g.question.pieces {
		for _, q := range p.figures {
			if sameFigure(q.Figure, f.Figure) {
				return true
			}
		}
	}
	return false
}

// sumWords must stand before a figure that is reckoned.
var sumWords = []string{"共", "合计", "总", "相当于", "算下来", "累计", "加起来", "折合", "即", "就是", "等于"}

// reckoned reports whether an amount follows from the other figures of the sentence, each of which
// evidence has to hold: a product of an amount with a number or its months, or a sum or difference.
func (j *judging) reckoned(c *piece, f figure) bool {
	if f.Kind != figures.Money || !holdsAny(c.text[:f.Start-c.from], sumWords) {
		return false
	}
	want, ok := new(big.Rat).SetString(f.Value)
	if !ok {
		return false
	}
	var others []figure
	for i := range j.said.pieces {
		for _, e := range j.said.pieces[i].figures {
			if e.Start < f.Start && len(others) < maxOperands {
				others = append(others, e)
			}
		}
	}
	for a, x := range others {
		for b, y := range others {
			if a != b && x.Kind == figures.Money && f.bound == max(x.bound, y.bound) && makes(want, x, y) {
				return true
			}
		}
	}
	return false
}

// maxOperands bounds the figures that are tried.
const maxOperands = 8

// makes reports whether x and y make want. An amount by the month takes months, one by the year years.
func makes(want *big.Rat, x, y figure) bool {
	v, ok := new(big.Rat).SetString(x.Value)
	w, also := new(big.Rat).SetString(y.Value)
	if !ok || !also {
		return false
	}
	z := new(big.Rat)
	switch {
	case y.Kind == figures.Money:
		return x.period == y.period && (z.Add(v, w).Cmp(want) == 0 || z.Sub(v, w).Cmp(want) == 0)
	case y.Kind == figures.Duration:
		m, ok := months(y.Figure)
		if x.period == "year" && ok {
			m.Mul(m, big.NewRat(1, 12))
		}
		return ok && (x.period == "month" || x.period == "year") && z.Mul(v, m).Cmp(want) == 0
	case y.Kind == figures.Percent && y.Unit == "%":
		return z.Mul(v, w.Mul(w, big.NewRat(1, 100))).Cmp(want) == 0
	case y.Kind == figures.Count:
		return z.Mul(v, w).Cmp(want) == 0
	}
	return false
}

func holdsAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}
