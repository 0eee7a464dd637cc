// Package chat holds conversations without transport: turns, history, running answers that can be
// followed, resumed and cancelled.
//
// A running answer belongs to Conversations, not to the connection that asked for it: it goes on
// when the connection breaks, and every event is written to the turn log before anybody sees it, so
// that a reader can go on after the last event it saw without loss or repetition. Sockets, server-sent
// events and plain requests are adapters around this package; it knows none of them.
package chat

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"xiaoyue/kb"
)

// The refusals of a turn for lack of a place.
var (
	ErrBusy   = errors.New("too many answers are running")                // as the server allows
	ErrGreedy = errors.New("too many answers are running for one caller") // as fairness allows
)

// Answerer answers one turn, emitting events of type delta, card, citation and notice as it goes.
// It fills Type and the payload of an event; chat adds the rest. An error of emit ends the answer. The
// record is stored, also that of an answer that ends in an error, unless it has no trace ID.
type Answerer interface {
	Answer(ctx context.Context, turn kb.Turn, emit func(kb.Event) error) (kb.Answer, kb.Record, error)
}

// Log persists conversations. Events are unique by (tenant, conversation, turn, seq) and come back
// in that order; appending one that is there already is an error. NextTurn numbers the turns of a
// conversation from 1, each once; a conversation of another subject is kb.ErrNotFound, and has no
// Events.
type Log interface {
	NextTurn(ctx context.Context, caller kb.Caller, conversation string) (int, error)
	AppendEvents(ctx context.Context, tenant string, events []kb.Event) error
	Events(ctx context.Context, caller kb.Caller, conversation string, turn, after int) ([]kb.Event, error)
	Exchanges(ctx context.Context, tenant, conversation string, limit int) ([]kb.Exchange, error)
	PutRecord(ctx context.Context, record kb.Record) error
}

// Options tune Conversations; zero fields mean the defaults.
type Options struct {
	Deadline   time.Duration    // of one answer, 60 s
	Running    int              // answers at once, 256
	PerSubject int              // answers at once of one subject without roles, 8
	PerAddress int              // answers at once of one address or bearer, half of Running
	History    int              // earlier exchanges handed to the answerer, 6
	Retain     time.Duration    // how long records are kept, 180 days
	Now        func() time.Time // time.Now
	Logger     *slog.Logger     // slog.Default
}

// Ref names one turn of a conversation as its owner does: with another tenant or subject there is no
// such turn.
type Ref struct {
	Tenant       string
	Subject      string
	Conversation string
	Turn         int
}

// Conversations runs answers and lets readers follow them. It is safe for concurrent use.
type Conversations struct {
	answerer Answerer
	log      Log
	opts     Options

	mu      sync.Mutex // guards the rest
	running map[Ref]*answer
	places  places
	watch   []func(kb.Event, kb.Record)
	closed  bool
	wait    sync.WaitGroup
}

// New returns Conversations without any; nil options are legal.
func New(answerer Answerer, log Log, opts *Options) *Conversations {
	o := Options{}
	if opts != nil {
		o = *opts
	}
	o.Deadline = positive(o.Deadline, time.Minute)
	o.Running = positive(o.Running, 256)
	o.PerSubject = positive(o.PerSubject, 8)
	o.PerAddress = positive(o.PerAddress, max(1, o.Running/2))
	o.History = positive(o.History, 6)
	o.Retain = positive(o.Retain, 180*24*time.Hour)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return &Conversations{answerer: answerer, log: log, opts: o, running: map[Ref]*answer{}, places: places{}}
}

func positive[T ~int | ~int64](v, fallback T) T {
	if v > 0 {
		return v
	}
	return fallback
}

