package guide

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"xiaoyue/kb"
	"xiaoyue/retrieval/segment"
)

// itemMatch is a service item with how well its name fits a question.
type itemMatch struct {
	item  kb.ServiceItem
	score float64 // in [0,1]
	exact bool    // the question holds the name, an alias or the code
	near  int     // place of its region in the chain asked about, 0 nearest
}

// The least fit of an item that is answered from, and the difference below which two fit alike.
const (
	leastItem  = 0.6
	leastPart  = 0.4 // of either side
	alikeItems = 0.06
	fitBonus   = 0.15 // of a name with the attribute asked: 补领 for what was lost
)

// matchItems returns the items of a scope that fit a question, best first; of an item's records in
// several regions only the nearest.
func (g *Guide) matchItems(ctx context.Context, r reading, scope kb.Scope) ([]itemMatch, error) {
	found, err := g.matchAll(ctx, r, scope)
	return nearestOnly(found), err
}

// matchAll returns the items of a scope that fit a question, best first.
func (g *Guide) matchAll(ctx context.Context, r reading, scope kb.Scope) ([]itemMatch, error) {
	items, err := g.knowledge.Items(ctx, scope)
	if err != nil {
		return nil, fmt.Errorf("service items: %w", err)
	}
	items = slices.DeleteFunc(slices.Clone(items), func(i kb.ServiceItem) bool { return !scope.Admits(i.Attributes) })
	names := newNames(g, items)
	var found []itemMatch
	for _, i := range items {
		m := names.match(r, i)
		m.near = max(0, slices.Index(scope.Regions, i.Region))
		if m.score >= leastItem {
			found = append(found, m)
		}
	}
	slices.SortStableFunc(found, func(a, b itemMatch) int {
		if a.exact != b.exact {
			return boolOrder(a.exact)
		}
		if d := cmp.Compare(b.score, a.score); d != 0 && math.Abs(a.score-b.score) > alikeItems {
			return d
		}
		return cmp.Or(cmp.Compare(a.near, b.near), cmp.Compare(b.score, a.score), cmp.Compare(a.item.Code, b.item.Code))
	})
	return found, nil
}

func boolOrder(first bool) int {
	if first {
		return -1
	}
	return 1
}

// nearestOnly drops an item's record of a wider region where a nearer one is there.
func nearestOnly(found []itemMatch) []itemMatch {
	nearest := map[string]int{}
	for _, m := range found {
		key := cmp.Or(m.item.BaseCode, m.item.Name)
		if n, ok := nearest[key]; !ok || m.near < n {
			nearest[key] = m.near
		}
	}
	return slices.DeleteFunc(found, func(m itemMatch) bool { return m.near > nearest[cmp.Or(m.item.BaseCode, m.item.Name)] })
}

// names weighs the words of item names: what many names share tells little, the word by which
// look-alikes differ tells much.
type names struct {
	g     *Guide
	df    map[string]int
	total int
}

func newNames(g *Guide, items []kb.ServiceItem) *names {
	n := &names{g: g, df: map[string]int{}, total: len(items)}
	for _, i := range items {
		seen := map[string]bool{}
		for _, name := range append([]string{i.Name}, i.Aliases...) {
			for _, p := range pairs(name) {
				seen[p] = true
			}
		}
		for p := range seen {
			n.df[p]++
		}
	}
	return n
}

// idf is the inverse document frequency of BM25, log(1 + (N - n + 0.5)/(n + 0.5)).
func (n *names) idf(pair string) float64 {
	d := float64(n.df[pair])
	return math.Log(1 + (float64(n.total)-d+0.5)/(d+0.5))
}

