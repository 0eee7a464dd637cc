package guide

import (
	"context"
	"fmt"
	"slices"

	"xiaoyue/assistant/traits"
	"xiaoyue/kb"
)

// counterpart answers a question about an earlier day on which the matter went by another name: it
// takes the rule of that day that had the same kind of benefit, in the same region, for the same
// people as the rule of today, and says that it is another one.
func (g *Guide) counterpart(ctx context.Context, q query, r *reply) (bool, error) {
	if !q.when.explicit || !q.when.days[0].Before(q.today) || !containsAny(q.question, benefitNouns...) {
		return false, nil
	}
	rd := q.readings[0].in(q)
	now, _, err := g.find(ctx, rd, q.on(q.today).scope)
	if err != nil || len(now) == 0 || len(rd.asks) == 0 {
		return false, ignoreDown(err)
	}
	model := now[len(now)-1].picks[0].source.doc
	for _, day := range q.when.days {
		ev, err := g.search(ctx, rd.text+" "+model.Title, q.on(day).scope)
		if err != nil {
			return false, ignoreDown(err)
		}
		bare := rd
		bare.chunks = nil
		for _, c := range g.candidates(bare, rd.asks[0], ev) {
			if c.fit == traits.Named && c.unit.kind != block && sameMatter(c.source.doc, model) {
				q = q.on(day)
				r.answer.AsOf, r.record.Scope = day, q.scope
				g.speakFinding(q, finding{region: c.source.doc.Region, picks: []candidate{c}}, r)
				r.note(fmt.Sprintf("%s还没有%s，以上是当时对同类对象的规定，出自%s。", day.Chinese(), named(model), named(c.source.doc)))
				return true, nil
			}
		}
	}
	return false, nil
}

// sameMatter reports whether two rules are of one region and people and grant the same kind of benefit.
func sameMatter(a, b kb.Document) bool {
	shared := func(list []string) bool {
		return slices.ContainsFunc(list, func(x string) bool { return containsAny(a.Title, x) && containsAny(b.Title, x) })
	}
	people := slices.ContainsFunc(a.Audience, func(x string) bool { return slices.Contains(b.Audience, x) })
	return a.ID != b.ID && a.Region == b.Region && people && shared(benefitNouns) && !isExplanation(a)
}

func ignoreDown(err error) error {
	if isDown(err) {
		return nil
	}
	return err
}
