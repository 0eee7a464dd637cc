package modeltest

import (
	"cmp"
	"errors"
	"slices"

	"xiaoyue/inference"
)

// speech is how a kind of server words requests and answers.
type speech struct {
	media         string // of a stream
	before, after string // each line of it
	end           string // behind the last one
	tooLong       string
	chat          func(body []byte) (model string, req inference.ChatRequest, err error)
	delta         func(model string, d inference.Delta) []any // its lines
	complain      func(status int, words string) any
	vectors       func([][]float32) any
}

func (s *speech) line(v any) []byte {
	return slices.Concat([]byte(s.before), encode(v), []byte(s.after))
}

// lines are those of a delta.
func (s *speech) lines(model string, d inference.Delta) []byte {
	var out []byte
	for _, v := range s.delta(model, d) {
		out = append(out, s.line(v)...)
	}
	if d.Stop != "" {
		out = append(out, s.end...)
	}
	return out
}

// errNotStreamed is the answer to a request for a whole answer.
var errNotStreamed = errors.New("this server only streams")

type message struct {
	Role    inference.Role
	Content string
}

func messages(said []message) []inference.Message {
	out := make([]inference.Message, len(said))
	for i, m := range said {
		out[i] = inference.Message{Role: m.Role, Text: m.Content}
	}
	return out
}

// fields is a JSON object.
type fields = map[string]any

// ranking lists scores, the best first, for /rerank and for /score.
func ranking(scores []float64) any {
	ranked := make([]fields, len(scores))
	for i, score := range scores {
		ranked[i] = fields{"index": i, "relevance_score": score, "score": score}
	}
	slices.SortStableFunc(ranked, func(a, b fields) int {
		return cmp.Compare(b["score"].(float64), a["score"].(float64))
	})
	return fields{"results": ranked}
}

// finish is a stop reason in the words of both.
func finish(stop inference.StopReason) string {
	if stop == inference.StopLength {
		return "length"
	}
	return "stop"
}