// pairs returns the distinct pairs of neighbouring word characters of a text.
func pairs(text string) []string {
	var out []string
	for _, part := range strings.FieldsFunc(segment.Normal(text), func(r rune) bool { return !isWordRune(r) }) {
		runes := []rune(part)
		for i := 0; i+1 < len(runes); i++ {
			out = append(out, string(runes[i:i+2]))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// match compares a question with an item's code, name and aliases; the best of them counts.
func (n *names) match(r reading, i kb.ServiceItem) itemMatch {
	m := itemMatch{item: i}
	text := segment.Normal(r.own)
	if i.Code != "" && strings.Contains(text, segment.Normal(i.Code)) {
		m.score, m.exact = 1, true
		return m
	}
	for _, name := range append([]string{i.Name}, i.Aliases...) {
		norm := bareName(name)
		if norm != "" && strings.Contains(bareName(text), norm) {
			m.exact = true
			m.score = max(m.score, 0.9+0.1*min(1, float64(len(norm))/60))
			if clashes(r.attributes, i.Name) {
				m.score, m.exact = 0, false
				return m
			}
			continue
		}
		m.score = max(m.score, n.similar(r, name))
	}
	return m
}

// bareName is a name without marks that people leave out.
func bareName(name string) string {
	return strings.Map(func(r rune) rune {
		if isWordRune(r) {
			return r
		}
		return -1
	}, segment.Normal(name))
}

// similar is the geometric mean of the share of the name that the question holds and the share of
// the question's subject that the name holds, both weighted by idf, synonyms counting as found.
func (n *names) similar(r reading, name string) float64 {
	if clashes(r.attributes, name) {
		return 0
	}
	question := n.g.newLayer(r.own+" "+written(asking(r.chunks)), 1)
	title := n.g.newLayer(name, 1)
	inQuestion := n.share([]chunk{n.g.newChunk(segment.Normal(name))}, question)
	inName := n.share(r.chunks, title)
	if inQuestion < leastPart || inName < leastPart {
		return 0
	}
	score := math.Sqrt(inQuestion * inName)
	for _, a := range r.attributes {
		if a.class == "filing" && fits([]attribute{a}, name) == fitNamed {
			score += fitBonus
		}
	}
	return min(score, 1)
}

// clashes reports whether a name is of another value of a class than the question: 注销登记 for 变更.
func clashes(wanted []attribute, name string) bool {
	for _, w := range wanted {
		if fitOf(w, segment.Normal(name)) == fitClash {
			return true
		}
	}
	return false
}

// share is the idf-weighted part of the chunks that a layer holds.
func (n *names) share(chunks []chunk, l layer) float64 {
	var got, all float64
	for _, c := range chunks {
		covered := c.covered([]layer{l})
		for i := 0; i+1 < len(c.runes); i++ {
			if covered[i]+covered[i+1] == 0 && c.light[i] && c.light[i+1] {
				continue
			}
			w := n.idf(string(c.runes[i : i+2]))
			w *= c.weight()
			all += w
			got += w * (covered[i] + covered[i+1]) / 2
		}
	}
	if all == 0 {
		return 0
	}
	return got / all
}

// certainItem is the score from which on an item is surely meant.
const certainItem = 0.75

func (m itemMatch) certain() bool { return m.exact || m.score >= certainItem }

// leastItemCover is the share of a question's words that an item's record must account for where a
// word of it is missing there.
const leastItemCover = 0.85

// accounts reports whether a record is about all that a question asks: an item called 失业保险金申领
// says nothing of when a stopped benefit comes back.
func (g *Guide) accounts(i kb.ServiceItem, r reading) bool {
	for _, a := range r.attributes {
		if classOf(a).content && fits([]attribute{a}, i.Name+strings.Join(i.Aliases, " ")+strings.Join(i.Conditions, " ")) != fitNamed {
			return false
		}
	}
	named := strings.Join(append([]string{i.Code, i.Name, i.Department}, i.Aliases...), "\n")
	record, _ := itemText(i, fields)
	cov := cover(r.chunks, append(g.givenLayers(r.attributes, i.Name), g.newLayer(named, worthOwn), g.newLayer(record, worthNear)))
	return cov.gap < 2 || cov.share >= leastItemCover
}

// clear reports whether the best match stands alone.
func clear(found []itemMatch) bool {
	return len(found) < 2 || found[0].exact && !found[1].exact || found[0].score-found[1].score > alikeItems
}
