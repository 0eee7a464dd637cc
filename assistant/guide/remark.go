package guide

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"xiaoyue/kb"
)

// remarks adds what must be known beside the sentences of an answer: how the rules of two regions go
// together, what changed since, and that districts differ.
func (g *Guide) remarks(ctx context.Context, q query, p part, r *reply) error {
	if len(p.findings) > 1 {
		if err := g.together(ctx, q, p, r); err != nil {
			return err
		}
	}
	for _, d := range citedDocs(p.findings) {
		if err := g.historyOf(ctx, q, p, d, r); err != nil {
			return err
		}
	}
	if q.region.Kind == kb.RegionCity && !q.where.named {
		return g.districtsDiffer(ctx, q, p, r)
	}
	return nil
}

func citedDocs(findings []finding) []kb.Document {
	var docs []kb.Document
	for _, f := range findings {
		for _, c := range f.picks {
			if !slices.ContainsFunc(docs, func(d kb.Document) bool { return d.ID == c.source.doc.ID }) {
				docs = append(docs, c.source.doc)
			}
		}
	}
	return docs
}

// togetherWords are how a text says whether two benefits go together.
var togetherWords = []string{"叠加", "就高不重复", "就高", "不重复享受", "重复享受", "同时享受", "不得同时", "不可同时", "可以同时", "互不影响", "不受影响", "先后享受", "另行给予"}

// together says, in a text's own words, whether the rules of two regions add up or exclude each
// other. Where no passage says so, nothing is said.
func (g *Guide) together(ctx context.Context, q query, p part, r *reply) error {
	scope := q.scope
	near := p.findings[0]
	if near.region == "" || near.region == p.findings[len(p.findings)-1].region {
		return nil
	}
	scope.Regions = []string{near.region}
	ev, err := g.search(ctx, p.reading.subject()+" 叠加享受 就高不重复 不重复享受 市级 区级", scope)
	if err != nil {
		if isDown(err) {
			return nil
		}
		return err
	}
	best, at := candidate{}, -1.0
	for i := range ev.sources {
		s := &ev.sources[i]
		if s.doc.ID != near.picks[0].source.doc.ID {
			continue
		}
		for _, u := range s.units {
			c := candidate{unit: u, source: s}
			if u.kind == block || !containsAny(u.said, togetherWords...) || r.hasCited(s, u) || saidAlready(p.findings, c) || orders(u.said) {
				continue
			}
			cov := cover(p.reading.chunks, []layer{g.newLayer(u.said, worthOwn)})
			if cov.share > at && cov.gap < 2 && cov.strong > leastStrong {
				best, at = c, cov.share
			}
		}
	}
	if at >= 0 {
		r.say(mark(best.words(), r.cite(best.source, best.unit, q.scope.AsOf)))
		r.judge(kb.VerdictVerbatim)
	}
	return nil
}

func saidAlready(findings []finding, c candidate) bool {
	for _, f := range findings {
		for _, p := range f.picks {
			if p.source.doc.ID == c.source.doc.ID && p.unit.start <= c.unit.start && c.unit.start < p.unit.start+len(p.unit.text) {
				return true
			}
		}
	}
	return false
}

// historyOf notes what became of a cited document and what its time limits rest on.
func (g *Guide) historyOf(ctx context.Context, q query, p part, d kb.Document, r *reply) error {
	relations, err := g.knowledge.RelationsOf(ctx, d.ID)
	if err != nil {
		return fmt.Errorf("relations of %s: %w", d.ID, err)
	}
	noted := map[string]bool{}
	for _, rel := range relations {
		if rel.To != d.ID || rel.From == d.ID || noted[rel.From] {
			continue
		}
		other, err := g.knowledge.Document(ctx, q.scope.Tenant, rel.From, 0)
		if err != nil {
			continue // not readable any more; the dates stand in the citation
		}
		if !slices.Contains(q.scope.Access, other.Access) {
			continue
		}
		words := remarkOf(rel, d, other)
		noted[rel.From] = words != ""
		r.note(words)
	}
	if v := d.Validity; !v.Until.IsZero() && v.Until.Before(q.today) && q.scope.AsOf.Before(q.today) {
		return g.newer(ctx, q, p, d, r)
	}
	return nil
}

