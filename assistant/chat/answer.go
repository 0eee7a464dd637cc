package chat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"xiaoyue/kb"
)

// logTimeout bounds the writing of the last events after the answer's own context has ended.
const logTimeout = 5 * time.Second

// Bounds of what one running answer holds in memory. An answerer that goes beyond has lost its way.
const (
	maxEvents = 1 << 12
	maxText   = 256 << 10 // bytes of texts and quotes
)

var (
	errEndless = errors.New("the answer does not end")
	errClosing = errors.New("this replica is closing")
)

// answer is one running answer with the events sent so far.
type answer struct {
	ref    Ref
	cancel context.CancelCauseFunc
	erased bool // the conversation is gone; of the answer's own goroutine

	mu     sync.Mutex // guards the rest
	events []kb.Event
	text   int           // bytes
	more   chan struct{} // closed and replaced when events grow
}

func newAnswer(ref Ref, cancel context.CancelCauseFunc) *answer {
	return &answer{ref: ref, cancel: cancel, more: make(chan struct{})}
}

// identified completes the identity of an event of a turn.
func identified(ref Ref, seq int, e kb.Event) kb.Event {
	e.V, e.Conversation, e.Turn, e.Seq = 1, ref.Conversation, ref.Turn, seq
	return e
}

func interrupted() kb.Event {
	return kb.Event{Type: kb.EventError, Code: "interrupted", Text: "回答中断了，请再问一次。"}
}

// run answers the turn; whatever happens, its last event is done or error.
func (c *Conversations) run(ctx context.Context, turn kb.Turn, run *answer) {
	defer c.forget(run)
	record, err := c.complete(ctx, turn, run)
	if err != nil {
		c.fail(ctx, run, err)
	}
	c.observe(run.last(), record)
}

// complete answers the turn from start to done.
func (c *Conversations) complete(ctx context.Context, turn kb.Turn, run *answer) (kb.Record, error) {
	emit := func(e kb.Event) error { return c.publish(ctx, run, e) }
	if err := emit(kb.Event{Type: kb.EventStart}); err != nil {
		return kb.Record{}, err
	}
	reply, record, err := c.answer(ctx, turn, emit)
	if record.TraceID != "" && !run.erased {
		c.record(ctx, record)
	}
	if err != nil {
		return record, err
	}
	return record, emit(kb.Event{Type: kb.EventDone, Answer: &reply, Usage: usage(record)})
}

// usage adds up the tokens of the calls; nil where there was none.
func usage(record kb.Record) *kb.Usage {
	if len(record.Calls) == 0 {
		return nil
	}
	var u kb.Usage
	for _, call := range record.Calls {
		u.Prompted += call.Prompted
		u.Completed += call.Completed
	}
	return &u
}

func (c *Conversations) observe(last kb.Event, record kb.Record) {
	c.mu.Lock()
	watch := c.watch
	c.mu.Unlock()
	for _, f := range watch {
		f(last, record)
	}
}

// answer keeps a panic over one question from ending all the others.
func (c *Conversations) answer(ctx context.Context, turn kb.Turn, emit func(kb.Event) error) (_ kb.Answer, _ kb.Record, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			c.opts.Logger.Error("panic", "conversation", turn.Conversation, "turn", turn.Number, "stack", string(debug.Stack()))
			err = fmt.Errorf("answer: panic: %v", cause)
		}
	}()
	return c.answerer.Answer(ctx, turn, emit)
}

// publish writes the event to the log and then shows it to the followers. It is called by the one
// goroutine of the answer.
func (c *Conversations) publish(ctx context.Context, run *answer, e kb.Event) error {
	if run.full(e) {
		return errEndless
	}
	e = identified(run.ref, run.length()+1, e)
	if err := c.store.AppendEvents(ctx, run.ref.Tenant, []kb.Event{e}); err != nil {
		run.erased = errors.Is(err, kb.ErrNotFound)
		return err
	}
	run.show(e)
	return nil
}

// record stores what accounts for an answer, also of one that was cut short: its words were seen.
func (c *Conversations) record(ctx context.Context, record kb.Record) {
	record.RetainUntil = c.opts.Now().Add(c.opts.Retain)
	late, stop := context.WithTimeout(context.WithoutCancel(ctx), logTimeout)
	defer stop()
	if err := c.store.PutRecord(late, record); err != nil {
		c.opts.Logger.Error("record of an answer is lost", "trace", record.TraceID, "err", err)
	}
}

