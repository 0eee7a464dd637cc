package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
	"unicode/utf8"

	"xiaoyue/kb"
)

// Table is one table of a catalog, as rows that any dialect can take: each row is a JSON array with a
// value per column: a string, a whole number or null; a string that is no UTF-8 is {"base64": "…"}.
// Rows can be read once. The slice that it yields is valid until the next one.
type Table struct {
	Name    string
	Columns []string
	Rows    iter.Seq2[[]byte, error]
}

// Dumped says what a dump holds beside its tables.
type Dumped struct {
	Dialect       string `json:"dialect"` // it was read from: sqlite or postgres
	Schema        int64  `json:"schema"`  // number of the newest migration
	Conversations bool   `json:"conversations"`
}

// dumped are the tables of a dump, each after those that it refers to.
var dumped = []string{
	"regions", "files", "documents", "names", "relations", "passages", "items",
	"conversations", "events", "records", "feedback", "acts", "counters", "state",
}

// notDumped are the other ones: jobs belong to the places that hold an index, and every index is filled
// from a loaded catalog anyway.
var notDumped = []string{"goqite", "replicas", "running", versionTable}

// personal are the tables of what people asked and were told.
var personal = []string{"conversations", "events", "records", "feedback"}

// transient are beginnings of names in table state that mean nothing elsewhere.
var transient = []string{queueState, addressState, NoteState}

// Dump hands every table to put, all read from one state of the catalog while others go on writing.
// Without conversations the tables of what people asked are handed on empty. It holds a few rows at a
// time; put reads the rows of a table before it returns. On SQLite the write-ahead log grows meanwhile.
func (c *Catalog) Dump(ctx context.Context, conversations bool, put func(Dumped, Table) error) error {
	about := Dumped{Dialect: c.dialect.name, Conversations: conversations}
	err := c.view(ctx, func(h handle) error {
		if err := h.row(ctx, "select max(version_id) from "+versionTable).Scan(&about.Schema); err != nil {
			return err
		}
		for _, name := range dumped {
			skip := !conversations && slices.Contains(personal, name)
			if err := h.dumpTable(ctx, name, skip, func(t Table) error { return put(about, t) }); err != nil {
				return fmt.Errorf("table %s: %w", name, err)
			}
		}
		return nil
	})
	if err != nil {
		return c.failed("dump", "catalog", err)
	}
	return nil
}

func (h handle) dumpTable(ctx context.Context, name string, skip bool, put func(Table) error) error {
	query := "select * from " + name
	if skip {
		query += " where 1 = 0"
	}
	rows, err := h.conn.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	if err := put(Table{name, columns, rowsAsJSON(rows, name, columns)}); err != nil {
		return err
	}
	return rows.Err()
}

// rowsAsJSON yields the rows of a table, without what is transient.
func rowsAsJSON(rows *sql.Rows, table string, columns []string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		values, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		var line []byte
		for rows.Next() {
			err := rows.Scan(targets...)
			if err == nil && table == "state" && isTransient(values[slices.Index(columns, "name")]) {
				continue
			}
			if err == nil {
				line, err = appendRow(line[:0], values)
			}
			if !yield(line, err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(nil, err)
		}
	}
}

func isTransient(name any) bool {
	text, _ := name.(string)
	return slices.ContainsFunc(transient, func(prefix string) bool { return strings.HasPrefix(text, prefix) })
}

// appendRow appends a row in the form of Table.
func appendRow(line []byte, values []any) ([]byte, error) {
	line = append(line, '[')
	for i, v := range values {
		if i > 0 {
			line = append(line, ',')
		}
		switch v.(type) {
		case nil, int64, string:
		default:
			return line, fmt.Errorf("column %d holds %T, which a dump cannot: %w", i, v, kb.ErrSchema)
		}
		if text, ok := v.(string); ok && !utf8.ValidString(text) {
			v = raw{[]byte(text)}
		}
		encoded, err := json.Marshal(v)
		if err != nil {
			return line, err
		}
		line = append(line, encoded...)
	}
	return append(line, ']'), nil
}

// raw is a string that is no UTF-8, as it stands in a row.
type raw struct {
	Base64 []byte `json:"base64"`
}
