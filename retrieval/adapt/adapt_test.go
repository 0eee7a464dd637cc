package adapt

import (
	"errors"
	"math"
	"testing"

	"xiaoyue/inference"
)

func TestTrainMovesQuestionsToTheirAnswers(t *testing.T) {
	right, wrong, question := []float32{0, 1, 0}, []float32{0, 0, 1}, []float32{1, 0, 0}
	a, err := Train([]Example{{question, [][]float32{right}, [][]float32{wrong}}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	moved := a.Apply(question)
	if dot(moved, right) <= dot(moved, wrong) || math.Abs(float64(dot(moved, moved))-1) > 1e-5 {
		t.Errorf("adapted vector %v", moved)
	}
	data, err := a.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := Decode(data); err != nil || dot(b.Apply(question), moved) < 0.99999 {
		t.Errorf("decoded adapter: %v", err)
	}
	data[len(data)-6] ^= 1
	if _, err := Decode(data); !errors.Is(err, ErrCorrupt) {
		t.Errorf("damaged adapter: %v", err)
	}
	if _, err := Train(nil, nil); err == nil {
		t.Error("no examples: no error")
	}
}

func TestBuiltIn(t *testing.T) {
	info := inference.EmbedderInfo{Digest: bgeSmallDigest, Dimension: 512}
	if For(info) == nil {
		t.Error("no adapter for the embedded model")
	}
	if other := For(inference.EmbedderInfo{Digest: "x"}); other != nil {
		t.Error("adapter for a model it was not trained for")
	}
	var none *Adapter
	if v := []float32{1}; &none.Apply(v)[0] != &v[0] {
		t.Error("the nil adapter changed a vector")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("XYA1\x00\x00\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(_ *testing.T, data []byte) {
		if a, err := Decode(data); err == nil {
			a.Apply(make([]float32, len(a.rows)))
		}
	})
}
