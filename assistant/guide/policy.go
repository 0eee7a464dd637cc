package guide

import (
	"cmp"
	"context"
	"math"
	"regexp"
	"slices"
	"strings"

	"xiaoyue/kb"
	"xiaoyue/kb/figures"
)

// finding is what the rules of one region say to a question.
type finding struct {
	region string // code; empty: holds everywhere
	picks  []candidate
}

// find chooses, for every region of the scope, the units that answer a question, nearest region first.
func (g *Guide) find(ctx context.Context, r reading, scope kb.Scope) ([]finding, evidence, error) {
	ev, err := g.gather(ctx, r, scope)
	if err != nil {
		return nil, ev, err
	}
	return g.chooseByRegion(r, ev, scope), ev, nil
}

func (g *Guide) chooseByRegion(r reading, ev evidence, scope kb.Scope) []finding {
	wants := r.asks
	if len(wants) == 0 {
		wants = []ask{askYesNo}
	}
	byRegion := map[string]*finding{}
	for _, want := range wants {
		cands := g.candidates(r, want, ev)
		g.judge(r, want, cands, ev)
		for _, region := range regionsOf(cands) {
			f := byRegion[region]
			if f == nil {
				f = &finding{region: region}
				byRegion[region] = f
			}
			f.add(pick(r, want, inRegion(cands, region)))
		}
	}
	var found []finding
	for _, f := range byRegion {
		if len(f.picks) > 0 {
			found = append(found, *f)
		}
	}
	slices.SortFunc(found, func(a, b finding) int {
		return cmp.Or(cmp.Compare(nearness(scope, a.region), nearness(scope, b.region)), cmp.Compare(a.region, b.region))
	})
	if r.region != "" && containsAny(r.own, ownRuleWords...) {
		found = slices.DeleteFunc(found, func(f finding) bool { return f.region != r.region })
	}
	return sameMatters(found)
}

// ownRuleWords ask for what a place gives beside the rule above it.
var ownRuleWords = []string{"另外", "额外", "加发", "另给", "区级", "自己另"}

// The least by which the rule of another region must be about the same matter as the best one.
const (
	lessShare  = 0.12
	lessStrong = 0.2
)

// sameMatters drops the rules of regions that fit the question clearly less than the best: they are
// about something else that happens to share its words.
func sameMatters(found []finding) []finding {
	var share, strong float64
	for _, f := range found {
		share, strong = max(share, f.picks[0].cov.share), max(strong, f.picks[0].cov.strong)
	}
	return slices.DeleteFunc(found, func(f finding) bool {
		c := f.picks[0].cov
		return c.share < share-lessShare || c.strong < strong-lessStrong
	})
}

func nearness(scope kb.Scope, region string) int {
	if i := slices.Index(scope.Regions, region); i >= 0 {
		return i
	}
	return len(scope.Regions)
}

func regionsOf(cands []candidate) []string {
	var codes []string
	for _, c := range cands {
		if !slices.Contains(codes, c.source.doc.Region) {
			codes = append(codes, c.source.doc.Region)
		}
	}
	return codes
}

func inRegion(cands []candidate, region string) []candidate {
	var found []candidate
	for _, c := range cands {
		if c.source.doc.Region == region {
			found = append(found, c)
		}
	}
	return found
}

func (f *finding) add(picks []candidate) {
	for _, p := range picks {
		if !slices.ContainsFunc(f.picks, func(q candidate) bool { return q.unit.start == p.unit.start && q.source.doc.ID == p.source.doc.ID }) {
			f.picks = append(f.picks, p)
		}
	}
}

// alike is the difference in score below which the newer of two texts is preferred.
const alike = 0.12

