package guide

import (
	"slices"

	"xiaoyue/kb"
)

// tellApart decides which region is meant by a name that several share: the one inside a region named
// beside it, else the one near the asker. Where both leave several, they are all kept as alike.
func (g *Guide) tellApart(w *where, question string, mentions []kb.Mention, turn kb.Turn) error {
	usual, err := g.usualPlace(turn)
	if err != nil {
		return err
	}
	for _, m := range mentions {
		codes := g.namesakes[question[m.Start:m.End]]
		beside := func(o kb.Mention) bool { return g.below(m.Region.Code, o.Region.Code) }
		if len(codes) < 2 || slices.ContainsFunc(mentions, beside) {
			continue
		}
		for _, code := range []string{usual.regions[0].Code, g.home} {
			far := func(c string) bool { return c != code && !g.below(c, code) }
			if near := slices.DeleteFunc(slices.Clone(codes), far); len(near) > 0 {
				codes = near
				break
			}
		}
		var regions []kb.Region
		for _, c := range codes {
			region, _ := g.regions.Lookup(c)
			regions = append(regions, region)
		}
		if i := slices.IndexFunc(w.regions, func(r kb.Region) bool { return r.Code == m.Region.Code }); i >= 0 {
			w.regions[i] = regions[0]
		}
		if len(regions) > 1 {
			w.alike = regions
		}
	}
	return nil
}

// below reports whether a region lies in another.
func (g *Guide) below(code, in string) bool {
	chain, err := g.regions.Chain(code)
	return err == nil && code != in && slices.Contains(chain, in)
}

// namesakesOf returns the codes of the regions that share a name, by name; a region and one inside
// it, as 吉林, count as one.
func namesakesOf(regions *kb.Regions) map[string][]string {
	all := map[string][]string{}
	for _, r := range regions.All() {
		for _, name := range append([]string{r.Name}, r.Aliases...) {
			all[name] = append(all[name], r.Code)
		}
	}
	for name, codes := range all {
		codes = slices.DeleteFunc(slices.Clone(codes), func(c string) bool {
			chain, err := regions.Chain(c)
			return err != nil || slices.ContainsFunc(codes, func(o string) bool { return o != c && slices.Contains(chain, o) })
		})
		if all[name] = codes; len(codes) < 2 {
			delete(all, name)
		}
	}
	return all
}

// comparing are words of a question about several places at once.
var comparing = []string{"比", "区别", "不同", "差别", "分别", "各", "哪个", "还是", "转到", "迁到", "转移", "两边", "两地", "都"}

// onlyTold reports whether all places of a question are told of the asker, each in a clause of its own
// that does not ask: 户口在东湖区，在西山区上班.
func (g *Guide) onlyTold(question string, mentions []kb.Mention) bool {
	if containsAny(question, comparing...) {
		return false
	}
	clauses := map[string]bool{}
	for _, m := range mentions {
		clause := clauseAround(question, m.Start, m.End)
		if clauses[clause] || len(g.lexicon.asksOf(clause)) > 0 || !isOwn(question, m) {
			return false
		}
		clauses[clause] = true
	}
	return true
}
