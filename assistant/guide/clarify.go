package guide

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"xiaoyue/kb"
)

// doubt is what is asked back where several things fit a question alike.
type doubt string

// The kinds of questions that are asked back.
const (
	doubtItem  doubt = "item"
	doubtPlace doubt = "place"
	doubtDay   doubt = "day"
)

// The first lines by which a question that was asked back is known again in the history.
var askedWords = []struct {
	kind  doubt
	words string
}{
	{doubtItem, "您要办的是下面哪一项？"},
	{doubtPlace, "请问您问的是哪个地方？"},
	{doubtDay, "这段时间里规定变过，请问您问的是哪一天？"},
}

func wordsAsked(kind doubt) string {
	for _, a := range askedWords {
		if a.kind == kind {
			return a.words
		}
	}
	return ""
}

// offer is one way to answer a question that is asked back.
type offer struct {
	label  string
	remark string // shown behind the label
	value  string // the question that it leads to
}

// askBack asks which of several offers is meant.
func (r *reply) askBack(kind doubt, lead string, offers []offer) kb.Outcome {
	r.say(lead + wordsAsked(kind))
	for n, o := range offers[:min(maxOptions, len(offers))] {
		remark := ""
		if o.remark != "" {
			remark = "（" + o.remark + "）"
		}
		r.say(fmt.Sprintf("%d. %s%s", n+1, o.label, remark))
		r.option(o.label, o.value)
	}
	return kb.NeedsClarification
}

// askPlace asks which place is meant where several fit alike and the answer depends on it. It leaves
// the first in the query where that was asked before, or where all have the same answer.
func (g *Guide) askPlace(ctx context.Context, q *query, r *reply) (bool, error) {
	var offers []offer
	if len(q.where.alike) > 1 {
		q.where.regions = q.where.alike
	}
	if len(q.where.alike) < 2 && !q.where.told {
		return false, nil
	}
	same, err := g.sameIn(ctx, *q)
	if err != nil {
		return false, err
	}
	switch {
	case same:
		q.where.regions = q.where.regions[:1]
		return false, nil
	case len(q.where.alike) > 1:
		for _, region := range q.where.alike {
			name := g.regionName(region.Parent) + region.Name
			offers = append(offers, offer{label: name, value: g.replacePlaces(q.question, name)})
		}
	case q.where.told:
		for _, region := range q.where.regions {
			offers = append(offers, offer{label: region.Name, value: g.replacePlaces(q.question, region.Name)})
		}
	}
	if q.settled == doubtPlace {
		q.where.regions = q.where.regions[:1]
		r.note(fmt.Sprintf("您没有说明是哪个地方，以下按%s查询。", offers[0].label))
		return false, nil
	}
	r.askBack(doubtPlace, "", offers)
	return true, nil
}

// sameIn reports whether a question has the same answer in all of its places.
func (g *Guide) sameIn(ctx context.Context, q query) (bool, error) {
	first := ""
	for n, region := range q.where.regions {
		here, err := g.in(q, region)
		if err != nil {
			return false, err
		}
		p, err := g.plan(ctx, here, newReply(nil))
		if err != nil {
			return false, err
		}
		if n == 0 {
			first = p.gist(here)
		}
		if p.gist(here) != first {
			return false, nil
		}
	}
	return true, nil
}

// gist returns what a plan would say, to compare it with another.
func (p plan) gist(q query) string {
	var b strings.Builder
	for _, one := range p.parts {
		for _, f := range one.findings {
			for _, c := range f.picks {
				b.WriteString(c.unit.said + "\n")
			}
		}
		if one.item != nil {
			fmt.Fprintln(&b, one.item.Code, windowsFor(one.item.Windows, q.scope.Regions))
		}
		for _, c := range one.choices {
			fmt.Fprintln(&b, c.item.Code)
		}
	}
	return b.String()
}

// askDay asks for the day where a question names only a past year or month in which the rule changed.
func (g *Guide) askDay(ctx context.Context, q query, r *reply) (bool, error) {
	if !q.when.explicit || len(q.when.days) < 2 || !q.when.days[0].Before(q.today) {
		return false, nil
	}
	var offers []offer
	var gists []string
	for _, day := range q.when.days {
		p, err := g.plan(ctx, q.on(day), newReply(nil))
		if err != nil || p.down {
			return false, err
		}
		gist := p.gist(q.on(day))
		if gist == "" || slices.Contains(gists, gist) {
			continue
		}
		gists = append(gists, gist)
		offers = append(offers, offer{label: day.Chinese(), remark: p.title(), value: replaceTimes(q.question, day.Chinese())})
	}
	if len(offers) < 2 {
		return false, nil
	}
	if q.settled == doubtDay {
		r.note(fmt.Sprintf("这一年里规定变过，您没有说明是哪一天，以下按%s查询。", offers[0].label))
		return false, nil
	}
	slices.Reverse(offers)
	r.askBack(doubtDay, "", offers)
	return true, nil
}