// pick chooses from the candidates of one region: the best unit, in its list where the question
// does not choose among its entries.
func pick(r reading, want ask, cands []candidate) []candidate {
	usable := slices.DeleteFunc(slices.Clone(cands), func(c candidate) bool {
		return c.unit.kind == block || isLead(c.unit.text) && !tells(want, c.unit) || !c.answers || orders(c.unit.said)
	})
	if len(usable) == 0 {
		return nil
	}
	best := newest(usable, r.margin())
	if b, ok := whole(want, best, usable, cands); ok {
		return []candidate{b}
	}
	if kindsOf[want] == nil {
		return []candidate{best}
	}
	return withTies(best, usable)
}

// The most sentences that are shown where a question fits several clauses of a text alike, and how
// little they may differ.
const (
	maxTies  = 3
	tieScore = 0.03
)

// withTies returns the best candidate with those of the same document that fit just as well.
func withTies(best candidate, usable []candidate) []candidate {
	picks := []candidate{best}
	for _, c := range usable {
		same := c.unit.start == best.unit.start
		if !same && len(picks) < maxTies && c.source.doc.ID == best.source.doc.ID && c.unit.kind == best.unit.kind && c.unit.list == 0 && math.Abs(best.score-c.score) < tieScore {
			picks = append(picks, c)
		}
	}
	return picks
}

// tells reports whether a lead itself holds what is asked for: 应当在每年3月提交下列材料.
func tells(want ask, u unit) bool {
	return want == askPayout || slices.ContainsFunc(kindsOf[want], func(k figures.Kind) bool { return holds(u.said, k) })
}

// alikeStill is alike in questions whether something is still so.
const alikeStill = 0.25

// margin is how much better an older text must fit to be preferred.
func (r reading) margin() float64 {
	if strings.Contains(r.text, "还") && r.wants(askYesNo, askValidity) {
		return alikeStill
	}
	return alike
}

// newest returns, among the candidates about as good as the first, the one of the youngest text.
func newest(cands []candidate, margin float64) candidate {
	best := cands[0]
	for _, c := range cands[1:] {
		if cands[0].score-c.score > margin {
			break
		}
		if c.source.doc.ID != best.source.doc.ID && !isExplanation(c.source.doc) && c.source.doc.Validity.From.After(best.source.doc.Validity.From) && c.fit >= best.fit {
			best = c
		}
	}
	return best
}

// listAsks want all entries of a list.
var listAsks = []ask{askMaterials, askConditions, askSteps}

// whole returns the list of an entry where all of it is the answer: the question wants a list, or
// does not choose among the entries.
func whole(want ask, best candidate, usable, all []candidate) (candidate, bool) {
	u := best.unit
	if u.list == 0 {
		return candidate{}, false
	}
	i := slices.IndexFunc(all, func(c candidate) bool {
		return c.unit.kind == block && c.unit.list == u.list && c.source.doc.ID == best.source.doc.ID && c.source.passage.ID == best.source.passage.ID
	})
	if i < 0 {
		return candidate{}, false
	}
	if orders(all[i].unit.said) {
		return candidate{}, false
	}
	if slices.Contains(listAsks, want) && u.kind == entry {
		return all[i], true
	}
	for _, c := range usable {
		rival := c.unit.list == u.list && c.unit.start != u.start && c.source.passage.ID == best.source.passage.ID
		if rival && best.score-c.score < 0.02 {
			return all[i], true
		}
	}
	return candidate{}, false
}

var clauseNumber = regexp.MustCompile(`^(第[一二三四五六七八九十百零〇0-9]+条|[一二三四五六七八九十]{1,3}、)[\s　]*`)

// words returns what is said of a candidate: its lead and its own words.
func (c candidate) words() string {
	u := c.unit
	lead := ""
	if u.lead != "" && !isQuestionLine(u.lead) && u.kind != row {
		lead = clauseNumber.ReplaceAllString(oneLine(u.lead), "")
	}
	switch {
	case u.kind == block:
		return lead + "\n" + u.said
	case u.kind == sentence:
		return clauseNumber.ReplaceAllString(u.said, "")
	}
	return lead + u.said
}
