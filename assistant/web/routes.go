package web

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// routes is the whole surface. Handlers return errors; wrap answers and logs them.
func (s *Server) routes() (http.Handler, error) {
	pages, err := s.pages()
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("POST /v1/ask", s.wrap(s.ask))
	mux.Handle("GET /v1/conversations/{conversation}/turns/{turn}", s.wrap(s.resume))
	mux.Handle("POST /v1/conversations/{conversation}/turns/{turn}/cancel", s.wrap(s.cancel))
	mux.Handle("DELETE /v1/conversations", s.wrap(s.erase))
	mux.Handle("POST /v1/chat/completions", s.wrapAs(s.completion, openAIFault))
	mux.Handle("GET /v1/models", s.wrapAs(s.models, openAIFault))
	mux.Handle("GET /v1/search", s.wrap(s.search))
	mux.Handle("GET /v1/items/{code}", s.wrap(s.item))
	mux.Handle("GET /v1/documents/{id}", s.wrap(s.document))
	mux.Handle("POST /v1/feedback", s.wrap(s.feedback))
	mux.Handle("GET /v1/setting", s.wrap(s.setting))
	mux.Handle("GET /v1/chat", s.wrap(s.socket))
	mux.Handle("GET /healthz", s.wrap(s.healthz))
	mux.Handle("GET /readyz", s.wrap(s.readyz))
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{}))
	mux.Handle("OPTIONS /v1/", s.wrap(s.preflight))
	mux.Handle("/v1/", s.wrap(s.unknown))
	mux.Handle("/", pages)
	return s.logged(s.recovered(s.secured(mux))), nil
}
