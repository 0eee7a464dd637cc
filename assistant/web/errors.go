package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

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

// fault is an error with its own reply.
type fault struct {
	reply
	status int
	param  string // the field to mend, where there is one
	retry  int    // seconds after which another try makes sense; 0: not known
}

func (f *fault) Error() string { return f.Code + ": " + f.Message }

func badRequest(message string) error { return badField("", message) }

func badField(param, message string) error {
	return &fault{reply: reply{"invalid", message}, status: http.StatusBadRequest, param: param}
}

// Seconds after which to try again: an answer takes about the first, a part that is down is looked at
// again after about the second.
const (
	soon  = 5
	later = 30
)

// faults is the one table from errors to status, code and sentence. The first match wins.
var faults = []struct {
	err    error
	status int
	reply
	retry int
}{
	{kb.ErrNotFound, http.StatusNotFound, reply{"not_found", "没有找到您要的内容。"}, 0},
	{kb.ErrUnknownRegion, http.StatusBadRequest, reply{"unknown_region", "没有这个地区代码，请核对后再试。"}, 0},
	{kb.ErrInvalid, http.StatusBadRequest, reply{"invalid", "请求内容有误，请核对后再试。"}, 0},
	{chat.ErrBusy, http.StatusTooManyRequests, reply{"busy", "现在提问的人较多，请稍后再试。"}, soon},
	{chat.ErrGreedy, http.StatusTooManyRequests, reply{"too_many", "您同时提出的问题太多，请等前面的回答结束后再问。"}, soon},
	{chat.ErrLeaving, http.StatusServiceUnavailable, reply{"restarting", "服务正在更新，请稍后重新连接。"}, 1},
	{retrieval.ErrDown, http.StatusServiceUnavailable, reply{"unavailable", "检索服务暂时不可用，请稍后再试。"}, later},
	{kb.ErrUnavailable, http.StatusServiceUnavailable, reply{"unavailable", "服务暂时不可用，请稍后再试。"}, later},
	{kb.ErrLocked, http.StatusServiceUnavailable, reply{"unavailable", "服务暂时不可用，请稍后再试。"}, later},
	{kb.ErrFull, http.StatusInsufficientStorage, reply{"full", "服务器存储空间不足，请联系管理员。"}, 0},
	{context.DeadlineExceeded, http.StatusGatewayTimeout, reply{"timeout", "处理超时，请稍后再试。"}, 0},
	{context.Canceled, 499, reply{"cancelled", "请求已取消。"}, 0}, // as nginx logs a client that left
}

// classify returns the reply to an error.
func classify(err error) *fault {
	if f, ok := errors.AsType[*fault](err); ok {
		return f
	}
	for _, f := range faults {
		if errors.Is(err, f.err) {
			return &fault{reply: f.reply, status: f.status, retry: f.retry}
		}
	}
	return &fault{reply: reply{"internal", "系统出错了，请稍后再试。"}, status: http.StatusInternalServerError}
}

// ended returns the reply to a turn that ended with an error event.
func ended(e kb.Event) error {
	for _, f := range faults {
		if f.Code == e.Code {
			return &fault{reply: reply{e.Code, e.Text}, status: f.status, retry: f.retry}
		}
	}
	return &fault{reply: reply{e.Code, e.Text}, status: http.StatusServiceUnavailable}
}

// handler is an http.Handler that returns its error instead of writing it.
type handler func(w http.ResponseWriter, r *http.Request) error

// wrap answers for a handler that failed, unless it has answered already.
func (s *Server) wrap(h handler) http.Handler { return s.wrapAs(h, plainFault) }

// wrapAs is wrap with a shape of errors of its own.
func (s *Server) wrapAs(h handler, shape func(*fault) any) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := h(w, r)
		if err == nil {
			return
		}
		f := classify(err)
		if f.status >= http.StatusInternalServerError {
			s.opts.Logger.Error("request failed", "path", r.URL.Path, "request", requestID(r.Context()), "err", err)
		}
		if begun(w) {
			return
		}
		if f.retry > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(f.retry))
		}
		if err := writeJSON(w, f.status, shape(f)); err != nil {
			s.opts.Logger.Debug("reply not delivered", "request", requestID(r.Context()), "err", err)
		}
	})
}

func plainFault(f *fault) any { return map[string]reply{"error": f.reply} }

func writeJSON(w http.ResponseWriter, status int, v any) error {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}

func (s *Server) unknown(http.ResponseWriter, *http.Request) error {
	return &fault{reply: reply{"not_found", "没有这个接口，接口说明见 /openapi.json。"}, status: http.StatusNotFound}
}
