package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"xiaoyue/assistant/chat"
	"xiaoyue/kb"
)

// each calls event for every event of a turn after a sequence number, and idle whenever there was
// none for a heartbeat. Both are called from the one goroutine that called each. It ends with the
// turn, with the first error, or with ctx.
func (s *Server) each(ctx context.Context, ref chat.Ref, after int, event func(kb.Event) error, idle func() error) error {
	type step struct {
		event kb.Event
		err   error
	}
	following, stop := context.WithCancel(ctx)
	steps := make(chan step)
	var wait sync.WaitGroup
	wait.Go(func() {
		defer close(steps)
		for e, err := range s.backend.Chat.Follow(following, ref, after) {
			select {
			case steps <- step{e, err}:
			case <-following.Done():
				return
			}
		}
	})
	defer wait.Wait()
	defer stop()
	ticker := time.NewTicker(s.opts.Heartbeat)
	defer ticker.Stop()
	for {
		var err error
		select {
		case next, more := <-steps:
			switch {
			case !more:
				return ctx.Err()
			case next.err != nil:
				return next.err
			}
			ticker.Reset(s.opts.Heartbeat)
			err = event(next.event)
		case <-ticker.C:
			err = idle()
		}
		if err != nil {
			return err
		}
	}
}

// events is a reply of server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
// It begins with the first block, so that until then the request can fail with a status.
type events struct{ w http.ResponseWriter }

func (e events) put(format string, values ...any) error {
	if !begun(e.w) {
		h := e.w.Header()
		h.Set("Content-Type", "text/event-stream; charset=utf-8")
		h.Set("Cache-Control", "no-store")
		h.Set("X-Accel-Buffering", "no")
		e.w.WriteHeader(http.StatusOK)
	}
	if _, err := fmt.Fprintf(e.w, format, values...); err != nil {
		return err
	}
	return http.NewResponseController(e.w).Flush()
}

// beat sends a comment, which readers skip: it keeps gateways from cutting a connection on which the
// answer is only slow.
func (e events) beat() error { return e.put(": \n\n") }

// retries are the milliseconds after which a client that is sent away comes back: not all at the same moment.
const (
	retryLeast  = 200
	retrySpread = 800
)

// stream sends the envelopes of the socket, the id being the sequence number. The answer goes on when
// the client leaves: it can come back for the rest. Where there is no rest, the reply has no content,
// which tells an EventSource not to come back. A server that drains breaks off after an event at least, so
// that the client knows what to come back for.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, ref chat.Ref, after int) error {
	out := events{w}
	ctx, breakOff := context.WithCancelCause(r.Context())
	defer breakOff(nil)
	stop := func() bool { return true }
	defer func() { stop() }()
	err := s.each(ctx, ref, after, func(e kb.Event) error {
		body, err := json.Marshal(e)
		if err != nil {
			return err
		}
		if !begun(w) {
			stop = context.AfterFunc(s.sockets.closing, func() { breakOff(chat.ErrLeaving) })
		}
		return out.put("id: %d\nevent: %s\ndata: %s\n\n", e.Seq, e.Type, body)
	}, out.beat)
	switch {
	case err != nil && errors.Is(context.Cause(ctx), chat.ErrLeaving):
		return out.put("retry: %d\n\n", retryLeast+rand.IntN(retrySpread))
	case err != nil:
		return fmt.Errorf("turn %d of conversation %s: %w", ref.Turn, ref.Conversation, err)
	case !begun(w):
		w.WriteHeader(http.StatusNoContent)
	}
	return nil
}
