package grounding

import (
	"slices"
	"strings"
)

// levels are the words for the level of a region, by the end of its name.
var levels = []struct {
	end   string
	words []string
}{
	{"市", []string{"市级", "全市", "市里", "市本级", "市层面"}},
	{"区", []string{"区级", "全区", "区里", "本区", "区层面"}},
	{"县", []string{"县级", "全县", "县里", "本县"}},
	{"省", []string{"省级", "全省", "省里", "本省"}},
}

// levelWords are what may be said of the level of the first of these regions.
func levelWords(places []string) []string {
	for _, level := range levels {
		if len(places) > 0 && strings.HasSuffix(places[0], level.end) {
			return level.words
		}
	}
	return nil
}

// placed checks that a clause does not move evidence to another place or level: its words for them
// are those of the evidence's region, or stand in its text.
func (j *judging) placed(c *clause, n int) (Verdict, bool) {
	e := &j.g.evidence[n]
	if len(e.Places) == 0 {
		return Verdict{}, true
	}
	for _, level := range levels {
		if strings.HasSuffix(e.Places[0], level.end) {
			continue
		}
		for _, w := range level.words {
			if strings.Contains(c.text, w) && !strings.Contains(e.text, w) {
				return Verdict{Fault: Place, Detail: "所引依据是" + e.Places[0] + "的规定，不是“" + w + "”的"}, false
			}
		}
	}
	for _, o := range j.g.evidence {
		for _, p := range o.Places {
			if strings.Contains(c.text, p) && !slices.Contains(e.Places, p) && !strings.Contains(e.text, normal(p)) {
				return Verdict{Fault: Place, Detail: "所引依据不是" + p + "的规定"}, false
			}
		}
	}
	return Verdict{}, true
}

// movedLevel returns a word for a level (市级) that a clause says more often than the pieces that bear
// it out, where these speak of levels at all or their place is of another.
func movedLevel(places []string, said, own string) string {
	speaks := speaksOfLevels(own)
	for _, level := range levels {
		w := level.words[0]
		if foreign := len(places) > 0 && !strings.HasSuffix(places[0], level.end); (speaks || foreign) && strings.Count(said, w) > strings.Count(own, w) {
			return w
		}
	}
	return ""
}

func speaksOfLevels(text string) bool {
	for _, level := range levels {
		if strings.Contains(text, level.words[0]) {
			return true
		}
	}
	return false
}
