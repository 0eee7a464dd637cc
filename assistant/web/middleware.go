package web

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/google/uuid"
)

// recorder remembers the status of a reply for the log, and bounds the time of every write: an answer
// may stream for long, but a client who does not read cannot hold a request.
type recorder struct {
	http.ResponseWriter
	status int
}

func (w *recorder) begin(status int) {
	if w.status == 0 {
		w.status = status
	}
	// An error means a writer in memory, which needs no deadline.
	_ = http.NewResponseController(w.ResponseWriter).SetWriteDeadline(time.Now().Add(writeTimeout))
}

func (w *recorder) WriteHeader(status int) {
	w.begin(status)
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(b []byte) (int, error) {
	w.begin(http.StatusOK)
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Hijack hands the connection to the socket.
func (w *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	w.status = http.StatusSwitchingProtocols
	return http.NewResponseController(w.ResponseWriter).Hijack()
}

type requestKey struct{}

func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

// logged gives the request an id, counts it and logs it without its words.
func (s *Server) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begin := s.opts.Now()
		id := uuid.NewString()
		w.Header().Set("X-Request-Id", id)
		seen := &recorder{ResponseWriter: w}
		r = r.WithContext(context.WithValue(r.Context(), requestKey{}, id))
		defer func() { // after a panic too
			status, took := cmp.Or(seen.status, http.StatusOK), s.opts.Now().Sub(begin)
			s.metrics.request(r.Pattern, status, took) // the mux has set the pattern
			s.opts.Logger.Debug("request", "method", r.Method, "path", r.URL.Path, "status", status,
				"took", took.Round(time.Microsecond), "request", id)
		}()
		next.ServeHTTP(seen, r)
	})
}

// recovered turns a panic into a log entry with its stack and a 500, or cuts off a reply that has
// begun: half of one must not pass for the whole.
func (s *Server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if cause == http.ErrAbortHandler {
				panic(cause)
			}
			s.opts.Logger.Error("panic", "path", r.URL.Path, "request", requestID(r.Context()),
				"cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
			if begun(w) {
				panic(http.ErrAbortHandler)
			}
			_ = writeJSON(w, http.StatusInternalServerError, map[string]reply{"error": {"internal", "系统出错了，请稍后再试。"}})
		}()
		next.ServeHTTP(w, r)
	})
}

func begun(w http.ResponseWriter) bool {
	seen, ok := w.(*recorder)
	return ok && seen.status != 0
}

// policy allows what the pages need and nothing from elsewhere.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

// secured sets the headers that keep browsers safe and those that let configured origins call the
// API, and refuses what the pages of other origins try to change.
func (s *Server) secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Vary", "Origin")
		origin, allowed := r.Header.Get("Origin"), s.allowedOrigin(r)
		if origin != "" && allowed {
			h.Set("Access-Control-Allow-Origin", origin)
			h.Set("Access-Control-Allow-Headers", "Content-Type, Authorization, "+clientHeader)
			h.Set("Access-Control-Allow-Methods", "GET, POST, DELETE")
			h.Set("Access-Control-Expose-Headers", "Retry-After, X-Request-Id")
			h.Set("Access-Control-Max-Age", "600")
		}
		if !allowed && (r.Method == http.MethodPost || r.Method == http.MethodDelete) {
			s.wrap(foreign).ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func foreign(http.ResponseWriter, *http.Request) error {
	return &fault{reply: reply{"foreign_origin", "这个网页没有获准使用本服务。"}, status: http.StatusForbidden}
}

func (s *Server) preflight(w http.ResponseWriter, _ *http.Request) error {
	w.WriteHeader(http.StatusNoContent)
	return nil
}