// fail ends the turn with an error event. It is shown even where the log cannot take it: followers
// must not wait for an end that never comes.
func (c *Conversations) fail(ctx context.Context, run *answer, cause error) {
	e := failure(ctx, cause)
	level := slog.LevelWarn
	if e.Code == "cancelled" {
		level = slog.LevelDebug // at somebody's wish
	}
	c.opts.Logger.Log(ctx, level, "answer failed", "conversation", run.ref.Conversation, "turn", run.ref.Turn, "code", e.Code, "err", cause)
	late, stop := context.WithTimeout(context.WithoutCancel(ctx), logTimeout)
	defer stop()
	err := c.logEnd(late, run, e)
	if err == nil {
		return
	}
	run.show(identified(run.ref, run.length()+1, e))
	c.giveBack(ctx, run.ref)
	if !run.erased {
		c.opts.Logger.Error("end of a failed answer is not logged", "conversation", run.ref.Conversation, "err", err)
	}
}

// logEnd logs the last event and shows it. The log may hold events that this replica knows nothing of: one
// whose writing seemed to fail, or the end that another replica gave the turn because this one was too slow.
func (c *Conversations) logEnd(ctx context.Context, run *answer, e kb.Event) error {
	unknown, err := c.events(ctx, run.ref, run.length())
	if err != nil {
		return err
	}
	for _, one := range unknown {
		run.show(one)
	}
	if n := len(unknown); n > 0 && unknown[n-1].Final() {
		return nil
	}
	e = identified(run.ref, run.length()+1, e)
	if err := c.store.AppendEvents(ctx, run.ref.Tenant, []kb.Event{e}); err != nil {
		return err
	}
	run.show(e)
	return nil
}

func failure(ctx context.Context, cause error) kb.Event {
	switch {
	case errors.Is(context.Cause(ctx), errClosing):
		return interrupted()
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return kb.Event{Type: kb.EventError, Code: "timeout", Text: "回答用时过长，已停止，请稍后再问。"}
	case errors.Is(ctx.Err(), context.Canceled):
		return kb.Event{Type: kb.EventError, Code: "cancelled", Text: "已停止回答。"}
	case errors.Is(cause, kb.ErrInvalid):
		return kb.Event{Type: kb.EventError, Code: "invalid", Text: "这个问题没法处理，请换个说法再问。"}
	}
	return kb.Event{Type: kb.EventError, Code: "unavailable", Text: "系统暂时无法回答，请稍后再问或拨打12345政务服务便民热线。"}
}

func (c *Conversations) forget(run *answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.running, run.ref)
}

func (a *answer) length() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.events)
}

// full reports whether there is room for no event but the last one.
func (a *answer) full(e kb.Event) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return !e.Final() && (len(a.events) >= maxEvents || a.text+size(e) > maxText)
}

func size(e kb.Event) int {
	if e.Citation != nil {
		return len(e.Text) + len(e.Citation.Quote)
	}
	return len(e.Text)
}

func (a *answer) last() kb.Event {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.events[len(a.events)-1]
}

func (a *answer) show(e kb.Event) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.text += size(e)
	a.events = append(a.events, e)
	close(a.more)
	a.more = make(chan struct{})
}

// since returns the events after a sequence number and a channel that closes when there are more;
// the channel is nil where the answer has ended.
func (a *answer) since(after int) ([]kb.Event, <-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := len(a.events)
	after = min(max(after, 0), n)
	if n > 0 && a.events[n-1].Final() {
		return a.events[after:n:n], nil
	}
	return a.events[after:n:n], a.more
}

func (a *answer) follow(ctx context.Context, after int, yield func(kb.Event, error) bool) {
	for {
		events, more := a.since(after)
		for _, e := range events {
			if !yield(e, nil) {
				return
			}
			after = e.Seq
		}
		if more == nil {
			return
		}
		select {
		case <-more:
		case <-ctx.Done():
			yield(kb.Event{}, ctx.Err())
			return
		}
	}
}
