package ingest

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"xiaoyue/kb"
)

// Confidences of a stated validity by where it was read.
const (
	sureProperty = 1.0 // a label of the site or file
	sureSentence = 0.9 // a sentence of the text about itself
	sureRule     = 0.6 // a sentence about the matter: 自2022年8月1日起，标准调整为…
	sureDate     = 0.5 // no statement: the day of issue
)

// span is a sentence, at bytes [start, end) of the text.
type span struct{ start, end int }

// sentences cuts the lines [first, end) into sentences. Table rows count as one each.
func (d *describer) sentences(first, end int) []span {
	var out []span
	for i := first; i < end; i++ {
		l := d.lines[i]
		for at := l.start; at < l.end; {
			stop := l.end
			if l.table == 0 {
				stop = at + sentenceEnd(d.page.text[at:l.end])
			}
			out = append(out, span{at, stop})
			at = stop
		}
	}
	return out
}

// sentenceEnd returns the end of the sentence that s begins with. Marks inside of brackets, quotes
// and titles end nothing.
func sentenceEnd(s string) int {
	depth := 0
	for i, r := range s {
		switch r {
		case '（', '“', '《', '〈':
			depth++
		case '）', '”', '》', '〉':
			depth = max(0, depth-1)
		case '。', '；', '！', '？':
			if depth == 0 {
				return i + utf8.RuneLen(r)
			}
		}
	}
	return len(s)
}

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

// findValidity reads from when to when a text says that it holds. Statements of the text itself
// come before those of its annexes, and a text without a statement holds from the day it was issued.
func (d *describer) findValidity(issued, published kb.Date) (kb.Validity, int) {
	v, at := d.statedValidity(issued, published)
	if day := d.dateProperty("施行日期", "实施日期", "生效日期", "执行日期"); !day.IsZero() {
		v.From, v.Confidence = day, sureProperty
	}
	if day := d.dateProperty("失效日期", "废止日期", "有效期至", "截止日期"); !day.IsZero() {
		v.Until, v.Confidence = day, sureProperty
	}
	if day := d.amendedOn(); day.After(v.From) {
		v.From, v.Confidence = day, sureRule
	}
	if day := d.ruledFrom(later(issued, published)); v.From.IsZero() && !day.IsZero() {
		v.From, v.Confidence = day, sureRule
	}
	if v.From.IsZero() && (v.Until.IsZero() || !later(issued, published).After(v.Until)) {
		v.From = later(issued, published)
		if v.Confidence == 0 && !v.From.IsZero() {
			v.Confidence = sureDate
		}
	}
	if standing := d.property("有效性", "效力状态", "时效性", "文件状态"); v.Until.IsZero() && endedWord(standing) != "" && !d.options.Now.IsZero() {
		v.Until, v.Ended = kb.DateOf(d.options.Now).Add(0, 0, -1), endedWord(standing)
	}
	return v, at
}

// ruledFrom returns the day from which the matter itself is ruled, where the text says nothing of
// itself: a sentence that begins with 自2022年8月1日起， and a day within a year of the issue.
func (d *describer) ruledFrom(issued kb.Date) kb.Date {
	for _, s := range d.own {
		text := d.page.text[s.start:s.end]
		if m, ok := markerOf(text); ok {
			text = text[m.length:]
		}
		rest, ok := strings.CutPrefix(text, "自")
		if !ok {
			continue
		}
		day, n := dateAt(rest)
		if n > 0 && strings.HasPrefix(rest[n:], "起") && !day.Before(issued) && (issued.IsZero() || day.Before(issued.Add(1, 0, 0))) {
			return day
		}
	}
	return kb.Date{}
}

// amendment returns the line of the head that tells the history of a consolidated text:
// （2022年…〔2022〕31号公布　根据2024年…修改）.
func (d *describer) amendment() (int, bool) {
	for i := range min(len(d.lines), headLines) {
		if !d.historyLine(i).IsZero() && containsAny(d.line(i), []string{"修订", "修正", "修改"}) && FindNumber(d.line(i)) != "" {
			return i, true
		}
	}
	return 0, false
}

// amendedOn returns the day of the last amendment that the head tells of: the amended words cannot
// have held before it.
func (d *describer) amendedOn() kb.Date {
	last := kb.Date{}
	for i := range min(len(d.lines), headLines) {
		day := d.historyLine(i)
		if day.After(last) && containsAny(d.line(i), []string{"修订", "修正", "修改"}) {
			last = day
		}
	}
	return last
}

func endedWord(standing string) kb.Status {
	switch {
	case strings.Contains(standing, "废止"):
		return kb.StatusRepealed
	case strings.Contains(standing, "失效"):
		return kb.StatusExpired
	}
	return ""
}

// later returns the day on which a text came out: the day of issue, else that of publication.
func later(issued, published kb.Date) kb.Date {
	if issued.IsZero() {
		return published
	}
	return issued
}

// maxNear is how far behind the first day, in bytes, a period may be stated without saying whose.
const maxNear = 400

