package guide

import (
	"context"
	"regexp"
	"slices"

	"xiaoyue/kb"
)

// plan is what an answer will rest on, part by part of the question.
type plan struct {
	parts []part
	down  bool // the index is gone; only the catalog answered
}

// part is the evidence for one sentence of a question.
type part struct {
	reading  reading
	item     *kb.ServiceItem
	fields   []field
	choices  []itemMatch // items that fit alike
	findings []finding
	evidence evidence // what the search found, for a model
	declined bool     // a model found nothing in it that answers
}

func (p part) empty() bool { return p.item == nil && len(p.choices) == 0 && len(p.findings) == 0 }

func (p plan) empty() bool {
	return !slices.ContainsFunc(p.parts, func(p part) bool { return !p.empty() })
}

// itemAsks are answered from an item's record first, ruleAsks from the text of rules first.
var (
	itemAsks = []ask{askMaterials, askPlace, askHours, askPhone, askComplaint, askFee, askOnline, askVisits, askHandling, askReach, askResult, askSteps}
	ruleAsks = []ask{askAmount, askFigure, askRatio, askAge, askCount, askDate, askValidity, askChange, askYesNo}
	// handlingWords make a time limit that of handling, benefitWords that of a benefit.
	benefitWords = []string{"领几", "领多", "能领", "享受", "发放", "发几", "补几", "补多", "给多久", "累计", "缴", "有效", "租期", "最长", "最多", "公示"}
	// feeWords make an amount a fee, unless it is one that is paid for a benefit or to the asker.
	feeWords      = []string{"交多少", "要多少钱", "花多少", "收多少"}
	payWords      = []string{"补贴", "补助", "津贴", "保险", "贷款", "奖励", "领", "发", "拿", "给", "补多"}
	handlingWords = []string{"拿到", "办好", "办完", "办结", "办下来", "办理时限", "办结时限", "时限", "办理", "出证", "拿到证", "审批", "审核", "能办", "办一", "下证", "出结果", "有结果", "受理"}
)

// plan gathers the evidence for a question on one day in one region.
func (g *Guide) plan(ctx context.Context, q query, r *reply) (plan, error) {
	var p plan
	for _, rd := range q.readings {
		rd = rd.in(q)
		one, down, err := g.planPart(ctx, q, rd, r)
		if err == nil && one.empty() && rd.inherited != nil {
			one, down, err = g.planPart(ctx, q, rd.inherited.in(q), r)
		}
		if err != nil {
			return plan{}, err
		}
		p.down = p.down || down
		if one.empty() {
			one.borrow(p.parts, rd)
		}
		p.add(one)
	}
	return p, nil
}

// plainAsks can be answered for an item that an earlier part of the turn named.
var plainAsks = []ask{askPlace, askHours, askPhone, askComplaint, askOnline, askMaterials, askSteps, askHandling, askVisits}

// borrow answers a part that names nothing of its own from the item of the part before it.
func (p *part) borrow(before []part, rd reading) {
	if len(before) == 0 || before[len(before)-1].item == nil || rd.wants(ruleAsks...) {
		return
	}
	asks := slices.DeleteFunc(slices.Clone(rd.asks), func(a ask) bool { return !slices.Contains(plainAsks, a) })
	if len(asks) > 0 {
		p.item, p.fields = before[len(before)-1].item, fieldsFor(asks, rd.text)
	}
}

// add appends a part; one that only wants more fields of the item before it is joined to it.
func (p *plan) add(one part) {
	if n := len(p.parts); n > 0 && one.item != nil && len(one.findings) == 0 {
		last := &p.parts[n-1]
		if last.item != nil && last.item.Code == one.item.Code {
			last.fields = append(last.fields, one.fields...)
			return
		}
	}
	p.parts = append(p.parts, one)
}

// in returns a reading with the place and year of a query.
func (r reading) in(q query) reading {
	r.region, r.place, r.year = q.region.Code, q.where.unknown, q.when.year
	return r
}

