package pgvector

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// fault adds to an error the sentinel that it stands for. When ctx has ended, that is the error.
func fault(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if cause := ctx.Err(); cause != nil && !errors.Is(err, cause) {
		return fmt.Errorf("%w: %w", cause, err)
	}
	for _, known := range []error{kb.ErrInvalid, kb.ErrNotFound, kb.ErrSchema, retrieval.ErrForeign, retrieval.ErrDimension,
		retrieval.ErrCorrupt, ErrExtension, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, known) {
			return err
		}
	}
	if sentinel := meaning(err); sentinel != nil {
		return fmt.Errorf("%w: %w", sentinel, err)
	}
	return err
}

// meaning is the sentinel of an error of the driver or the server, by Appendix A of the PostgreSQL
// manual; nil: none.
func meaning(err error) error {
	code := sqlState(err)
	switch {
	case code == "":
		return lost(err)
	case strings.HasPrefix(code, "28"), code == "42501": // login refused, insufficient privilege
		return fs.ErrPermission
	case code == "53100": // disk_full
		return kb.ErrFull
	case strings.HasPrefix(code, "08"), code == "53300", // connections: lost, too many
		code == "57P01", code == "57P02", code == "57P03": // shut down, crashed, starting up
		return retrieval.ErrDown
	case strings.HasPrefix(code, "XX"): // data_corrupted, index_corrupted, internal
		return retrieval.ErrCorrupt
	case code == "42P07", code == "42710": // duplicate table, duplicate object
		return retrieval.ErrForeign
	case code == "42P01": // undefined table: dropped by somebody else
		return kb.ErrNotFound
	case code == "42703", code == "42804", code == "42883": // a column is missing or of another type
		return retrieval.ErrForeign
	}
	return nil
}

// lost reports a connection that could not be made or broke.
func lost(err error) error {
	var connect *pgconn.ConnectError
	var network net.Error
	switch {
	case errors.As(err, &connect), errors.As(err, &network), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, net.ErrClosed), pgconn.SafeToRetry(err):
		return retrieval.ErrDown
	}
	return nil
}