// Ask starts the answer to a turn and returns where to follow it. An empty Conversation begins a
// new one. The answer outlives ctx; Cancel, its deadline or Close end it.
func (c *Conversations) Ask(ctx context.Context, turn kb.Turn) (Ref, error) {
	if turn.Conversation == "" {
		turn.Conversation = uuid.NewString()
	} else if _, err := uuid.Parse(turn.Conversation); err != nil {
		return Ref{}, fmt.Errorf("conversation %.40q: %w: want the id that the server gave", turn.Conversation, kb.ErrInvalid)
	}
	if err := c.enter(turn.Caller); err != nil {
		return Ref{}, err
	}
	if err := c.prepare(ctx, &turn); err != nil {
		c.leave(turn.Caller)
		return Ref{}, fmt.Errorf("conversation %s: %w", turn.Conversation, err)
	}
	ref := Ref{turn.Caller.Tenant, turn.Caller.Subject, turn.Conversation, turn.Number}
	life, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.opts.Deadline)
	run := newAnswer(ref, cancel)
	c.begin(run)
	go func() {
		defer c.leave(turn.Caller)
		defer cancel()
		c.run(life, turn, run)
	}()
	return ref, nil
}

// prepare numbers the turn and, unless the caller brought a history, reads it from the log.
func (c *Conversations) prepare(ctx context.Context, turn *kb.Turn) error {
	n, err := c.log.NextTurn(ctx, turn.Caller, turn.Conversation)
	if err != nil {
		return err
	}
	turn.Number = n
	if n > 1 && turn.History == nil {
		turn.History, err = c.log.Exchanges(ctx, turn.Caller.Tenant, turn.Conversation, c.opts.History)
	}
	return err
}

// begin lets the answer be followed. One that began while Close was cancelling is cancelled too.
func (c *Conversations) begin(run *answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running[run.ref] = run
	if c.closed {
		run.cancel()
	}
}

// Observe has f called with the last event of every answer from now on, and with its record where
// the answer is whole. It is called once an answer, from the answer's own goroutine.
func (c *Conversations) Observe(f func(last kb.Event, record kb.Record)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.watch = append(c.watch, f)
}

// Follow yields the events of a turn after a sequence number, first those that are there, then the
// rest as they come, and ends after done or error. Leaving the loop does not stop the answer.
// A turn that is neither running nor logged, or not of the subject, is kb.ErrNotFound.
func (c *Conversations) Follow(ctx context.Context, ref Ref, after int) iter.Seq2[kb.Event, error] {
	return func(yield func(kb.Event, error) bool) {
		c.mu.Lock()
		run := c.running[ref]
		c.mu.Unlock()
		if run != nil {
			run.follow(ctx, after, yield)
			return
		}
		c.replay(ctx, ref, after, yield)
	}
}

// replay yields a finished turn from the log. A turn that a crash cut short ends with an error event.
func (c *Conversations) replay(ctx context.Context, ref Ref, after int, yield func(kb.Event, error) bool) {
	events, err := c.log.Events(ctx, kb.Caller{Tenant: ref.Tenant, Subject: ref.Subject}, ref.Conversation, ref.Turn, 0)
	if err == nil && len(events) == 0 {
		err = kb.ErrNotFound
	}
	if err != nil {
		yield(kb.Event{}, fmt.Errorf("turn %d of conversation %s: %w", ref.Turn, ref.Conversation, err))
		return
	}
	if last := events[len(events)-1]; !final(last) {
		events = append(events, ref.event(last.Seq+1, interrupted()))
	}
	for _, e := range events {
		if e.Seq > after && !yield(e, nil) {
			return
		}
	}
}

// Cancel stops a running answer; a turn that is not running, or of another subject, is no error.
func (c *Conversations) Cancel(ref Ref) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if run := c.running[ref]; run != nil {
		run.cancel()
	}
}

// Close cancels what runs and waits for it to end. Further asks are refused.
func (c *Conversations) Close() {
	c.mu.Lock()
	c.closed = true
	for _, run := range c.running {
		run.cancel()
	}
	c.mu.Unlock()
	c.wait.Wait()
}
