package ingest

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"xiaoyue/kb"
)

// SplitterVersion names the way passages are cut. It is part of the index stamp: change it with
// every change that moves a boundary.
const SplitterVersion = "clause-3"

// Lengths of passages in characters. A clause is kept whole up to maxPassage, and prose is cut to even
// parts below it; siblings are merged up to goodPassage; tables stay whole up to maxTable. On plain
// text, longer passages help the search by words and shorter ones that by vectors, whose embedder
// reads 510 tokens.
const (
	goodPassage = 300
	maxPassage  = 480
	tinyPassage = 60 // a last part of fewer joins the one before where there is room
	maxTable    = 800
	maxHead     = 200 // of the context repeated in front of a part
)

// splitter cuts a text into passages along its clause tree.
type splitter struct {
	page
	nodes    []node
	children [][]int
	end      []int // line after the subtree of each node
	articles []bool
	runes    []int // prefix sums over lines
	out      []kb.Passage
}

// split cuts the text of a page whose clause tree is nodes. Passages come in reading order and do
// not overlap; what is in none of them are headings, which passages carry as their path.
func split(p page, nodes []node) []kb.Passage {
	s := &splitter{page: p, nodes: nodes, children: make([][]int, len(nodes)), end: make([]int, len(nodes)),
		articles: make([]bool, len(nodes)), runes: make([]int, len(p.lines)+1), out: make([]kb.Passage, 0, len(nodes))}
	for i, l := range p.lines {
		s.runes[i+1] = s.runes[i] + l.runes
	}
	for i := range nodes {
		s.end[i] = s.ownEnd(i)
	}
	for i := len(nodes) - 1; i > 0; i-- {
		up := nodes[i].parent
		s.end[up] = max(s.end[up], s.end[i])
		s.articles[up] = s.articles[up] || s.articles[i] || nodes[i].article
	}
	for i := range nodes[1:] {
		up := nodes[i+1].parent
		s.children[up] = append(s.children[up], i+1)
	}
	s.cut(0)
	return s.out
}

func (s *splitter) ownEnd(i int) int {
	if i+1 < len(s.nodes) {
		return s.nodes[i+1].first
	}
	return len(s.lines)
}

func (s *splitter) size(first, end int) int { return s.runes[end] - s.runes[first] }

// whole reports whether the subtree of a node may be one passage: it fits, and holds no articles,
// each of which is a passage of its own.
func (s *splitter) whole(i int) bool {
	limit := maxPassage
	if i == 0 && len(s.children[0]) > 0 {
		limit = goodPassage / 2
	}
	return !s.articles[i] && s.size(s.nodes[i].first, s.end[i]) <= limit
}

// cut emits the passages of the subtree of node i.
func (s *splitter) cut(i int) {
	n := s.nodes[i]
	if s.whole(i) {
		s.emit(cutting{first: n.first, end: s.end[i], node: i, clause: clauseOf(s.nodes, i)})
		return
	}
	own := s.ownEnd(i)
	kids := s.children[i]
	if len(kids) == 0 {
		s.cutLines(n.first, own, i)
		return
	}
	lead := s.leadIn(i, own)
	if lead && s.mergeLead(i) {
		return
	}
	if s.hasWords(i, own) {
		s.cutLines(n.first, own, i)
	}
	s.cutChildren(kids, s.headOf(i, own))
}

// leadIn reports whether the own lines of node i are few words that introduce its children.
func (s *splitter) leadIn(i, own int) bool {
	return i > 0 && s.size(s.nodes[i].first, own) <= goodPassage/4 && !s.articles[i]
}

// mergeLead cuts node i with its own lines joined to the first children, where that fits.
func (s *splitter) mergeLead(i int) bool {
	kids := s.children[i]
	n := s.together(kids, s.size(s.nodes[i].first, s.ownEnd(i)))
	if n == 0 {
		return false
	}
	s.emit(cutting{first: s.nodes[i].first, end: s.end[kids[n-1]], node: i, clause: clauseOf(s.nodes, i)})
	s.cutChildren(kids[n:], s.headOf(i, s.ownEnd(i)))
	return true
}

