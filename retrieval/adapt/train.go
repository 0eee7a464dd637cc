package adapt

import (
	"fmt"
	"math"

	"xiaoyue/kb"
)

// Example is a question with passages that answer it and passages that do not, all vectors of unit
// length and one dimension. The hardest wrong passages teach most.
type Example struct {
	Question []float32
	Right    [][]float32
	Wrong    [][]float32
}

// TrainOptions tune Train; zero fields mean the defaults, which were chosen on held-out questions.
type TrainOptions struct {
	Steps     int     // of gradient descent over all examples, 40. Few steps are the only regularisation
	Rate      float64 // of learning, 0.4
	Sharpness float64 // what a cosine is multiplied by before the softmax, 20
}

// Train learns an adapter by gradient descent on the mean cross-entropy of a softmax over the
// passages of each example, the right ones sharing the target evenly (InfoNCE with hard negatives,
// van den Oord 2018). It starts from the identity and is deterministic.
func Train(examples []Example, opts *TrainOptions) (*Adapter, error) {
	o := TrainOptions{Steps: 40, Rate: 0.4, Sharpness: 20}
	if opts != nil {
		o = opts.filled(o)
	}
	if len(examples) == 0 {
		return nil, fmt.Errorf("train adapter: no examples: %w", kb.ErrInvalid)
	}
	n := len(examples[0].Question)
	for i, e := range examples {
		if err := e.check(n); err != nil {
			return nil, fmt.Errorf("train adapter: example %d: %w", i, err)
		}
	}
	matrix, gradient := square(n), square(n)
	for range o.Steps {
		for _, e := range examples {
			e.descend(matrix, gradient, o.Sharpness)
		}
		step := float32(o.Rate / float64(len(examples)))
		for i := range matrix {
			for j := range matrix[i] {
				matrix[i][j] -= step * gradient[i][j]
				gradient[i][j] = 0
			}
		}
	}
	return quantised(matrix), nil
}

func (o TrainOptions) filled(d TrainOptions) TrainOptions {
	if o.Steps > 0 {
		d.Steps = o.Steps
	}
	if o.Rate > 0 {
		d.Rate = o.Rate
	}
	if o.Sharpness > 0 {
		d.Sharpness = o.Sharpness
	}
	return d
}

func (e Example) check(n int) error {
	if len(e.Right) == 0 || len(e.Wrong) == 0 {
		return fmt.Errorf("%d right and %d wrong passages: %w", len(e.Right), len(e.Wrong), kb.ErrInvalid)
	}
	for _, group := range [][][]float32{{e.Question}, e.Right, e.Wrong} {
		for _, v := range group {
			if len(v) != n {
				return fmt.Errorf("vector of %d dimensions among %d: %w", len(v), n, kb.ErrInvalid)
			}
		}
	}
	return nil
}

// descend adds the example's gradient by the matrix.
func (e Example) descend(matrix, gradient [][]float32, sharpness float64) {
	n := len(e.Question)
	q := make([]float32, n)
	for i, row := range matrix {
		q[i] = e.Question[i] + dot(row, e.Question)
	}
	norm := unit(q)
	// pull is the gradient by the unit vector: sharpness · Σ (softmax − target) · passage.
	pull := make([]float32, n)
	for k, p := range e.probabilities(q, sharpness) {
		passage := e.passage(k)
		if k < len(e.Right) {
			p -= 1 / float64(len(e.Right))
		}
		add(pull, passage, float32(sharpness*p))
	}
	along := dot(q, pull)
	for i := range gradient {
		add(gradient[i], e.Question, (pull[i]-along*q[i])/norm)
	}
}

// passage returns the right passages first.
func (e Example) passage(k int) []float32 {
	if k < len(e.Right) {
		return e.Right[k]
	}
	return e.Wrong[k-len(e.Right)]
}

func (e Example) probabilities(q []float32, sharpness float64) []float64 {
	p := make([]float64, len(e.Right)+len(e.Wrong))
	top := math.Inf(-1)
	for k := range p {
		p[k] = sharpness * float64(dot(q, e.passage(k)))
		top = max(top, p[k])
	}
	sum := 0.0
	for k := range p {
		p[k] = math.Exp(p[k] - top)
		sum += p[k]
	}
	for k := range p {
		p[k] /= sum
	}
	return p
}

func dot(a, b []float32) float32 {
	var s0, s1, s2, s3 float32
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	for ; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + s2 + s3
}

// add adds factor·v to dst.
func add(dst, v []float32, factor float32) {
	for i, x := range v {
		dst[i] += factor * x
	}
}

func square(n int) [][]float32 {
	m := make([][]float32, n)
	for i := range m {
		m[i] = make([]float32, n)
	}
	return m
}