// title names the text that a plan rests on first, where it can stand in brackets.
func (p plan) title() string {
	for _, one := range p.parts {
		if len(one.findings) > 0 {
			title := one.findings[0].picks[0].source.doc.Title
			if !strings.ContainsAny(title, "（）") {
				return title
			}
		}
	}
	return ""
}

// atWindow are asked of the place where an item is handled; no rule of the city stands for it.
var atWindow = []ask{askPlace, askPhone, askHours, askComplaint}

// windowsOf returns the districts that handle what a question asks the window of, where the city has
// no such item itself.
func (g *Guide) windowsOf(ctx context.Context, q query, p plan) ([]string, error) {
	rd := q.readings[0].in(q)
	if q.region.Kind != kb.RegionCity || !rd.wants(atWindow...) || slices.ContainsFunc(p.parts, part.hasItem) {
		return nil, nil
	}
	return g.districtItems(ctx, q, rd)
}

func (p part) hasItem() bool { return p.item != nil || len(p.choices) > 0 }

// districtItems returns the districts of the region asked about that have an item of their own.
func (g *Guide) districtItems(ctx context.Context, q query, rd reading) ([]string, error) {
	scope := q.scope
	scope.Regions = nil
	for _, c := range g.regions.Children(q.region.Code) {
		scope.Regions = append(scope.Regions, c.Code)
	}
	if len(scope.Regions) == 0 {
		return nil, nil
	}
	items, err := g.matchAll(ctx, rd, scope)
	var codes []string
	for _, m := range items {
		if m.certain() && rd.wants(itemAsks...) && g.accounts(m.item, rd) && !slices.Contains(codes, m.item.Region) {
			codes = append(codes, m.item.Region)
		}
	}
	return codes, err
}

// maxDistricts bounds the districts of which the rules are told one after the other.
const maxDistricts = 3

// askDistrict asks for the district where only districts have rules on the matter. Where that was
// asked before, it tells those of each.
func (g *Guide) askDistrict(ctx context.Context, q query, codes []string, r *reply) (kb.Outcome, error) {
	var offers []offer
	var names []string
	for _, code := range codes {
		name := g.regionName(code)
		names = append(names, name)
		offers = append(offers, offer{label: name, value: name + q.question})
	}
	if q.settled != doubtPlace {
		return r.askBack(doubtPlace, fmt.Sprintf("%s没有查到统一的规定或事项，%s有自己的。", q.region.Name, strings.Join(names, "、")), offers), nil
	}
	r.note(fmt.Sprintf("%s没有统一的规定或事项，您没有说明在哪个区，以下分别列出%s的。", q.region.Name, strings.Join(names[:min(maxDistricts, len(names))], "、")))
	outcome := kb.NoEvidence
	for _, code := range codes[:min(maxDistricts, len(codes))] {
		region, _ := g.regions.Lookup(code)
		here, err := g.in(q, region)
		if err != nil {
			return "", err
		}
		one, err := g.respondAt(ctx, here, r)
		if err != nil {
			return "", err
		}
		if one == kb.Answered {
			outcome = one
		}
	}
	return outcome, nil
}

// askItem asks which of the items that fit alike is meant. Where that was asked before, it takes the
// best and says so.
func (g *Guide) askItem(p *part, q query, r *reply) bool {
	best := p.choices[0]
	if q.settled == doubtItem {
		p.item, p.choices = &best.item, nil
		r.note(fmt.Sprintf("您没有说明是哪一项，以下按“%s”回答。", best.item.Name))
		return false
	}
	var offers []offer
	for _, m := range p.choices {
		if best.score-m.score > alikeItems {
			break
		}
		offers = append(offers, offer{m.item.Name, m.item.Department, g.itemQuestion(m.item.Name, q.question)})
	}
	r.askBack(doubtItem, "", offers)
	return true
}

// askWhat asks what words stand for that nothing before explains.
func askWhat(words string, r *reply) kb.Outcome {
	if _, rejected := corrected(words); rejected {
		r.say("抱歉，我可能理解错了。请告诉我您要问的事项或者政策的名称，以及在哪个地方、什么身份。")
		return kb.NeedsClarification
	}
	r.say(fmt.Sprintf("请问“%s”说的是哪件事？请把事项或者政策的名称告诉我，例如“居住证办理要什么材料”。", strings.TrimRight(words, "？?。！! ")))
	return kb.NeedsClarification
}

// wordsPerson offers a person where questions keep finding nothing.
const wordsPerson = "连续两次没有查到依据，这件事可能没有收录，需要工作人员为您解答。"

// offerPerson offers the way to a person behind a second question without evidence.
func offerPerson(r *reply) {
	r.note(wordsPerson + wordsHotline)
	r.option("找工作人员", "转人工")
}
