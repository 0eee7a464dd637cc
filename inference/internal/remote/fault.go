package remote

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"xiaoyue/inference"
)

// maxRetryAfter bounds what a server may ask for.
const maxRetryAfter = time.Hour

// Fault types the error of a request to a model: the context's own error once that has ended, what
// Body and Malformed have typed, and a broken connection for all else.
func Fault(ctx context.Context, model string, err error) error {
	if ended := ended(ctx); ended != nil {
		return ended
	}
	f := inference.Error{Kind: inference.ErrUnavailable, Detail: err.Error()}
	if typed, ok := errors.AsType[*inference.Error](err); ok {
		f = *typed
	} else if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		f.Kind = inference.ErrMalformed
	}
	f.Model, f.Detail = model, Shorten(f.Detail)
	return &f
}

// ended is ctx.Err, but sure: the network may notice a deadline before the context's timer does.
func ended(ctx context.Context) error {
	if deadline, ok := ctx.Deadline(); ok && !time.Now().Before(deadline) {
		return cmp.Or(ctx.Err(), context.DeadlineExceeded)
	}
	return ctx.Err()
}

// StatusError is an answer other than 200.
type StatusError struct {
	Status int
	fault  *inference.Error
}

func (e *StatusError) Error() string { return e.fault.Error() }

// Unwrap returns the *inference.Error.
func (e *StatusError) Unwrap() error { return e.fault }

// NoRoute reports that a server does not know the path, or does not serve it.
func NoRoute(err error) bool {
	e, ok := errors.AsType[*StatusError](err)
	return ok && (e.Status == http.StatusNotFound || e.Status == http.StatusMethodNotAllowed || e.Status == http.StatusNotImplemented)
}

func statusFault(resp *http.Response, now time.Time) *StatusError {
	defer resp.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxFault)) // what came says enough
	f := ErrorBody(resp.StatusCode, body)
	f.RetryAfter = retryAfter(resp.Header.Get("Retry-After"), now)
	return &StatusError{resp.StatusCode, f}
}

// ErrorBody types what a server says of a fault, by its HTTP status and its words. The forms seen:
// {"error": {"message", "type", "param", "code"}}, {"error": "words"}, {"detail": "words"}, plain text.
func ErrorBody(status int, body []byte) *inference.Error {
	words, marks := complaint(body)
	f := &inference.Error{Kind: statusKind(status), Detail: fmt.Sprintf("HTTP %d: %s", status, words)}
	if f.Kind != inference.ErrOverloaded && TooLong(words+" "+marks) {
		f.Kind = inference.ErrTooLong
	}
	if strings.Contains(words, "invalid JSON schema") { // which Ollama calls a fault of its own
		f.Kind = inference.ErrRefused
	}
	return f
}

// complaint finds the words of an error, and marks for the program.
func complaint(body []byte) (words, marks string) {
	var outer struct{ Error, Detail, Message json.RawMessage }
	var inner struct {
		Message, Type string
		Param, Code   any
	}
	if json.Unmarshal(body, &outer) != nil {
		return strings.TrimSpace(string(body)), ""
	}
	if json.Unmarshal(outer.Error, &inner) == nil && inner.Message != "" {
		return inner.Message, fmt.Sprint(inner.Type, " ", inner.Param, " ", inner.Code)
	}
	said := cmp.Or(string(outer.Error), string(outer.Detail), string(outer.Message), string(body))
	if plain := ""; json.Unmarshal([]byte(said), &plain) == nil {
		return plain, ""
	}
	return said, ""
}

func statusKind(status int) error {
	switch status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return inference.ErrOverloaded
	case http.StatusRequestEntityTooLarge:
		return inference.ErrTooLong
	case http.StatusBadRequest, http.StatusConflict, http.StatusUnsupportedMediaType,
		http.StatusUnprocessableEntity, http.StatusUnavailableForLegalReasons:
		return inference.ErrRefused
	}
	if status < http.StatusBadRequest { // a redirect to somebody's login page, or an empty success
		return inference.ErrMalformed
	}
	return inference.ErrUnavailable // without the right key or the model it is no server for us
}

// TooLong reports whether a server's words say that the input does not fit the model.
func TooLong(words string) bool {
	words = strings.ToLower(words)
	for _, mark := range []string{
		"maximum context length", "max_model_len", "input_tokens", // vLLM
		"exceed_context_size", "too large to process", "larger than the max context", // llama.cpp
		"exceeds the context length", "exceeds maximum context length", // Ollama
		"context_length_exceeded", // OpenAI
	} {
		if strings.Contains(words, mark) {
			return true
		}
	}
	return false
}

// retryAfter reads the header of that name: seconds or a date; zero where it says nothing usable.
func retryAfter(header string, now time.Time) time.Duration {
	var wait time.Duration
	if seconds, err := strconv.ParseUint(header, 10, 32); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if date, err := http.ParseTime(header); err == nil {
		wait = date.Sub(now)
	}
	return min(max(wait, 0), maxRetryAfter)
}

// Shorten bounds what a server says before it reaches a log.
func Shorten(s string) string {
	const limit = 300
	if len(s) > limit {
		s = s[:limit] + "…"
	}
	return strings.ToValidUTF8(s, "")
}