func (g *Guide) planPart(ctx context.Context, q query, rd reading, r *reply) (part, bool, error) {
	p := part{reading: rd}
	found, err := g.matchItems(ctx, rd, q.scope)
	if err != nil {
		return p, false, err
	}
	if len(found) > 0 && !g.accounts(found[0].item, rd) {
		found = nil
	}
	wanted := fieldsFor(itemAsksOf(rd, len(found) > 0 && found[0].certain()), rd.text)
	if len(found) > 0 && len(wanted) > 0 {
		p.take(found, wanted)
	}
	if len(p.choices) > 0 || p.settles(rd) {
		return p, false, nil
	}
	down, err := g.addFindings(ctx, q, &p, r)
	if err != nil {
		return p, down, err
	}
	if p.empty() && len(found) > 0 && !rd.wants(ruleAsks...) && !(rd.wants(askDuration) && rd.aboutBenefit()) {
		p.take(found, fieldsFor(rd.asks, rd.text))
	}
	return p, down, nil
}

// settles reports whether the item answers all that a part asks.
func (p part) settles(rd reading) bool {
	isFee := func(f field) bool { return f.names[0] == "fee" }
	return p.item != nil && (!rd.wants(ruleAsks...) || slices.ContainsFunc(p.fields, isFee))
}

// take answers from the best item, or asks which of those that fit alike is meant.
func (p *part) take(found []itemMatch, wanted []field) {
	if len(wanted) == 0 {
		if !found[0].exact {
			return
		}
		wanted = fieldsFor(overview, "")
	}
	if !standsAlone(found) {
		p.choices, p.fields = found, wanted
		return
	}
	item := found[0].item
	p.item, p.fields = &item, wanted
}

// waiting is a time that must have passed before, or between: 住满多久才能办, 多久签一次.
var waiting = regexp.MustCompile(`(?:满|住|交|缴|工作)(?:满|够|了)?(?:多久|多长|几个月|几年)|(?:多久|几年|多长时间)[^，。]{0,4}(?:一次|才能)`)

// deadline reports whether a time is one to act in, and not one that handling takes.
func (r reading) deadline() bool {
	return waiting.MatchString(r.own) || containsAny(r.text, "之内", "多久内", "天内", "时间内", "日内", "内可以", "内申请", "内提", "内要", "月内")
}

// aboutBenefit reports whether a time is that of a benefit or a deadline, not of handling.
func (r reading) aboutBenefit() bool { return r.ofBenefit() || r.deadline() }

// applying are parts of the names of items that hold a word of benefits.
var applying = []string{"申领", "补领", "换领"}

// ofBenefit reports whether a time is one of a benefit and not of handling. 申领 is part of the names
// of items: 申领多久办好 asks for handling.
func (r reading) ofBenefit() bool {
	return containsAny(without(r.text, applying), benefitWords...)
}

// itemAsksOf returns the asks of a reading that an item's record answers first.
func itemAsksOf(rd reading, exact bool) []ask {
	var asks []ask
	for _, a := range rd.asks {
		handling := a == askDuration && (containsAny(rd.text, handlingWords...) || exact) && !rd.aboutBenefit()
		named := exact && (a == askConditions || a == askOffice || a == askBasis)
		switch {
		case slices.Contains(itemAsks, a) || handling || named:
			asks = append(asks, a)
		case a == askAmount && exact && containsAny(rd.text, feeWords...) && !containsAny(without(rd.text, applying), payWords...):
			asks = append(asks, askFee)
		}
	}
	return asks
}

// addFindings searches the rules for what the item does not answer.
func (g *Guide) addFindings(ctx context.Context, q query, p *part, r *reply) (down bool, err error) {
	rd := p.reading
	if p.item != nil {
		rd.asks = slices.DeleteFunc(slices.Clone(rd.asks), func(a ask) bool { return !slices.Contains(ruleAsks, a) })
	}
	found, ev, err := g.find(ctx, rd, q.scope)
	if isDown(err) {
		g.logger.Warn("index is down", "err", err)
		return true, nil
	}
	if err != nil {
		return false, err
	}
	p.findings, p.evidence = found, ev
	g.account(ev, r)
	return false, nil
}

// account keeps what was considered, for the record.
func (g *Guide) account(ev evidence, r *reply) {
	res := ev.result
	r.degrade(res.Degraded...)
	if res.Mode != "" {
		r.answer.Mode = res.Mode
	}
	r.record.Score = max(r.record.Score, res.Answerable)
	r.record.Stamp = stampText(res.Stamp)
	for _, h := range res.Hits {
		r.record.Evidence = append(r.record.Evidence, kb.EvidenceScore{PassageID: h.PassageID, Version: ev.versions[h.PassageID], Score: h.Score, Lexical: h.Lexical, Dense: h.Dense})
	}
}
