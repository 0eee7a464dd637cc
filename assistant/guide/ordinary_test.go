package guide

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"testing"
)

// sets are real questions of citizens, with how many per cent of them may be stopped before retrieval
// (to the hotline people complain) and taken to go on with the question before them, which is another's.
var sets = map[string]struct{ stopped, continued int }{"policy": {1, 1}, "statute": {1, 6}, "hotline": {3, 1}}

// ordinary returns the questions of a set.
func ordinary(t *testing.T, set string) []string {
	t.Helper()
	f, err := os.Open("../../../shared/data/retrieval/" + set + "/queries.jsonl")
	if err != nil {
		t.Skipf("measurement data is absent: %v", err)
	}
	defer f.Close()
	var questions []string
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var q struct{ Text string }
		if err := json.Unmarshal(bytes.ReplaceAll(lines.Bytes(), []byte(": NaN"), []byte(": null")), &q); err != nil {
			t.Fatal(err)
		}
		questions = append(questions, withoutOpening(cleanQuestion(q.Text)))
	}
	return questions
}

// TestOrdinaryQuestions holds small talk and hand-over to the questions that they must let pass.
func TestOrdinaryQuestions(t *testing.T) {
	k := loadKnowledge(t)
	g := k.guide(t, k.searcher, nil)
	for set, most := range sets {
		t.Run(set, func(t *testing.T) {
			var stopped []string
			questions := ordinary(t, set)
			for _, q := range questions {
				if _, talk := g.talkReply(q); talk || handoverOf(q) != nil {
					stopped = append(stopped, q)
				}
			}
			t.Logf("%d of %d stopped", len(stopped), len(questions))
			if len(stopped)*100 > most.stopped*len(questions) {
				t.Errorf("%d of %d ordinary questions stopped: %q", len(stopped), len(questions), stopped)
			}
		})
	}
}

// TestTopicChanges asks every question behind another one of its set: a new matter must stand alone.
func TestTopicChanges(t *testing.T) {
	k := loadKnowledge(t)
	g := k.guide(t, k.searcher, nil)
	for set, most := range sets {
		t.Run(set, func(t *testing.T) {
			var continued []string
			questions := ordinary(t, set)
			for i, q := range questions[1:] {
				if c := g.completeIn(thread{question: questions[i]}, q); c.question != q {
					continued = append(continued, c.question)
				}
			}
			t.Logf("%d of %d continued", len(continued), len(questions)-1)
			if len(continued)*100 > most.continued*len(questions) {
				t.Errorf("%d of %d new questions went on with another: %q", len(continued), len(questions), continued)
			}
		})
	}
}
