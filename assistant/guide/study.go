package guide

import "xiaoyue/assistant/traits"

// study keeps what was worked out of the texts of a document in one search, so that it is done once
// for all its passages and all parts of a question. It belongs to one answer.
type study struct {
	layers map[string]layer // by text
	fits   map[traits.Trait]traits.Fit
	units  map[int][]unit // of windows from the beginning, by their end
}

func newStudy() *study {
	return &study{map[string]layer{}, map[traits.Trait]traits.Fit{}, map[int][]unit{}}
}

// split returns the units of a window of the document. Passages of a short document share one.
func (s *study) split(text string, from, to int, above []string) []unit {
	if from > 0 {
		return unitsOf(text[from:to], from, above)
	}
	if s.units[to] == nil {
		s.units[to] = unitsOf(text[:to], 0, nil)
	}
	return s.units[to]
}

// layer returns the layer of a text of the document.
func (s *source) layer(g *Guide, text string, worth float64) layer {
	l, ok := s.study.layers[text]
	if !ok {
		l = g.newLayer(text, worth)
		s.study.layers[text] = l
	}
	l.worth = worth
	return l
}

// fit compares a trait with the whole document.
func (s *source) fit(w traits.Trait) traits.Fit {
	f, ok := s.study.fits[w]
	if !ok {
		f = traits.Fits([]traits.Trait{w}, s.doc.Title+"\n"+s.doc.Text[:min(len(s.doc.Text), maxDocBytes)])
		s.study.fits[w] = f
	}
	return f
}
