package guide

import (
	"slices"
	"strings"
	"unicode/utf8"

	"xiaoyue/assistant/traits"
)

// parts are what a follow-up holds.
type parts struct {
	subject     []string // its own words
	asks        bool
	bare        bool // 那租房补贴呢: a new subject without a question
	conditional bool // 如果…呢: another case of the same question
}

// everyMatter are words for what every matter has, and so no subject of a follow-up.
var everyMatter = []string{"审批", "审核", "受理", "公示", "办理", "材料", "原件", "复印件", "费用", "窗口", "流程", "发放", "到账", "进度", "结果", "标准", "申请表", "表格", "邮寄", "快递", "代办", "代理", "预约", "网上", "手机", "银行卡", "对象", "时候", "钱"}

func (g *Guide) partsOf(question string) parts {
	r := g.read(question)
	var p parts
	for _, c := range r.chunks {
		c.mark(true, everyMatter...)
		c.mark(true, actions...)
		if c.hasContent() {
			p.subject = append(p.subject, c.text)
		}
	}
	p.asks = len(r.asks) > 0 && !(len(r.asks) == 1 && r.asks[0] == askYesNo)
	p.bare = isBare(question)
	p.conditional = p.bare && (isCase(question) || !isMatter(bare(question)))
	return p
}

// follow completes one question from the completed one before it.
func (g *Guide) follow(previous, question string) string {
	if previous == "" || g.isTalk(question) {
		return question
	}
	if c := g.continueIn(thread{question: previous}, withoutOpening(question)); c.unclear == "" {
		return c.question
	}
	return question
}

// followUp completes a question without pronouns from the completed one before it. A question with a
// matter of its own stands alone: the topic has changed.
func (g *Guide) followUp(previous, question string) completion {
	f := g.partsOf(question)
	short := utf8.RuneCountInString(question) <= maxFollowUp
	switch {
	case !short && len(f.subject) > 0:
		return completion{question: question, alone: true}
	case !g.hasSubject(previous) && len(f.subject) > 0 && !f.asks: // the matter, asked for
		return completion{question: bare(question) + g.askPhrase(previous)}
	case isAction(bare(question)):
		return completion{question: g.act(previous, bare(question))}
	case len(f.subject) == 0 && containsAny(question, actions...):
		return completion{question: g.refill(withoutAction(g.stem(previous)), question, f), instead: question}
	case len(f.subject) == 0, g.onlyValue(previous, question):
		return completion{question: g.refill(previous, question, f)}
	case isKind(g.subjectOf(previous)) && !f.asks && !isCase(question):
		return completion{question: specify(previous, g.subjectOf(previous), strings.TrimRight(bare(question), "的吧了"))}
	case f.conditional || f.bare && !f.asks:
		return g.substitute(previous, question, f)
	case g.matterOf(question) != "", g.restates(previous, question), !f.asks && !g.read(question).wants(askYesNo):
		return completion{question: question, alone: true}
	case leans(question):
		return completion{question: g.extend(previous, question)}
	case utf8.RuneCountInString(strings.Join(f.subject, "")) <= shortSubject:
		return completion{question: g.extend(previous, question), instead: question}
	}
	return completion{question: question, alone: true, instead: g.extend(previous, question)}
}

// maxFollowUp bounds, in runes, a question with words of its own that goes on with the one before it.
const maxFollowUp = 20

// shortSubject is the number of runes up to which the words of a follow-up are too few for a matter.
const shortSubject = 4

// Words of a question that says neither of what nor for what it asks: 离职了还发吗.
var (
	leaning    = append([]string{"还", "也", "领了", "拿了"}, caseStarts...)
	objectless = []string{"能领", "可以领", "还领", "领吗", "能申请", "可以申请", "申请吗", "能不能申请", "还发", "发吗", "能拿", "拿吗", "享受", "能办", "可以办", "办吗", "能补", "停发", "会停", "要退", "退回", "还给", "给吗", "可以吗", "行吗", "行不行", "算吗", "能算", "算不算", "有影响", "能报", "一起", "叠加", "重复"}
)

// leans reports whether a question without a matter of its own says nothing by itself. Others may need
// the one before them all the same, where nothing is found for them alone.
func leans(question string) bool {
	return startsWithAny(question, leaning) || containsAny(question, objectless...)
}

// actions are what is done with a matter: 补办, after a question about a certificate, is of it.
var actions = []string{"申领", "补领", "补办", "换领", "换证", "换发", "续签", "签注", "年审", "延期", "变更", "注销", "挂失", "迁移", "转移", "过户", "提取", "丢了", "掉了", "遗失", "坏了", "过期"}

// firstTime are actions that items call 申领.
var firstTime = []string{"首次申领", "首次办理", "第一次办", "第一次申领", "初次申领", "新办", "新申领"}

func isAction(text string) bool {
	return slices.Contains(actions, text) || slices.Contains(firstTime, text) || slices.Contains(actions, strings.TrimRight(text, "的了吧"))
}

// act puts an action into the question before, in the place of the one there.
func (g *Guide) act(previous, action string) string {
	stem, ask := g.stem(previous), g.askPhrase(previous)
	if slices.Contains(firstTime, action) {
		action = "申领"
	}
	if rest := withoutAction(stem); rest != stem {
		return rest + action + ask
	}
	if renewed := g.replaceAttributes(stem, action); strings.Contains(renewed, action) && !strings.HasPrefix(renewed, action+stem) {
		return renewed + ask
	}
	return stem + action + ask
}