// statedValidity looks for the sentences about the text's own validity. The byte is where the first
// of them begins, -1 where there is none.
func (d *describer) statedValidity(issued, published kb.Date) (v kb.Validity, at int) {
	at = -1
	for _, s := range d.own {
		text := d.page.text[s.start:s.end]
		if !mayState(text) {
			continue
		}
		b, begins := beginningIn(text)
		begins = begins && speaksOfItself(text) && !namesOther(text[:b.end]) && v.From.IsZero()
		if begins {
			v.From = resolve(b, issued, published)
		}
		if v.Until.IsZero() && (begins || speaksOfItself(text) || at >= 0 && s.start-at < maxNear) {
			v.From, v.Until = endIn(text, v.From)
			begins = begins || !v.Until.IsZero()
		}
		if begins && at < 0 {
			at, v.Confidence = s.start, sureSentence
		}
	}
	return v, at
}

// mayState is a quick test whether a sentence can speak of validity.
func mayState(s string) bool {
	for _, w := range []string{"行", "有效期", "生效", "启用", "截止", "试行期"} {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// namesOther reports whether the subject before the statement is another text in 《》.
func namesOther(s string) bool {
	i := strings.LastIndex(s, "》")
	return i >= 0 && !speaksOfItself(s[i:])
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

// endIn reads the last day in force: 有效期至…, 有效期3年, 试行两年, 执行至…. A period counts from the
// first day; without one nothing is computed. The first day is returned as well, since a period may
// state it: 有效期自…至….
func endIn(s string, from kb.Date) (start, end kb.Date) {
	for _, w := range []string{"有效期", "试行期", "试行", "执行期", "实施期", "施行期", "执行", "实施", "施行", "截止"} {
		for at := 0; ; {
			i := strings.Index(s[at:], w)
			if i < 0 {
				break
			}
			before := s[:at+i]
			at += i + len(w)
			if ofSomethingElse(before, w) {
				continue
			}
			if start, end := periodAt(s[at:], from, strings.HasSuffix(w, "期") || w == "试行"); !end.IsZero() {
				return start, end
			}
		}
	}
	return from, kb.Date{}
}

// ofSomethingElse reports whether 有效期 is that of a certificate rather than of the text.
func ofSomethingElse(before, w string) bool {
	if w != "有效期" {
		return false
	}
	before = strings.TrimRightFunc(before, unicode.IsSpace)
	if before == "" || strings.Contains(before, "认定之日") || strings.Contains(before, "发证之日") {
		return before != ""
	}
	r, _ := utf8.DecodeLastRuneInString(before)
	return !strings.ContainsRune("，。；、（(期策法知见则定例案施程准范录件度", r)
}

// periodAt reads what follows 有效期 or its kin: an end date, a range or, where period is true, a
// number of years or months.
func periodAt(s string, from kb.Date, period bool) (start, end kb.Date) {
	if i := strings.IndexAny(s, "。；"); i >= 0 {
		s = s[:i]
	}
	s = strings.TrimPrefix(strings.TrimLeft(s, "限为是：: 　"), "自")
	if day, n := dateAt(s); n > 0 {
		s, from = strings.TrimPrefix(s[n:], "起"), day
	}
	for _, to := range []string{"至", "到", "截至", "截止", "—", "-", "－", "~"} {
		if rest, ok := strings.CutPrefix(s, to); ok {
			end, _ = dateAt(strings.TrimLeft(rest, " 　"))
			return from, end
		}
	}
	if !period || from.IsZero() {
		return from, kb.Date{}
	}
	return from, lengthEnd(s, from)
}

// lengthEnd reads 三年 or 6个月 counted from a day, and 三年，至2023年6月30日止, where the stated day counts.
func lengthEnd(s string, from kb.Date) kb.Date {
	n, length := numeral(s)
	if length == 0 || n == 0 || n > 50 {
		return kb.Date{}
	}
	rest := strings.TrimLeft(s[length:], " 个")
	years, months := n, 0
	switch {
	case strings.HasPrefix(rest, "月"):
		years, months = 0, n
	case !strings.HasPrefix(rest, "年"):
		return kb.Date{}
	}
	const near = 20
	if i := strings.IndexAny(rest, "至到"); i >= 0 && i < near {
		if stated, n := dateAt(rest[i+len("至"):]); n > 0 {
			return stated
		}
	}
	return from.Add(years, months, -1)
}

// transitional are pairs of words by which a sentence leaves earlier cases to earlier rules.
var (
	transitionalTime = []string{"施行前", "以前", "之前", "此前", "日前", "前已", "实施前", "印发前", "公布前", "发布前", "已经按原", "已按原"}
	transitionalRule = []string{"仍按", "仍适用", "按原", "原规定", "原办法", "原标准", "原政策", "修改前的规定", "继续享受", "继续执行原"}
)

// findTransitional reports whether the text leaves it to the day of the asker's own event which rule
// holds (新老划断).
func (d *describer) findTransitional() bool {
	for _, s := range d.own {
		text := d.page.text[s.start:s.end]
		if containsAny(text, transitionalTime) && containsAny(text, transitionalRule) {
			return true
		}
	}
	return false
}

func containsAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}
