package bge

import (
	"errors"
	"fmt"
	"strings"
)

// maxLayers bounds the number of blocks that a file may make us build.
const maxLayers = 48

var errShape = errors.New("not a BERT encoder of this family")

// weights takes the tensors of a model out of the map one by one, so that what was packed can be
// freed, and keeps the first fault.
type weights struct {
	tensors map[string]tensor
	err     error
}

// take returns the values of the named tensor of rows×cols elements; rows 0 means a vector,
// a negative number any.
func (w *weights) take(name string, rows, cols int) []float32 {
	t, ok := w.tensors[name]
	delete(w.tensors, name)
	switch {
	case w.err != nil:
	case !ok:
		w.err = fmt.Errorf("%w: no tensor %s", errShape, name)
	case !t.fits(rows, cols):
		w.err = fmt.Errorf("%w: tensor %s has shape %v and %d values", errShape, name, t.dims, len(t.values))
	default:
		return t.values
	}
	return nil
}

func (t tensor) fits(rows, cols int) bool {
	if rows == 0 {
		return len(t.dims) == 1 && t.dims[0] == cols && len(t.values) == cols
	}
	return len(t.dims) == 2 && (t.dims[0] == rows || rows < 0) && t.dims[1] == cols &&
		len(t.values)%cols == 0 && len(t.values)/cols == t.dims[0]
}

func (w *weights) norm(name string, cols int) layerNorm {
	return layerNorm{w.take(name+".weight", 0, cols), w.take(name+".bias", 0, cols)}
}

// linear packs the named linear layers, which read the same rows, into one matrix.
func (w *weights) linear(width, inner, cols int, names ...string) *matrix {
	var weights, biases [][]float32
	for _, name := range names {
		weights = append(weights, w.take(name+".weight", inner, cols))
		biases = append(biases, w.take(name+".bias", 0, cols))
	}
	if w.err != nil {
		return nil
	}
	return pack(width, inner, weights, biases)
}

// newEncoder builds the encoder from the tensors of a BERT model, which it uses up. The vocabulary
// has words entries.
func newEncoder(k *kernels, tensors map[string]tensor, words int) (*encoder, error) {
	w := &weights{tensors: tensors}
	hidden := len(tensors["embeddings.LayerNorm.weight"].values)
	inter := len(tensors["encoder.layer.0.intermediate.dense.bias"].values)
	if hidden == 0 || hidden%headDim != 0 || inter == 0 || inter%headDim != 0 {
		return nil, fmt.Errorf("%w: width %d, feed-forward %d", errShape, hidden, inter)
	}
	e := &encoder{
		kernels:   k,
		hidden:    hidden,
		words:     w.take("embeddings.word_embeddings.weight", words, hidden),
		positions: w.take("embeddings.position_embeddings.weight", maxTokens, hidden),
		embedding: w.norm("embeddings.LayerNorm", hidden),
	}
	kinds := w.take("embeddings.token_type_embeddings.weight", -1, hidden)
	if w.err == nil && len(kinds) < hidden {
		w.err = fmt.Errorf("%w: no token type", errShape)
	}
	for w.err == nil && len(e.layers) < maxLayers && w.hasLayer(len(e.layers)) {
		e.layers = append(e.layers, w.layer(k.cols, hidden, inter, len(e.layers)))
	}
	if w.err == nil && len(e.layers) == 0 {
		w.err = fmt.Errorf("%w: no layer", errShape)
	}
	if w.err != nil {
		return nil, w.err
	}
	for i := range e.positions {
		e.positions[i] += kinds[i%hidden]
	}
	return e, nil
}

// hasLayer reports whether any tensor of the block is left; one that misses others is a fault.
func (w *weights) hasLayer(i int) bool {
	for name := range w.tensors {
		if strings.HasPrefix(name, fmt.Sprintf("encoder.layer.%d.", i)) {
			return true
		}
	}
	return false
}

func (w *weights) layer(width, hidden, inter, i int) layer {
	name := fmt.Sprintf("encoder.layer.%d.", i)
	self := name + "attention.self."
	return layer{
		qkv:      w.linear(width, hidden, hidden, self+"query", self+"key", self+"value"),
		out:      w.linear(width, hidden, hidden, name+"attention.output.dense"),
		up:       w.linear(width, hidden, inter, name+"intermediate.dense"),
		down:     w.linear(width, inter, hidden, name+"output.dense"),
		attended: w.norm(name+"attention.output.LayerNorm", hidden),
		fed:      w.norm(name+"output.LayerNorm", hidden),
	}
}
