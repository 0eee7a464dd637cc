package main

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"xiaoyue/inference"
	"xiaoyue/retrieval"
)

// opened is an embedder that knows whether it was closed.
type opened struct {
	inference.Embedder
	info   inference.EmbedderInfo
	closed bool
}

func (o *opened) Info() inference.EmbedderInfo { return o.info }
func (o *opened) Close() error                 { o.closed = true; return nil }
func (o *opened) Embed(context.Context, []string, inference.EmbedKind) ([][]float32, error) {
	return [][]float32{{1}}, nil
}

var errAway = errors.New("server is away")

// awaiting returns an embedder whose server is opened so, and a question to it.
func awaiting(open func(context.Context) (inference.Embedder, error)) (*awaited, func(context.Context) error) {
	a := newAwaited(retrieval.Stamp{Embedder: "m@1", Dimension: 1}, errAway, open)
	return a, func(ctx context.Context) error {
		_, err := a.Embed(ctx, []string{"问"}, inference.EmbedQuestion)
		return err
	}
}

// TestAwaitedHoldsUpOneQuestion lets a server hang: one question tries it, the others go on without, and
// that the one gives up is no fault of theirs.
func TestAwaitedHoldsUpOneQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, ask := awaiting(func(ctx context.Context) (inference.Embedder, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})
		time.Sleep(reopenPause)
		ctx, leave := context.WithCancel(t.Context())
		tried := make(chan error)
		go func() { tried <- ask(ctx) }()
		synctest.Wait()
		if err := ask(t.Context()); err != errAway {
			t.Errorf("beside the try: %v, want %v", err, errAway)
		}
		leave()
		if err := <-tried; err != context.Canceled {
			t.Errorf("the try: %v, want %v", err, context.Canceled)
		}
		if err := ask(t.Context()); err != errAway {
			t.Errorf("after the try: %v, want %v", err, errAway)
		}
	})
}

// TestAwaitedClosesWhatItOpens covers the server that is taken, and the one with another model.
func TestAwaitedClosesWhatItOpens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := &opened{info: inference.EmbedderInfo{Name: "m", Digest: "2", Dimension: 1}}
		a, ask := awaiting(func(context.Context) (inference.Embedder, error) { return server, nil })
		time.Sleep(reopenPause)
		if err := ask(t.Context()); !errors.Is(err, inference.ErrUnavailable) || !server.closed || a.absent() != err {
			t.Errorf("another model: %v, closed %v, absent %v", err, server.closed, a.absent())
		}
		server.info.Digest, server.closed = "1", false
		time.Sleep(reopenPause)
		if err := ask(t.Context()); err != nil || server.closed || a.absent() != nil {
			t.Errorf("the model of the index: %v, closed %v, absent %v", err, server.closed, a.absent())
		}
		if err := a.Close(); err != nil || !server.closed {
			t.Errorf("Close: %v, closed %v", err, server.closed)
		}
	})
}
