package guide

import (
	"context"
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"xiaoyue/assistant/guard"
	"xiaoyue/kb"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/segment"
)

// maxQuestionRunes bounds a question; longer ones are asked to be shortened.
const maxQuestionRunes = 1000

// The fixed words of outcomes.
const (
	wordsEmpty       = "请说您想办的事或想了解的政策。"
	wordsTooLong     = "问题太长了，请用一两句话说明您想办的事或想了解的政策。"
	wordsForeign     = "这个问题不属于政务服务的范围，我答不了。您可以问我政策的对象、标准和时间，或办事事项的材料、流程、时限和地点。"
	wordsNoEvidence  = "在已收录的文件和办事事项里，没有查到能回答这个问题的依据，我不能凭空作答。"
	wordsHotline     = "您可以拨打12345政务服务便民热线，或到政务服务中心窗口咨询。"
	wordsUnsafe      = "这个请求可能违反法律或者损害他人，我不能帮忙。如果您想举报、维权或了解相关法律责任，请直接说明。"
	wordsInjection   = "我只回答政务服务方面的问题，不会改变工作规则。请说您想办的事或想了解的政策。"
	wordsDistress    = "听到您这样说，我很担心您。请马上联系身边信任的人，或拨打心理援助热线12356；情况紧急时请拨打110或120。"
	wordsUnavailable = "查询政策文件的服务暂时不可用，现在无法核对依据，请稍后再问。"
)

// respond runs the steps of an answer until one of them ends it.
func (g *Guide) respond(ctx context.Context, turn kb.Turn, r *reply) (kb.Outcome, error) {
	question := cleanQuestion(turn.Question)
	today := turn.AsOf
	if today.IsZero() {
		today = kb.DateOf(g.now())
	}
	r.answer.QuestionCompleted, r.answer.AsOf = question, today
	if question == "" {
		r.say(wordsEmpty)
		return kb.NeedsClarification, nil
	}
	if outcome, words := judged(guard.Check(question)); outcome != "" {
		r.say(words)
		return outcome, nil
	}
	if utf8.RuneCountInString(question) > maxQuestionRunes {
		r.say(wordsTooLong)
		return kb.NeedsClarification, nil
	}
	question = withoutOpening(question)
	if h := handoverOf(question); h != nil {
		return g.handOver(ctx, turn, question, h, r)
	}
	if words, ok := g.talkReply(question); ok {
		r.say(words)
		return kb.Answered, nil
	}
	if isAny(chores, question) {
		r.say(wordsForeign)
		return kb.OutOfScope, nil
	}
	return g.converse(ctx, turn, question, r)
}

// converse answers a question in its conversation.
func (g *Guide) converse(ctx context.Context, turn kb.Turn, question string, r *reply) (kb.Outcome, error) {
	t := g.threadOf(turn.History)
	c, err := g.complete(ctx, turn, t, question, r)
	if err != nil {
		return "", err
	}
	r.answer.QuestionCompleted = c.question
	if c.unclear != "" {
		return askWhat(c.unclear, r), nil
	}
	q, err := g.queryOf(c.question, turn, r.answer.AsOf)
	if err != nil {
		return "", err
	}
	q.settled = c.settled
	if lookups.MatchString(c.question) {
		if ok, err := g.hasAnswer(ctx, c.question, turn, r.answer.AsOf); !ok || err != nil {
			if err != nil {
				return "", err
			}
			return g.handOver(ctx, turn, c.question, ownCase, r)
		}
	}
	g.noteAssumed(q, question, turn, r)
	outcome, err := g.respondIn(ctx, q, r)
	if err == nil && outcome == kb.NoEvidence && t.failed {
		offerPerson(r)
	}
	return outcome, err
}

// queryOf reads a completed question; its region is the first of the places asked about.
func (g *Guide) queryOf(question string, turn kb.Turn, today kb.Date) (query, error) {
	place, err := g.whereOf(question, turn)
	if err != nil {
		return query{}, err
	}
	q := query{question: question, readings: g.readTurn(question), today: today, when: whenOf(question, today), where: place}
	q.scope = kb.Scope{Tenant: turn.Caller.Tenant, Access: turn.Caller.Readable(), Zone: turn.Zone, Audience: turn.Audience}
	if q.scope.Tenant == "" {
		q.scope.Tenant = kb.DefaultTenant
	}
	return g.in(q.on(q.when.days[0]), place.regions[0])
}

