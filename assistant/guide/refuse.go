package guide

import (
	"context"
	"fmt"
	"slices"

	"xiaoyue/kb"
)

// refuse says why there is no answer, and how to go on.
func (g *Guide) refuse(ctx context.Context, q query, r *reply) (kb.Outcome, error) {
	rd := q.readings[0].in(q)
	scope := q.scope
	scope.AsOf = kb.Date{}
	found, ev, err := g.find(ctx, rd, scope)
	if isDown(err) {
		r.degrade(kb.PartIndex)
		r.answer.Mode = kb.ModeCards
		r.say(wordsUnavailable + wordsHotline)
		return kb.Unavailable, nil
	}
	if err != nil {
		return "", err
	}
	g.account(ev, r)
	if q.region.Kind == kb.RegionCity && q.where.unknown == "" {
		districts, err := g.districtsWith(ctx, q, rd)
		if err != nil {
			return "", err
		}
		if len(districts) > 0 {
			return g.askDistrict(ctx, q, districts, r)
		}
	}
	switch {
	case q.where.unknown != "":
		r.say(fmt.Sprintf("没有收录%s的政策和办事事项，查不到依据。请向当地咨询，或拨打当地的12345政务服务便民热线。", q.where.unknown))
		return kb.NoEvidence, nil
	case isAny(topics, q.question):
		r.say(wordsForeign)
		return kb.OutOfScope, nil
	case isAny(disputes, q.question):
		r.say(wordsDispute)
		return kb.HandedOver, nil
	}
	if len(found) == 0 {
		if done, err := g.venture(ctx, q, rd, r); done || err != nil {
			return kb.Answered, err
		}
	}
	r.say(wordsNoEvidence)
	r.say(wordsHotline)
	for _, d := range citedDocs(found) {
		r.note(endedNote(d, q.scope.AsOf))
	}
	return kb.NoEvidence, nil
}

// districtsWith returns the districts that have an item or rule of their own on a matter on which the
// region asked about has none.
func (g *Guide) districtsWith(ctx context.Context, q query, rd reading) ([]string, error) {
	codes, err := g.districtItems(ctx, q, rd)
	if err != nil || len(codes) > 0 {
		return codes, err
	}
	found, err := g.inDistricts(ctx, q, rd)
	for _, f := range found {
		if !slices.Contains(codes, f.region) {
			codes = append(codes, f.region)
		}
	}
	return codes, err
}

// endedNote says how a text that would have answered stands on the day asked about.
func endedNote(d kb.Document, day kb.Date) string {
	v := d.Validity
	switch v.On(day) {
	case kb.StatusNotYet:
		return fmt.Sprintf("%s自%s起施行，在%s还没有施行。", named(d), v.From.Chinese(), day.Chinese())
	case kb.StatusExpired:
		return fmt.Sprintf("%s的有效期到%s为止，在%s已不再执行。", named(d), v.Until.Chinese(), day.Chinese())
	case kb.StatusRepealed, kb.StatusSuperseded:
		return fmt.Sprintf("%s执行到%s，此后已废止。", named(d), v.Until.Chinese())
	case kb.StatusSuspended:
		return fmt.Sprintf("%s自%s起暂停执行。", named(d), v.Until.Add(0, 0, 1).Chinese())
	}
	return ""
}
