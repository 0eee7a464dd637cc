package catalog

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"

	"xiaoyue/kb"
)

// ErrOccupied means that a catalog was to be loaded where there is one already.
var ErrOccupied = errors.New("there is a catalog already; name another data folder or an empty database")

// loadBytes is how much text one statement inserts.
const loadBytes = 4 << 20

// Load makes a catalog of the tables of a dump, in their order, and returns how many rows each has. It
// is loaded under the schema that it was dumped from, checked, and only then brought up to date. There
// is the whole catalog afterwards or none: a file gets its name last, a database has one transaction.
//
// It holds no jobs: every index is filled from it. The queue of the options is registered, so that what
// changes from now on leaves jobs there; others are registered anew by those who work them off.
//
// A catalog that holds a row already is ErrOccupied; a dump of a newer program is kb.ErrSchema; rows
// that do not fit their table are kb.ErrInvalid; one that Check would refuse is ErrDamaged.
func Load(ctx context.Context, o Options, schema int64, tables iter.Seq2[Table, error]) (map[string]int64, error) {
	c, err := newCatalog(o)
	if err != nil {
		return nil, err
	}
	into := c.loadFile
	if o.DSN != "" {
		into = c.loadDatabase
	}
	rows, err := into(ctx, o, schema, tables)
	if err != nil {
		return nil, fmt.Errorf("catalog: load %s: %w", o.place(), c.dialect.fault(err))
	}
	return rows, nil
}

// migrateTo brings an empty catalog to a schema at least; it must not be beyond it.
func migrateTo(ctx context.Context, p *goose.Provider, have, schema int64) error {
	sources := p.ListSources()
	switch newest := sources[len(sources)-1].Version; {
	case schema > newest || schema < sources[0].Version:
		return fmt.Errorf("%w: the dump has version %d, this program knows %d to %d; load it with the xiaoyue that wrote it or a newer one",
			kb.ErrSchema, schema, sources[0].Version, newest)
	case have > schema:
		return fmt.Errorf("%w: the dump has version %d and the database %d already; name one without tables", kb.ErrSchema, schema, have)
	}
	_, err := p.UpTo(ctx, schema)
	return err
}

// fill loads the tables into an empty catalog within a transaction, and checks it all.
func (c *Catalog) fill(ctx context.Context, h handle, tables iter.Seq2[Table, error]) (map[string]int64, error) {
	if err := h.mustBeEmpty(ctx); err != nil {
		return nil, err
	}
	rows := map[string]int64{}
	next := 0
	for t, err := range tables {
		if err != nil {
			return nil, err
		}
		at := slices.Index(dumped, t.Name)
		if at < next {
			return nil, fmt.Errorf("%w: table %.40q is unknown or out of order", kb.ErrInvalid, t.Name)
		}
		next = at + 1
		if rows[t.Name], err = h.loadTable(ctx, t); err != nil {
			return nil, fmt.Errorf("table %s: %w", t.Name, err)
		}
	}
	if c.queueName != defaultQueue {
		if err := h.insert(ctx, "state (name, value)", [][]any{{queueState + c.queueName, "1"}}); err != nil {
			return nil, err
		}
	}
	return rows, c.check(ctx, h)
}

func (h handle) mustBeEmpty(ctx context.Context) error {
	for _, name := range append([]string{"goqite"}, dumped...) {
		var some int
		if err := h.row(ctx, "select count(*) from (select 1 from "+name+" limit 1) t").Scan(&some); err != nil {
			return err
		}
		if some > 0 {
			return fmt.Errorf("%w: table %s is not empty", ErrOccupied, name)
		}
	}
	return nil
}

// loadTable inserts the rows of a table and returns their number.
func (h handle) loadTable(ctx context.Context, t Table) (n int64, err error) {
	if err := h.checkColumns(ctx, t); err != nil {
		return 0, err
	}
	into := t.Name + " (" + strings.Join(t.Columns, ", ") + ")"
	var batch [][]any
	size := 0
	for line, err := range t.Rows {
		if err != nil {
			return n, err
		}
		row, err := parseRow(line, len(t.Columns))
		if err != nil {
			return n, fmt.Errorf("row %d: %w", n+1, err)
		}
		n++
		if t.Name == "state" && isTransient(row[slices.Index(t.Columns, "name")]) {
			continue
		}
		batch, size = append(batch, row), size+len(line)
		if len(batch) < maxRows && size < loadBytes {
			continue
		}
		if err := h.insert(ctx, into, batch); err != nil {
			return n, h.misfit(err)
		}
		batch, size = batch[:0], 0
	}
	return n, h.misfit(h.insert(ctx, into, batch))
}

// checkColumns refuses columns that the table has not, so that no foreign text gets into a statement.
func (h handle) checkColumns(ctx context.Context, t Table) error {
	rows, err := h.conn.QueryContext(ctx, "select * from "+t.Name+" where 1 = 0")
	if err != nil {
		return err
	}
	defer rows.Close()
	known, err := rows.Columns()
	if err != nil {
		return err
	}
	given := slices.Sorted(slices.Values(t.Columns))
	slices.Sort(known)
	if !slices.Equal(given, known) {
		return fmt.Errorf("%w: its columns are %q, want %q", kb.ErrInvalid, given, known)
	}
	return rows.Err()
}

// misfit makes kb.ErrInvalid of what a database says of rows that break the rules of their table.
func (h handle) misfit(err error) error {
	switch h.dialect.kind(err) {
	case faultFull, faultDamaged, faultBusy, faultDown:
		return err
	}
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("%w: rows do not fit: %v", kb.ErrInvalid, err)
}

// parseRow reads a row in the form of Table. Whatever the line holds, it becomes no more than a few times as large.
func parseRow(line []byte, width int) ([]any, error) {
	decoder := json.NewDecoder(bytes.NewReader(line))
	if begin, err := decoder.Token(); err != nil || begin != json.Delim('[') {
		return nil, fmt.Errorf("%w: a row is no array: %v", kb.ErrInvalid, err)
	}
	var row []any
	for decoder.More() {
		if len(row) == width {
			return nil, fmt.Errorf("%w: more than %d values", kb.ErrInvalid, width)
		}
		var value json.RawMessage
		err := decoder.Decode(&value)
		if err == nil {
			var v any
			v, err = parseValue(value)
			row = append(row, v)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: value %d: %w", kb.ErrInvalid, len(row), err)
		}
	}
	if _, err := decoder.Token(); err != nil {
		return nil, fmt.Errorf("%w: %w", kb.ErrInvalid, err)
	}
	if _, err := decoder.Token(); len(row) != width || !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: %d values for %d columns, or more than one row", kb.ErrInvalid, len(row), width)
	}
	return row, nil
}

func parseValue(value json.RawMessage) (v any, err error) {
	switch value[0] {
	case 'n':
		return nil, nil
	case '"':
		var text string
		err = json.Unmarshal(value, &text)
		return text, err
	case '{':
		var r struct{ Base64 *string } // as raw, whose bytes could be written as a list too
		if err = json.Unmarshal(value, &r); err != nil || r.Base64 == nil {
			return nil, fmt.Errorf("%.20s is no text in base64: %v", value, err)
		}
		text, err := base64.StdEncoding.DecodeString(*r.Base64)
		return string(text), err
	case 't', 'f', '[':
		return nil, fmt.Errorf("%.20s is neither a string nor a whole number", value)
	}
	return strconv.ParseInt(string(value), 10, 64)
}
