package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"xiaoyue/inference"
	"xiaoyue/retrieval"
)

// reopenPause is how long an embedding server that could not be reached is left alone.
const reopenPause = 5 * time.Second

// awaited is the embedder of an index while its server is away: it has the identity that the index was
// built with, and tries the server again with a text now and then. A server that comes back with
// another model stays refused: its vectors mean something else.
type awaited struct {
	info inference.EmbedderInfo
	open func(context.Context) (inference.Embedder, error)

	mu     sync.Mutex // guards the rest
	found  inference.Embedder
	why    error     // of the last try
	next   time.Time // of the next try
	trying bool      // one text waits for it, the others do without
	closed bool
}

// newAwaited returns the embedder that a stamp names, with the reason why it is away.
func newAwaited(stamp retrieval.Stamp, why error, open func(context.Context) (inference.Embedder, error)) *awaited {
	name, digest, _ := strings.Cut(stamp.Embedder, "@")
	info := inference.EmbedderInfo{Name: name, Digest: digest, Dimension: stamp.Dimension}
	return &awaited{info: info, open: open, why: why, next: time.Now().Add(reopenPause)}
}

// Info implements inference.Embedder.
func (a *awaited) Info() inference.EmbedderInfo { return a.info }

// Embed implements inference.Embedder.
func (a *awaited) Embed(ctx context.Context, texts []string, kind inference.EmbedKind) ([][]float32, error) {
	found, err := a.server(ctx)
	if err != nil {
		return nil, err
	}
	return found.Embed(ctx, texts, kind)
}

// server returns the server once it is back.
func (a *awaited) server(ctx context.Context) (inference.Embedder, error) {
	if found, why, try := a.turn(); !try {
		return found, why
	}
	found, err := a.open(ctx)
	if err == nil {
		if err = a.check(found.Info()); err != nil {
			closeModel(found)
		}
	}
	return a.settle(found, err, ctx.Err())
}

// turn returns what is known of the server, or that the caller is to try it.
func (a *awaited) turn() (found inference.Embedder, why error, try bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.found != nil {
		return a.found, nil, false
	}
	if a.trying || a.closed || time.Now().Before(a.next) {
		return nil, a.why, false
	}
	a.trying = true
	return nil, nil, true
}

// settle notes how a try went. A caller who left says nothing about the server.
func (a *awaited) settle(found inference.Embedder, err, left error) (inference.Embedder, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.trying, a.next = false, time.Now().Add(reopenPause)
	switch {
	case err == nil && a.closed:
		closeModel(found)
		return nil, a.why
	case err == nil:
		a.found = found
		return found, nil
	case left != nil:
		return nil, left
	}
	a.why = err
	return nil, err
}

// absent says why the server is away, or nil once it is back.
func (a *awaited) absent() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.found != nil {
		return nil
	}
	return a.why
}

// Close ends the background work of the server, if it came back.
func (a *awaited) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	closeModel(a.found)
	return nil
}

func (a *awaited) check(info inference.EmbedderInfo) error {
	if info.Name == a.info.Name && info.Digest == a.info.Digest && info.Dimension == a.info.Dimension {
		return nil
	}
	return fmt.Errorf("%w: the index was built with %s@%s, the server has %s@%s: restart xiaoyue to rebuild it",
		inference.ErrUnavailable, a.info.Name, a.info.Digest, info.Name, info.Digest)
}

// Inspect implements inference.Inspector.
func (a *awaited) Inspect(ctx context.Context) (inference.ModelInfo, error) {
	found, err := a.server(ctx)
	if err != nil {
		return inference.ModelInfo{}, err
	}
	if i, ok := found.(inference.Inspector); ok {
		return i.Inspect(ctx)
	}
	return inference.ModelInfo{}, errors.ErrUnsupported
}
