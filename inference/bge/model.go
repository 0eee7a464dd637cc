package bge

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"xiaoyue/inference"
)

// Instruction is what BAAI suggests to put before questions; measured on Chinese law texts it
// changed nothing, so it is off by default.
const Instruction = "为这个句子生成表示以用于检索相关文章："

// Options are the choices of Open. Nil means all defaults.
type Options struct {
	// Workers is how many passages are encoded at once over all calls of Embed; by default
	// GOMAXPROCS. As many questions may run beside them, so that a question never waits for a
	// batch.
	Workers int

	// Instruction is put before every question, never before passages.
	Instruction string

	// AllowUnknown accepts weights and vocabulary other than the published ones, of the same
	// architecture. Their digest is reported in Info.
	AllowUnknown bool
}

// Model is an open model. It may be used by any number of goroutines.
type Model struct {
	encoder     *encoder
	tokenizer   *tokenizer
	info        inference.EmbedderInfo
	instruction string

	// Working memory doubles as the permission to run.
	passages, questions chan *scratch
}

var _ inference.Embedder = (*Model)(nil)

// Open reads the model from a folder that holds the published jar or the two files in it, or from
// the jar itself. The error unwraps to inference.ErrUnavailable and says what to do.
//
// The model keeps about 100 MiB, and up to 12 MiB for each text under way.
func Open(path string, options *Options) (*Model, error) {
	var o Options
	if options != nil {
		o = *options
	}
	if o.Workers < 0 {
		return nil, fmt.Errorf("open %s: %d workers", Name, o.Workers)
	}
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	fsys, closer, err := files(path)
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	e, t, digest, err := load(fsys, available()[0], o.AllowUnknown)
	if err != nil {
		return nil, unavailable(fmt.Errorf("open %s: %w", path, err))
	}
	m := &Model{
		encoder:     e,
		tokenizer:   t,
		instruction: o.Instruction,
		info:        inference.EmbedderInfo{Name: Name, Digest: digest, Dimension: e.hidden, MaxTokens: maxTokens},
		passages:    newSlots(o.Workers),
		questions:   newSlots(o.Workers),
	}
	return m, nil
}

func newSlots(n int) chan *scratch {
	slots := make(chan *scratch, n)
	for range n {
		slots <- new(scratch)
	}
	return slots
}

// Info identifies the model; its digest is the SHA-256 of the weights.
func (m *Model) Info() inference.EmbedderInfo { return m.info }

// Embed implements inference.Embedder. Texts are encoded side by side, each on one processor; a
// context that ends is noticed between two texts, within a tenth of a second or so.
func (m *Model) Embed(ctx context.Context, texts []string, kind inference.EmbedKind) ([][]float32, error) {
	slots, prefix := m.passages, ""
	if kind == inference.EmbedQuestion {
		slots, prefix = m.questions, m.instruction
	}
	b := batch{model: m, slots: slots, prefix: prefix, texts: texts, vectors: make([][]float32, len(texts))}
	var group sync.WaitGroup
	for range min(cap(slots), len(texts)) - 1 {
		group.Go(func() { b.run(ctx) })
	}
	b.run(ctx)
	group.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return b.vectors, nil
}
