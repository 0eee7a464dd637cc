package guide

import (
	"context"
	"sync"
	"time"

	"xiaoyue/inference"
)

// How long what a server said of its model holds, how long it is waited for, and how many models are
// remembered.
const (
	inspectionHolds = 5 * time.Minute
	inspectionWait  = time.Second
	maxInspected    = 64
)

// inspections remember what servers say of the models that write, so that one answer at a time waits for
// it, and seldom.
type inspections struct {
	ask func(ctx context.Context, model string) (inference.ModelInfo, error)
	now func() time.Time

	mu   sync.Mutex // guards seen; not held while a server is asked
	seen map[string]inspected
}

type inspected struct {
	info inference.ModelInfo
	at   time.Time
}

// newInspections asks through the option, else the model itself where it can tell.
func newInspections(o Options) *inspections {
	in := &inspections{ask: o.Inspect, now: o.Now, seen: map[string]inspected{}}
	if inspector, ok := o.Chat.(inference.Inspector); ok && in.ask == nil {
		in.ask = func(ctx context.Context, _ string) (inference.ModelInfo, error) { return inspector.Inspect(ctx) }
	}
	return in
}

// of returns what is known of a model; the zero info where its server does not tell. A server that
// does not answer is asked again only after a while, as one that does.
func (in *inspections) of(ctx context.Context, model string) inference.ModelInfo {
	if in.ask == nil {
		return inference.ModelInfo{}
	}
	in.mu.Lock()
	was, ok := in.seen[model]
	fresh := ok && in.now().Sub(was.at) < inspectionHolds
	if !fresh { // others go on with what was known meanwhile
		if len(in.seen) >= maxInspected {
			in.seen = map[string]inspected{}
		}
		in.seen[model] = inspected{was.info, in.now()}
	}
	in.mu.Unlock()
	if fresh {
		return was.info
	}
	limited, cancel := context.WithTimeout(ctx, inspectionWait)
	defer cancel()
	info, err := in.ask(limited, model)
	in.mu.Lock()
	defer in.mu.Unlock()
	switch {
	case err == nil:
		in.seen[model] = inspected{info, in.now()}
		return info
	case ctx.Err() != nil: // the asker left: that says nothing of the server
		in.seen[model] = was
	}
	return was.info
}
