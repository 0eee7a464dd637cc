package milvus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// refused is what the server answered instead of a result. The codes are those of pkg/util/merr in Milvus.
type refused struct {
	code   int32
	reason string
}

func (r *refused) Error() string { return fmt.Sprintf("%s (Milvus code %d)", r.reason, r.code) }

var (
	codesAway = []int32{ // not ready, unavailable, rate limit, not loaded, no replica, channel or node for it
		1, 2, 8, 101, 103, 201, 202, 400, 401, 500, 501, 502, 503, 600, 601, 602, 901, 902, 903, 904, 905,
	}
	codesFull      = []int32{3, 7, 9} // memory, disk, writes denied for one of them
	codesNotFound  = []int32{100, 1600}
	codesNotLoaded = []int32{101, 103, 201, 202}
)

// is reports whether an error is a refusal with one of the codes.
func is(err error, codes []int32) bool {
	var r *refused
	return errors.As(err, &r) && slices.Contains(codes, r.code)
}

// call runs what a question waits for, with the deadline of one call.
func (s *Store) call(ctx context.Context, f func(context.Context) error) error {
	return bounded(ctx, s.opts.Timeout, f)
}

// slowly runs what writes, loads or changes collections.
func (s *Store) slowly(ctx context.Context, f func(context.Context) error) error {
	return bounded(ctx, max(s.opts.Timeout, patience), f)
}

// bounded runs f for a time and gives its fault the type of the contract.
func bounded(ctx context.Context, limit time.Duration, f func(context.Context) error) error {
	bounded, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := f(bounded)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case bounded.Err() != nil, away(err):
		return fmt.Errorf("%w: %w", retrieval.ErrDown, err)
	case is(err, codesFull), isFull(err):
		return fmt.Errorf("%w: %w", kb.ErrFull, err)
	case is(err, codesNotFound):
		return fmt.Errorf("%w: %w", kb.ErrNotFound, err)
	}
	return err
}

// away reports whether an error means that the server, or what it needs for this collection, is not there.
func away(err error) bool {
	switch status.Code(err) {
	case codes.Unavailable, codes.DeadlineExceeded, codes.Canceled:
		return true
	}
	return is(err, codesAway) || notLoaded(err)
}

// notLoaded also looks at the words: 2.3 says so under more than one code.
func notLoaded(err error) bool {
	var r *refused
	return errors.As(err, &r) && (slices.Contains(codesNotLoaded, r.code) ||
		strings.Contains(r.reason, "not loaded") || strings.Contains(r.reason, "not fully loaded"))
}

// isFull recognises what the file system of the server says through it.
func isFull(err error) bool {
	var r *refused
	return errors.As(err, &r) && strings.Contains(r.reason, "no space left on device")
}
