package ollama

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"

	"xiaoyue/inference"
	"xiaoyue/inference/internal/remote"
)

// guard is what the client library leaves out: it drops the headers of an error, reads answers
// without a bound and takes any content type. What guard objects to, the body of the answer reports
// as the error of being read, which the library passes on.
type guard struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (g guard) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	remote.Repeatable(r.Header)
	resp, err := g.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := remote.Body(resp, "application/json", "application/x-ndjson")
	if err != nil {
		body = io.NopCloser(failed{err})
	}
	resp.Body = body
	return resp, nil
}

type failed struct{ err error }

func (f failed) Read([]byte) (int, error) { return 0, f.err }

// fault types an error of the client library.
func fault(ctx context.Context, model string, err error) error {
	words := err.Error()
	switch {
	case is[*json.MarshalerError](err): // such as a broken Schema
		err = &inference.Error{Kind: inference.ErrRefused, Detail: words}
	case is[*inference.Error](err), is[net.Error](err), errors.Is(err, io.ErrUnexpectedEOF):
	case is[*json.UnmarshalTypeError](err), is[*json.SyntaxError](err), errors.Is(err, bufio.ErrTooLong),
		strings.HasPrefix(words, "{"): // a line that is no JSON, word for word
		err = remote.Malformed("%s", words)
	case remote.TooLong(words): // an error line in the stream
		err = &inference.Error{Kind: inference.ErrTooLong, Detail: words}
	}
	return remote.Fault(ctx, model, err)
}

func is[T error](err error) bool {
	_, ok := errors.AsType[T](err)
	return ok
}
