// Package limit puts several servers of one role behind one model: it admits a bounded number of
// requests, lets the others wait in a fair queue and tells them how long, sets deadlines, leaves a
// server that fails for the next one, and keeps away from it until it is well again.
//
// It wraps what inference describes and is that itself, so nothing above knows of it. It talks to
// no server and knows no protocol, and it changes neither requests nor answers, but for the name of the
// server that wrote.
package limit

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"xiaoyue/inference"
)

// The faults of a configuration, to be compared with errors.Is.
var (
	ErrNoServer = errors.New("no server is named")
	ErrMixed    = errors.New("servers embed with different models")
)

// Server is one model on one server.
type Server[M any] struct {
	Name     string // in logs and records, unique; empty: the model's name
	Model    M      // an inference.Inspector is asked before a server that failed is tried again
	Weight   int    // share of the load, 1
	Parallel int    // requests at once; zero: Options.Parallel
}

// Options tune a wrapper; zero fields mean the defaults.
type Options struct {
	Parallel int           // requests at once on one server, 4
	Queue    int           // requests that may wait, of all askers together, 64; negative: none
	Wait     time.Duration // the longest wait for a turn, 60 s

	FirstToken time.Duration // deadline of a server for the first piece of an answer, a question's vector or scores, 20 s
	Stall      time.Duration // the longest pause between two pieces, 10 s
	Total      time.Duration // deadline of an answer from its turn on, over all servers tried, 50 s

	Faults   int           // in a row, after which a server is out of use, 3
	Cooldown time.Duration // how long it is then left alone, twice that after each failed trial, 5 s

	Log *slog.Logger // nil: none
}

// filled returns the options with their defaults.
func (o *Options) filled() (Options, error) {
	var f Options
	if o != nil {
		f = *o
	}
	for _, d := range []struct {
		value   *time.Duration
		usually time.Duration
	}{
		{&f.Wait, time.Minute}, {&f.FirstToken, 20 * time.Second}, {&f.Stall, 10 * time.Second},
		{&f.Total, 50 * time.Second}, {&f.Cooldown, 5 * time.Second},
	} {
		if *d.value < 0 {
			return f, fmt.Errorf("limit: negative duration %v", *d.value)
		}
		if *d.value == 0 {
			*d.value = d.usually
		}
	}
	if f.Parallel < 0 || f.Faults < 0 {
		return f, fmt.Errorf("limit: parallel %d and faults %d are not negative", f.Parallel, f.Faults)
	}
	f.Parallel = usual(f.Parallel, 4)
	f.Faults = usual(f.Faults, 3)
	f.Queue = max(0, usual(f.Queue, 64))
	if f.Log == nil {
		f.Log = slog.New(slog.DiscardHandler)
	}
	return f, nil
}

// usual is n, or the default for zero.
func usual(n, usually int) int {
	if n == 0 {
		return usually
	}
	return n
}

// open checks the servers and returns the pool that shares them out, and their models by index.
func open[M any](servers []Server[M], name func(M) string, opts *Options) (*pool, []M, error) {
	o, err := opts.filled()
	if err != nil {
		return nil, nil, err
	}
	if len(servers) == 0 {
		return nil, nil, fmt.Errorf("limit: %w", ErrNoServer)
	}
	p := newPool(o)
	models := make([]M, len(servers))
	for i, given := range servers {
		s, err := newServer(given, name, &o)
		if err != nil {
			return nil, nil, fmt.Errorf("limit: server %d: %w", i, err)
		}
		if p.named(s.name) != nil {
			return nil, nil, fmt.Errorf("limit: two servers are named %q", s.name)
		}
		s.index, models[i] = i, given.Model
		p.servers = append(p.servers, s)
	}
	return p, models, nil
}

func newServer[M any](given Server[M], name func(M) string, o *Options) (*server, error) {
	s := &server{
		name:     given.Name,
		weight:   usual(given.Weight, 1),
		parallel: usual(given.Parallel, o.Parallel),
		breaker:  breaker{health: Healthy, cooldown: o.Cooldown},
	}
	if s.name == "" {
		s.name = name(given.Model)
	}
	if s.name == "" || s.weight < 0 || s.parallel < 0 {
		return nil, fmt.Errorf("name %q, weight %d, parallel %d", s.name, s.weight, s.parallel)
	}
	s.inspector, _ = any(given.Model).(inference.Inspector)
	return s, nil
}
