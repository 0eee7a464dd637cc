package guide

import (
	"math"
	"slices"

	"xiaoyue/kb"
)

// rule is a logistic rule over signals: its value is the probability that a candidate answers, among
// candidates as they were when it was fitted, and least is where a candidate begins to be an answer.
type rule struct {
	share, strong, focus, gap, rank, search, window, near, dense, echo float64
	intercept, least                                                   float64
}

// The rules were fitted on 315 questions about news of policies, each with eight passages: as they are,
// with the sentences that answer taken out, and without the passage that answers, and on 85 questions
// whose passage nobody has; every fifth part was judged by a rule fitted on the others to see that the
// probability holds. They are low where half of all questions have no answer and a question has many
// candidates. Where least lies was chosen by eye from what is refused and what is answered there and
// on RGB (docs/measurements.md). A cosine of question and sentence by the embedding model added next
// to nothing to what share and rank tell.
var (
	typedRule = rule{share: 2.01, strong: 1.59, focus: 0.22, rank: 1.60, window: 0.63, near: 0.78, dense: 0.39, echo: 2.44, intercept: -6.35, least: 0.35}
	openRule  = rule{share: 2.40, focus: 0.31, gap: -0.13, rank: 3.28, search: 1.42, window: 0.80, echo: 0.36, intercept: -8.69, least: 0.15}
)

// belief returns the probability that stands behind signals.
func (k rule) belief(s signals) float64 {
	z := k.intercept + k.share*s.share + k.strong*s.strong + k.focus*s.focus + k.gap*s.gap + k.rank*s.rank + k.search*s.search +
		k.window*s.window + k.near*s.near + k.dense*s.dense + k.echo*s.echo
	return 1 / (1 + math.Exp(-z))
}

// rulesOut reports whether signals rule a candidate out, whatever else speaks for it: a question for a
// figure or a name is answered by one that it does not hold itself, in the right period, that is no
// forecast where it asks what was, and that stands near the words that it is to be of. (None of the 22
// right figures of the data stood apart from them, and six of ten wrong ones.)
func (s signals) rulesOut(want ask) bool {
	if !s.typed {
		return s.cut
	}
	return !s.held || s.clash || s.asksYear && s.forecast || s.dated && !s.named ||
		s.near == 0 && (want == askWho || s.page && slices.Contains(numeric, want))
}

// numeric are the questions for a figure that is one of something.
var numeric = []ask{askAmount, askFee, askFigure, askCount, askRatio}

// maxJudged bounds the candidates of one kind of question that are judged.
const maxJudged = 60

// judge decides which of the best candidates can be answers. In a rule every clause is of the matter of
// its title, and a candidate is good that accounts for the words of the question. In news and other
// pages a sentence may be about anything, and a candidate must be believed.
func (g *Guide) judge(r reading, want ask, cands []candidate, ev evidence) {
	top, judged := ev.top(), 0
	for i := range cands {
		c := &cands[i]
		if c.unit.kind == block {
			continue
		}
		if judged++; judged > maxJudged {
			break
		}
		ruling := isRuling(c.source.doc)
		if ruling && !c.good(ev.result.Answers) {
			continue
		}
		s := g.signalsOf(r, want, *c, top, ev.result.Answerable)
		k := openRule
		if s.typed {
			k = typedRule
		}
		c.belief = k.belief(s)
		switch {
		case s.rulesOut(want):
		case ruling:
			c.answers = true
		default:
			c.answers = !c.cov.vague && c.belief >= k.least
		}
	}
}

// isRuling reports whether a document is a rule or speaks for one: it has a number or dates of validity.
func isRuling(d kb.Document) bool { return d.Number != "" || !d.Validity.From.IsZero() }
