package web

import (
	"cmp"
	"net/http"
	"strconv"

	"xiaoyue/assistant/chat"
)

// resume answers GET /v1/conversations/{conversation}/turns/{turn}?after=SEQ: the events of a turn
// after a sequence number, or its answer as one object. An EventSource that comes back says the
// number in Last-Event-ID.
func (s *Server) resume(w http.ResponseWriter, r *http.Request) error {
	ref, err := s.ref(r)
	if err != nil {
		return err
	}
	if !wantsEvents(r) {
		done, err := s.whole(r.Context(), ref)
		if err != nil {
			return err
		}
		return writeJSON(w, http.StatusOK, done.Answer)
	}
	after := 0
	if given := cmp.Or(r.Header.Get("Last-Event-ID"), r.URL.Query().Get("after")); given != "" {
		if after, err = strconv.Atoi(given); err != nil || after < 0 {
			return badField("after", "after 应为最后收到的事件序号。")
		}
	}
	return s.stream(w, r, ref, after)
}

// cancel answers POST /v1/conversations/{conversation}/turns/{turn}/cancel.
func (s *Server) cancel(w http.ResponseWriter, r *http.Request) error {
	ref, err := s.ref(r)
	if err != nil {
		return err
	}
	if err := s.backend.Chat.Cancel(r.Context(), ref); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// ref reads which turn of the caller's a request means.
func (s *Server) ref(r *http.Request) (chat.Ref, error) {
	caller, err := s.caller(r)
	if err != nil {
		return chat.Ref{}, err
	}
	turn, err := strconv.Atoi(r.PathValue("turn"))
	if err != nil || turn < 1 {
		return chat.Ref{}, badField("turn", "轮次应为正整数。")
	}
	return chat.Ref{Tenant: caller.Tenant, Subject: caller.Subject, Conversation: r.PathValue("conversation"), Turn: turn}, nil
}

// erase answers DELETE /v1/conversations: all that is kept of the caller goes.
func (s *Server) erase(w http.ResponseWriter, r *http.Request) error {
	caller, err := s.caller(r)
	if err != nil {
		return err
	}
	if caller.Subject == "" {
		return badField("client", "没有令牌或客户端标识，不能确定要删除谁的对话。")
	}
	n, err := s.backend.Chat.Erase(r.Context(), caller)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, map[string]int{"erased": n})
}
