package eval

import (
	"errors"
	"math/rand/v2"
)

// Difference is what a paired bootstrap says about two systems on the same questions.
type Difference struct {
	Mean float64 `json:"mean"` // of b minus a
	Lo   float64 `json:"lo"`   // 95 % percentile interval, from
	Hi   float64 `json:"hi"`   // and to
	// P is the two-sided p-value: twice the smaller share of resamples on either side of zero, ties
	// counted to both sides.
	P float64 `json:"p"`
}

// PairedBootstrap compares the values of one metric of two systems question by question, drawing
// the questions with replacement (Efron and Tibshirani 1993). The seed makes it repeatable; 10,000
// resamples are usual.
func PairedBootstrap(a, b []float64, resamples int, seed uint64) (Difference, error) {
	if len(a) != len(b) || len(a) == 0 || resamples <= 0 {
		return Difference{}, errors.New("paired bootstrap: want two series of one length and at least one resample")
	}
	r := rand.New(rand.NewPCG(seed, 0x5eed))
	means := make([]float64, resamples)
	below, above := 0, 0
	for i := range means {
		sum := 0.0
		for range a {
			j := r.IntN(len(a))
			sum += b[j] - a[j]
		}
		means[i] = sum / float64(len(a))
		if means[i] <= 0 {
			below++
		}
		if means[i] >= 0 {
			above++
		}
	}
	return Difference{
		Mean: mean(b) - mean(a),
		Lo:   Percentile(2.5, means),
		Hi:   Percentile(97.5, means),
		P:    min(1, 2*share(min(below, above), resamples)),
	}, nil
}