func remarkOf(rel kb.Relation, d, other kb.Document) string {
	day := rel.Effective
	if day.IsZero() {
		day = other.Validity.From
	}
	from := ""
	if !day.IsZero() {
		from = "自" + day.Chinese() + "起"
	}
	switch rel.Kind {
	case kb.Supersedes, kb.Repeals, kb.CleanupList:
		verb := map[kb.RelationKind]string{kb.Supersedes: "被代替", kb.Repeals: "废止", kb.CleanupList: "废止或宣布失效"}[rel.Kind]
		if len(rel.Clauses) > 0 {
			return fmt.Sprintf("%s的%s%s由%s%s。", named(d), strings.Join(rel.Clauses, "、"), from, named(other), verb)
		}
		return fmt.Sprintf("%s%s%s，见%s。", named(d), from, verb, named(other))
	case kb.Extends:
		until := ""
		if !rel.Until.IsZero() {
			until = "至" + rel.Until.Chinese()
		}
		return fmt.Sprintf("%s的有效期由%s延长%s。", named(d), named(other), until)
	case kb.Amends:
		return fmt.Sprintf("%s%s经%s修改。", named(d), from, named(other))
	case kb.Suspends:
		return fmt.Sprintf("%s%s%s由%s暂停执行。", named(d), strings.Join(rel.Clauses, "、"), from, named(other))
	}
	return ""
}

// named returns 《title》（number）.
func named(d kb.Document) string {
	title := "《" + strings.NewReplacer("《", "〈", "》", "〉").Replace(d.Title) + "》"
	if strings.HasPrefix(d.Title, "《") && strings.HasSuffix(d.Title, "》") && strings.Count(d.Title, "《") == 1 {
		title = d.Title
	}
	if d.Number != "" {
		title += "（" + d.Number + "）"
	}
	return title
}

// newer notes what holds today where the answer rests on a text that has ended since.
func (g *Guide) newer(ctx context.Context, q query, p part, d kb.Document, r *reply) error {
	found, _, err := g.find(ctx, p.reading, q.on(q.today).scope)
	if isDown(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, f := range found {
		if f.region != d.Region {
			continue
		}
		c := f.picks[0]
		r.note(fmt.Sprintf("以上是%s的规定。%s（%s）现行的规定是：%s，见%s。", q.scope.AsOf.Chinese(), g.regionName(f.region), q.today.Chinese(), strings.TrimRight(c.words(), "；。"), named(c.source.doc)))
		return nil
	}
	r.note(fmt.Sprintf("%s已于%s期满，没有查到接续的规定。", named(d), d.Validity.Until.Chinese()))
	return nil
}

// districtsDiffer notes which districts have rules of their own, without telling them.
func (g *Guide) districtsDiffer(ctx context.Context, q query, p part, r *reply) error {
	found, err := g.inDistricts(ctx, q, p.reading)
	if err != nil {
		return err
	}
	found = sameMatters(append(found, p.findings...))
	var names []string
	for _, f := range found {
		if f.region == "" || f.region == q.region.Code || nearness(q.scope, f.region) < len(q.scope.Regions) {
			continue
		}
		name := g.regionName(f.region)
		names = append(names, name)
		r.option(name, name+q.question)
	}
	if len(names) > 0 {
		r.note(fmt.Sprintf("以上是%s的规定。%s另有规定，请告诉我您所在的区，我再查当地的规定。", q.region.Name, strings.Join(names, "、")))
	}
	return nil
}

// inDistricts returns what the districts of the region asked about rule themselves.
func (g *Guide) inDistricts(ctx context.Context, q query, rd reading) ([]finding, error) {
	scope := q.scope
	scope.Regions = nil
	for _, c := range g.regions.Children(q.region.Code) {
		scope.Regions = append(scope.Regions, c.Code)
	}
	if len(scope.Regions) == 0 {
		return nil, nil
	}
	rd.region = ""
	found, _, err := g.find(ctx, rd, scope)
	if isDown(err) {
		return nil, nil
	}
	return slices.DeleteFunc(found, func(f finding) bool { return f.region == "" }), err
}