// cutChildren emits siblings in order, merging small ones.
func (s *splitter) cutChildren(kids []int, head string) {
	for len(kids) > 0 {
		n := s.together(kids, 0)
		if n > 0 && n < len(kids) && s.closes(kids, n) {
			n = len(kids)
		}
		if n < 2 {
			before := len(s.out)
			s.cut(kids[0])
			for j := before; j < len(s.out); j++ {
				if s.out[j].Head == "" && s.nodes[kids[0]].number != "" {
					s.out[j].Head = head
				}
			}
			kids = kids[1:]
			continue
		}
		s.emit(cutting{first: s.nodes[kids[0]].first, end: s.end[kids[n-1]], node: kids[0],
			clause: rangeClause(s.nodes, kids[0], kids[n-1]), head: head})
		kids = kids[n:]
	}
}

// together counts the leading siblings that fit into one passage beside taken characters. Articles,
// annexes and styled headings are never merged.
func (s *splitter) together(kids []int, taken int) int {
	for count, k := range kids {
		n := s.nodes[k]
		if n.article || n.rank == rankAnnex || n.headed() || !s.whole(k) {
			return count
		}
		taken += s.size(n.first, s.end[k])
		if taken > goodPassage {
			return count
		}
	}
	return len(kids)
}

// closes reports whether the siblings from the nth on are so small that they join those before.
func (s *splitter) closes(kids []int, n int) bool {
	end := s.end[kids[len(kids)-1]]
	if s.size(s.nodes[kids[n]].first, end) >= tinyPassage || s.size(s.nodes[kids[0]].first, end) > maxPassage {
		return false
	}
	return !slices.ContainsFunc(kids[n:], func(k int) bool { return s.nodes[k].article || s.nodes[k].rank == rankAnnex || s.nodes[k].headed() })
}

// hasWords reports whether the own lines of a node say more than its heading.
func (s *splitter) hasWords(i, own int) bool {
	return own > s.nodes[i].first && s.lines[own-1].end > s.nodes[i].body
}

// headOf returns the lead-in that parts of a node need to be understood: its last own line where
// that ends with a colon.
func (s *splitter) headOf(i, own int) string {
	if own <= s.nodes[i].first || s.lines[own-1].table > 0 || s.lines[own-1].runes > maxHead {
		return ""
	}
	if last := s.line(own - 1); strings.HasSuffix(last, "：") || strings.HasSuffix(last, ":") {
		return last
	}
	return ""
}

// cutting is a passage to be: whole lines, or a byte range where start and stop are set.
type cutting struct {
	first, end  int // lines
	start, stop int // bytes; both 0 for whole lines
	node        int
	clause      string
	head        string
	kind        kb.PassageKind
}

func (s *splitter) emit(c cutting) {
	if c.end <= c.first {
		return
	}
	if c.stop == 0 {
		c.start, c.stop = s.lines[c.first].start, s.lines[c.end-1].end
	}
	if c.kind == "" {
		c.kind = kb.PassageClause
	}
	s.out = append(s.out, kb.Passage{
		Ordinal:  len(s.out),
		Kind:     c.kind,
		Headings: s.path(c.node, c.first),
		Clause:   c.clause,
		Page:     s.lines[c.first].page,
		Text:     s.text[c.start:c.stop],
		Start:    c.start,
		Head:     c.head,
	})
}

// path returns the headings above line first, outermost first. The heading of the node itself counts
// where the passage begins below it.
func (s *splitter) path(at, first int) []string {
	var path []string
	for i := at; i > 0; i = s.nodes[i].parent {
		n := s.nodes[i]
		if n.title == "" || n.first >= first {
			continue
		}
		path = append(path, strings.TrimSpace(n.number+" "+n.title))
	}
	for i, j := 0, len(path)-1; i < j; i, j = i+1, j-1 {
		path[i], path[j] = path[j], path[i]
	}
	return path
}

// identify gives every passage its ID: a hash of document, clause and words, white space apart, so
// that it is stable while these are unchanged. Equal passages of one document are told apart by
// their order.
func identify(docID string, passages []kb.Passage) {
	seen := make(map[[sha256.Size]byte]int, len(passages))
	var key []byte
	for i := range passages {
		p := &passages[i]
		key = append(append(append(append(key[:0], docID...), 0), p.Clause...), 0)
		key = append(appendWords(key, p.Head), 0)
		key = appendWords(key, p.Text)
		sum := sha256.Sum256(key)
		nth := seen[sum]
		seen[sum]++
		if nth > 0 {
			sum = sha256.Sum256(strconv.AppendInt(sum[:], int64(nth), 10))
		}
		p.ID, p.DocID = hex.EncodeToString(sum[:12]), docID
	}
}

// appendWords appends s without white space.
func appendWords(to []byte, s string) []byte {
	for word := range strings.FieldsSeq(s) {
		to = append(to, word...)
	}
	return to
}
