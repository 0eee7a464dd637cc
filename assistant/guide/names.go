package guide

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"xiaoyue/assistant/traits"
	"xiaoyue/kb"
	"xiaoyue/retrieval/segment"
)

// names are the names of the items of a scope, prepared for matching. What many names share tells
// little, the word by which look-alikes differ tells much. It is immutable.
type names struct {
	g        *Guide
	items    []kb.ServiceItem
	named    [][]itemName     // per item: its name and aliases
	postings map[string][]int // items by the terms of their names
	df       map[string]int   // items by pair of neighbouring characters
}

// itemName is one name of an item.
type itemName struct {
	text  string
	bare  string
	chunk chunk
	layer layer
}

// revised is an ability of a Knowledge: a number that rises with every change of items, so that
// their names need not be prepared for every question.
type revised interface {
	ItemsRevision(ctx context.Context) (int64, error)
}

// nameCache keeps the names of a few scopes. It may be used concurrently.
type nameCache struct {
	mu       sync.Mutex // guards the rest
	revision int64
	byScope  map[string]*names
}

// maxScopes bounds the scopes that are kept; days and regions asked about are few.
const maxScopes = 64

// names returns the prepared names of a scope, from the cache where the items did not change.
func (g *Guide) names(ctx context.Context, scope kb.Scope) (*names, error) {
	k, ok := g.knowledge.(revised)
	if !ok {
		return g.loadNames(ctx, scope)
	}
	revision, err := k.ItemsRevision(ctx)
	if err != nil {
		return nil, fmt.Errorf("revision of service items: %w", err)
	}
	key := fmt.Sprintf("%q %q %q %q %q %s", scope.Tenant, scope.Access, scope.Regions, scope.Zone, scope.Audience, scope.AsOf)
	if n := g.cache.find(revision, key); n != nil {
		return n, nil
	}
	n, err := g.loadNames(ctx, scope)
	if err == nil {
		g.cache.keep(revision, key, n)
	}
	return n, err
}

func (c *nameCache) find(revision int64, key string) *names {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.revision != revision {
		return nil
	}
	return c.byScope[key]
}

// keep adds names; those of an older revision, and all where there are too many, are dropped.
func (c *nameCache) keep(revision int64, key string, n *names) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if revision < c.revision {
		return
	}
	if c.byScope == nil || revision > c.revision || len(c.byScope) >= maxScopes {
		c.revision, c.byScope = revision, map[string]*names{}
	}
	c.byScope[key] = n
}

func (g *Guide) loadNames(ctx context.Context, scope kb.Scope) (*names, error) {
	items, err := g.knowledge.Items(ctx, scope)
	if err != nil {
		return nil, fmt.Errorf("service items: %w", err)
	}
	items = slices.DeleteFunc(slices.Clone(items), func(i kb.ServiceItem) bool { return !scope.Admits(i.Attributes) })
	n := &names{g: g, items: items, postings: map[string][]int{}, df: map[string]int{}}
	for at, i := range items {
		n.add(at, i)
	}
	return n, nil
}

func (n *names) add(at int, i kb.ServiceItem) {
	var named []itemName
	terms, pairs := map[string]bool{}, map[string]bool{}
	for _, name := range append([]string{i.Name}, i.Aliases...) {
		named = append(named, itemName{name, bareName(name), n.g.newChunk(segment.Normal(name)), n.g.newLayer(name, worthOwn)})
		for _, t := range n.g.segmenter.Terms(name) {
			terms[t.Text] = terms[t.Text] || t.Kind != segment.Char
			pairs[t.Text] = pairs[t.Text] || t.Kind == segment.Pair
		}
	}
	n.named = append(n.named, named)
	for t, wanted := range terms {
		if wanted {
			n.postings[t] = append(n.postings[t], at)
		}
	}
	for p, wanted := range pairs {
		if wanted {
			n.df[p]++
		}
	}
}

// idf is the inverse document frequency of BM25, log(1 + (N - n + 0.5)/(n + 0.5)).
func (n *names) idf(pair string) float64 {
	d := float64(n.df[pair])
	return math.Log(1 + (float64(len(n.items))-d+0.5)/(d+0.5))
}

// match returns the items that fit a part of a question, in no order.
func (n *names) match(r reading) []itemMatch {
	question := n.g.newLayer(r.own+" "+written(asking(r.chunks)), worthOwn)
	bare := bareName(question.text)
	seen := map[int]bool{}
	var found []itemMatch
	for at, i := range n.items {
		if i.Code != "" && strings.Contains(question.text, segment.Normal(i.Code)) {
			found, seen[at] = append(found, itemMatch{item: i, score: 1, exact: true}), true
		}
	}
	for _, t := range n.g.segmenter.Terms(question.text) {
		for _, at := range n.postings[t.Text] {
			if seen[at] {
				continue
			}
			seen[at] = true
			if m := n.matchOne(r, at, question, bare); m.score >= leastItem {
				found = append(found, m)
			}
		}
	}
	return found
}

// matchOne compares a question with the names of one item; the best of them counts.
func (n *names) matchOne(r reading, at int, question layer, bare string) itemMatch {
	m := itemMatch{item: n.items[at]}
	for _, name := range n.named[at] {
		if name.bare != "" && strings.Contains(bare, name.bare) && !clashes(r.attributes, m.item.Name) {
			m.exact = true
			m.score = max(m.score, 0.9+0.1*min(1, float64(len(name.bare))/60))
			continue
		}
		m.score = max(m.score, n.similar(r, name, question))
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
func (n *names) similar(r reading, name itemName, question layer) float64 {
	if clashes(r.attributes, name.text) {
		return 0
	}
	inQuestion := n.share([]chunk{name.chunk}, question)
	if inQuestion < leastPart {
		return 0
	}
	inName := n.share(r.chunks, name.layer)
	if inName < leastPart {
		return 0
	}
	score := math.Sqrt(inQuestion * inName)
	for _, a := range r.attributes {
		if a.Class == "filing" && traits.Fits([]traits.Trait{a}, name.text) == traits.Named {
			score += fitBonus
		}
	}
	return min(score, 1)
}

// clashes reports whether a name is of another value of a class than the question: 注销登记 for 变更.
func clashes(wanted []traits.Trait, name string) bool {
	return traits.Fits(wanted, name) == traits.Clash
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
			w := n.idf(string(c.runes[i:i+2])) * c.weight()
			all += w
			got += w * (covered[i] + covered[i+1]) / 2
		}
	}
	if all == 0 {
		return 0
	}
	return got / all
}
