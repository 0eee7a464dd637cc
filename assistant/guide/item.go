package guide

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"xiaoyue/assistant/traits"
	"xiaoyue/kb"
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

// matchAll returns the items of a scope that fit a question, best first; among those that fit alike
// the nearest first.
func (g *Guide) matchAll(ctx context.Context, r reading, scope kb.Scope) ([]itemMatch, error) {
	names, err := g.names(ctx, scope)
	if err != nil {
		return nil, err
	}
	found := names.match(r)
	for i := range found {
		found[i].near = max(0, slices.Index(scope.Regions, found[i].item.Region))
	}
	slices.SortFunc(found, func(a, b itemMatch) int {
		return cmp.Or(compareBool(b.exact, a.exact), cmp.Compare(b.score, a.score), cmp.Compare(a.item.Code, b.item.Code))
	})
	alike := slices.IndexFunc(found, func(m itemMatch) bool {
		return m.exact != found[0].exact || found[0].score-m.score > alikeItems
	})
	if alike < 0 {
		alike = len(found)
	}
	slices.SortStableFunc(found[:alike], func(a, b itemMatch) int { return cmp.Compare(a.near, b.near) })
	return found, nil
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
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

// certainItem is the score from which on an item is surely meant.
const certainItem = 0.75

func (m itemMatch) certain() bool { return m.exact || m.score >= certainItem }

// longName is the length from which on a name in a question leaves no doubt of what it is about.
const longName = 8

// leastItemCover is the share of a question's words that an item's record must account for where a
// word of it is missing there.
const leastItemCover = 0.85

// accounts reports whether a record is about all that a question asks: an item called 失业保险金申领
// says nothing of when a stopped benefit comes back.
func (g *Guide) accounts(i kb.ServiceItem, r reading) bool {
	if name := bareName(i.Name); utf8.RuneCountInString(name) >= longName && strings.Contains(bareName(r.own), name) {
		return true
	}
	for _, a := range r.attributes {
		if a.Content() && traits.Fits([]traits.Trait{a}, i.Name+strings.Join(i.Aliases, " ")+strings.Join(i.Conditions, " ")) != traits.Named {
			return false
		}
	}
	named := strings.Join(append([]string{i.Code, i.Name, i.Department}, i.Aliases...), "\n")
	record, _ := itemText(i, fields)
	about := append(g.givenLayers(r.attributes, i.Name), g.newLayer(named, worthOwn))
	if namesOther(r, about, g.newLayer(strings.Join(append(i.Conditions, i.Audience...), "\n"), worthNear)) {
		return false
	}
	cov := cover(r.chunks, append(about, g.newLayer(record, worthNear)))
	return cov.gap < 2 || cov.share >= leastItemCover
}

// namesOther reports whether a question names another thing in words of an item's names: 公租房租赁补贴
// shares words with 人才租赁补贴, 居住证明 with 居住证. In the name that it uses every word must be one of
// the item's names, or of whom and what case it is for; its materials and windows hold words of anything.
func namesOther(r reading, names []layer, cases layer) bool {
	for _, c := range r.chunks {
		if c.background || c.loose {
			continue
		}
		c.light = slices.Clone(c.light)
		for _, a := range r.attributes {
			c.mark(true, a.ClassWords()...) // compared apart
		}
		c.mark(true, actions...)
		c.mark(true, "掉", "丢", "坏") // what became of a paper, without its 了
		own := c.covered(names)
		if slices.Max(own) == 0 {
			continue
		}
		all := c.covered(append(slices.Clone(names), cases))
		for i := range all {
			beside := i > 0 && own[i-1] > 0 || i+1 < len(own) && own[i+1] > 0
			if all[i] == 0 && !c.light[i] && beside {
				return true
			}
		}
	}
	return false
}

// standsAlone reports whether the best match stands alone.
func standsAlone(found []itemMatch) bool {
	return len(found) < 2 || found[0].exact && !found[1].exact || found[0].score-found[1].score > alikeItems
}
