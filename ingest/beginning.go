package ingest

import (
	"strings"

	"xiaoyue/kb"
)

// selfNouns are how a text calls itself after 本.
var selfNouns = []string{"办法", "通知", "意见", "细则", "规定", "规则", "条例", "决定", "通告", "公告", "方案", "措施", "规程", "指南", "法", "制度",
	"政策", "标准", "规范", "目录", "文件", "批复", "函", "准则", "章程", "解释", "决议", "纪要", "要点", "计划"}

// speaksOfItself reports whether a sentence has the text itself as its subject: 本办法…, or none
// but the date.
func speaksOfItself(s string) bool {
	for rest := s; ; {
		i := strings.Index(rest, "本")
		if i < 0 {
			break
		}
		rest = rest[i+len("本"):]
		head := truncate(rest, 6)
		for _, n := range selfNouns {
			if strings.HasPrefix(head, n) || strings.HasPrefix(head, "实施"+n) || strings.HasPrefix(head, "暂行"+n) || strings.HasPrefix(head, "若干"+n) {
				return true
			}
		}
	}
	s = strings.TrimSpace(s)
	if m, ok := markerOf(s); ok {
		s = s[m.length:]
	}
	s = strings.TrimPrefix(s, "以上政策")
	return strings.HasPrefix(s, "自")
}

// effectVerbs end 自…起施行.
var effectVerbs = []string{"施行", "实施", "执行", "生效", "试行", "启用"}

// beginning is a statement of the first day in force.
type beginning struct {
	day      kb.Date
	relative string // 发布, 印发 … where no date is given
	after    int    // days after the relative day
	end      int    // byte in the sentence after the statement
}

// beginningIn reads 自2025年5月1日起施行 and 自印发之日起30日后施行 in a sentence.
func beginningIn(s string) (beginning, bool) {
	for at := 0; ; {
		i := strings.Index(s[at:], "自")
		if i < 0 {
			return beginning{}, false
		}
		at += i + len("自")
		b, ok := beginningAt(s[at:])
		if ok {
			b.end += at
			return b, true
		}
	}
}

func beginningAt(s string) (beginning, bool) {
	var b beginning
	at := leadingSpace(s)
	day, n := dateAt(s[at:])
	if n > 0 {
		b.day = day
		at += n
	} else if b.relative, n = relativeDay(s[at:]); n > 0 {
		at += n
	} else {
		return b, false
	}
	rest := strings.TrimPrefix(s[at:], "起")
	if days, n := numeral(rest); n > 0 && b.relative != "" {
		b.after = days
		rest = strings.TrimPrefix(rest[n:], "个")
		rest = strings.TrimPrefix(strings.TrimPrefix(rest, "自然"), "日")
		rest = strings.TrimPrefix(strings.TrimPrefix(rest, "天"), "后")
	} else if after, ok := strings.CutPrefix(rest, "满"); ok && b.relative != "" {
		days, n := numeral(after)
		b.after = days
		rest = strings.TrimPrefix(strings.TrimPrefix(after[n:], "日"), "后")
	}
	for _, filler := range []string{"开始", "正式", "继续", "，"} {
		rest = strings.TrimPrefix(rest, filler)
	}
	for _, v := range effectVerbs {
		if strings.HasPrefix(rest, v) {
			b.end = len(s) - len(rest) + len(v)
			return b, true
		}
	}
	return b, false
}

// relativeDay reads 发布之日, 印发之日 and their kin.
func relativeDay(s string) (string, int) {
	for _, w := range []string{"发布", "公布", "印发", "下发", "颁布", "签发", "发文", "通过", "批准"} {
		if rest, ok := strings.CutPrefix(s, w); ok && strings.HasPrefix(rest, "之日") {
			return w, len(w) + len("之日")
		}
	}
	return "", 0
}

func resolve(b beginning, issued, published kb.Date) kb.Date {
	if !b.day.IsZero() {
		return b.day
	}
	base := published
	if b.relative != "发布" && b.relative != "公布" || base.IsZero() {
		base = later(issued, published)
	}
	return base.Add(0, 0, b.after)
}
