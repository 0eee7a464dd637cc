// Package remote holds what the back ends that ask a model server over HTTP have in common: faults
// typed from answers, bounds on what a server may send, thinking kept apart from the answer, texts
// embedded in batches and their vectors checked. It knows no protocol and opens no connection.
package remote

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"time"

	"xiaoyue/inference"
)

// What a server may send at most, in bytes.
const (
	MaxAnswer = 64 << 20 // a whole answer: a batch of vectors, or a long streamed text
	MaxEvent  = 1 << 20  // one event or line of a stream
	maxFault  = 64 << 10 // of the body of an error
)

// settleTime is how long a connection is given to end an answer that is complete.
const settleTime = 100 * time.Millisecond

// Address checks the address of a server, such as http://127.0.0.1:11434.
func Address(address string) (*url.URL, error) {
	base, err := url.Parse(address)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("model server address %q: want http://HOST:PORT", address)
	}
	return base, nil
}

// Client returns a client that follows no redirect: a prompt goes to the server that was named and
// to no other. Nil means one of its own, that keeps a connection per concurrent request.
func Client(c *http.Client) *http.Client {
	own := http.Client{}
	if c != nil {
		own = *c
	}
	if own.Transport == nil {
		own.Transport = pooled()
	}
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &own
}

func pooled() http.RoundTripper {
	standard, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	t := standard.Clone()
	t.MaxIdleConnsPerHost = 32
	return t
}

// Repeatable lets net/http send a request again when the server has closed the idle connection that
// it went out on, which says nothing of the server's health. Asking a model twice does no harm. The
// key itself, being empty, is not sent.
func Repeatable(h http.Header) { h["Idempotency-Key"] = nil }

// Body checks the status and the media type of an answer and returns its body, which is a fault
// where it goes on beyond MaxAnswer. It closes the body when it returns an error.
func Body(resp *http.Response, media ...string) (io.ReadCloser, error) {
	if resp.StatusCode != http.StatusOK {
		return nil, statusFault(resp, time.Now())
	}
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if !slices.Contains(media, kind) {
		_ = resp.Body.Close()
		return nil, Malformed("content type %q, want %s", Shorten(kind), media[0])
	}
	return http.MaxBytesReader(nil, resp.Body, MaxAnswer), nil
}

// Settle reads the end of a complete answer, so that its connection can serve again. A server that
// keeps it open is left after a moment, by cancel.
func Settle(body io.Reader, cancel context.CancelFunc) {
	defer Hurry(cancel)()
	_, _ = io.CopyN(io.Discard, body, MaxEvent) // the answer is complete, whatever follows
}

// Hurry calls cancel after a moment, unless stop is called before.
func Hurry(cancel context.CancelFunc) (stop func() bool) {
	return time.AfterFunc(settleTime, cancel).Stop
}

// Malformed is the fault of a server that does not keep the protocol.
func Malformed(format string, args ...any) *inference.Error {
	return &inference.Error{Kind: inference.ErrMalformed, Detail: fmt.Sprintf(format, args...)}
}
