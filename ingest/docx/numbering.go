package docx

import (
	"encoding/xml"
	"strings"
	"unicode"

	"xiaoyue/ingest/container"
)

// levels is how many levels a list has in Word.
const levels = 9

// level is one level of a list definition.
type level struct {
	start   int
	format  string // numFmt
	text    string // lvlText, %1 … %9 stand for the counters
	suffix  string // tab (default), space, nothing
	restart int    // lvlRestart, unset means after any higher level
	style   string // pStyle, the paragraph style that carries the level
	legal   bool   // isLgl: show all counters in arabic digits
}

// list is an abstractNum with its running counters; all nums that point to it share them.
type list struct {
	levels    [levels]level
	styleLink string // numStyleLink: the levels are those of that style's list
	value     [levels]int
	running   [levels]bool
}

// instance is a num: a list under a name of its own, which may restart or redefine levels.
type instance struct {
	list      string
	start     map[int]int // startOverride, removed once it took effect
	overrides map[int]level
}

// numbers is numbering.xml.
type numbers struct {
	lists     map[string]*list
	instances map[string]*instance
}

// readNumbering reads the named part.
func (p *parser) readNumbering(name string) (*numbers, error) {
	n := &numbers{lists: make(map[string]*list), instances: make(map[string]*instance)}
	err := p.part(name, func(x *container.XML) error {
		return x.Inside(func(e xml.StartElement) (err error) {
			switch e.Name.Local {
			case "abstractNum":
				n.lists[container.Attr(e, "abstractNumId")], err = readList(x)
			case "num":
				n.instances[container.Attr(e, "numId")], err = readInstance(x)
			case "numPicBullet":
				err = x.Skip()
			}
			return err
		})
	})
	return n, err
}

func readList(x *container.XML) (*list, error) {
	l := &list{}
	for i := range l.levels {
		l.levels[i] = level{restart: unset, format: "none"}
	}
	err := x.Inside(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "numStyleLink":
			l.styleLink = container.Attr(e, "val")
		case "lvl":
			i := number(container.Attr(e, "ilvl"), unset)
			lvl, err := readLevel(x)
			if i >= 0 && i < levels {
				l.levels[i] = lvl
			}
			return err
		}
		return nil
	})
	return l, err
}

func readLevel(x *container.XML) (level, error) {
	l := level{start: 0, restart: unset, format: "decimal"}
	err := x.Inside(func(e xml.StartElement) error {
		val := container.Attr(e, "val")
		switch e.Name.Local {
		case "start":
			l.start = number(val, 0)
		case "numFmt":
			l.format = val
		case "lvlText":
			l.text = val
		case "suff":
			l.suffix = val
		case "lvlRestart":
			l.restart = number(val, unset)
		case "pStyle":
			l.style = val
		case "isLgl":
			l.legal = flag(e) == "1"
		case "rPr", "pPr":
			return x.Skip()
		}
		return nil
	})
	return l, err
}

func readInstance(x *container.XML) (*instance, error) {
	in := &instance{start: make(map[int]int), overrides: make(map[int]level)}
	current := unset
	err := x.Inside(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "abstractNumId":
			in.list = container.Attr(e, "val")
		case "lvlOverride":
			current = number(container.Attr(e, "ilvl"), unset)
		case "startOverride":
			in.start[current] = number(container.Attr(e, "val"), 1)
		case "lvl":
			l, err := readLevel(x)
			in.overrides[current] = l
			return err
		}
		return nil
	})
	return in, err
}

// linked returns the list of an instance, following a link to a numbering style once.
func (n *numbers) linked(in *instance, s styles) *list {
	l := n.lists[in.list]
	if l == nil || l.styleLink == "" {
		return l
	}
	if via := n.instances[s.resolve(l.styleLink).numID]; via != nil {
		if target := n.lists[via.list]; target != nil {
			return target
		}
	}
	return l
}

// next counts one paragraph on and returns its number as printed, separator included. lvl is unset
// where only the paragraph's style ties it to a level.
func (n *numbers) next(numID string, lvl int, styleID string, s styles) string {
	in := n.instances[numID]
	if in == nil {
		return ""
	}
	l := n.linked(in, s)
	if l == nil {
		return ""
	}
	if lvl == unset {
		lvl = l.levelOf(styleID)
	}
	if lvl < 0 || lvl >= levels {
		return ""
	}
	l.count(in, lvl)
	return l.print(in, lvl)
}

// levelOf returns the level that a paragraph style carries, the outermost if none does.
func (l *list) levelOf(styleID string) int {
	for i, lv := range l.levels {
		if styleID != "" && lv.style == styleID {
			return i
		}
	}
	return 0
}

// count moves level lvl on and restarts the deeper ones that follow it.
func (l *list) count(in *instance, lvl int) {
	start, restarts := in.start[lvl]
	switch {
	case restarts:
		l.value[lvl] = start
		delete(in.start, lvl)
	case l.running[lvl]:
		l.value[lvl]++
	default:
		l.value[lvl] = l.at(in, lvl).start
	}
	l.running[lvl] = true
	for i := lvl + 1; i < levels; i++ {
		if after := l.at(in, i).restart; after == unset || lvl < after {
			l.running[i] = false
		}
	}
}

// at returns the definition of a level, as the instance redefines it.
func (l *list) at(in *instance, lvl int) level {
	if o, ok := in.overrides[lvl]; ok {
		return o
	}
	return l.levels[lvl]
}

// print writes the number of level lvl with the counters above it.
func (l *list) print(in *instance, lvl int) string {
	def := l.at(in, lvl)
	if def.format == "bullet" {
		return bullet(def.text)
	}
	var b strings.Builder
	for rest := def.text; rest != ""; {
		i := strings.IndexByte(rest, '%')
		if i < 0 || i+1 >= len(rest) {
			b.WriteString(rest)
			break
		}
		b.WriteString(rest[:i])
		rest = rest[i:]
		if k := int(rest[1] - '1'); rest[1] >= '1' && k < levels {
			b.WriteString(l.counter(in, k, def.legal))
			rest = rest[2:]
			continue
		}
		b.WriteByte('%')
		rest = rest[1:]
	}
	return withSeparator(b.String(), def.suffix)
}

// counter prints one counter; a level that was never used shows its start.
func (l *list) counter(in *instance, k int, legal bool) string {
	def, v := l.at(in, k), l.value[k]
	if !l.running[k] {
		v = def.start
	}
	if legal {
		return printNumber("decimal", v)
	}
	return printNumber(def.format, v)
}

// withSeparator puts a space after a number unless its own last sign separates, as Chinese does.
func withSeparator(s, suffix string) string {
	if s == "" || suffix == "nothing" || strings.HasSuffix(s, " ") {
		return s
	}
	for _, end := range []string{"、", "）", "．", "：", "，", "】", "〕"} {
		if strings.HasSuffix(s, end) {
			return s
		}
	}
	return s + " "
}

// bullet returns a list mark. Symbol fonts hide theirs behind letters or in the private use area;
// those become a dot.
func bullet(text string) string {
	for _, r := range text {
		if r > ' ' && !unicode.IsLetter(r) && !unicode.Is(unicode.Co, r) {
			return string(r) + " "
		}
	}
	return "• "
}
