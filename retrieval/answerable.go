package retrieval

import "math"

// rule is a logistic rule over the best evidence. Its value is the probability that a question is
// answerable, were half of all questions answerable; threshold is where it parts answer and refusal.
type rule struct {
	covered, cosine, length, lead float64
	intercept                     float64
	threshold                     float64
}

// The rules were fitted on answerable questions, on questions whose document was withheld, and on the
// same answerable questions with their documents taken out of the result. The thresholds let about
// 6.5 % of the answerable policy questions be refused, where four of five unanswerable ones are
// (docs/measurements.md). The share of the question's information that the best document holds tells
// most; how far the best passage is ahead of the first leadDepth tells next.
var (
	fusedRule   = rule{covered: 4.66, cosine: 1.24, length: -0.76, lead: 13.26, intercept: -2.88, threshold: 0.30}
	lexicalRule = rule{covered: 4.24, length: -0.67, lead: 8.88, intercept: -2.55, threshold: 0.25}
)

// leadDepth is how many passages the best one is compared with.
const leadDepth = 20

// answerable judges the candidates, best first. It returns 0 and false where there are none.
func answerable(found pool, q question, dense bool) (probability float64, answers bool) {
	if len(found) == 0 {
		return 0, false
	}
	r, cosine := lexicalRule, 0.0
	if dense {
		r, cosine = fusedRule, found[0].cosine
	}
	z := r.intercept + r.covered*found[0].Covered + r.cosine*cosine + r.lead*found.lead() +
		r.length*math.Log(float64(max(1, q.length())))
	probability = 1 / (1 + math.Exp(-z))
	return probability, probability >= r.threshold
}

// lead is how far the best score is above the mean of the best leadDepth.
func (p pool) lead() float64 {
	best := p[:min(leadDepth, len(p))]
	sum := 0.0
	for _, c := range best {
		sum += c.Score
	}
	return p[0].Score - sum/float64(len(best))
}
