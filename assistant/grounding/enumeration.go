package grounding

import (
	"regexp"
	"strings"
)

var (
	apart    = regexp.MustCompile(`([^，。；：,;:]+?)(?:分别|依次|各自)(?:是|为|按|给予|可领|可领取|发放|要|须|需要?)?([^。；;]+)`)
	subjects = regexp.MustCompile(`[、]|以及|和|与|及`)
	values   = regexp.MustCompile(`[、，,]|以及|和|与|及`)
)

// distribute gives each subject of an enumeration its own value: 博士、硕士分别为每月3000元、1500元 is
// read as 博士每月3000元，硕士每月1500元. Where their numbers differ the sentence is left as it is, and
// no unit will bear it out.
func distribute(sentence string) string {
	m := apart.FindStringSubmatchIndex(sentence)
	if m == nil {
		return sentence
	}
	whose, what := subjects.Split(sentence[m[2]:m[3]], -1), values.Split(sentence[m[4]:m[5]], -1)
	if len(whose) < 2 || len(whose) != len(what) {
		return sentence
	}
	front := shared.FindString(what[0])
	var b strings.Builder
	b.WriteString(sentence[:m[0]])
	for i := range whose {
		if i > 0 {
			b.WriteString("，")
		}
		b.WriteString(strings.TrimSpace(whose[i]))
		if i > 0 && !strings.HasPrefix(what[i], front) {
			b.WriteString(front)
		}
		b.WriteString(what[i])
	}
	b.WriteString(sentence[m[5]:])
	return b.String()
}

// shared is what stands before the first value and holds for all: 每人每月, 未满.
var shared = regexp.MustCompile(`^(?:每人|每月|每年|每个月|每季度|一次性|不超过|最高|最长|未满|不低于|至少|为|是)+`)
