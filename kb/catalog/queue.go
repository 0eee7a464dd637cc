package catalog

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"strings"
	"time"

	"maragu.dev/goqite"

	"xiaoyue/kb"
)

// Every place that holds an index has a queue of jobs of its own, so that an index which is moved to
// another place misses no change, whoever works off which queue meanwhile. A change leaves a job in
// each registered queue. A catalog in which none was ever registered has defaultQueue alone.
const (
	defaultQueue = "index"
	queueState   = "queue:" // prefix of the names in table state
	maxQueueName = 100
)

// NoteState begins the names of notes about the index of a place: NoteState, the name of its queue, a
// colon, and what they are about. They go when the queue is registered anew or taken off the register,
// since the index behind it misses what happened meanwhile.
const NoteState = "index:"

func dropNotes(ctx context.Context, h handle, queue string) error {
	return h.exec(ctx, "delete from state where substr(name, 1, ?) = ?", len([]rune(NoteState+queue+":")), NoteState+queue+":")
}

// newQueue returns a queue of index jobs. They are never given up: a worker that fails leaves a
// job to the next one, and what an outage holds up is worked off when it ends.
func newQueue(db *sql.DB, name string, flavor goqite.SQLFlavor, visibility time.Duration) *goqite.Queue {
	return goqite.New(goqite.NewOpts{DB: db, Name: name, SQLFlavor: flavor, MaxReceive: math.MaxInt32, Timeout: visibility})
}

// Subscribe registers the queue of this catalog's options: from now on every change leaves a job in
// it. It reports whether the queue is new, so that an index behind it may miss earlier changes. Where
// none was registered before, defaultQueue stays registered unless the catalog is empty.
func (c *Catalog) Subscribe(ctx context.Context) (isNew bool, err error) {
	err = c.decide(ctx, func(h handle, _ *sql.Tx) error {
		registered, err := queues(ctx, h)
		if err != nil {
			return err
		}
		revision, err := counter(ctx, h, counterCatalog)
		if err != nil {
			return err
		}
		if len(registered) == 0 && revision > 0 {
			registered = []string{defaultQueue}
			if err := h.insert(ctx, "state (name, value)", [][]any{{queueState + defaultQueue, "1"}}); err != nil {
				return err
			}
		}
		for _, name := range registered {
			if name == c.queueName {
				return nil
			}
		}
		isNew = true
		if err := dropNotes(ctx, h, c.queueName); err != nil {
			return err
		}
		return h.insert(ctx, "state (name, value)", [][]any{{queueState + c.queueName, "1"}})
	})
	if err != nil {
		return false, c.failed("subscribe", c.queueName, err)
	}
	return isNew, nil
}

// Unsubscribe takes a queue off the register, with the jobs in it; one that is not there is no
// error. The queue of this catalog's own options is kb.ErrInvalid.
func (c *Catalog) Unsubscribe(ctx context.Context, queue string) error {
	if queue == c.queueName {
		return fmt.Errorf("catalog: unsubscribe %s: %w: it is in use", queue, kb.ErrInvalid)
	}
	err := c.update(ctx, func(h handle, _ *sql.Tx) error {
		if err := h.exec(ctx, "delete from state where name = ?", queueState+queue); err != nil {
			return err
		}
		if err := dropNotes(ctx, h, queue); err != nil {
			return err
		}
		return h.exec(ctx, "delete from goqite where queue = ?", queue)
	})
	if err != nil {
		return c.failed("unsubscribe", queue, err)
	}
	return nil
}

// Queues returns the jobs that wait in every registered queue.
func (c *Catalog) Queues(ctx context.Context) (map[string]int, error) {
	all := map[string]int{}
	err := c.view(ctx, func(h handle) error {
		names, err := queues(ctx, h)
		if len(names) == 0 {
			names = []string{defaultQueue}
		}
		for _, name := range names {
			n := 0
			if err == nil {
				err = h.row(ctx, "select count(*) from goqite where queue = ?", name).Scan(&n)
			}
			all[name] = n
		}
		return err
	})
	if err != nil {
		return nil, c.failed("list", "queues", err)
	}
	return all, nil
}

// queues returns the registered queues, sorted.
func queues(ctx context.Context, h handle) ([]string, error) {
	names, err := collect(ctx, h, scanText, "select name from state where name like ? order by name", queueState+"%")
	for i := range names {
		names[i] = strings.TrimPrefix(names[i], queueState)
	}
	return names, err
}
