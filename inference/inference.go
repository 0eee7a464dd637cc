// Package inference is the vocabulary of models: chat, embedding and reranking, their messages,
// streams and typed errors.
//
// It talks to no server: the back ends live in its subfolders and are imported by cmd and by tests
// only. It imports the standard library alone and knows nothing of documents or government.
package inference

import (
	"errors"
	"fmt"
	"time"
)

// The faults of a model, to be compared with errors.Is. A canceled or expired context is reported
// as the context's own error, never as one of these and never as success.
var (
	ErrUnavailable = errors.New("model is unavailable") // no server, no model file, broken connection
	ErrOverloaded  = errors.New("model is overloaded")  // see RetryAfter
	ErrTooLong     = errors.New("input is longer than the model takes")
	ErrRefused     = errors.New("model refused the request")
	ErrMalformed   = errors.New("model server sent a malformed answer")
)

// Error is a fault with the server's own words. It unwraps to one of the sentinels above.
type Error struct {
	Kind       error         // a sentinel of this package
	Model      string        // as configured
	Detail     string        // what the server said, shortened
	RetryAfter time.Duration // zero: not told
}

func (e *Error) Error() string { return fmt.Sprintf("model %s: %v: %s", e.Model, e.Kind, e.Detail) }

// Unwrap returns the sentinel.
func (e *Error) Unwrap() error { return e.Kind }
