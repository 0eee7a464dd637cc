package guide

import (
	"slices"
	"strings"

	"xiaoyue/assistant/traits"
	"xiaoyue/kb"
	"xiaoyue/kb/figures"
)

func (g *Guide) replaceAttributes(previous, question string) string {
	own := traits.Of(question)
	for _, a := range own {
		replaced := false
		for _, b := range traits.Of(previous) {
			if a.Class != b.Class || a.Name == b.Name {
				continue
			}
			for _, old := range []string{b.Word, strings.ToUpper(b.Word)} {
				if !replaced && strings.Contains(previous, old) {
					previous, replaced = strings.Replace(previous, old, a.Word, 1), true
				}
			}
		}
		if !replaced && !a.Content() && !strings.Contains(previous, a.Word) {
			previous = a.Word + previous
		}
	}
	return previous
}

func (g *Guide) replacePlaces(previous, question string) string {
	own := g.regions.Find(question)
	if len(own) == 0 {
		return previous
	}
	old := g.regions.Find(previous)
	for _, m := range slices.Backward(old) {
		previous = previous[:m.Start] + previous[m.End:]
	}
	name := placeNames(question, own)
	if len(old) > 0 {
		at := old[0].Start
		return previous[:at] + name + previous[at:]
	}
	return name + previous
}

// placeNames returns the places that a text names, as it writes them, side by side.
func placeNames(text string, mentions []kb.Mention) string {
	var b strings.Builder
	for _, m := range mentions {
		b.WriteString(text[m.Start:m.End])
	}
	return b.String()
}

func replaceTimes(previous, question string) string {
	own := timeIn(question)
	if own == "" {
		return previous
	}
	if old := timeIn(previous); old != "" {
		return strings.Replace(previous, old, own, 1)
	}
	if i := strings.LastIndex(strings.TrimRight(previous, "，？?。"), "，"); i >= 0 {
		return previous[:i+len("，")] + own + previous[i+len("，"):]
	}
	return own + previous
}

// replaceQuantities puts the age, time or number that a follow-up tells in the place of the one before.
func replaceQuantities(previous, question string) string {
	for _, own := range figures.Find(question) {
		if own.Kind != figures.Age && own.Kind != figures.Duration && own.Kind != figures.Count {
			continue
		}
		for _, old := range figures.Find(previous) {
			if old.Kind == own.Kind && old.Unit == own.Unit {
				previous = previous[:old.Start] + question[own.Start:own.End] + previous[old.End:]
				break
			}
		}
	}
	return previous
}

// timeIn returns the first words of a text that say when.
func timeIn(text string) string {
	for _, r := range relativeYears {
		if strings.Contains(text, r.word) {
			return r.word
		}
	}
	for _, f := range figures.Find(text) {
		if f.Kind == figures.Date {
			return text[f.Start:f.End]
		}
	}
	for _, w := range nowWords {
		if strings.Contains(text, w) {
			return w
		}
	}
	return ""
}
