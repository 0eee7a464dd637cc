// Package web serves the assistant over HTTP and WebSocket: routes, middleware, errors, the socket,
// and the embedded pages with the chat widget.
//
// It decides nothing about answers: it reads a request safely, hands it to chat or to the searcher,
// and renders what comes back. All routes are in routes.go, one resource a file.
package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"time"

	"github.com/gorilla/websocket"

	"xiaoyue/assistant/chat"
	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// Knowledge is what the pages show besides answers. A missing record is kb.ErrNotFound.
type Knowledge interface {
	retrieval.Passages
	Item(ctx context.Context, tenant, code string) (kb.ServiceItem, error)
	Document(ctx context.Context, tenant, id string, version int) (kb.Document, error)
	PutFeedback(ctx context.Context, tenant string, feedback kb.Feedback) error
}

// Health is the state of one part, as /readyz and the page show it.
type Health struct {
	Part   string `json:"part"`
	Ready  bool   `json:"ready"`
	Detail string `json:"detail,omitempty"` // Chinese, for the administrator
}

// Backend is what the server stands on.
type Backend struct {
	Chat      *chat.Conversations
	Searcher  retrieval.Searcher
	Knowledge Knowledge
	Regions   *kb.Regions
	// Health reports the parts; the server is ready when all of them are. Nil: always ready.
	Health func(ctx context.Context) []Health
}

// Options tune the server; zero fields mean the defaults.
type Options struct {
	Tenant string // kb.DefaultTenant
	Home   string // region of callers who name none; empty: none
	// Tokens are the roles of bearers; a request without a token is a citizen's.
	Tokens map[string][]kb.Role
	// Origins that may embed the widget, such as https://www.example.gov.cn; the server's own is
	// always allowed.
	Origins []string
	// Proxies whose X-Forwarded-For says where a request comes from; those on this machine are always
	// believed.
	Proxies     []netip.Prefix
	Suggestions []string      // questions that the widget offers at the beginning
	Sockets     int           // chat sockets at once, 10,000
	Heartbeat   time.Duration // between signs of life on a stream without events, 15 s
	Now         func() time.Time
	Logger      *slog.Logger
}

// heartbeat is well below the minute after which gateways commonly cut a silent connection.
const heartbeat = 15 * time.Second

// Server is the HTTP side of the assistant. Close ends its sockets.
type Server struct {
	backend  Backend
	opts     Options
	upgrader websocket.Upgrader
	sockets  *sockets
	metrics  *metrics
	begun    time.Time
	handler  http.Handler
}

// New checks the backend and builds the routes; nil options are legal.
func New(backend Backend, opts *Options) (*Server, error) {
	if backend.Chat == nil || backend.Searcher == nil || backend.Knowledge == nil || backend.Regions == nil {
		return nil, errors.New("web: chat, searcher, knowledge and regions are all required")
	}
	o := Options{}
	if opts != nil {
		o = *opts
	}
	if o.Tenant == "" {
		o.Tenant = kb.DefaultTenant
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Sockets <= 0 {
		o.Sockets = maxSockets
	}
	if o.Heartbeat <= 0 {
		o.Heartbeat = heartbeat
	}
	s := &Server{backend: backend, opts: o, sockets: newSockets(o.Sockets), metrics: newMetrics(), begun: o.Now()}
	s.upgrader = websocket.Upgrader{
		HandshakeTimeout: handshakeTimeout,
		ReadBufferSize:   4 << 10,
		WriteBufferSize:  4 << 10,
		CheckOrigin:      s.allowedOrigin,
		Error:            s.refuseUpgrade,
	}
	handler, err := s.routes()
	if err != nil {
		return nil, err
	}
	s.handler = handler
	backend.Chat.Observe(s.metrics.answer)
	return s, nil
}

// ServeHTTP serves one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Drain makes the server not ready, and has sockets and streams of events break off with the advice to
// come back, to another replica or later; what is answered in one piece goes on. Further sockets are refused.
func (s *Server) Drain() { s.sockets.drain() }

// Close drains and waits until all sockets are closed; an HTTP server's Shutdown knows nothing of them.
func (s *Server) Close() { s.sockets.close() }

// allowedOrigin reports whether a browser page may use the API: pages of this server, pages of the
// configured origins, and programs that send no Origin.
func (s *Server) allowedOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" || slices.Contains(s.opts.Origins, origin) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && u.Host == r.Host
}
