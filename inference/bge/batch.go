package bge

import (
	"context"
	"sync/atomic"
)

// batch is the work of one call of Embed, shared by its goroutines.
type batch struct {
	model   *Model
	slots   chan *scratch
	prefix  string
	texts   []string
	vectors [][]float32
	next    atomic.Int64 // the first text that nobody has taken
}

// run encodes texts until none is left or the context ends. It gives its slot back after each
// text, so that calls of Embed take turns.
func (b *batch) run(ctx context.Context) {
	for ctx.Err() == nil {
		i := int(b.next.Add(1)) - 1
		if i >= len(b.texts) {
			return
		}
		select {
		case s := <-b.slots:
			b.vectors[i] = b.model.encoder.encode(s, b.model.tokenizer.encode(b.prefix+b.texts[i]))
			b.slots <- s
		case <-ctx.Done():
			return
		}
	}
}
