package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/pressly/goose/v3"
	"maragu.dev/goqite"

	"xiaoyue/kb"
)

// dialect is all that differs between the SQL servers. Everything else is one SQL text with ?.
type dialect struct {
	name       string
	goose      goose.Dialect
	migrations fs.FS
	queue      goqite.SQLFlavor
	// numbered is true where parameters are $1, $2, … instead of ?.
	numbered bool
	// serialize is run first in transactions that read, decide and write; SQLite needs none, as its
	// writers follow each other anyway.
	serialize string
	// snapshot is the isolation under which a reading transaction sees one state.
	snapshot sql.IsolationLevel
	// scrub is run after an erasure, so that no file keeps what was erased.
	scrub     func(ctx context.Context, db *sql.DB) error
	clock     string // the present in nanoseconds since 1970; empty: by the clock of the options
	foreign   string // counts tables of other programs where ours would be
	versioned string // counts our version table
	integrity string // lists faults, or the word ok
	// lead takes the right to work off a queue, at once or not at all.
	lead func(ctx context.Context, db *sql.DB, queue string) (*Lead, error)
	// kind tells what an error of the driver means.
	kind func(error) faultKind
}

// faultKind is what an error of a driver means to us.
type faultKind int

const (
	faultOther faultKind = iota
	faultFull
	faultDamaged
	faultBusy
	faultDown
	faultDuplicate
	faultDenied // the server refuses the user
	faultOrphan // refers to a row that is not there
)

// fault adds to an error of the driver the sentinel that it stands for.
func (d *dialect) fault(err error) error {
	sentinel := error(nil)
	switch d.kind(err) {
	case faultFull:
		sentinel = kb.ErrFull
	case faultDamaged:
		sentinel = ErrDamaged
	case faultBusy:
		sentinel = kb.ErrLocked
	case faultDown:
		sentinel = kb.ErrUnavailable
	case faultDenied:
		sentinel = fs.ErrPermission
	case faultDuplicate:
		sentinel = ErrExists
	case faultOrphan:
		sentinel = kb.ErrNotFound
	}
	if sentinel == nil || errors.Is(err, sentinel) {
		return err
	}
	return fmt.Errorf("%w: %w", sentinel, err)
}

// bind rewrites the ? of a statement for the dialect. Our statements hold no ? in literals.
func (d *dialect) bind(query string) string {
	if !d.numbered {
		return query
	}
	var b strings.Builder
	n := 0
	for part := range strings.SplitSeq(query, "?") {
		if n > 0 {
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(n))
		}
		b.WriteString(part)
		n++
	}
	return b.String()
}
