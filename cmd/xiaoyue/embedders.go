package main

import (
	"context"
	"fmt"
	"io"
	"sync"

	"xiaoyue/inference"
	"xiaoyue/inference/bge"
	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// embedders find the embedder of a version of the index. It is that of the configuration where the
// version was made with it. While a version of another model is in use and the new one is filled, it is
// the model before, if that is still at hand; vectors of two models never meet.
type embedders struct {
	mu      sync.Mutex // guards the rest
	waiting *awaited   // of servers that were away when the engine was opened; nil: none
	former  []inference.Embedder
	opened  map[string]bool // servers whose models are in former; that of the process is ""
}

// embedderOf returns the embedder that made the vectors of a version, or nil where it is not at hand.
func (e *engine) embedderOf(stamp retrieval.Stamp) inference.Embedder {
	if stamp.Embedder == "" {
		return nil
	}
	if e.embedder != nil && made(e.embedder, stamp) {
		return e.embedder
	}
	e.models.mu.Lock()
	defer e.models.mu.Unlock()
	for _, m := range e.models.former {
		if made(m, stamp) {
			return m
		}
	}
	return e.await(stamp)
}

// made reports whether an embedder is the one of a stamp.
func made(m inference.Embedder, stamp retrieval.Stamp) bool {
	s := stampOf(m)
	return s.Embedder == stamp.Embedder && s.Dimension == stamp.Dimension
}

// await stands for servers that were away, so that answers say what failed and the engine goes on with
// vectors once they are back. It is called under models.mu.
func (e *engine) await(stamp retrieval.Stamp) inference.Embedder {
	why := e.missing[kb.PartEmbed]
	if why == nil || len(e.conf.Servers.Embed) == 0 {
		return nil
	}
	if w := e.models.waiting; w != nil {
		if made(w, stamp) {
			return w
		}
		return nil
	}
	e.models.waiting = newAwaited(stamp, why, func(ctx context.Context) (inference.Embedder, error) {
		return e.conf.openEmbedder(ctx, e.log)
	})
	return e.models.waiting
}

// questionEmbedder returns what embeds questions to a version; nil means that there is no model, which
// is no fault. It is called off the way of questions.
func (e *engine) questionEmbedder(ctx context.Context, stamp retrieval.Stamp) inference.Embedder {
	if m := e.embedderOf(stamp); m != nil || stamp.Embedder == "" || e.embedder == nil {
		return m
	}
	e.openFormer(ctx)
	if m := e.embedderOf(stamp); m != nil {
		e.log.Info("questions are embedded by the model before until the new index is whole", "model", stamp.Embedder)
		return m
	}
	e.log.Warn("the index in use was made with a model that is not at hand: lexical search until the new one is whole", "model", stamp.Embedder)
	return unfit{stamp}
}

// openFormer opens the models that an index may have been made with before, each once: those that the
// configuration names so, and the one in the process. A server that does not answer is tried again when the
// next version is put to use.
func (e *engine) openFormer(ctx context.Context) {
	e.models.mu.Lock()
	defer e.models.mu.Unlock()
	for _, one := range e.conf.Servers.Former {
		e.addFormer(one.name(), func() (inference.Embedder, error) {
			limit, cancel := context.WithTimeout(ctx, openTimeout)
			defer cancel()
			return one.embedder(limit)
		})
	}
	if len(e.conf.Servers.Embed) > 0 {
		e.addFormer("", func() (inference.Embedder, error) { return bge.Open(e.conf.Models, nil) })
	}
}

// addFormer opens the former model of a server, which is not named for the one in the process. It is
// called under models.mu.
func (e *engine) addFormer(server string, open func() (inference.Embedder, error)) {
	if e.models.opened[server] {
		return
	}
	model, err := open()
	switch {
	case err == nil:
		if e.models.opened == nil {
			e.models.opened = map[string]bool{}
		}
		e.models.opened[server] = true
		e.models.former = append(e.models.former, model)
	case server != "":
		e.log.Warn("former embedding server does not answer", "server", server, "err", err)
	}
}

// closeFormer ends what the former models and the awaited one do in the background.
func (e *engine) closeFormer() (errs []error) {
	e.models.mu.Lock()
	defer e.models.mu.Unlock()
	if e.models.waiting != nil {
		errs = append(errs, e.models.waiting.Close())
	}
	for _, m := range e.models.former {
		if c, ok := m.(io.Closer); ok {
			errs = append(errs, c.Close())
		}
	}
	return errs
}

// unfit stands for the model of an index that is not at hand: questions are searched lexically, and
// answers say so.
type unfit struct{ stamp retrieval.Stamp }

// Info implements inference.Embedder.
func (u unfit) Info() inference.EmbedderInfo {
	return inference.EmbedderInfo{Name: u.stamp.Embedder, Dimension: u.stamp.Dimension}
}

// Embed implements inference.Embedder.
func (u unfit) Embed(context.Context, []string, inference.EmbedKind) ([][]float32, error) {
	return nil, fmt.Errorf("%w: the index in use was made with %s", inference.ErrUnavailable, u.stamp.Embedder)
}
