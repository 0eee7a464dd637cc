package grounding

import (
	"strings"
	"testing"
)

func TestPlantedLiesAreStopped(t *testing.T) {
	c := load(t)
	shown, all := map[string]int{}, map[string]int{}
	for _, line := range lines(t, "testdata/lies.txt") {
		f := strings.SplitN(line, "|", 4)
		s := sample{cited: strings.Split(f[1], "+"), question: f[2], sentence: f[3]}
		g, cited := c.grounds(s)
		all[f[0]]++
		if v := g.Check(s.sentence, cited); v.Sound() {
			shown[f[0]]++
			t.Errorf("%s: %s is shown", f[0], s.sentence)
		}
	}
	t.Logf("of %v shown %v", all, shown)
}
