package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"xiaoyue/assistant/chat"
	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// reply is what a failed request gets: a code for programs and a sentence for people. Causes stay
// in the log.
type reply struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// fault is an error with its own reply, for requests that can be mended by the one who sent them.
type fault struct {
	status int
	reply
}

func (f *fault) Error() string { return f.Code + ": " + f.Message }

func badRequest(message string) error {
	return &fault{http.StatusBadRequest, reply{"invalid", message}}
}

// faults is the one table from errors to status, code and sentence. The first match wins.
var faults = []struct {
	err    error
	status int
	reply
}{
	{kb.ErrNotFound, http.StatusNotFound, reply{"not_found", "没有找到您要的内容。"}},
	{kb.ErrUnknownRegion, http.StatusBadRequest, reply{"unknown_region", "没有这个地区代码，请核对后再试。"}},
	{kb.ErrInvalid, http.StatusBadRequest, reply{"invalid", "请求内容有误，请核对后再试。"}},
	{chat.ErrBusy, http.StatusTooManyRequests, reply{"busy", "现在提问的人较多，请稍后再试。"}},
	{retrieval.ErrDown, http.StatusServiceUnavailable, reply{"unavailable", "检索服务暂时不可用，请稍后再试。"}},
	{kb.ErrUnavailable, http.StatusServiceUnavailable, reply{"unavailable", "服务暂时不可用，请稍后再试。"}},
	{kb.ErrFull, http.StatusInsufficientStorage, reply{"full", "服务器存储空间不足，请联系管理员。"}},
	{context.DeadlineExceeded, http.StatusGatewayTimeout, reply{"timeout", "处理超时，请稍后再试。"}},
	{context.Canceled, 499, reply{"cancelled", "请求已取消。"}}, // as nginx logs a client that left
}

// classify returns status and reply for an error.
func classify(err error) (int, reply) {
	if f, ok := errors.AsType[*fault](err); ok {
		return f.status, f.reply
	}
	for _, f := range faults {
		if errors.Is(err, f.err) {
			return f.status, f.reply
		}
	}
	return http.StatusInternalServerError, reply{"internal", "系统出错了，请稍后再试。"}
}

// ended returns the reply to a turn that ended with an error event.
func ended(e kb.Event) error {
	status := http.StatusServiceUnavailable
	for _, f := range faults {
		if f.Code == e.Code {
			status = f.status
			break
		}
	}
	return &fault{status, reply{e.Code, e.Text}}
}

// handler is an http.Handler that returns its error instead of writing it.
type handler func(w http.ResponseWriter, r *http.Request) error

// wrap answers for a handler that failed, unless it has answered already.
func (s *Server) wrap(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := h(w, r)
		if err == nil {
			return
		}
		status, body := classify(err)
		if status >= http.StatusInternalServerError {
			s.opts.Logger.Error("request failed", "path", r.URL.Path, "request", requestID(r.Context()), "err", err)
		}
		if begun(w) {
			return
		}
		if err := writeJSON(w, status, map[string]reply{"error": body}); err != nil {
			s.opts.Logger.Debug("reply not delivered", "request", requestID(r.Context()), "err", err)
		}
	})
}

func writeJSON(w http.ResponseWriter, status int, v any) error {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}

func (s *Server) unknown(http.ResponseWriter, *http.Request) error {
	return &fault{http.StatusNotFound, reply{"not_found", "没有这个接口，接口说明见 /openapi.json。"}}
}
