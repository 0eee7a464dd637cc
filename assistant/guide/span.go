package guide

import (
	"slices"
	"strconv"
	"strings"

	"xiaoyue/assistant/traits"
	"xiaoyue/kb/figures"
)

// span is a range of a quantity that a rule states: 80至89周岁, 满1年不足5年, 10年以上, 未满45周岁.
// It holds low ≤ x ≤ high.
type span struct {
	unit       string
	low, high  float64
	start, end int // of the figure in the text
}

const endless = 1e18

// spansIn returns the ranges that a text states.
func spansIn(text string) []span {
	found := figures.Find(text)
	var spans []span
	for i := 0; i < len(found); i++ {
		f := found[i]
		if f.Kind != figures.Age && f.Kind != figures.Duration && f.Kind != figures.Count && f.Kind != figures.Number {
			continue
		}
		x, err := strconv.ParseFloat(f.Value, 64)
		if err != nil {
			continue
		}
		before, after := lastRunes(text[:f.Start], 3), firstRunes(text[f.End:], 3)
		if i+1 < len(found) && isRangeSign(text[f.End:found[i+1].Start]) {
			if y, err := strconv.ParseFloat(found[i+1].Value, 64); err == nil && y > x {
				spans = append(spans, span{found[i+1].Unit, x, y, f.Start, found[i+1].End})
				i++
				continue
			}
		}
		if s, ok := boundOf(x, f.Unit, before, after); ok {
			s.start, s.end = f.Start, f.End
			spans = append(spans, s)
		}
	}
	return joinBounds(spans)
}

func isRangeSign(s string) bool {
	return slices.Contains([]string{"至", "到", "—", "-", "～", "~", "–"}, strings.TrimSpace(s))
}

// boundOf reads a figure with one bound. A bound that is excluded is moved by a hair.
func boundOf(x float64, unit, before, after string) (span, bool) {
	const hair = 1e-6
	switch {
	case strings.HasSuffix(before, "未满"), strings.HasSuffix(before, "不足"), strings.HasSuffix(before, "不满"), strings.HasSuffix(before, "低于"):
		return span{unit: unit, low: -endless, high: x - hair}, true
	case strings.HasSuffix(before, "不超过"), strings.HasPrefix(after, "以下"), strings.HasPrefix(after, "以内"), strings.HasPrefix(after, "及以下"):
		return span{unit: unit, low: -endless, high: x}, true
	case strings.HasSuffix(before, "超过"), strings.HasSuffix(before, "大于"), strings.HasSuffix(before, "高于"):
		return span{unit: unit, low: x + hair, high: endless}, true
	case strings.HasPrefix(after, "以上"), strings.HasPrefix(after, "及以上"), strings.HasSuffix(before, "满"), strings.HasSuffix(before, "不低于"), strings.HasSuffix(before, "不少于"):
		return span{unit: unit, low: x, high: endless}, true
	}
	return span{}, false
}

// maxJoin is how many bytes may stand between two bounds of one range.
const maxJoin = len("以上，不足")

// joinBounds makes one range of two neighbouring bounds: 满1年 and 不足5年.
func joinBounds(spans []span) []span {
	for i := 0; i+1 < len(spans); i++ {
		a, b := spans[i], spans[i+1]
		if a.unit == b.unit && a.high == endless && b.low == -endless && a.low < b.high && b.start-a.end <= maxJoin {
			spans[i] = span{a.unit, a.low, b.high, a.start, b.end}
			spans = slices.Delete(spans, i+1, i+2)
		}
	}
	return spans
}

// fitsSpans compares the quantities that a question tells with the only range of their unit in a row
// or entry. Texts with several ranges of a unit, or none, are neutral.
func fitsSpans(question string, u unit) traits.Fit {
	if u.kind != row && u.kind != entry {
		return traits.Neutral
	}
	worst := traits.Neutral
	spans := spansIn(u.said)
	for _, f := range figures.Find(question) {
		x, err := strconv.ParseFloat(f.Value, 64)
		if err != nil || f.Kind != figures.Age && f.Kind != figures.Duration && f.Kind != figures.Count || x == 1 {
			continue // 一个月 is mostly a rate
		}
		same := slices.DeleteFunc(slices.Clone(spans), func(s span) bool { return s.unit != f.Unit })
		if len(same) != 1 {
			continue
		}
		if x < same[0].low || x > same[0].high {
			return traits.Clash
		}
		worst = traits.Named
	}
	return worst
}

func lastRunes(s string, n int) string {
	r := []rune(s)
	return string(r[max(0, len(r)-n):])
}
