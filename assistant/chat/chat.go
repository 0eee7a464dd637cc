// Package chat holds conversations without transport: turns, history, running answers that can be
// followed, resumed and cancelled.
//
// A running answer belongs to Conversations, not to the connection that asked for it: it goes on
// when the connection breaks, and every event is written to the turn log before anybody sees it, so
// that a reader can go on after the last event it saw without loss or repetition. Sockets, server-sent
// events and plain requests are adapters around this package; it knows none of them.
//
// Any number of replicas share a store. A turn is answered by the one that was asked, and can be followed
// and stopped on all of them: elsewhere its events come from the log. A replica that lives says so again and
// again; the turns of one that does not are ended by the others.
package chat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"xiaoyue/kb"
)

// The refusals of a turn.
var (
	ErrBusy    = errors.New("too many answers are running")                // as the service allows
	ErrGreedy  = errors.New("too many answers are running for one caller") // as fairness allows
	ErrLeaving = errors.New("this replica takes no more questions")        // another one does
)

// Answerer answers one turn, emitting events of type delta, card, citation and notice as it goes.
// It fills Type and the payload of an event; chat adds the rest. An error of emit ends the answer. The
// record is stored, also that of an answer that ends in an error, unless it has no trace ID.
type Answerer interface {
	Answer(ctx context.Context, turn kb.Turn, emit func(kb.Event) error) (kb.Answer, kb.Record, error)
}

// Options tune Conversations; zero fields mean the defaults. The numbers hold for all replicas together.
type Options struct {
	Deadline   time.Duration    // of one answer, 60 s
	Running    int              // answers at once, 256
	PerSubject int              // answers at once of one subject without roles, 8
	PerAddress int              // answers at once of one address or bearer, half of Running
	History    int              // earlier exchanges handed to the answerer, 6
	Retain     time.Duration    // how long records are kept, 180 days
	Lease      time.Duration    // after how long of silence this replica counts as gone, 10 s
	Now        func() time.Time // time.Now
	Logger     *slog.Logger     // slog.Default
}

// Ref names one turn of a conversation as its owner does.
type Ref = kb.TurnRef

// Conversations runs answers and lets readers follow them. It is safe for concurrent use.
type Conversations struct {
	answerer Answerer
	store    Store
	opts     Options
	lease    lease
	close    func()

	mu       sync.Mutex // guards the rest
	running  map[Ref]*answer
	watch    []func(kb.Event, kb.Record)
	troubled time.Time // when the store failed last
	entered  int       // asks that have a place or look for one
	leaving  bool      // takes no more
	closed   bool
	wait     sync.WaitGroup
}

// New returns Conversations without any; nil options are legal. Close ends them.
func New(answerer Answerer, store Store, opts *Options) *Conversations {
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
	o.Lease = positive(o.Lease, 10*time.Second)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	c := &Conversations{answerer: answerer, store: store, opts: o, running: map[Ref]*answer{}}
	c.lease.replica = uuid.NewString()
	c.close = sync.OnceFunc(c.keep())
	return c
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
	if err := c.enter(); err != nil {
		return Ref{}, err
	}
	ref, err := c.prepare(ctx, &turn)
	if err != nil {
		c.leave()
		return Ref{}, fmt.Errorf("conversation %s: %w", turn.Conversation, err)
	}
	life, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	life, stop := context.WithTimeout(life, c.opts.Deadline)
	run := newAnswer(ref, cancel)
	c.begin(run)
	go func() {
		defer c.leave()
		defer cancel(nil)
		defer stop()
		c.run(life, turn, run)
	}()
	return ref, nil
}

// enter counts an ask in, unless this replica takes no more.
func (c *Conversations) enter() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.leaving {
		return fmt.Errorf("%w: %w", ErrLeaving, kb.ErrUnavailable)
	}
	c.entered++
	c.wait.Add(1)
	return nil
}

func (c *Conversations) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.entered--
	c.wait.Done()
}

// prepare numbers the turn, takes a place for it and, unless the caller brought a history, reads it from
// the log.
func (c *Conversations) prepare(ctx context.Context, turn *kb.Turn) (ref Ref, err error) {
	if err := c.renew(ctx, c.opts.Lease/2); err != nil {
		return Ref{}, err
	}
	if err := c.room(ctx, turn.Caller, 1); err != nil {
		return Ref{}, err
	}
	if turn.Number, err = c.store.NextTurn(ctx, turn.Caller, turn.Conversation); err != nil {
		return Ref{}, err
	}
	ref = Ref{Tenant: turn.Caller.Tenant, Subject: turn.Caller.Subject, Conversation: turn.Conversation, Turn: turn.Number}
	if err := c.take(ctx, ref, turn.Caller); err != nil {
		return Ref{}, err
	}
	if turn.Number > 1 && turn.History == nil {
		if turn.History, err = c.store.Exchanges(ctx, turn.Caller.Tenant, turn.Conversation, c.opts.History); err != nil {
			c.giveBack(ctx, ref)
		}
	}
	return ref, err
}

// begin lets the answer be followed. One that began while Close was cancelling is cancelled too.
func (c *Conversations) begin(run *answer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running[run.ref] = run
	if c.closed {
		run.cancel(errClosing)
	}
}

// Observe has f called with the last event of every answer from now on, and with its record where
// the answer is whole. It is called once an answer, from the answer's own goroutine, on the replica that
// answers.
func (c *Conversations) Observe(f func(last kb.Event, record kb.Record)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.watch = append(c.watch, f)
}

// here returns a running answer of this replica, or nil.
func (c *Conversations) here(ref Ref) *answer {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.running[ref]
}

// Here is how many answers run on this replica.
func (c *Conversations) Here() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.running)
}

// Cancel stops a running answer, on another replica within about a second; a turn that is not running, or
// of another subject, is no error.
func (c *Conversations) Cancel(ctx context.Context, ref Ref) error {
	if run := c.here(ref); run != nil {
		run.cancel(nil)
		return nil
	}
	if err := c.store.StopTurns(ctx, ref); err != nil {
		return fmt.Errorf("cancel turn %d of conversation %s: %w", ref.Turn, ref.Conversation, err)
	}
	return nil
}

// Drain takes no more questions and waits until those that are being answered here have their answers, or
// until ctx ends. Their events stay readable, here and on other replicas.
func (c *Conversations) Drain(ctx context.Context) error {
	c.mu.Lock()
	c.leaving = true
	c.mu.Unlock()
	empty := make(chan struct{})
	go func() { // until Close at the latest
		c.wait.Wait()
		close(empty)
	}()
	select {
	case <-empty:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close cancels what runs and waits for it to end. Further asks are refused.
func (c *Conversations) Close() {
	c.mu.Lock()
	c.leaving, c.closed = true, true
	for _, run := range c.running {
		run.cancel(errClosing)
	}
	c.mu.Unlock()
	c.wait.Wait()
	c.close()
}
