package modeltest

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"

	"xiaoyue/inference"
)

// Server is a model server for tests, an http.Handler to be used with httptest: at the same time an
// Ollama (/api/…) and an OpenAI-compatible server with vLLM's additions (/v1/…, /score). It serves the
// models that it has, each under its own name, and answers 404 for others.
//
// Requests to a model go wrong as Meet says; questions about models never do. Chat is streamed only.
// The fields are let be while it serves; the methods are safe for concurrent use.
type Server struct {
	Chat     *Scripted
	Embedder inference.Embedder
	Reranker inference.Reranker // whatever the name of the model

	mu      sync.Mutex
	faults  []Fault
	running int
	served  int
	last    []byte
}

// Meet lets the next requests to a model meet these faults, one each, in order; Fault{} is none.
func (s *Server) Meet(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, faults...)
}

// Running is how many requests to a model are being answered.
func (s *Server) Running() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running
}

// Served is how many requests to a model have come so far.
func (s *Server) Served() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.served
}

// Last is the body of the last request to a model.
func (s *Server) Last() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

// arrive counts a request and returns the fault that it meets.
func (s *Server) arrive(body []byte) (f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running++
	s.served++
	s.last = body
	if len(s.faults) > 0 {
		f, s.faults = s.faults[0], s.faults[1:]
	}
	return f
}

func (s *Server) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running--
}

// maxRequest bounds the body of a request.
const maxRequest = 64 << 20

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if facts, ok := s.facts(r.URL.Path, body); ok {
		write(w, facts)
		return
	}
	answer, said := s.route(r.URL.Path)
	if answer == nil || r.Method != http.MethodPost {
		http.NotFound(w, r)
		return
	}
	p := &reply{w: w, r: r, said: said, media: "application/json", fault: s.arrive(body)}
	defer s.leave()
	answer(p, body)
}

// route returns what answers requests to a model.
func (s *Server) route(path string) (func(*reply, []byte), *speech) {
	switch path {
	case "/api/chat":
		return s.chat, ollamaSpeech
	case "/v1/chat/completions":
		return s.chat, openaiSpeech
	case "/api/embed":
		return s.embed, ollamaSpeech
	case "/v1/embeddings":
		return s.embed, openaiSpeech
	case "/v1/rerank", "/v2/rerank", "/rerank", "/score":
		return s.rerank, openaiSpeech
	}
	return nil, nil
}

// facts answers questions about the server and its models.
func (s *Server) facts(path string, body []byte) (any, bool) {
	switch path {
	case "/api/version":
		return map[string]string{"version": "0.0.0"}, true
	case "/health":
		return map[string]string{"status": "ok"}, true
	case "/api/tags":
		return s.tags(), true
	case "/api/show":
		facts := s.show(body)
		return facts, facts != nil
	case "/v1/models":
		return s.list(), true
	}
	return nil, false
}

func (s *Server) chat(p *reply, body []byte) {
	p.media = p.said.media
	model, req, err := p.said.chat(body)
	switch {
	case err != nil:
		p.refuse(http.StatusBadRequest, err.Error())
		return
	case s.Chat == nil || model != s.Chat.Name():
		p.refuse(http.StatusNotFound, "model '"+model+"' not found")
		return
	case !p.begin():
		return
	}
	for d, err := range s.Chat.Chat(p.r.Context(), req) {
		if errors.Is(err, inference.ErrTooLong) {
			p.refuse(http.StatusBadRequest, p.said.tooLong)
		}
		if err != nil || !p.token(p.said.lines(model, d)) {
			return
		}
	}
}

func (s *Server) embed(p *reply, body []byte) {
	var req struct {
		Model string
		Input []string
	}
	if err := json.Unmarshal(body, &req); err != nil {
		p.refuse(http.StatusBadRequest, err.Error())
		return
	}
	if s.Embedder == nil || strings.TrimSuffix(req.Model, ":latest") != s.Embedder.Info().Name {
		p.refuse(http.StatusNotFound, "model '"+req.Model+"' not found")
		return
	}
	if !p.begin() {
		return
	}
	vectors, err := s.Embedder.Embed(p.r.Context(), req.Input, inference.EmbedPassage)
	if err != nil {
		p.refuse(http.StatusInternalServerError, err.Error())
		return
	}
	p.token(encode(p.said.vectors(vectors)))
}

func (s *Server) rerank(p *reply, body []byte) {
	var req struct {
		Query     string
		Documents []string
		Text1     string   `json:"text_1"` // of /score
		Text2     []string `json:"text_2"`
	}
	if err := json.Unmarshal(body, &req); err != nil {
		p.refuse(http.StatusBadRequest, err.Error())
		return
	}
	if s.Reranker == nil {
		p.refuse(http.StatusNotFound, "Not Found")
		return
	}
	if !p.begin() {
		return
	}
	scores, err := s.Reranker.Rerank(p.r.Context(), req.Query+req.Text1, append(req.Documents, req.Text2...))
	if err != nil {
		p.refuse(http.StatusInternalServerError, err.Error())
		return
	}
	p.token(encode(ranking(scores)))
}

func write(w http.ResponseWriter, answer any) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(encode(answer)) // the client may have left
}

func encode(v any) []byte {
	content, err := json.Marshal(v)
	if err != nil {
		panic(err) // a type of this package that JSON cannot hold
	}
	return content
}
