package traits

import (
	"slices"
	"strings"

	"xiaoyue/retrieval/segment"
)

// Fit says how a text agrees with the traits of a question.
type Fit int

// The fits, the worst first.
const (
	Clash   Fit = iota // speaks of other values only
	Neutral            // speaks of no value of the classes asked
	Named              // names every value asked, or a range that covers it
)

// Fits compares the traits of a question with a text. The worst class decides.
func Fits(wanted []Trait, text string) Fit {
	worst := Named
	norm := segment.Normal(text)
	for _, w := range wanted {
		worst = min(worst, fitOf(w, norm))
	}
	if len(wanted) == 0 {
		return Neutral
	}
	return worst
}

func fitOf(w Trait, norm string) Fit {
	c := w.of()
	there := c.in(norm)
	if len(there) == 0 {
		return Neutral
	}
	for _, v := range there {
		if slices.Contains(v.names(), w.Name) || c.ordered && c.covers(v, w.Name, norm) {
			return Named
		}
	}
	return Clash
}

// covers reports whether a text says "v and above" of a value below name.
func (c class) covers(v value, name, norm string) bool {
	i := strings.Index(norm, v.words[0]) + len(v.words[0])
	rest := norm[i:]
	if end := strings.IndexAny(rest, "，。；,;"); end >= 0 {
		rest = rest[:end]
	}
	return strings.Contains(firstRunes(rest, 8), "以上") && c.rank(v.name) < c.rank(name)
}

func (c class) rank(name string) int {
	return slices.IndexFunc(c.values, func(v value) bool { return v.name == name })
}

func firstRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
