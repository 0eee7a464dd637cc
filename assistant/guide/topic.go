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
