package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"xiaoyue/assistant/chat"
	"xiaoyue/kb"
)

// ask answers POST /v1/ask: the whole answer as one object, or its events as they come for clients
// that accept text/event-stream.
func (s *Server) ask(w http.ResponseWriter, r *http.Request) error {
	caller, err := s.caller(r)
	if err != nil {
		return err
	}
	var q question
	if err := readJSON(r.Body, &q); err != nil {
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
	if wantsEvents(r) {
		return s.stream(w, r, ref, 0)
	}
	done, err := s.whole(r.Context(), ref)
	if err != nil {
		return s.abandon(r.Context(), ref, err)
	}
	return writeJSON(w, http.StatusOK, done.Answer)
}

// abandon ends an answer that could not be delivered: nobody else reads it. It returns the cause.
func (s *Server) abandon(ctx context.Context, ref chat.Ref, cause error) error {
	late, stop := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer stop()
	if err := s.backend.Chat.Cancel(late, ref); err != nil {
		s.opts.Logger.Warn("answer that nobody reads is not stopped", "conversation", ref.Conversation, "err", err)
	}
	return cause
}

func wantsEvents(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/event-stream")
}

// whole waits for the end of the turn and returns its last event.
func (s *Server) whole(ctx context.Context, ref chat.Ref) (kb.Event, error) {
	for event, err := range s.backend.Chat.Follow(ctx, ref, 0) {
		switch {
		case err != nil:
			return kb.Event{}, err
		case event.Type == kb.EventDone:
			return event, nil
		case event.Type == kb.EventError:
			return kb.Event{}, ended(event)
		}
	}
	return kb.Event{}, fmt.Errorf("turn %d of conversation %s ended without an answer", ref.Turn, ref.Conversation)
}
