package guide

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// speak says what a plan holds.
func (g *Guide) speak(ctx context.Context, q query, p plan, r *reply) (kb.Outcome, error) {
	if p.down {
		r.degrade(kb.PartIndex)
		r.answer.Mode = kb.ModeCards
	}
	for i := range p.parts {
		if len(p.parts[i].choices) > 0 && g.askItem(&p.parts[i], q, r) {
			return kb.NeedsClarification, nil
		}
	}
	for _, empty := range []bool{false, true} { // what is not known comes last
		for i := range p.parts {
			one := &p.parts[i]
			if one.empty() != empty || one.declined {
				continue
			}
			if err := g.speakPart(ctx, q, one, p.down, r); err != nil {
				return "", err
			}
		}
	}
	return g.outcomeOf(p), nil
}

// outcomeOf is answered where a rule or a stated field of an item was shown.
func (g *Guide) outcomeOf(p plan) kb.Outcome {
	for _, one := range p.parts {
		if len(one.findings) > 0 {
			return kb.Answered
		}
		if one.item != nil {
			if _, stated := itemText(*one.item, one.fields); stated > 0 {
				return kb.Answered
			}
		}
	}
	return kb.NoEvidence
}

func (g *Guide) speakPart(ctx context.Context, q query, p *part, down bool, r *reply) error {
	if len(p.findings) > 0 {
		done, err := g.speakTransition(ctx, q, *p, r)
		if done || err != nil {
			return err
		}
	}
	if g.chat != nil && len(p.findings) > 0 {
		if err := g.write(ctx, q, p, r); err != nil {
			return err
		}
	} else {
		for _, f := range p.findings {
			g.speakFinding(q, f, r)
		}
	}
	if len(p.findings) > 0 {
		if err := g.remarks(ctx, q, *p, r); err != nil {
			return err
		}
	}
	if p.item != nil {
		g.speakItem(*p.item, p.fields, q, r)
	}
	return g.speakEmpty(ctx, q, *p, down, r)
}

// speakEmpty says that a part has no answer, unless the model finds one.
func (g *Guide) speakEmpty(ctx context.Context, q query, p part, down bool, r *reply) error {
	switch {
	case !p.empty():
		return nil
	case down:
		r.say(wordsUnavailable + wordsHotline)
		return nil
	case g.saysAlready(p.reading, r):
		return nil
	case p.declined:
		r.say(wordsNoEvidence)
		r.say(wordsHotline)
		return nil
	}
	done, err := g.venture(ctx, q, p.reading, r)
	if !done && err == nil {
		r.say("关于“" + p.reading.own + "”：" + wordsNoEvidence)
	}
	return err
}

// saysAlready reports whether the sentences said for other parts account for a part as well.
func (g *Guide) saysAlready(rd reading, r *reply) bool {
	cov := cover(rd.chunks, []layer{g.newLayer(r.text.String(), worthOwn)})
	return r.text.Len() > 0 && cov.gap < 2 && cov.share >= leastCover
}

// speakFinding says what the rules of one region hold, the region named first.
func (g *Guide) speakFinding(q query, f finding, r *reply) {
	first := true
	for _, c := range f.picks {
		if r.hasCited(c.source, c.unit) {
			continue
		}
		words := c.words()
		if first && f.region != "" {
			words = g.regionName(f.region) + "：" + words
		}
		first = false
		r.say(mark(words, r.cite(c.source, c.unit, q.scope.AsOf)))
		r.judge(kb.VerdictVerbatim)
	}
}

func (g *Guide) regionName(code string) string {
	if region, ok := g.regions.Lookup(code); ok {
		return region.Name
	}
	return code
}

// speakItem says the fields of an item and shows its card.
func (g *Guide) speakItem(item kb.ServiceItem, wanted []field, q query, r *reply) {
	if q.region.Kind == kb.RegionDistrict || q.region.Kind == kb.RegionTown || q.region.Kind == kb.RegionZone {
		item.Windows = windowsFor(item.Windows, q.scope.Regions)
	}
	text, _ := itemText(item, wanted)
	r.say(fmt.Sprintf("事项：%s（%s，%s）", item.Name, g.regionName(item.Region), item.Department))
	r.say(text)
	var names []string
	for _, f := range wanted {
		for _, n := range f.names {
			if !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
	}
	r.card(item, names)
}

// maxOptions bounds the items that are offered for a choice.
const maxOptions = 5

func stampText(s retrieval.Stamp) string {
	if s == (retrieval.Stamp{}) {
		return ""
	}
	b, err := json.Marshal(s)
	if err != nil {
		return ""
	}
	return string(b)
}
