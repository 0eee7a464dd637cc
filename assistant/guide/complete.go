package guide

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"xiaoyue/assistant/traits"
	"xiaoyue/kb"
)

// completion is a question that can be understood without the conversation before it.
type completion struct {
	question string
	instead  string // to be taken where the first finds no evidence; "" for nothing
	alone    bool   // the question stands by itself: the matter has changed, or is the first
	unclear  string // words that point at something nobody named; the question cannot be answered
	settled  doubt  // what was asked back just before and is not asked again
}

// complete completes a question and decides by the evidence where its words leave two ways open.
func (g *Guide) complete(ctx context.Context, turn kb.Turn, t thread, question string, r *reply) (completion, error) {
	c := g.completeIn(t, question)
	if g.isVague(t, c) {
		p, err := g.planned(ctx, c.question, turn, r.answer.AsOf)
		if !p.down && !slices.ContainsFunc(p.parts, part.hasItem) {
			c.unclear = question
		}
		return c, err
	}
	if c.instead == "" && (c.unclear == "" || t.question == "") {
		return c, nil
	}
	return g.decide(ctx, turn, c, question, r)
}

// decide takes of the ways in which a follow-up can be understood the first that has evidence; a chat
// model is asked where none has.
func (g *Guide) decide(ctx context.Context, turn kb.Turn, c completion, question string, r *reply) (completion, error) {
	if c.unclear == "" {
		ok, err := g.hasAnswer(ctx, c.question, turn, r.answer.AsOf)
		if ok || err != nil {
			return c, err
		}
		if ok, err = g.hasAnswer(ctx, c.instead, turn, r.answer.AsOf); ok || err != nil {
			c.question, c.alone = c.instead, !c.alone
			return c, err
		}
	}
	if _, rejected := corrected(question); rejected {
		return c, nil
	}
	written := g.rewrite(ctx, turn, question, r)
	if written == "" {
		return c, nil
	}
	ok, err := g.hasAnswer(ctx, written, turn, r.answer.AsOf)
	if ok {
		c = completion{question: written, settled: c.settled}
		r.note(fmt.Sprintf("按“%s”理解您的问题。", written))
	}
	return c, err
}

// isVague reports whether a question names nothing to look for, or only a kind of matters as 补贴, and
// nothing stands before it.
func (g *Guide) isVague(t thread, c completion) bool {
	if t.question != "" || c.unclear != "" {
		return false
	}
	onlyKind := isKind(g.subjectOf(c.question)) && len(traits.Of(c.question)) == 0 && !containsAny(c.question, others...)
	return onlyKind || !g.hasSubject(c.question) && len(traits.Of(c.question)) == 0 && !hasTopicNoun(c.question)
}

// planned returns what an answer to a question would rest on; nothing of it is said.
func (g *Guide) planned(ctx context.Context, question string, turn kb.Turn, today kb.Date) (plan, error) {
	q, err := g.queryOf(question, turn, today)
	if err != nil {
		return plan{}, err
	}
	return g.plan(ctx, q, newReply(nil))
}

// hasAnswer reports whether there is evidence for a question; where the index is gone, nobody knows.
func (g *Guide) hasAnswer(ctx context.Context, question string, turn kb.Turn, today kb.Date) (bool, error) {
	p, err := g.planned(ctx, question, turn, today)
	return !p.empty() || p.down, err
}

// noteAssumed says which place was understood that the turn itself does not name.
func (g *Guide) noteAssumed(q query, question string, turn kb.Turn, r *reply) {
	usual, err := g.usualPlace(turn)
	if err != nil || !q.where.named || len(g.regions.Find(question)) > 0 || q.region.Code == usual.regions[0].Code {
		return
	}
	var names []string
	for _, region := range q.where.regions {
		names = append(names, region.Name)
	}
	r.note(fmt.Sprintf("按您前面提到的%s查询；如果不是，请说明地方。", strings.Join(names, "、")))
}

// completeIn completes a question in its thread. A question about a matter of its own stands alone
// and inherits nothing but the place that the asker told of himself: he is still there. One that names
// the same matter again keeps the place it was asked for. A day is part of the question only: it holds
// for follow-ups that leave the matter unsaid, and ends with them.
func (g *Guide) completeIn(t thread, question string) completion {
	c := completion{question: question, alone: true}
	if t.question != "" && !isAny(topics, question) {
		c = g.continueIn(t, question)
	}
	if utf8.RuneCountInString(c.question) > maxQuestionRunes {
		c = completion{question: question, alone: true}
	}
	if t.asked != nil && c.settled == "" && (!c.alone || c.question == t.asked.question) {
		c.settled = t.asked.kind
	}
	return g.placed(t, question, c)
}

// continueIn completes a question behind another.
func (g *Guide) continueIn(t thread, question string) completion {
	if c, ok := g.chosen(t, question); ok {
		return c
	}
	if rest, ok := corrected(question); ok {
		if rest == "" {
			return completion{question: t.question, unclear: question}
		}
		return g.correct(t, rest)
	}
	if c, ok := g.resolved(t, question); ok {
		return c
	}
	return g.followUp(t.question, question)
}

// placed puts the place that is understood into a question that names none, and notes it.
func (g *Guide) placed(t thread, question string, c completion) completion {
	if c.unclear != "" || len(g.regions.Find(c.question)) > 0 || saysWhere(question) {
		return c
	}
	place := t.home
	if c.alone && t.question != "" && g.sameSubject(t.question, question) {
		if mentions := g.regions.Find(t.question); len(mentions) > 0 {
			place = placeNames(t.question, mentions)
		}
	}
	if place == "" {
		return c
	}
	c.question = place + c.question
	if c.instead != "" {
		c.instead = place + c.instead
	}
	return c
}

// saysWhere reports whether a question says by itself that no district is meant, or names a place
// that we do not know.
func saysWhere(question string) bool {
	return containsAny(question, "全市", "市里", "市级", "全省", "省里", "省级", "全国", "国家", "本市", "我市", "各区", "哪个区", "哪些区") || unknownPlace(question) != ""
}

// sameSubject reports whether a question names the matter of the one before it anew.
func (g *Guide) sameSubject(previous, question string) bool {
	matter := g.matterOf(question)
	return matter != "" && strings.Contains(previous, matter)
}
