package bge

import (
	"fmt"
	"io"
	"strings"
)

// Field numbers of onnx.proto.
const (
	modelGraph       = 7
	graphNode        = 1
	graphInitializer = 5
	nodeInput        = 1
	nodeOutput       = 2
	nodeOperator     = 4
	tensorDims       = 1
	tensorType       = 2
	tensorName       = 8
	tensorRaw        = 9
	typeFloat        = 1
	maxName          = 1 << 10
	maxTensors       = 1 << 12
	maxNodes         = 1 << 16
)

// tensor is a constant of an ONNX graph, row after row.
type tensor struct {
	name   string
	dims   []int
	values []float32
}

// readTensors reads the float32 constants of an ONNX model of the given size, by name.
//
// Exporters fold the weights of linear layers into constants without a name that tells; such a
// constant is found under the name of the product that uses it: the node
// /encoder/layer.0/output/dense/MatMul gives encoder.layer.0.output.dense.weight.
func readTensors(r io.Reader, size int64) (map[string]tensor, error) {
	g := graph{tensors: map[string]tensor{}, products: map[string]string{}}
	w := newWire(r, size)
	for num, kind := range w.fields() {
		if num == modelGraph && kind == wireBytes {
			g.read(w.message())
		} else {
			w.skip(kind)
		}
	}
	if w.err != nil {
		return nil, fmt.Errorf("read ONNX model: %w", w.err)
	}
	for weight, name := range g.products {
		if t, ok := g.tensors[weight]; ok {
			g.tensors[name] = t
			delete(g.tensors, weight)
		}
	}
	return g.tensors, nil
}

// graph collects what matters of an ONNX graph.
type graph struct {
	tensors  map[string]tensor
	products map[string]string // the constant operand of a MatMul → name of the weight
	nodes    int
}

func (g *graph) read(w *wire) {
	for num, kind := range w.fields() {
		switch {
		case num == graphNode && kind == wireBytes:
			g.node(w.message())
		case num == graphInitializer && kind == wireBytes:
			g.initializer(w.message())
		default:
			w.skip(kind)
		}
		if len(g.tensors) > maxTensors || g.nodes > maxNodes {
			w.fail("graph of more than %d constants or %d nodes", maxTensors, maxNodes)
		}
	}
}

func (g *graph) node(w *wire) {
	g.nodes++
	var operator, output, weight string
	for num, kind := range w.fields() {
		switch {
		case num == nodeInput && kind == wireBytes:
			weight = w.text(maxName) // the last input stays
		case num == nodeOutput && kind == wireBytes:
			output = w.text(maxName)
		case num == nodeOperator && kind == wireBytes:
			operator = w.text(maxName)
		default:
			w.skip(kind)
		}
	}
	if path, ok := strings.CutSuffix(output, "/MatMul_output_0"); ok && operator == "MatMul" {
		path = strings.TrimPrefix(path, "/")
		g.products[weight] = strings.ReplaceAll(path, "/", ".") + ".weight"
	}
}

func (g *graph) initializer(w *wire) {
	var t tensor
	var elements uint64
	for num, kind := range w.fields() {
		switch {
		case num == tensorDims && kind == wireVarint:
			t.dims = append(t.dims, int(w.varint()))
		case num == tensorType && kind == wireVarint:
			elements = w.varint()
		case num == tensorName && kind == wireBytes:
			t.name = w.text(maxName)
		case num == tensorRaw && kind == wireBytes && elements == typeFloat:
			t.values = w.floats()
		default:
			w.skip(kind)
		}
		if len(t.dims) > 8 {
			w.fail("constant %q of more than 8 dimensions", t.name)
		}
	}
	if elements == typeFloat && w.err == nil {
		g.tensors[t.name] = t
	}
}
