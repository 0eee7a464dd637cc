package ingest

import (
	"strings"

	"xiaoyue/kb"
)

// Confidences of a stated validity by where it was read.
const (
	sureProperty = 1.0 // a label of the site or file
	sureSentence = 0.9 // a sentence of the text about itself
	sureRule     = 0.6 // a sentence about the matter: 自2022年8月1日起，标准调整为…
	sureDate     = 0.5 // no statement: the day of issue
)

// findValidity reads from when to when a text says that it holds. Statements of the text itself
// come before those of its annexes, and a text without a statement holds from the day it was issued.
func (d *describer) findValidity(issued, published kb.Date) (kb.Validity, int) {
	v, at := d.statedValidity(issued, published)
	for _, label := range []string{"施行日期", "实施日期", "生效日期", "执行日期"} {
		if day := d.dateProperty(label); !day.IsZero() {
			v.From, v.Confidence = day, sureProperty
		} else if day := d.labelledDate(label); v.From.IsZero() && !day.IsZero() {
			v.From, v.Confidence = day, sureSentence
		}
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
