package bge

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// appendBytes appends a length-delimited protobuf field.
func appendBytes(b []byte, num int, value []byte) []byte {
	b = binary.AppendUvarint(b, uint64(num<<3|wireBytes))
	b = binary.AppendUvarint(b, uint64(len(value)))
	return append(b, value...)
}

func appendInt(b []byte, num int, value uint64) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(b, uint64(num<<3|wireVarint)), value)
}

// onnx writes an ONNX model with the given constants as PyTorch exports it: the weights of linear
// layers have no name of their own and are known by the MatMul that uses them.
func onnx(tensors []tensor) []byte {
	var graph, constants []byte
	for i, t := range tensors {
		if path, ok := bytes.CutSuffix([]byte(t.name), []byte(".weight")); ok && isProduct(t.name) {
			t.name = fmt.Sprintf("onnx::MatMul_%d", i)
			node := appendBytes(nil, nodeInput, []byte("hidden"))
			node = appendBytes(node, nodeInput, []byte(t.name))
			node = appendBytes(node, nodeOutput, append(append([]byte("/"), bytes.ReplaceAll(path, []byte("."), []byte("/"))...), "/MatMul_output_0"...))
			node = appendBytes(node, nodeOperator, []byte("MatMul"))
			graph = appendBytes(graph, graphNode, node)
		}
		constants = appendBytes(constants, graphInitializer, encodeTensor(t))
	}
	model := appendInt(nil, 1, 8)
	model = appendBytes(model, 2, []byte("test"))
	return appendBytes(model, modelGraph, append(graph, constants...))
}

func isProduct(name string) bool {
	return !bytes.Contains([]byte(name), []byte("Norm")) && !bytes.Contains([]byte(name), []byte("embeddings"))
}

func encodeTensor(t tensor) []byte {
	var b, raw []byte
	for _, d := range t.dims {
		b = appendInt(b, tensorDims, uint64(d))
	}
	for _, v := range t.values {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	b = appendInt(b, tensorType, typeFloat)
	b = appendBytes(b, tensorName, []byte(t.name))
	return appendBytes(b, tensorRaw, raw)
}

func TestReadTensors(t *testing.T) {
	list := []tensor{
		{"embeddings.LayerNorm.bias", []int{3}, []float32{1, -2, 3.5}},
		{"encoder.layer.0.output.dense.weight", []int{2, 2}, []float32{1, 2, 3, 4}},
		{"encoder.layer.0.output.dense.bias", []int{1}, []float32{9}},
	}
	file := onnx(list)
	got, err := readTensors(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range list {
		if diff := cmp.Diff(want.values, got[want.name].values); diff != "" {
			t.Errorf("%s (-want +got):\n%s", want.name, diff)
		}
	}
	for n := range file {
		if _, err := readTensors(bytes.NewReader(file[:n]), int64(len(file))); !errors.Is(err, errWire) {
			t.Fatalf("cut to %d of %d bytes: error %v", n, len(file), err)
		}
	}
}

func TestReadTensorsHostile(t *testing.T) {
	long := binary.AppendUvarint([]byte{modelGraph<<3 | wireBytes}, 1<<60)
	for name, file := range map[string][]byte{
		"length beyond the file": long,
		"endless integer":        bytes.Repeat([]byte{0xff}, 64),
		"group":                  {3<<3 | 3},
		"long name":              appendBytes(nil, modelGraph, appendBytes(nil, graphInitializer, appendBytes(nil, tensorName, make([]byte, maxName+1)))),
		"many dimensions":        appendBytes(nil, modelGraph, appendBytes(nil, graphInitializer, bytes.Repeat([]byte{tensorDims << 3, 1}, 9))),
		"many nodes":             appendBytes(nil, modelGraph, bytes.Repeat([]byte{graphNode<<3 | wireBytes, 0}, maxNodes+1)),
		"odd floats": appendBytes(nil, modelGraph, appendBytes(nil, graphInitializer,
			appendBytes(appendInt(nil, tensorType, typeFloat), tensorRaw, []byte{1, 2, 3}))),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := readTensors(bytes.NewReader(file), int64(len(file))); !errors.Is(err, errWire) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func FuzzReadTensors(f *testing.F) {
	f.Add(onnx([]tensor{{"encoder.layer.0.output.dense.weight", []int{2, 2}, []float32{1, 2, 3, 4}}}))
	f.Add(onnx([]tensor{{"embeddings.LayerNorm.bias", []int{1}, []float32{1}}}))
	f.Fuzz(func(t *testing.T, file []byte) {
		tensors, err := readTensors(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			return
		}
		total := 0
		for _, tensor := range tensors {
			total += 4 * len(tensor.values)
		}
		if total > len(file) {
			t.Errorf("%d bytes of values out of %d", total, len(file))
		}
		if _, err := newEncoder(portable(), tensors, 5); err == nil {
			t.Error("a model in a handful of bytes")
		}
	})
}
