package guide

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/segment"
)

// evidence is what a search found for one place and day, split into units.
type evidence struct {
	result   retrieval.Result
	sources  []source
	versions map[string]int // of the passages that were read
}

// source is a passage found, with its document and rank.
type source struct {
	passage kb.Passage
	doc     kb.Document
	score   float64 // of the hit, in [0,1]
	units   []unit  // that begin in the passage, and blocks that begin there
	study   *study  // of the document, shared by its passages
}

// The bounds of one question's evidence.
const (
	maxHits     = 20
	maxDocs     = 10
	windowBytes = 8 << 10 // of a document around a passage that is split into units
)

// search finds evidence inside a scope.
func (g *Guide) search(ctx context.Context, text string, scope kb.Scope) (evidence, error) {
	res, err := g.searcher.Search(ctx, retrieval.Query{Text: text, Scope: scope, Limit: maxHits})
	if err != nil {
		return evidence{}, fmt.Errorf("search %q: %w", firstRunes(text, 20), err)
	}
	ids := make([]string, 0, len(res.Hits))
	scores := make(map[string]float64, len(res.Hits))
	for _, h := range res.Hits[:min(maxHits, len(res.Hits))] {
		ids = append(ids, h.PassageID)
		scores[h.PassageID] = h.Score
	}
	passages, err := g.knowledge.Passages(ctx, ids)
	if err != nil {
		return evidence{}, fmt.Errorf("words of %d passages: %w", len(ids), err)
	}
	ev := evidence{result: res, versions: map[string]int{}}
	docs, studies := map[string]kb.Document{}, map[string]*study{}
	for _, p := range passages {
		ev.versions[p.ID] = p.Version
		if !scope.Admits(p.Attributes) {
			continue // the index was behind the catalog
		}
		doc, ok, err := g.document(ctx, docs, scope.Tenant, p)
		if err != nil {
			return evidence{}, err
		}
		if ok {
			ev.sources = append(ev.sources, newSource(p, doc, scores[p.ID], studies))
		}
	}
	return ev, nil
}

// storyRunes is how much of a story makes it worth to search without it too.
const storyRunes = 8

// gather searches for a part of a question as it stands in its story, and again alone, so that a
// long story does not crowd out its matter.
func (g *Guide) gather(ctx context.Context, r reading, scope kb.Scope) (evidence, error) {
	ev, err := g.search(ctx, strings.TrimSpace(r.text+" "+written(r.chunks)), scope)
	if err != nil || utf8.RuneCountInString(r.text)-utf8.RuneCountInString(r.own) < storyRunes {
		return ev, err
	}
	more, err := g.search(ctx, r.own, scope)
	if err != nil {
		return ev, err
	}
	for _, s := range more.sources {
		if !slices.ContainsFunc(ev.sources, func(t source) bool { return t.passage.ID == s.passage.ID }) {
			ev.sources = append(ev.sources, s)
		}
	}
	maps.Copy(ev.versions, more.versions)
	ev.result.Answers = ev.result.Answers || more.result.Answers
	return ev, nil
}

// document returns the document of a passage, read once; false where it is one too many.
func (g *Guide) document(ctx context.Context, seen map[string]kb.Document, tenant string, p kb.Passage) (kb.Document, bool, error) {
	if d, ok := seen[p.DocID]; ok {
		return d, true, nil
	}
	if len(seen) == maxDocs {
		return kb.Document{}, false, nil
	}
	d, err := g.knowledge.Document(ctx, tenant, p.DocID, p.Version)
	if errors.Is(err, kb.ErrNotFound) {
		return kb.Document{}, false, nil // withdrawn since it was indexed
	}
	if err != nil {
		return kb.Document{}, false, fmt.Errorf("document %s: %w", p.DocID, err)
	}
	seen[p.DocID] = d
	return d, true, nil
}

func newSource(p kb.Passage, doc kb.Document, score float64, studies map[string]*study) source {
	if studies[doc.ID] == nil {
		studies[doc.ID] = newStudy()
	}
	s := source{passage: p, doc: doc, score: score, study: studies[doc.ID]}
	from, to := window(doc.Text, p)
	var above []string
	if from > 0 {
		above = p.Headings
	}
	all := s.study.split(doc.Text, from, to, above)
	end := p.Start + len(p.Text)
	for _, u := range all {
		if u.start >= p.Start && u.start < end {
			s.units = append(s.units, u)
		}
	}
	s.units = append(s.units, blocksOf(doc.Text, all, p.Start, end)...)
	return s
}

// window returns the part of a document around a passage that is split: whole lines, so that leads
// before the passage and entries behind it are seen.
func window(text string, p kb.Passage) (int, int) {
	start, end := min(p.Start, len(text)), min(p.Start+len(p.Text), len(text))
	from, to := max(0, start-windowBytes/2), min(len(text), end+windowBytes/2)
	if i := strings.LastIndexByte(text[:from], '\n'); from > 0 {
		from = i + 1
	}
	if i := strings.IndexByte(text[to:], '\n'); i >= 0 {
		to += i
	} else {
		to = len(text)
	}
	return from, to
}

// blocksOf returns the lists and tables that have a part in [start, end) as units of their own.
func blocksOf(text string, units []unit, start, end int) []unit {
	var blocks []unit
	for i := 0; i < len(units); i++ {
		if units[i].list == 0 {
			continue
		}
		j := i + 1
		for j < len(units) && units[j].list == units[i].list {
			j++
		}
		first, last := units[i], units[j-1]
		if j-i > 1 && last.start >= start && first.start < end {
			blocks = append(blocks, blockOf(text, units[i:j]))
		}
		i = j - 1
	}
	return blocks
}

func blockOf(text string, entries []unit) unit {
	first, last := entries[0], entries[len(entries)-1]
	b := unit{kind: block, start: first.start, above: first.above, lead: first.lead, list: first.list, para: first.para, size: len(entries)}
	b.text = text[first.start : last.start+len(last.text)]
	var said []string
	for _, e := range entries {
		said = append(said, e.said)
	}
	b.said = strings.Join(said, "\n")
	return b
}

// nearUnits is how far apart two units of a clause may be to be near each other. Clauses of rules are
// shorter; this is for prose in long paragraphs.
const nearUnits = 4

// near returns what stands beside a unit in its clause, in normal form.
func (s source) near(u unit) string {
	at := slices.IndexFunc(s.units, func(v unit) bool { return v.start == u.start && v.kind != block })
	var b strings.Builder
	for i, v := range s.units {
		if v.para == u.para && v.kind != block && (at < 0 || i-at <= nearUnits && at-i <= nearUnits) {
			b.WriteString(v.said)
			b.WriteByte('\n')
		}
	}
	return segment.Normal(b.String())
}

// top returns the score of the best passage.
func (e evidence) top() float64 {
	best := 0.0
	for i := range e.sources {
		best = max(best, e.sources[i].score)
	}
	return best
}

// text returns the words of all passages in normal form.
func (e evidence) text() string {
	var b strings.Builder
	for _, s := range e.sources {
		b.WriteString(segment.Normal(s.passage.IndexText()))
		b.WriteByte('\n')
	}
	return b.String()
}
