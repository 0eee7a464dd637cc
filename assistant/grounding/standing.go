package grounding

import (
	"regexp"
	"slices"
	"strings"

	"xiaoyue/kb"
)

// Words of the past, of the present and of what is to come.
var (
	pastWords   = []string{"原办法", "原规定", "原标准", "原政策", "原通知", "曾", "当时", "旧办法", "旧规定", "旧标准", "已废止", "已经废止", "已失效", "已经失效", "不再执行", "停止执行", "已停止", "过去", "此前", "已到期", "已经到期", "已被", "已暂停", "已终止"}
	futureWords = []string{"将", "起施行", "起实施", "尚未施行", "还未施行", "起执行", "起"}
	nowWords    = []string{"现行", "目前", "现在", "当前", "如今", "眼下", "现阶段", "今年"}
)

// standing checks that evidence that is not in force is not spoken of as if it were.
func (j *judging) standing(n int) (Verdict, bool) {
	e := j.g.evidence[n]
	text := j.said.text
	past := slices.ContainsFunc(pastWords, func(w string) bool { return strings.Contains(text, w) && !strings.Contains(e.text, w) })
	switch {
	case e.Status == kb.StatusNotYet && !holdsAny(text, futureWords):
		return Verdict{Fault: Expired, Detail: "所引依据尚未施行，句中没有说明"}, false
	case e.Status != "" && e.Status != kb.StatusInForce && e.Status != kb.StatusAmended && e.Status != kb.StatusNotYet && (!past || holdsAny(text, nowWords) && !strings.Contains(text, "不")):
		return Verdict{Fault: Expired, Detail: "所引依据已不再有效，句中没有说明"}, false
	case j.g.asOf.Before(j.g.today) && !j.g.asOf.IsZero() && holdsAny(text, nowWords):
		return Verdict{Fault: Expired, Detail: "问的是" + j.g.asOf.Chinese() + "的规定，不能说成现在的"}, false
	}
	return Verdict{}, true
}

var ending = regexp.MustCompile(`^(但|不过)?(该|这个|此|本|原|上述|现)?(办法|规定|文件|政策|通知|细则|意见|标准)?(现在|目前|现|已|已经|均已)+(不再执行|停止执行|废止|失效|作废|停止|终止|不再有效|被新办法代替|被新规定代替)了?$`)

// ended reports whether a clause says of the cited evidence that it is no longer in force, and it is not.
func (j *judging) ended(c *clause) bool {
	return ending.MatchString(c.text) && !slices.ContainsFunc(j.cited, func(n int) bool {
		status := j.g.evidence[n].Status
		return status == "" || status == kb.StatusInForce || status == kb.StatusNotYet
	})
}
