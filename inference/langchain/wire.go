package langchain

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"xiaoyue/inference"
)

// Wire carries the requests of a langchaingo client and keeps its faults whole: langchaingo makes plain
// text of a status and drops Retry-After, and takes a page of HTML for a model's answer. It is the Doer
// of openai.WithHTTPClient, and the transport of the client of ollama.WithHTTPClient:
//
//	openai.New(openai.WithHTTPClient(&langchain.Wire{Model: name}), …)
//	ollama.New(ollama.WithHTTPClient(&http.Client{Transport: &langchain.Wire{Model: name}}), …)
type Wire struct {
	Model string            // in faults
	Base  http.RoundTripper // nil: http.DefaultTransport
}

// maxFault is how much of an error's text is read.
const maxFault = 4 << 10

// RoundTrip implements http.RoundTripper. An answer that is none of a model is an *inference.Error.
func (w *Wire) RoundTrip(req *http.Request) (*http.Response, error) {
	base := w.Base
	if base == nil {
		base = http.DefaultTransport
	}
	r, err := base.RoundTrip(req)
	if err != nil {
		if req.Context().Err() != nil {
			return nil, req.Context().Err()
		}
		return nil, &inference.Error{Kind: inference.ErrUnavailable, Model: w.Model, Detail: err.Error()}
	}
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case r.StatusCode != http.StatusOK:
		return nil, w.status(r)
	case media == "text/html":
		r.Body.Close()
		return nil, &inference.Error{Kind: inference.ErrMalformed, Model: w.Model, Detail: "the answer is " + media}
	}
	return r, nil
}

// Do sends a request without following redirections.
func (w *Wire) Do(req *http.Request) (*http.Response, error) { return w.RoundTrip(req) }

func (w *Wire) status(r *http.Response) error {
	defer r.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(r.Body, maxFault)) // what has come is enough to say what it was
	text := strings.TrimSpace(string(body))
	fault := &inference.Error{
		Kind: kind(r.StatusCode, text), Model: w.Model,
		Detail: fmt.Sprintf("HTTP %d: %s", r.StatusCode, shortened(text)),
	}
	if seconds, err := strconv.Atoi(r.Header.Get("Retry-After")); err == nil && seconds > 0 {
		fault.RetryAfter = time.Duration(seconds) * time.Second
	}
	return fault
}
