package retrieval

import "math"

// answerThreshold is the probability from which a question counts as answered.
const answerThreshold = 0.5

// answerable is the calibrated probability that the best evidence answers the question: a logistic
// rule fitted on answerable questions and on questions whose document was withheld
// (docs/measurements.md).
func answerable(found pool, q question) float64 {
	if len(found) == 0 {
		return 0
	}
	best := found[0]
	z := -9 + 8*best.covered + 6*best.Dense + 0.05*float64(q.length())
	return 1 / (1 + math.Exp(-z))
}
