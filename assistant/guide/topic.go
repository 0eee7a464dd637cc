package guide

import (
	"slices"
	"strings"
)

// benefitNouns name money that people receive; topicNouns name any matter of government.
var (
	benefitNouns = []string{"补贴", "补助", "津贴", "奖励", "资助", "失业金", "保险金", "养老金", "救助金"}
	topicNouns   = append([]string{"贷款", "公积金", "医保", "保险", "许可证", "落户", "登记", "备案", "入学", "招生", "积分", "公租房", "公寓", "养老", "服务券", "待遇", "门诊", "住院", "申领", "过户", "报名", "政策", "事项"}, benefitNouns...)
)

// isTopic reports whether a text ends with the name of a matter: 租房补贴.
func isTopic(text string) bool {
	return slices.ContainsFunc(topicNouns, func(w string) bool { return strings.HasSuffix(text, w) })
}

func hasTopicNoun(text string) bool { return containsAny(text, topicNouns...) }

// namesTopic reports whether a clause that does not ask names the matter of the question behind it,
// in official or everyday words: 高龄津贴申领，电话是多少.
func namesTopic(clause string, chunks []chunk) bool {
	if hasTopicNoun(clause) {
		return true
	}
	return slices.ContainsFunc(chunks, func(c chunk) bool {
		return slices.ContainsFunc(c.lay, func(w layWord) bool { return hasTopicNoun(w.written[0]) })
	})
}

// splitTopic parts the chunks that name the matter from the story around them. A clause that ends
// with its matter is the matter as a whole.
func splitTopic(clause string, chunks []chunk) (topic, story []chunk) {
	if isTopic(clause) {
		return chunks, nil
	}
	for _, c := range chunks {
		if namesTopic(c.text, []chunk{c}) {
			topic = append(topic, c)
		} else {
			story = append(story, c)
		}
	}
	return topic, story
}

// matterEnds end the name of a matter of government beside topicNouns: 优待证, 身份证补领.
var matterEnds = append([]string{"局", "委", "馆", "协会", "医院", "法院", "银行", "中心", "派出所", "证", "卡", "执照", "护照", "户口", "社保", "低保", "职称", "公证", "年审", "签注", "提取", "补领", "换领", "补办", "认定", "鉴定", "评定", "变更", "注销", "注册", "转移", "缴费", "参保", "退休", "结婚", "离婚", "驾照", "车牌", "发票", "税", "婚检", "报销", "食堂", "自行车", "一件事", "年检", "摇号", "积分"}, topicNouns...)

// isMatter reports whether a text is the name of a matter, and not a case told: 有居住证 is a case.
func isMatter(text string) bool {
	return slices.ContainsFunc(matterEnds, func(w string) bool { return strings.HasSuffix(text, w) }) && !isCase(text)
}

// caseStarts open the telling of a case.
var caseStarts = []string{"如果", "要是", "万一", "假如", "假设", "有", "没", "不", "已经", "我", "他", "她", "在", "是", "刚", "还没", "未", "从", "只"}

// isCase reports whether a text tells a case: 如果有居住证的话.
func isCase(text string) bool {
	return startsWithAny(text, caseStarts) || strings.Contains(text, "的话")
}

// generic are names of whole kinds of matters; by themselves they point at the one before.
var generic = []string{"补贴", "补助", "津贴", "奖励", "资助", "待遇", "贷款", "保险", "登记", "备案", "积分", "政策", "事项", "申领", "报名", "证", "卡", "执照", "公寓", "补助金", "服务券", "注册", "变更", "注销", "证书", "证件", "报销", "缴费"}

// told stand before a matter that is part of the asker's case: 没有房产证能申请吗.
var told = []string{"没有", "没", "没办", "没交", "未", "无", "有", "交", "缴", "交了", "缴了", "凭", "用", "拿", "拿着", "带", "要", "需要", "必须", "得", "要有", "提供", "出示", "算", "办了", "办过", "已经有", "领了", "领过", "享受了", "享受过", "申请了", "申请过", "拿了", "在领", "不", "是", "和", "跟", "与", "同", "能和", "能跟", "可以和", "可以跟", "能不能和", "能不能跟"}

// others ask for matters of a kind and not for the one before.
var others = []string{"什么", "哪些", "别的", "其他", "其它", "另外", "有没有", "还有"}

// matterOf returns the first matter that a question is about; "" where it has none but those of the
// asker's case, of which the question before says what it is.
func (g *Guide) matterOf(question string) string {
	for _, clause := range splitClauses(g.withoutPlaces(question)) {
		for _, text := range g.lexicon.chunks(clause) {
			if end, ok := matterIn(text); ok && !isToldIn(clause, text) && !slices.Contains(actions, end) && (!slices.Contains(generic, end) || containsAny(clause, others...)) {
				return end
			}
		}
	}
	return ""
}

// matterIn returns the part of a chunk up to the end of the matter that it names.
func matterIn(text string) (string, bool) {
	end := 0
	for _, w := range matterEnds {
		if i := strings.LastIndex(text, w); i >= 0 {
			end = max(end, i+len(w))
		}
	}
	return strings.TrimLeft(text[:end], edgeRunes+"领拿办"), end > 0
}

// isToldIn reports whether a chunk of a clause belongs to the case that is told.
func isToldIn(clause, chunk string) bool {
	i := strings.Index(clause, chunk)
	if i < 0 || containsAny(clause, "有没有") {
		return false
	}
	before := strings.TrimSpace(withoutFigures(clause[:i])) + chunk[:len(chunk)-len(strings.TrimLeft(chunk, edgeRunes+"交缴拿带用"))]
	for _, w := range []string{"我要", "想要", "我需要"} {
		if strings.HasSuffix(before, w) {
			return false
		}
	}
	if strings.HasSuffix(before, "有") && containsAny(chunk, benefitNouns...) { // 有租房补贴吗
		return false
	}
	return slices.ContainsFunc(told, func(w string) bool { return strings.HasSuffix(before, w) })
}
