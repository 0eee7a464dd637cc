package langchain

import (
	"net/http"

	"xiaoyue/inference/internal/remote"
)

// Wire carries the requests of a langchaingo client and keeps its faults whole: langchaingo makes plain
// text of a status, drops Retry-After, and reads any page as a model's answer. It is the Doer of
// openai.WithHTTPClient, and the transport of the client of ollama.WithHTTPClient:
//
//	openai.New(openai.WithHTTPClient(&langchain.Wire{Model: name}), …)
//	ollama.New(ollama.WithHTTPClient(&http.Client{Transport: &langchain.Wire{Model: name}}), …)
type Wire struct {
	Model string            // in faults
	Base  http.RoundTripper // nil: http.DefaultTransport
}

// RoundTrip is stricter than http.RoundTripper asks: an answer that is none of a model is an
// *inference.Error, and one that goes on too long becomes one.
func (w *Wire) RoundTrip(req *http.Request) (*http.Response, error) {
	base := w.Base
	if base == nil {
		base = http.DefaultTransport
	}
	resp, err := base.RoundTrip(req)
	if err != nil {
		return nil, remote.Fault(req.Context(), w.Model, err)
	}
	body, err := remote.Body(resp, "application/json", "text/event-stream", "application/x-ndjson")
	if err != nil {
		return nil, remote.Fault(req.Context(), w.Model, err)
	}
	resp.Body = body
	return resp, nil
}

// Do sends a request without following redirections.
func (w *Wire) Do(req *http.Request) (*http.Response, error) { return w.RoundTrip(req) }
