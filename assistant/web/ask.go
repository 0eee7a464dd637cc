package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"xiaoyue/assistant/chat"
	"xiaoyue/kb"
)

// ask answers POST /v1/ask: the whole answer as one object, or its events as they come for clients
// that accept text/event-stream.
func (s *Server) ask(w http.ResponseWriter, r *http.Request) error {
	caller, err := s.caller(r, kb.ChannelHTTP)
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
	if strings.Contains(r.Header.Get("Accept"), "text/event-stream") {
		return s.stream(w, r, ref)
	}
	return s.whole(w, r, ref)
}

// whole waits for the end of the turn. A caller who leaves ends the answer: nobody else reads it.
func (s *Server) whole(w http.ResponseWriter, r *http.Request, ref chat.Ref) error {
	for event, err := range s.backend.Chat.Follow(r.Context(), ref, 0) {
		switch {
		case err != nil:
			s.backend.Chat.Cancel(ref)
			return err
		case event.Type == kb.EventDone:
			s.metrics.answer(*event.Answer)
			return writeJSON(w, http.StatusOK, event.Answer)
		case event.Type == kb.EventError:
			return ended(event)
		}
	}
	return fmt.Errorf("turn %d of conversation %s ended without an answer", ref.Turn, ref.Conversation)
}

// stream sends the envelopes of the socket as server-sent events
// (https://html.spec.whatwg.org/multipage/server-sent-events.html), the id being the sequence number.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, ref chat.Ref) error {
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	w.WriteHeader(http.StatusOK)
	control := http.NewResponseController(w)
	for event, err := range s.backend.Chat.Follow(r.Context(), ref, 0) {
		if err != nil {
			s.backend.Chat.Cancel(ref)
			return err
		}
		if event.Answer != nil {
			s.metrics.answer(*event.Answer)
		}
		if err := writeEvent(w, event); err != nil {
			return fmt.Errorf("event %d: %w", event.Seq, err)
		}
		if err := control.Flush(); err != nil {
			return fmt.Errorf("event %d: %w", event.Seq, err)
		}
	}
	return nil
}

func writeEvent(w http.ResponseWriter, event kb.Event) error {
	body, err := json.Marshal(event)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "id: %d\nevent: %s\ndata: %s\n\n", event.Seq, event.Type, body)
	return err
}
