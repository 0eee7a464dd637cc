package ingest

import (
	"strings"
	"unicode/utf8"

	"xiaoyue/kb"
)

// levels are the 密级 of the law on state secrets.
var levels = []string{"绝密", "机密", "秘密"}

// secrecy returns the 密级 that a line marks: 机密★5年, 秘 密, 密级：绝密. The words in a sentence
// (保守国家秘密) and quoted marks are no marking.
func secrecy(text string) (string, bool) {
	const longestLine = 60
	if utf8.RuneCountInString(text) > longestLine {
		return "", false
	}
	squeezed := squeeze(strings.Trim(text, "| "))
	for _, level := range levels {
		at := strings.Index(squeezed, level)
		if at < 0 {
			continue
		}
		before, after := squeezed[:at], squeezed[at+len(level):]
		starred := strings.HasPrefix(after, "★") || strings.HasPrefix(after, "☆") || strings.HasPrefix(after, "*")
		switch {
		case strings.HasSuffix(before, "“") || strings.HasSuffix(before, "「") || strings.HasSuffix(before, "《"):
		case starred, labelsSecrecy(before) && endsMark(after), before == "" && endsMark(after):
			return level, true
		}
	}
	return "", false
}

func labelsSecrecy(before string) bool {
	before = strings.TrimRight(before, "：:|")
	return strings.HasSuffix(before, "密级") || strings.HasSuffix(before, "保密等级") || strings.HasSuffix(before, "秘密等级")
}

// endsMark reports whether a marking ends here or goes on with urgency or period.
func endsMark(after string) bool {
	after = strings.TrimLeft(after, "|：: ")
	for _, w := range []string{"特急", "加急", "平急", "急件", "长期", "紧急程度"} {
		if strings.HasPrefix(after, w) {
			return true
		}
	}
	_, n := numeral(after)
	return after == "" || n > 0 && strings.HasPrefix(after[n:], "年")
}

// classification returns the 密级 of a text. Marks stand in the head of a text or, with a star, in
// any short line.
func (d *describer) classification() string {
	if level, ok := secrecy("密级：" + d.property("密级", "保密等级")); ok {
		return level
	}
	for i := range d.lines {
		level, ok := secrecy(d.line(i))
		if ok && (i < headLines || strings.ContainsAny(d.line(i), "★☆") || strings.Contains(d.line(i), "密级")) {
			return level
		}
	}
	return ""
}

// internalMarks are words by which a text says that it is not for the public.
var internalMarks = []string{"内部资料", "内部使用", "内部文件", "内部参考", "仅供内部", "不对外公开", "（内部）", "(内部)", "此件依申请公开", "此件不予公开", "此件不公开"}

// findAccess reads who may read a text. What marks nothing takes the level of the options.
func (d *describer) findAccess() kb.Access {
	openness := d.property("公开属性", "公开方式", "公开类别", "公开类型")
	switch {
	case strings.Contains(openness, "不予公开"):
		return kb.AccessRestricted
	case strings.Contains(openness, "依申请"):
		return kb.AccessInternal
	}
	const longestLine = 60
	for i := range d.lines {
		if d.lines[i].runes > longestLine || i > headLines && i < len(d.lines)-headLines {
			continue
		}
		text := d.line(i)
		for _, mark := range internalMarks {
			if strings.Contains(text, mark) && !strings.Contains(text, "“"+mark) && !endsClause(text) {
				return kb.AccessInternal
			}
		}
	}
	return kb.AccessPublic
}

// endsClause reports whether a line is a sentence rather than a mark.
func endsClause(text string) bool {
	return strings.HasSuffix(text, "。") || strings.HasSuffix(text, "；")
}
