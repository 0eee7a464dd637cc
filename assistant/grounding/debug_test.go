package grounding

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestDebug(t *testing.T) {
	if os.Getenv("S") == "" {
		t.Skip()
	}
	c := load(t)
	f := strings.SplitN(os.Getenv("S"), "|", 3)
	g, cited := c.grounds(sample{cited: strings.Split(f[0], "+"), question: f[1]})
	v := g.Check(f[2], cited)
	fmt.Println(v)
	for _, p := range g.lexicon.read(distribute(unmark(f[2]))).pieces {
		fmt.Printf("S %q when=%v joint=%q den=%v\n", p.text, p.when, p.joint, len(p.denials))
		for _, t := range p.tokens {
			fmt.Printf(" %s/%d", t.name, t.kind)
		}
		fmt.Println()
	}
	for _, r := range v.Support {
		u := g.evidence[r.Evidence].units[r.Unit]
		for _, p := range u.pieces {
			fmt.Printf("%q when=%v joint=%q\n", p.text, p.when, p.joint)
			for _, t := range p.tokens {
				fmt.Printf(" %s/%d", t.name, t.kind)
			}
			fmt.Println()
		}
	}
}