// withoutAction cuts an action off the end of a matter.
func withoutAction(stem string) string {
	for _, old := range actions {
		if rest, ok := strings.CutSuffix(stem, old); ok && rest != "" {
			return rest
		}
	}
	return stem
}

// subjectOf returns the only words of content of a question, "" where it has none or several.
func (g *Guide) subjectOf(question string) string {
	if f := g.partsOf(question); len(f.subject) == 1 {
		return strings.Trim(f.subject[0], edgeRunes)
	}
	return ""
}

// isKind reports whether a subject is the name of a whole kind of matters: 补贴.
func isKind(subject string) bool { return slices.Contains(generic, subject) }

// specify says which matter of a kind a question is about: 租房 of 我想申请补贴 makes 我想申请租房补贴.
func specify(question, kind, which string) string {
	if !strings.HasSuffix(which, kind) {
		which += kind
	}
	return strings.Replace(question, kind, which, 1)
}

// restates reports whether a follow-up names the subject of the question before again.
func (g *Guide) restates(previous, question string) bool {
	stem := g.stem(previous)
	return slices.ContainsFunc(g.partsOf(question).subject, func(s string) bool { return utf8.RuneCountInString(s) > 2 && strings.Contains(stem, s) })
}

// onlyValue reports whether a follow-up names nothing but another value of what the question before
// names: 住院 after 门诊.
func (g *Guide) onlyValue(previous, question string) bool {
	rest, before := question, traits.Of(previous)
	for _, a := range traits.Of(question) {
		if slices.ContainsFunc(before, func(b traits.Trait) bool { return a.Class == b.Class }) {
			rest = strings.ReplaceAll(rest, a.Word, " ")
		}
	}
	return rest != question && !g.hasSubject(rest)
}

// refill answers a follow-up without a subject: its attribute, place, time and question take the
// place of those in the question before.
func (g *Guide) refill(previous, question string, f parts) string {
	completed := g.renew(previous, question)
	tail := g.tail(question)
	switch {
	case !f.asks && (f.bare || !g.read(question).wants(askYesNo)):
		if completed == previous && f.bare { // 三人户呢, of which nothing was said before
			return g.stem(previous) + "，" + bare(question) + "，" + g.askPhrase(previous)
		}
		return completed
	case startsWithAny(tail, cases):
		return g.stem(completed) + "，" + tail
	}
	return g.stem(completed) + tail
}

// cases open what is told of a case; a clause of its own falls away with the next question.
var cases = []string{"没", "还没", "未", "不是", "已经", "我", "他", "她", "刚", "自己"}

// renew puts the attributes, places, times and quantities of a follow-up into the question before.
func (g *Guide) renew(previous, question string) string {
	completed := g.replaceAttributes(previous, question)
	completed = g.replacePlaces(completed, question)
	completed = replaceTimes(completed, question)
	return replaceQuantities(completed, question)
}

// extend adds a case or a question about it to the matter before: 租房补贴，离职了还发吗.
func (g *Guide) extend(previous, question string) string {
	return g.yielding(g.stem(previous), question) + "，" + question
}

// substitute puts a new subject or case into the question before.
func (g *Guide) substitute(previous, question string, f parts) completion {
	if f.conditional {
		return completion{question: g.stem(previous) + "，" + bare(question) + "，" + strings.TrimLeft(g.askPhrase(previous), "，")}
	}
	subject, places := bare(question), ""
	if len(g.regions.Find(question)) == 0 {
		places = placeNames(previous, g.regions.Find(previous))
	}
	alone := places + subject
	if !g.asksAlike(previous, subject) {
		return completion{question: alone}
	}
	return completion{question: places + valuesFor(previous, subject) + subject + g.askPhrase(previous), instead: alone}
}

// valuesFor returns the attributes of the question before that hold for a new benefit as well.
func valuesFor(previous, subject string) string {
	if !containsAny(subject, benefitNouns...) {
		return ""
	}
	var b strings.Builder
	own := traits.Of(subject)
	for _, a := range traits.Of(previous) {
		if !a.Content() && !slices.ContainsFunc(own, func(o traits.Trait) bool { return o.Class == a.Class }) {
			b.WriteString(a.Word)
		}
	}
	return b.String()
}

// asksAlike reports whether what was asked of one matter can be asked of another: how much of a
// benefit is no question about a certificate.
func (g *Guide) asksAlike(previous, subject string) bool {
	asksMoney := g.read(previous).wants(askAmount, askFigure, askRatio, askTogether, askPayout)
	return !asksMoney || containsAny(subject, benefitNouns...) || containsAny(subject, "贷款", "公积金", "医保", "保险", "养老", "费", "券", "公寓", "积分")
}

// bare strips the marks and particles behind a follow-up.
func bare(question string) string {
	q := strings.TrimRight(question, "？?。！! ")
	return strings.TrimSpace(strings.TrimSuffix(q, "呢"))
}

// tail returns the follow-up without what was put into the question before.
func (g *Guide) tail(question string) string {
	rest := g.withoutOwn(question)
	if own := timeIn(rest); own != "" {
		rest = strings.Replace(rest, own, "", 1)
	}
	if rest != question {
		rest = strings.TrimLeft(rest, "的在 ")
	}
	return rest
}

// withoutOwn takes the first place and the attributes out of a follow-up.
func (g *Guide) withoutOwn(question string) string {
	for _, m := range g.regions.Find(question) {
		question = question[:m.Start] + question[m.End:]
		break
	}
	for _, a := range traits.Of(question) {
		if !a.Content() {
			question = strings.Replace(question, a.Word, "", 1)
		}
	}
	return strings.TrimLeft(question, "的 ")
}
