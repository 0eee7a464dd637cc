package guide

import (
	"context"
	"regexp"
	"strings"

	"xiaoyue/kb"
	"xiaoyue/kb/figures"
)

// A text that replaces or changes a rule may leave earlier cases under the old one (新老划断). The
// day of the asker's own event then decides, and both the clause that says so and the old rule are
// the answer.

// transitional recognises a clause that keeps earlier cases under the rule before.
var transitional = regexp.MustCompile(`前.{0,40}(?:仍按|仍然按|继续按|继续执行|按照原|按原|不追溯)`)

// oldCaseWords show that somebody asks about a case begun earlier.
var oldCaseWords = []string{"新标准", "老标准", "旧标准", "原标准", "新政策", "老政策", "新办法", "老办法", "已经签", "之前签", "以前签", "已经在领", "之前申请", "已经申请", "之前办"}

// leastStory is the share of the asker's story that a transitional clause must take up.
const leastStory = 0.25

// transition returns the transitional clause for a case that the asker tells, and the last day of
// the rule before it; false where the question tells none, or no clause speaks of it.
func (g *Guide) transition(ctx context.Context, q query, rd reading) (candidate, kb.Date, bool, error) {
	event := eventDay(q.question)
	if event.IsZero() && !containsAny(q.question, oldCaseWords...) {
		return candidate{}, kb.Date{}, false, nil
	}
	ev, err := g.search(ctx, q.question+" 前已经 仍按照原规定执行 施行前", q.scope)
	if err != nil {
		if isDown(err) {
			err = nil
		}
		return candidate{}, kb.Date{}, false, err
	}
	best, at := candidate{}, leastStory
	for i := range ev.sources {
		s := &ev.sources[i]
		title := g.newLayer(s.doc.Title, worthOwn)
		if focusIn(rd.chunks, title) < leastStrong {
			continue
		}
		for _, u := range s.units {
			if u.kind == block || !transitional.MatchString(u.said) {
				continue
			}
			if share := cover(equal(rd.chunks), []layer{g.newLayer(u.said, worthOwn)}).share; share > at {
				best, at = candidate{unit: u, source: s}, share
			}
		}
	}
	cut := cutDay(best)
	if best.source == nil || !event.IsZero() && !cut.IsZero() && !event.Before(cut) {
		return candidate{}, kb.Date{}, false, nil
	}
	return best, cut.Add(0, 0, -1), true, nil
}

// equal returns chunks without background: the story counts here as much as the question.
func equal(chunks []chunk) []chunk {
	all := blur(chunks)
	for i := range all {
		all[i].background = false
	}
	return all
}

// eventDay returns the first dated event that a question tells and that is not the day asked about.
func eventDay(question string) kb.Date {
	for _, f := range figures.Find(question) {
		if f.Kind != figures.Date || strings.HasPrefix(f.Value, "-") {
			continue
		}
		if days := daysOf(f.Value, 0, kb.Date{}); len(days) > 0 {
			return days[0]
		}
	}
	return kb.Date{}
}

// cutDay is the day before which a transitional clause keeps the old rule: the date in it, else the
// first day of its text.
func cutDay(c candidate) kb.Date {
	if c.source == nil {
		return kb.Date{}
	}
	for _, f := range figures.Find(c.unit.said) {
		if d, err := kb.ParseDate(f.Value); f.Kind == figures.Date && err == nil {
			return d
		}
	}
	return c.source.doc.Validity.From
}

// speakTransition says the transitional clause and what the rule before it holds; false where the
// question is not about such a case.
func (g *Guide) speakTransition(ctx context.Context, q query, p part, r *reply) (bool, error) {
	clause, last, ok, err := g.transition(ctx, q, p.reading)
	if err != nil || !ok {
		return false, err
	}
	r.say(mark(clause.words(), r.cite(clause.source, clause.unit, q.scope.AsOf)))
	r.judge(kb.VerdictVerbatim)
	if last.IsZero() {
		return true, nil
	}
	old, _, err := g.find(ctx, p.reading, q.on(last).scope)
	if isDown(err) {
		return true, nil
	}
	for _, f := range old {
		g.speakFinding(q, f, r)
	}
	return true, err
}
