package guide

import (
	"context"
	"fmt"
	"strings"

	"xiaoyue/kb"
	"xiaoyue/kb/figures"
)

// standing answers whether a text is still in force, from its dates and the words they rest on. It
// looks at texts of any date: one that has ended is the answer here, said to have ended.
func (g *Guide) standing(ctx context.Context, q query, rd reading, r *reply) (bool, error) {
	scope := q.scope
	scope.AsOf = kb.Date{}
	ev, err := g.search(ctx, rd.text, scope)
	if isDown(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	g.account(ev, r)
	chunks := withKnown(rd.chunks, ev.text())
	for i := range ev.sources {
		s := &ev.sources[i]
		cov := cover(chunks, []layer{g.newLayer(s.doc.Title+s.doc.Number, worthOwn), g.newLayer(firstRunes(s.doc.Text, 300), worthTitle)})
		if isAct(s.doc) || len(chunks) == 0 || cov.gap >= 2 || cov.share < leastCover {
			continue
		}
		g.speakStanding(q, s, r)
		return true, g.historyOf(ctx, q, part{reading: rd}, s.doc, r)
	}
	return false, nil
}

// isAct recognises texts whose matter is another text's standing.
func isAct(d kb.Document) bool {
	return isExplanation(d) || containsAny(d.Title, "延长", "修改", "暂停", "废止", "清理", "失效")
}

func (g *Guide) speakStanding(q query, s *source, r *reply) {
	v, day := s.doc.Validity, q.scope.AsOf
	words := named(s.doc)
	if !v.From.IsZero() {
		words += "自" + v.From.Chinese() + "起施行"
	}
	if !v.Until.IsZero() {
		words += "，执行到" + v.Until.Chinese()
	}
	switch v.On(day) {
	case kb.StatusInForce:
		words += fmt.Sprintf("，在%s有效", day.Chinese())
	case kb.StatusNotYet:
		words += fmt.Sprintf("，在%s还没有施行", day.Chinese())
	default:
		words += fmt.Sprintf("，在%s已不再执行", day.Chinese())
	}
	u := basisOf(s)
	r.say(mark(words, r.cite(s, u, day)))
	r.judge(kb.VerdictVerbatim)
}

// basisOf returns the unit of a source that states its dates, else its first.
func basisOf(s *source) unit {
	best := s.units[0]
	for _, u := range s.units {
		if u.kind != block && containsAny(u.said, "施行", "有效期", "执行") && holds(u.said, figures.Date) {
			best = u
		}
	}
	if strings.TrimSpace(best.text) == "" {
		best.text = s.passage.Text
	}
	return best
}
