package ingest

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"xiaoyue/kb"
)

// cutLines emits the own lines of a node: tables by themselves, the rest packed to passages of even
// length that end with lines, or with sentences where a line is too long.
func (s *splitter) cutLines(first, end, at int) {
	for i := first; i < end; {
		if table := s.lines[i].table; table > 0 {
			stop := i
			for stop < end && s.lines[stop].table == table {
				stop++
			}
			s.cutTable(i, stop, at)
			i = stop
			continue
		}
		stop := i
		for stop < end && s.lines[stop].table == 0 {
			stop++
		}
		caption := 0
		if stop < end && stop > i && s.isCaption(stop-1) {
			caption = 1
		}
		s.cutProse(i, stop-caption, at)
		if caption > 0 {
			table := s.lines[stop].table
			last := stop
			for last < end && s.lines[last].table == table {
				last++
			}
			s.cutTable(stop-1, last, at)
			stop = last
		}
		i = stop
	}
}

// isCaption reports whether line i reads like the title of the table below it.
func (s *splitter) isCaption(i int) bool {
	return s.lines[i].runes <= maxTitle && !endsSentence(s.line(i)) || strings.HasSuffix(s.line(i), "：") && s.lines[i].runes <= maxTitle
}

// atom is a piece that packing does not take apart: a line or a sentence.
type atom struct {
	start, stop int // bytes
	line        int
	runes       int
	breaks      bool // a good place to begin a passage: an inline number such as 一、
}

// cutProse packs lines [first, end) into passages.
func (s *splitter) cutProse(first, end, at int) {
	if end <= first {
		return
	}
	var atoms []atom
	for i := first; i < end; i++ {
		atoms = s.atoms(atoms, i)
	}
	total := 0
	for _, a := range atoms {
		total += a.runes
	}
	pieces := (total + maxPassage - 1) / maxPassage
	goal := (total + pieces - 1) / max(pieces, 1)
	var cuts []int // first atoms of the pieces
	size, before := 0, 0
	for i, a := range atoms {
		full := size > 0 && (size+a.runes > maxPassage || size >= goal || a.breaks && size >= goodPassage/2)
		if i == 0 || full {
			cuts = append(cuts, i)
			before, size = size, 0
		}
		size += a.runes
	}
	if len(cuts) > 1 && size < tinyPassage && before+size <= maxPassage {
		cuts = cuts[:len(cuts)-1]
	}
	for i, from := range cuts {
		to := len(atoms)
		if i+1 < len(cuts) {
			to = cuts[i+1]
		}
		s.emitAtoms(atoms[from:to], at)
	}
}

func (s *splitter) emitAtoms(atoms []atom, at int) {
	if len(atoms) == 0 {
		return
	}
	a, z := atoms[0], atoms[len(atoms)-1]
	clause := clauseOf(s.nodes, at)
	if s.nodes[at].article && a.line == z.line {
		para := a.line - s.nodes[at].first + 1
		if s.nodes[at].body >= s.lines[s.nodes[at].first].end {
			para--
		}
		clause = paragraphClause(s.nodes, at, para)
	}
	stop := a.start + len(strings.TrimRightFunc(s.text[a.start:z.stop], unicode.IsSpace))
	s.emit(cutting{first: a.line, end: z.line + 1, start: a.start, stop: stop, node: at, clause: clause})
}

// atoms appends line i, cut into sentences where it is longer than a passage.
func (s *splitter) atoms(to []atom, i int) []atom {
	l := s.lines[i]
	if l.runes <= maxPassage {
		return append(to, atom{start: l.start, stop: l.end, line: i, runes: l.runes})
	}
	for rest := l.start; rest < l.end; {
		n, runes := sentence(s.text[rest:l.end])
		to = append(to, atom{start: rest, stop: rest + n, line: i, runes: runes, breaks: opensClause(s.text[rest:l.end])})
		rest += n
	}
	return to
}

// sentence returns the length of the first sentence of s in bytes and characters, closing quotes and
// following spaces included. A sentence longer than a passage is cut at a comma, at a space, or
// where the passage is full.
func sentence(s string) (length, runes int) {
	soft := cutPoint{}
	for i, r := range s {
		runes++
		next := i + utf8.RuneLen(r)
		switch r {
		case '。', '！', '？', '；', '!', '?', ';', '\n':
			n, more := trailing(s[next:])
			return next + n, runes + more
		case ' ', '\u3000':
			if opensClause(s[next:]) {
				return next, runes
			}
			soft = cutPoint{next, runes}
		case '，', '、', '：', ',':
			soft = cutPoint{next, runes}
		}
		if runes >= maxPassage {
			if soft.runes >= maxPassage/2 {
				return soft.at, soft.runes
			}
			return next, runes
		}
	}
	return len(s), runes
}

type cutPoint struct{ at, runes int }

// trailing measures the closing marks and spaces that belong to a sentence that has just ended.
func trailing(s string) (length, runes int) {
	for i, r := range s {
		if !strings.ContainsRune("”’』」》）)\"' \u3000", r) {
			return i, runes
		}
		runes++
	}
	return len(s), runes
}

// opensClause reports whether running text goes on with a numbered clause: 一、 or （一） or 第一条.
func opensClause(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	if r != '（' && r != '第' && unitOf(r) == 0 {
		if _, ok := digitOf(r); !ok || isArabic(r) {
			return false
		}
	}
	m, ok := markerOf(s)
	return ok && (m.rank == rankFirst || m.rank == rankSecond || m.rank <= rankArticle && m.spaced)
}

// cutTable emits the table at lines [first, end), a caption line included. A table that is too long
// is cut between rows, and its head rows are repeated in the Head of every part but the first.
func (s *splitter) cutTable(first, end, at int) {
	clause := clauseOf(s.nodes, at)
	if s.size(first, end) <= maxTable {
		s.emit(cutting{first: first, end: end, node: at, clause: clause, kind: kb.PassageTable})
		return
	}
	rows := s.firstRow(first, end)
	head := s.text[s.lines[first].start:s.lines[max(rows-1, first)].end]
	if s.size(first, rows) > maxHead {
		head = truncate(head, maxHead)
	}
	from, size := first, 0
	for i := first; i < end; i++ {
		if s.lines[i].runes > maxTable {
			s.emitRows(from, i, at, head)
			s.cutProse(i, i+1, at)
			from, size = i+1, 0
			continue
		}
		if size > 0 && i > rows && size+s.lines[i].runes > maxPassage {
			s.emitRows(from, i, at, head)
			from, size = i, 0
		}
		size += s.lines[i].runes
	}
	s.emitRows(from, end, at, head)
}

func (s *splitter) emitRows(first, end, at int, head string) {
	if end <= first {
		return
	}
	c := cutting{first: first, end: end, node: at, clause: clauseOf(s.nodes, at), kind: kb.PassageTable}
	if s.lines[first].table > 0 && !s.lines[first].head && first > 0 && s.lines[first-1].table == s.lines[first].table {
		c.head = head
	}
	s.emit(c)
}

// firstRow returns the first line of a table below its caption and head rows; a table that marks no
// head rows has its first row as head.
func (s *splitter) firstRow(first, end int) int {
	i := first
	for i < end && s.lines[i].table == 0 {
		i++
	}
	top := i
	for i < end && s.lines[i].head {
		i++
	}
	if i == top && i < end {
		i++
	}
	return min(i, end)
}

// truncate cuts s to n characters.
func truncate(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
