package web

import (
	"context"
	"encoding/json"
	"net/http"

	"xiaoyue/assistant/chat"
	"xiaoyue/kb"
)

// completion answers POST /v1/chat/completions, so that clients of OpenAI's API can use 小越 as a
// model. The words come from the same answer as everywhere; what OpenAI's shape has no place for is in
// the field xiaoyue.
func (s *Server) completion(w http.ResponseWriter, r *http.Request) error {
	from, err := s.visitor(r, kb.ChannelHTTP)
	if err != nil {
		return err
	}
	asked, err := readCompletion(r.Body)
	if err != nil {
		return err
	}
	client := r.Header.Get(clientHeader)
	if client == "" && from.token != "" {
		client = asked.User // of an anonymous caller, anybody could write it
	}
	caller, err := from.named(client)
	if err != nil {
		return err
	}
	q, err := asked.question()
	if err != nil {
		return err
	}
	turn, err := s.turn(q, caller)
	if err != nil {
		return err
	}
	ref, err := s.backend.Chat.Ask(r.Context(), turn)
	if err != nil {
		return err
	}
	out := completionReply{ID: "chatcmpl-" + ref.Conversation, Created: s.opts.Now().Unix(), Model: ModelName}
	if asked.Stream {
		return s.completeInChunks(r.Context(), &chunks{events: events{w}, head: out, usage: asked.StreamOptions.IncludeUsage}, ref)
	}
	done, err := s.whole(r.Context(), ref)
	if err != nil {
		return s.abandon(r.Context(), ref, err)
	}
	return writeJSON(w, http.StatusOK, out.whole(done))
}

// completeInChunks sends the answer as it comes. A failure before the first words is a status; one
// after them is an event, and the end mark stays away.
func (s *Server) completeInChunks(ctx context.Context, out *chunks, ref chat.Ref) error {
	text := ""
	err := s.each(ctx, ref, 0, func(e kb.Event) error {
		switch e.Type {
		case kb.EventDelta:
			text += e.Text
			return out.words(e.Text)
		case kb.EventNotice:
			return out.notice(e.Text)
		case kb.EventDone:
			return out.end(e, text)
		case kb.EventError:
			return ended(e)
		}
		return nil
	}, out.beat)
	if err != nil { // who leaves cannot come back: there is no resuming here
		err = s.abandon(ctx, ref, err)
	}
	if err == nil || !begun(out.w) || ctx.Err() != nil {
		return err
	}
	body, broken := json.Marshal(openAIFault(classify(err)))
	if broken != nil {
		return broken
	}
	return out.put("data: %s\n\n", body)
}

// models answers GET /v1/models.
func (s *Server) models(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.caller(r); err != nil {
		return err
	}
	type model struct {
		ID      string `json:"id"`
		Object  string `json:"object"`
		Created int64  `json:"created"`
		Owner   string `json:"owned_by"`
	}
	return writeJSON(w, http.StatusOK, map[string]any{
		"object": "list", "data": []model{{ModelName, "model", s.begun.Unix(), "xiaoyue"}},
	})
}

// openAIFault is the shape of OpenAI's errors; the code is ours, the same as on every other route.
func openAIFault(f *fault) any {
	kind := "invalid_request_error"
	switch {
	case f.status == http.StatusUnauthorized:
		kind = "authentication_error"
	case f.status == http.StatusForbidden:
		kind = "permission_error"
	case f.status == http.StatusTooManyRequests:
		kind = "rate_limit_error"
	case f.status >= http.StatusInternalServerError:
		kind = "server_error"
	}
	var param any
	if f.param != "" {
		param = f.param
	}
	return map[string]any{"error": map[string]any{"message": f.Message, "type": kind, "param": param, "code": f.Code}}
}
