package grounding

import (
	_ "embed"
	"fmt"
	"strings"
	"unicode/utf8"

	"xiaoyue/retrieval/segment"
)

//go:embed lexicon.txt
var lexiconText string

// kind is what a word does in a sentence. The kinds of words are the sections of lexicon.txt.
type kind uint8

const (
	raw    kind = iota // a run of characters that the lexicon does not know
	same               // a word of a group; it must stand in the evidence
	person             // whom the document is about; it must stand anywhere in it
	free               // a word of a group; it need not
	must               // obliges
	may                // permits
	deny               // denies what follows
	denied             // denies what its group names
	plain              // a whole that only looks like a denial or a numeral
	empty              // says nothing
	period             // 每月, 一次性
	mark               // punctuation
	number             // a figure
)

var kindOf = map[string]kind{
	"same": same, "person": person, "free": free, "must": must, "may": may, "deny": deny, "denied": denied, "plain": plain, "empty": empty,
	"month": period, "quarter": period, "year": period, "once": period, "day": period, "time": period, "area": period, "piece": period, "term": period,
}

// entry is a word of the lexicon.
type entry struct {
	kind kind
	name string // of its group
}

// lexicon holds the words of rules. It is immutable.
type lexicon struct {
	root        *node
	restricting map[string]bool // names of groups that narrow what they stand with
	generic     map[string]bool // conditions that every rule has
	before      map[string]bound
	behind      map[string]bound
}

type node struct {
	next  map[rune]*node
	entry *entry
}

func parseLexicon(text string) (*lexicon, error) {
	l := &lexicon{root: &node{}, restricting: map[string]bool{}, generic: map[string]bool{}, before: map[string]bound{}, behind: map[string]bound{}}
	section := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if strings.HasPrefix(line, "[") {
			section, _, _ = strings.Cut(line[1:], "]")
			continue
		}
		words := strings.Fields(line)
		for i := range words {
			words[i] = segment.Normal(words[i])
		}
		if err := l.add(section, words); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// add takes in a line of a section.
func (l *lexicon) add(section string, words []string) error {
	kind, isWord := kindOf[section]
	name := words[0]
	if kind == denied {
		words = words[1:] // the first says what the others deny
	}
	for _, w := range words {
		switch {
		case isWord:
			if kind == period {
				name = section
			}
			if kind == deny || kind == plain || kind == empty {
				name = w
			}
			if err := l.insert(w, entry{kind, name}); err != nil {
				return err
			}
		case section == "restrict":
			l.restricting[w] = true
			if e, n := l.longest(w); e == nil || n < len(w) {
				if err := l.insert(w, entry{same, w}); err != nil {
					return err
				}
			}
		case section == "generic":
			l.generic[w] = true
		case boundsBefore[section] != unbounded:
			l.before[w] = boundsBefore[section]
		case boundsBehind[section] != unbounded:
			l.behind[w] = boundsBehind[section]
		default:
			return fmt.Errorf("lexicon: %q is in no section that we know: %q", w, section)
		}
	}
	return nil
}

func (l *lexicon) insert(word string, e entry) error {
	n := l.root
	for _, r := range word {
		child := n.next[r]
		if child == nil {
			child = &node{}
			if n.next == nil {
				n.next = map[rune]*node{}
			}
			n.next[r] = child
		}
		n = child
	}
	if n.entry != nil && *n.entry != e {
		return fmt.Errorf("lexicon: %q stands in two groups", word)
	}
	n.entry = &e
	return nil
}

// longest returns the longest word that s begins with, and its length in bytes; nil where there is none.
func (l *lexicon) longest(s string) (*entry, int) {
	var best *entry
	length, n := 0, l.root
	for i, r := range s {
		if n = n.next[r]; n == nil {
			return best, length
		}
		if n.entry != nil {
			best, length = n.entry, i+utf8.RuneLen(r)
		}
	}
	return best, length
}
