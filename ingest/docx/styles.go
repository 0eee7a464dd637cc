package docx

import (
	"encoding/xml"
	"strconv"
	"strings"

	"xiaoyue/ingest/container"
)

// maxStyleChain bounds basedOn chains, which hostile files make circular.
const maxStyleChain = 32

// unset marks a number that a style or paragraph does not state.
const unset = -1

// format is what a style or a paragraph states about itself.
type format struct {
	outline int    // 0…8, 9 is body text, unset
	numID   string // "0" takes a number away
	level   int
	align   string
	hidden  string // value of vanish: "" unset, "0" or "1"
}

var noFormat = format{outline: unset, level: unset}

// over returns f with what it leaves open taken from base.
func (f format) over(base format) format {
	if f.outline == unset {
		f.outline = base.outline
	}
	if f.numID == "" {
		f.numID = base.numID
	}
	if f.level == unset {
		f.level = base.level
	}
	if f.align == "" {
		f.align = base.align
	}
	if f.hidden == "" {
		f.hidden = base.hidden
	}
	return f
}

// style is one entry of styles.xml.
type style struct {
	format
	name    string // lower case
	basedOn string
}

// styles is styles.xml by id, formats resolved along basedOn.
type styles struct {
	byID     map[string]style
	standard string            // id of the default paragraph style
	resolved map[string]format // what resolve found so far
}

// readStyles reads the named part.
func (p *parser) readStyles(name string) (styles, error) {
	s := styles{byID: make(map[string]style), resolved: make(map[string]format)}
	err := p.part(name, func(x *container.XML) error {
		return x.Inside(func(e xml.StartElement) error {
			if e.Name.Local != "style" {
				return nil
			}
			id := container.Attr(e, "styleId")
			if container.Attr(e, "type") == "paragraph" && on(container.Attr(e, "default"), false) {
				s.standard = id
			}
			st, err := readStyle(x)
			s.byID[id] = st
			return err
		})
	})
	return s, err
}

func readStyle(x *container.XML) (style, error) {
	st := style{format: noFormat}
	err := x.Inside(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "name":
			st.name = strings.ToLower(container.Attr(e, "val"))
		case "basedOn":
			st.basedOn = container.Attr(e, "val")
		case "tblStylePr":
			return x.Skip()
		default:
			st.read(e)
		}
		return nil
	})
	return st, err
}

// read takes from e what paragraph and run properties say, wherever it stands among them.
func (f *format) read(e xml.StartElement) {
	val := container.Attr(e, "val")
	switch e.Name.Local {
	case "outlineLvl":
		f.outline = number(val, unset)
	case "numId":
		f.numID = val
	case "ilvl":
		f.level = number(val, unset)
	case "jc":
		f.align = val
	case "vanish":
		f.hidden = flag(e)
	}
}

// resolve returns the format of a style with its bases.
func (s styles) resolve(id string) format {
	f, ok := s.resolved[id]
	if !ok {
		f = s.chain(id)
		s.resolved[id] = f
	}
	return f
}

// chain follows basedOn. Where no outline level is stated, the names of Word's built-in headings
// give it: "heading 2" is outline 1.
func (s styles) chain(id string) format {
	f := noFormat
	named := unset
	for range maxStyleChain {
		st, ok := s.byID[id]
		if !ok {
			break
		}
		f = f.over(st.format)
		if rest, ok := strings.CutPrefix(st.name, "heading "); ok && named == unset {
			named = number(rest, 0) - 1
		}
		id = st.basedOn
	}
	if f.outline == unset && named >= 0 {
		f.outline = named
	}
	return f
}

// is says whether the style has that built-in name.
func (s styles) is(id, name string) bool { return s.byID[id].name == name }

// contents says whether the style is one of the built-in styles of a table of contents.
func (s styles) contents(id string) bool {
	rest, ok := strings.CutPrefix(s.byID[id].name, "toc ")
	return ok && (rest == "heading" || number(rest, unset) != unset)
}

// flag returns "1" or "0" for an on/off element, which is on when it has no value.
func flag(e xml.StartElement) string {
	if on(container.Attr(e, "val"), true) {
		return "1"
	}
	return "0"
}

func on(val string, otherwise bool) bool {
	switch val {
	case "":
		return otherwise
	case "0", "false", "off", "none":
		return false
	}
	return true
}

func number(s string, otherwise int) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil {
		return otherwise
	}
	return n
}