// in returns a query as it stands in one region.
func (g *Guide) in(q query, region kb.Region) (query, error) {
	var err error
	q.region = region
	q.scope.Regions, err = g.regions.Chain(region.Code)
	return q, err
}

// respondIn answers a question in every place that it is about, or asks which one is meant.
func (g *Guide) respondIn(ctx context.Context, q query, r *reply) (kb.Outcome, error) {
	if asked, err := g.askPlace(ctx, &q, r); asked || err != nil {
		return kb.NeedsClarification, err
	}
	outcome := kb.NoEvidence
	for _, region := range q.where.regions {
		here, err := g.in(q, region)
		if err != nil {
			return "", err
		}
		one, err := g.respondAt(ctx, here, r)
		if err != nil {
			return "", err
		}
		if outcome != kb.Answered {
			outcome = one
		}
	}
	return outcome, nil
}

// cleanQuestion trims a question, folds its white space, and writes traditional characters and
// full-width letters and digits in their ordinary form. Punctuation stays.
func cleanQuestion(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Han, r), r >= '０' && r <= '９', r >= 'Ａ' && r <= 'Ｚ', r >= 'ａ' && r <= 'ｚ':
			plain, _ := utf8.DecodeRuneInString(segment.Normal(string(r)))
			return plain
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.Join(strings.Fields(s), " ")
}

// query is a completed question in its scope.
type query struct {
	question string
	today    kb.Date // the day on which it is asked
	readings []reading
	when     when
	where    where
	region   kb.Region
	scope    kb.Scope
	settled  doubt // what was asked back before this turn and is not asked again
}

// on returns the query as of one day.
func (q query) on(day kb.Date) query {
	q.scope.AsOf = day
	return q
}

// respondAt answers a question in one region, on the first of its days that has an answer.
func (g *Guide) respondAt(ctx context.Context, q query, r *reply) (kb.Outcome, error) {
	r.answer.Region = q.region.Code
	if rd := q.readings[0]; rd.wants(askValidity) && containsAny(q.question, "有效", "失效", "过期", "废止", "作废") && containsAny(q.question, "吗", "是否", "还", "有没有") {
		if ok, err := g.standing(ctx, q.on(q.today), rd, r); ok || err != nil {
			return kb.Answered, err
		}
	}
	if asked, err := g.askDay(ctx, q, r); asked || err != nil {
		return kb.NeedsClarification, err
	}
	for _, day := range q.when.days {
		plan, err := g.plan(ctx, q.on(day), r)
		if err != nil {
			return "", err
		}
		if plan.empty() {
			continue
		}
		districts, err := g.windowsOf(ctx, q.on(day), plan)
		if err != nil {
			return "", err
		}
		if len(districts) > 0 {
			return g.askDistrict(ctx, q.on(day), districts, r)
		}
		r.answer.AsOf = day
		r.record.Scope = q.on(day).scope
		return g.speak(ctx, q.on(day), plan, r)
	}
	if done, err := g.speakTransition(ctx, q.on(q.when.days[0]), part{reading: q.readings[0].in(q)}, r); done || err != nil {
		return kb.Answered, err
	}
	if done, err := g.counterpart(ctx, q, r); done || err != nil {
		return kb.Answered, err
	}
	r.answer.AsOf = q.when.days[0]
	r.record.Scope = q.on(q.when.days[0]).scope
	return g.refuse(ctx, q.on(q.when.days[0]), r)
}

// isDown reports whether an error means that the index is gone and the catalog is still there.
func isDown(err error) bool {
	return errors.Is(err, retrieval.ErrDown) || errors.Is(err, retrieval.ErrCorrupt) || errors.Is(err, kb.ErrUnavailable)
}

// judged returns the outcome and the words of a question that the guard does not let pass.
func judged(v guard.Verdict) (kb.Outcome, string) {
	switch v {
	case guard.Unsafe:
		return kb.Unsafe, wordsUnsafe
	case guard.Injection:
		return kb.Unsafe, wordsInjection
	case guard.Distress:
		return kb.HandedOver, wordsDistress
	}
	return "", ""
}
