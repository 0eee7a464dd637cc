package guide

import (
	"slices"
	"strings"
	"unicode/utf8"

	"xiaoyue/assistant/grounding"
	"xiaoyue/assistant/guide/prompt"
	"xiaoyue/kb"
)

// piece is a passage as a model is given it, under one handle.
type piece struct {
	source *source
	units  []unit // that lie in the parts handed over, in reading order
	ref    kb.EvidenceRef
}

// The bounds of the evidence that a model is given.
const (
	maxPieces        = 8
	maxFurther       = 3 // passages beside those of the findings
	maxPieceRunes    = 800
	maxEvidenceRunes = 4000
)

// piecesOf chooses what a model is given for a part: the passages of the findings, those of the
// nearest region first, then the best of the other hits, all of it within a number of characters.
func (g *Guide) piecesOf(p part, runes int) []piece {
	var pieces []piece
	add := func(s *source, focus []unit) {
		one, ok := g.newPiece(s, focus, min(maxPieceRunes, runes))
		if !ok || len(pieces) == maxPieces || slices.ContainsFunc(pieces, func(o piece) bool { return o.overlaps(one) }) {
			return
		}
		runes -= utf8.RuneCountInString(one.text())
		pieces = append(pieces, one)
	}
	for _, f := range p.findings {
		for _, c := range f.picks {
			add(c.source, p.picked(c.source))
		}
	}
	found := len(pieces)
	for i := range p.evidence.sources {
		s := &p.evidence.sources[i]
		if len(pieces) < found+maxFurther && s.concerns(p.reading) {
			add(s, nil)
		}
	}
	return pieces
}

// picked returns the units of a source that the findings of a part rest on.
func (p part) picked(s *source) []unit {
	var units []unit
	for _, f := range p.findings {
		for _, c := range f.picks {
			if c.source.passage.ID == s.passage.ID {
				units = append(units, c.unit)
			}
		}
	}
	return units
}

// ruled reports whether a rule is among what the findings of a part rest on.
func (p part) ruled() bool {
	return slices.ContainsFunc(citedDocs(p.findings), isRuling)
}

// concerns reports whether a document can be about a question at all: of its year and place, and for
// people such as the asker.
func (s *source) concerns(r reading) bool {
	return !ofOtherYear(r.year, s.doc.Title) && !s.silentOn(r.attributes) && strings.Contains(s.doc.Title+s.doc.Text, r.place)
}

// newPiece cuts a passage to a number of characters around the units in focus, and leaves out what
// speaks to a model. False where nothing is left, or what stands above it all speaks to a model.
func (g *Guide) newPiece(s *source, focus []unit, runes int) (piece, bool) {
	v := s.passage
	if orders(strings.Join(append([]string{s.doc.Title, v.Clause, v.Head}, v.Headings...), "\n")) {
		return piece{}, false
	}
	p := piece{source: s}
	p.ref = kb.EvidenceRef{DocID: s.doc.ID, PassageID: v.ID, Version: v.Version, Place: g.regionName(s.doc.Region), Validity: v.Validity}
	start := v.Start
	if len(focus) > 0 && utf8.RuneCountInString(v.Text) > runes {
		start = max(start, focus[0].start)
	}
	p.ref.Parts = sound(s.doc.Text, start, min(v.Start+len(v.Text), len(s.doc.Text)), runes)
	for _, u := range s.units {
		if u.kind != block && p.holds(u) {
			p.units = append(p.units, u)
		}
	}
	return p, len(p.units) > 0
}

// sound returns the parts of [from, to) without the sentences that speak to a model or in another
// language, up to a number of characters. A sentence that is too long ends it.
func sound(text string, from, to, runes int) []kb.Span {
	var parts []kb.Span
	suspect, chinese := orders(text[from:to]), hasHan(text[from:to])
	for at := from; at < to; {
		end := at + sentenceEnd(firstLine(text[at:to]), 0)
		words := text[at:end]
		if runes -= utf8.RuneCountInString(words); runes < 0 {
			break
		}
		switch n := len(parts); {
		case suspect && orders(words), chinese && isForeign(words):
		case n > 0 && parts[n-1].End == at:
			parts[n-1].End = end
		default:
			parts = append(parts, kb.Span{Start: at, End: end})
		}
		at = end
	}
	return parts
}

// firstLine returns a text up to and with its first line break.
func firstLine(text string) string {
	if i := strings.IndexByte(text, '\n'); i >= 0 {
		return text[:i+1]
	}
	return text
}

// holds reports whether a unit was handed over whole.
func (p piece) holds(u unit) bool {
	return slices.ContainsFunc(p.ref.Parts, func(s kb.Span) bool { return s.Start <= u.start && u.start+len(u.text) <= s.End })
}

// overlaps reports whether two pieces are of one passage, or of one place in a text.
func (p piece) overlaps(o piece) bool {
	a, b := p.ref, o.ref
	return a.PassageID == b.PassageID || a.DocID == b.DocID && a.Version == b.Version && a.Parts[0].Start < b.Parts[len(b.Parts)-1].End && b.Parts[0].Start < a.Parts[len(a.Parts)-1].End
}

func (p piece) text() string { return partsText(p.source.doc, p.source.passage, p.ref.Parts) }

// partsText is the text of a piece: the headings above it that it does not repeat, the head of its
// table, its parts. It is made of stored texts and offsets alone, so that a replay makes the same.
func partsText(d kb.Document, p kb.Passage, parts []kb.Span) string {
	var own []string
	for _, s := range parts {
		own = append(own, strings.TrimSpace(d.Text[s.Start:s.End]))
	}
	words := strings.Join(own, "\n")
	var lines []string
	for _, above := range append(slices.Clone(p.Headings), p.Head) {
		if above != "" && !strings.Contains(words, above) {
			lines = append(lines, above)
		}
	}
	return strings.Join(append(lines, words), "\n")
}

// promptPiece returns a piece as the template takes it.
func promptPiece(d kb.Document, p kb.Passage, ref kb.EvidenceRef) prompt.Piece {
	return prompt.Piece{Title: d.Title, Number: d.Number, Clause: p.Clause, Place: ref.Place, Validity: ref.Validity, Text: partsText(d, p, ref.Parts)}
}

// evidenceOf returns a piece as the check of sentences takes it.
func (g *Guide) evidenceOf(p piece, day kb.Date) grounding.Evidence {
	d := p.source.doc
	e := grounding.Evidence{Title: d.Title, Number: d.Number, Clause: p.source.passage.Clause, Places: g.placesOf(d.Region), Status: p.ref.Validity.On(day)}
	for _, u := range p.units {
		e.Units = append(e.Units, grounding.Unit{Said: u.said, Above: u.above})
	}
	return e
}

// placesOf returns the names of a region and of those above it.
func (g *Guide) placesOf(region string) []string {
	chain, err := g.regions.Chain(region)
	if region == "" || err != nil {
		return nil
	}
	names := make([]string, len(chain))
	for i, code := range chain {
		names[i] = g.regionName(code)
	}
	return names
}
