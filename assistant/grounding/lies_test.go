package grounding

import (
	"strings"
	"testing"
)

func TestPlantedLiesAreStopped(t *testing.T) {
	c := load(t)
	shown, all := map[string]int{}, map[string]int{}
	half := "developed"
	for _, line := range lines(t, "testdata/lies.txt") {
		if rest, ok := strings.CutPrefix(line, "== "); ok {
			half = rest
			continue
		}
		f := strings.SplitN(line, "|", 4)
		s := sample{cited: strings.Split(f[1], "+"), question: f[2], sentence: f[3]}
		g, cited := c.grounds(s)
		all[half]++
		if v := g.Check(s.sentence, cited); v.Sound() {
			shown[half]++
			t.Errorf("%s: %s: %s is shown", half, f[0], s.sentence)
		}
	}
	t.Logf("of %v shown %v", all, shown)
}
