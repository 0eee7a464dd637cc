package embedded

import (
	"fmt"

	"xiaoyue/retrieval/embedded/flat"
	"xiaoyue/retrieval/lexical"
)

// state is all that a search needs in memory. It is what the journal says, and nothing else.
type state struct {
	config    *config
	table     *table
	lexical   *lexical.Index
	codes     *flat.Codes // nil where the index has no vectors
	vectors   int
	segmented int   // passages segmented since the last checkpoint
	saved     int64 // the last checkpoint reflects the journal up to here
	scratch   []float32
	mapped    []byte // the checkpoint that parts lie in; nil: none
}

func newState(c *config) *state {
	s := &state{config: c, table: newTable(), lexical: lexical.New(c.lexical)}
	if c.stamp.Dimension > 0 {
		s.codes = flat.New(c.stamp.Dimension)
		s.scratch = make([]float32, c.stamp.Dimension)
	}
	return s
}

// fork returns a state that shares everything but the places of records in the journal.
func (s *state) fork() *state {
	f := *s
	f.table = s.table.fork()
	return &f
}

// apply makes the change that a record at an offset of the journal describes. terms are those of
// the record's words; nil lets apply make them where they are needed.
func (s *state) apply(r *record, at int64, size int, terms []string) error {
	slot, known := s.table.find(r.id)
	if r.remove {
		if known {
			s.remove(slot)
		}
		return nil
	}
	kind, err := s.table.kindOf(r.kind)
	if err != nil {
		return err
	}
	m := mark{kind, r.from, r.until}
	entry := row{words: r.digest(), at: at, size: uint32(size)}
	if len(r.vector) > 0 {
		entry.vector = uint32(size - len(r.vector))
	}
	if known && s.table.rows.at(slot).words == entry.words {
		s.table.set(slot, r.doc, entry, m)
	} else {
		if known {
			s.remove(slot)
		}
		if slot, err = s.add(r, entry, m, terms); err != nil {
			return err
		}
	}
	s.setVector(slot, r.vector)
	return nil
}

// add gives the passage a new slot and indexes its words.
func (s *state) add(r *record, entry row, m mark, terms []string) (uint32, error) {
	if terms == nil {
		terms = s.config.segmenter.Passage(string(r.title), string(r.text))
	}
	slot := s.table.add(r.id, r.doc, entry, m)
	if err := s.lexical.Add(slot, terms); err != nil {
		return 0, fmt.Errorf("index words: %w", err)
	}
	s.segmented++
	return slot, nil
}

func (s *state) remove(slot uint32) {
	s.setVector(slot, nil)
	s.lexical.Remove(slot)
	s.table.remove(slot)
}

// setVector stores the encoded vector of a slot; none empties it.
func (s *state) setVector(slot uint32, encoded []byte) {
	if s.codes == nil {
		return
	}
	if s.codes.Has(slot) {
		s.codes.Clear(slot)
		s.vectors--
	}
	if len(encoded) > 0 {
		readVector(s.scratch, encoded)
		s.codes.Set(slot, s.scratch)
		s.vectors++
	}
}
