// Package sandbox reads files in child processes that the parent kills when a file takes too long
// or too much memory, so that a hostile file costs itself and nothing else.
//
// The children are reused from file to file. They run the same binary (or any command that calls
// Serve) with an environment of almost nothing and, on Linux and where the system lets them, in a
// network namespace of their own, that is without network; where it does not they start without,
// and the readers themselves open no connection. The memory bound needs /proc; elsewhere only the
// Go runtime's own limit holds. What the files mean is the work of package dispatch and the readers.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"xiaoyue/ingest"
)

// ErrClosed is returned by Read after Close.
var ErrClosed = errors.New("sandbox: closed")

// Options bound the children. Zero fields mean the defaults in brackets.
type Options struct {
	Command      []string      // of a child, which calls Serve [this executable with "read-worker"]
	Env          []string      // added to the clean environment, key=value
	Workers      int           // children at most [1]
	Timeout      time.Duration // for one file, archives with all their members [10 s]
	StartTimeout time.Duration // for a child to be ready; compiling pdfium takes seconds once [60 s]
	MemoryBytes  int64         // resident memory of a child [512 MiB]
	OutputBytes  int64         // of the results of one file [64 MiB]
}

// filled returns a copy with the defaults filled in.
func (o *Options) filled() (Options, error) {
	var c Options
	if o != nil {
		c = *o
	}
	if len(c.Command) == 0 {
		exe, err := os.Executable()
		if err != nil {
			return c, fmt.Errorf("sandbox: find this executable: %w", err)
		}
		c.Command = []string{exe, "read-worker"}
	}
	if c.Workers <= 0 {
		c.Workers = 1
	}
	if c.Timeout <= 0 {
		c.Timeout = 10 * time.Second
	}
	if c.StartTimeout <= 0 {
		c.StartTimeout = time.Minute
	}
	if c.MemoryBytes <= 0 {
		c.MemoryBytes = 512 << 20
	}
	if c.OutputBytes <= 0 {
		c.OutputBytes = 64 << 20
	}
	return c, nil
}

// Pool is a set of children. It is safe for concurrent use; Close must be called.
type Pool struct {
	opts   Options
	slots  chan *child // Workers of them; nil where no child runs yet
	mu     sync.Mutex  // guards closed
	closed bool
}

// New returns a pool. Children are started when they are needed.
func New(o *Options) (*Pool, error) {
	opts, err := o.filled()
	if err != nil {
		return nil, err
	}
	p := &Pool{opts: opts, slots: make(chan *child, opts.Workers)}
	for range opts.Workers {
		p.slots <- nil
	}
	return p, nil
}

// Read reads the file at path: one reading, or one for each member of an archive. Faults of the
// file, a killed child's included, are in the readings; the error is of the sandbox itself, or
// ctx's.
func (p *Pool) Read(ctx context.Context, path string, limits ingest.Limits) ([]ingest.FileReading, error) {
	c, err := p.take(ctx)
	if err != nil {
		return nil, err
	}
	if c == nil {
		if c, err = start(ctx, p.opts); err != nil {
			p.slots <- nil
			return nil, fmt.Errorf("sandbox: start a reader: %w", err)
		}
	}
	readings, err := c.read(ctx, request{Path: path, Limits: limits})
	if err == nil && c.heavy() {
		c.kill() // a fresh child starts small
	}
	if c.dead() {
		c = nil
	}
	p.slots <- c
	if fault := new(ingest.ReadError); errors.As(err, &fault) {
		return []ingest.FileReading{{Path: path, Err: fault}}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("sandbox: read %s: %w", path, err)
	}
	return readings, nil
}

// take waits for a slot.
func (p *Pool) take(ctx context.Context) (*child, error) {
	select {
	case c := <-p.slots:
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.closed {
			p.slots <- c
			return nil, ErrClosed
		}
		return c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Close ends the children and waits for them; files under way are finished first.
func (p *Pool) Close() error {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil
	}
	p.closed = true
	p.mu.Unlock()
	for range p.opts.Workers {
		if c := <-p.slots; c != nil {
			c.kill()
		}
	}
	for range p.opts.Workers {
		p.slots <- nil // late callers find the pool closed
	}
	return nil
}

// environment returns what a child sees of ours: where caches go, and nothing that could be secret.
func environment(o Options) []string {
	env := []string{fmt.Sprintf("GOMEMLIMIT=%d", o.MemoryBytes*3/4)}
	for _, kv := range os.Environ() {
		switch key, _, _ := strings.Cut(kv, "="); key {
		case "HOME", "XDG_CACHE_HOME", "TMPDIR", "TZ", "LANG", "LC_ALL":
			env = append(env, kv)
		}
	}
	return append(env, o.Env...)
}
