package limit

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"xiaoyue/inference"
)

// Status is the state of a model at one moment, for metrics and for people.
type Status struct {
	Model    string
	Queue    int           // requests that may wait
	Waiting  int           // requests that do
	Expected time.Duration // how long the next one would
	Refused  uint64        // requests turned away because the queue was full
	Servers  []ServerStatus
}

// ServerStatus is the state of one server. The counts are of requests since the start.
type ServerStatus struct {
	Name              string
	Health            Health
	Running, Parallel int
	HeldUntil         time.Time // the server asked for no requests until then; zero or past: it did not
	LastFault         string
	FaultAt           time.Time
	Answered          uint64
	Faults            uint64
	Left              uint64 // by the asker
}

// Status returns the state of the model.
func (p *pool) Status() Status {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := Status{
		Model: p.name, Queue: p.opts.Queue, Waiting: p.line.waiting + len(p.again), Refused: p.refused,
		Expected: p.expected(p.line.waiting+len(p.again), time.Now()),
	}
	for _, v := range p.servers {
		one := ServerStatus{
			Name: v.name, Health: v.health, Running: v.running, Parallel: v.parallel, HeldUntil: v.held,
			FaultAt: v.faultAt, Answered: v.answered, Faults: v.failed, Left: v.left,
		}
		if v.fault != nil {
			one.LastFault = v.fault.Error()
		}
		s.Servers = append(s.Servers, one)
	}
	return s
}

// Name returns the names of the models, each once.
func (p *pool) Name() string { return p.name }

// Close turns away the waiting requests, ends the background probes and waits for them. Requests that
// a server is answering go on.
func (p *pool) Close() error { return p.close() }

// errMute is the fault of an inspection that no server offers.
var errMute = errors.New("the server cannot be asked")

// InspectServer asks the server of that name, whatever the state of the others.
func (p *pool) InspectServer(ctx context.Context, name string) (inference.ModelInfo, error) {
	s := p.named(name)
	if s == nil {
		return inference.ModelInfo{}, p.fault(inference.ErrUnavailable, "no server "+name, 0)
	}
	return s.inspect(ctx)
}

func (s *server) inspect(ctx context.Context) (inference.ModelInfo, error) {
	if s.inspector == nil {
		return inference.ModelInfo{}, errMute
	}
	return s.inspector.Inspect(ctx)
}

// Inspect implements inference.Inspector: it returns what the first server says that answers, those in
// use asked first.
func (p *pool) Inspect(ctx context.Context) (inference.ModelInfo, error) {
	p.mu.Lock()
	order := slices.Clone(p.servers)
	slices.SortStableFunc(order, func(a, b *server) int { return a.rank() - b.rank() })
	p.mu.Unlock()
	var fault error
	for _, s := range order {
		info, err := s.inspect(ctx)
		if err == nil {
			return info, nil
		}
		fault = cmp.Or(fault, err)
	}
	return inference.ModelInfo{}, fault
}

// rank orders servers by health, the best first.
func (s *server) rank() int { return slices.Index([]Health{Healthy, HalfOpen, Open}, s.health) }

// distinct returns the names of models, each once.
func distinct[M any](models []M, name func(M) string) string {
	var names []string
	for _, m := range models {
		if n := name(m); !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return strings.Join(names, ", ")
}
