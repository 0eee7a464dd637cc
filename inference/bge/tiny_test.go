package bge

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// tiny is a model of the same architecture, small enough to make up: two heads, three layers and
// random weights.
const (
	tinyHidden = 2 * headDim
	tinyInter  = 3 * headDim
	tinyLayers = 3
)

func tinyTensors() []tensor {
	r := rand.New(rand.NewPCG(3, 4))
	var list []tensor
	add := func(name string, scale float64, dims ...int) {
		n := 1
		for _, d := range dims {
			n *= d
		}
		list = append(list, tensor{name, dims, random(r, n, scale)})
	}
	addNorm := func(name string) {
		add(name+".weight", 1, tinyHidden)
		add(name+".bias", 0.5, tinyHidden)
	}
	addLinear := func(name string, inner, cols int) {
		add(name+".weight", 0.2, inner, cols)
		add(name+".bias", 0.5, cols)
	}
	add("embeddings.word_embeddings.weight", 1, len(pieces), tinyHidden)
	add("embeddings.position_embeddings.weight", 1, maxTokens, tinyHidden)
	add("embeddings.token_type_embeddings.weight", 1, 2, tinyHidden)
	addNorm("embeddings.LayerNorm")
	for i := range tinyLayers {
		name := fmt.Sprintf("encoder.layer.%d.", i)
		for _, part := range []string{"query", "key", "value"} {
			addLinear(name+"attention.self."+part, tinyHidden, tinyHidden)
		}
		addLinear(name+"attention.output.dense", tinyHidden, tinyHidden)
		addNorm(name + "attention.output.LayerNorm")
		addLinear(name+"intermediate.dense", tinyHidden, tinyInter)
		addLinear(name+"output.dense", tinyInter, tinyHidden)
		addNorm(name + "output.LayerNorm")
	}
	return list
}

func tinyMap() map[string]tensor {
	m := map[string]tensor{}
	for _, t := range tinyTensors() {
		m[t.name] = t
	}
	return m
}

// tinyFolder writes the tiny model under the published names.
func tinyFolder(tb testing.TB) string {
	tb.Helper()
	folder := tb.TempDir()
	for name, content := range map[string][]byte{
		weightsFile: onnx(tinyTensors()), tokenizerFile: []byte(tokenizerJSON(tb)),
	} {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return folder
}

// naive computes what encoder.encode does from the textbook, in float64 and with nothing left out.
type naive map[string]tensor

func (m naive) encode(ids []int32) []float64 {
	words, positions := m["embeddings.word_embeddings.weight"].values, m["embeddings.position_embeddings.weight"].values
	kinds := m["embeddings.token_type_embeddings.weight"].values
	x := make([][]float64, len(ids))
	for i, id := range ids {
		x[i] = m.norm("embeddings.LayerNorm", widen(words[int(id)*tinyHidden:][:tinyHidden]),
			sum(positions[i*tinyHidden:][:tinyHidden], kinds[:tinyHidden]))
	}
	for i := range tinyLayers {
		name := fmt.Sprintf("encoder.layer.%d.", i)
		attended := m.attend(name+"attention.self.", x)
		for j := range x {
			x[j] = m.norm(name+"attention.output.LayerNorm", m.linear(name+"attention.output.dense", attended[j]), x[j])
			up := m.linear(name+"intermediate.dense", x[j])
			for k, v := range up {
				up[k] = 0.5 * v * (1 + math.Erf(v/math.Sqrt2))
			}
			x[j] = m.norm(name+"output.LayerNorm", m.linear(name+"output.dense", up), x[j])
		}
	}
	var square float64
	for _, v := range x[0] {
		square += v * v
	}
	for i := range x[0] {
		x[0][i] /= math.Sqrt(square)
	}
	return x[0]
}

func (m naive) attend(name string, x [][]float64) [][]float64 {
	var q, k, v, out [][]float64
	for _, row := range x {
		q, k, v = append(q, m.linear(name+"query", row)), append(k, m.linear(name+"key", row)), append(v, m.linear(name+"value", row))
		out = append(out, make([]float64, tinyHidden))
	}
	for i := range x {
		for head := 0; head < tinyHidden; head += headDim {
			weights, total := make([]float64, len(x)), 0.0
			for j := range x {
				for d := head; d < head+headDim; d++ {
					weights[j] += q[i][d] * k[j][d] / math.Sqrt(headDim)
				}
				weights[j] = math.Exp(weights[j])
				total += weights[j]
			}
			for j, w := range weights {
				for d := head; d < head+headDim; d++ {
					out[i][d] += w / total * v[j][d]
				}
			}
		}
	}
	return out
}

func (m naive) linear(name string, x []float64) []float64 {
	y, weight := widen(m[name+".bias"].values), m[name+".weight"].values
	for i, v := range x {
		for j, w := range weight[i*len(y):][:len(y)] {
			y[j] += v * float64(w)
		}
	}
	return y
}

func (m naive) norm(name string, x, residual []float64) []float64 {
	return normalized(x, residual, layerNorm{m[name+".weight"].values, m[name+".bias"].values})
}

func sum(a, b []float32) []float64 {
	s := widen(a)
	for i, v := range b {
		s[i] += float64(v)
	}
	return s
}

func TestEncoderAgainstTextbook(t *testing.T) {
	ids := func(n int) []int32 {
		ids := make([]int32, n)
		for i := range ids {
			ids[i] = int32((i*i + n) % len(pieces))
		}
		return ids
	}
	lengths := []int{140, 1, 2, 12, 13, 33}
	want := make([][]float64, len(lengths))
	for i, n := range lengths {
		want[i] = naive(tinyMap()).encode(ids(n))
	}
	eachKernel(t, func(t *testing.T, k *kernels, _ *rand.Rand) {
		e, err := newEncoder(k, tinyMap(), len(pieces))
		if err != nil {
			t.Fatal(err)
		}
		s := new(scratch)
		for i, n := range lengths {
			near(t, fmt.Sprint(n, " tokens"), e.encode(s, ids(n)), want[i], 1e-5)
		}
	})
}
