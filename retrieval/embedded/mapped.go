package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"xiaoyue/retrieval/embedded/flat"
	"xiaoyue/retrieval/lexical"
)

// load maps the checkpoint of the journal with an ID. The file stays open for the inspection. None is
// no error, and no state.
func load(folder string, c *config, id string) (s *state, h head, f *os.File, err error) {
	f, err = os.Open(filepath.Join(folder, checkpointName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, h, nil, nil
	}
	if err != nil {
		return nil, h, nil, err
	}
	if h, err = readHead(f, id); err == nil {
		s, err = mapState(f, &h, c)
	}
	if err != nil {
		return nil, h, nil, errors.Join(err, f.Close())
	}
	return s, h, f, nil
}

func mapState(f *os.File, h *head, c *config) (*state, error) {
	data, err := mapFile(f, h.end())
	if err != nil {
		return nil, fmt.Errorf("map: %w", err)
	}
	s := newState(c)
	s.mapped, s.vectors, s.saved = data, h.vectors, h.position
	if err := s.adopt(h); err != nil {
		return nil, errors.Join(err, unmap(data))
	}
	return s, nil
}

// adopt makes the sections of the mapped file the parts of the state. It looks at nothing whose size
// grows with the number of passages.
func (s *state) adopt(h *head) (err error) {
	section := func(i int) []byte {
		p := h.parts[i]
		return s.mapped[p.at : p.at+p.size : p.at+p.size]
	}
	if err := s.table.adopt(h, section); err != nil {
		return err
	}
	if s.lexical, err = lexical.Map(section(sectionLexical), s.config.lexical); err != nil {
		return err
	}
	if s.lexical.Stats().Live != h.live {
		return errors.New("table and lexical index differ")
	}
	if s.codes == nil || len(section(sectionCodes)) == 0 {
		return nil
	}
	if s.codes, err = flat.Map(section(sectionCodes)); err != nil {
		return err
	}
	if s.codes.Dimension() != s.config.stamp.Dimension || s.codes.Rows() > s.table.rows.len() {
		return errors.New("codes of another dimension, or of more passages than the table has")
	}
	return nil
}

func (t *table) adopt(h *head, section func(int) []byte) error {
	d := decoder{data: section(sectionKinds)}
	for len(d.data) > 0 {
		if _, err := t.kindOf(d.text()); err != nil {
			return err
		}
	}
	var rows, marks, cells bool
	t.rows.mapped, rows = valuesOf[row](section(sectionRows))
	t.marks.mapped, marks = valuesOf[mark](section(sectionMarks))
	t.ids.cells, cells = valuesOf[uint64](section(sectionIDs))
	t.names.mapped, t.live, t.bytes, t.ids.used = section(sectionNames), h.live, h.bytes, h.live
	switch {
	case d.bad || !rows || !marks || !cells || !t.ids.valid(),
		t.rows.len() != t.marks.len() || t.live > t.rows.len():
		return errors.New("sections of sizes that do not fit")
	}
	return nil
}
