package modeltest

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"xiaoyue/inference"
)

// stream checks that the deltas are the answer in pieces of whole characters.
func stream(t *testing.T, s *Chat) {
	const text = "居住证：到户籍地派出所办理，3 个工作日。𠮷"
	a := s.ask(t, dictated(text))
	var got string
	if err := json.Unmarshal([]byte(a.text), &got); err != nil || got != text {
		t.Errorf("answer %q, want %q as JSON", a.text, text)
	}
	for i, d := range a.deltas {
		if !utf8.ValidString(d.Text) {
			t.Errorf("delta %d is %q: half a character", i, d.Text)
		}
	}
	if len(a.deltas) < 5 {
		t.Errorf("%d deltas: the answer is not streamed", len(a.deltas))
	}
}

func end(t *testing.T, s *Chat) {
	a := s.ask(t, dictated("one two three"))
	for i, d := range a.deltas[:len(a.deltas)-1] {
		if d.Wait > 0 {
			continue // queued
		}
		if d.Stop != "" || d.Usage != (inference.Usage{}) || d.Text == "" && d.Reasoning == "" {
			t.Errorf("delta %d of %d: %+v", i, len(a.deltas), d)
		}
	}
	if a.last.Stop != inference.StopEnd || a.last.Usage.Prompt <= 0 || a.last.Usage.Completion <= 0 {
		t.Errorf("last delta %+v, want %q and a usage", a.last, inference.StopEnd)
	}
}

func length(t *testing.T, s *Chat) {
	req := s.endless()
	req.MaxTokens = 7
	a := s.ask(t, req)
	if a.last.Stop != inference.StopLength || a.last.Usage.Completion > req.MaxTokens {
		t.Errorf("last delta %+v, want %q at %d tokens", a.last, inference.StopLength, req.MaxTokens)
	}
	if text := strings.TrimSpace(a.text); !strings.HasPrefix(text, `"1000`[:min(len(text), 5)]) || len(text) > 40 {
		t.Errorf("answer %q, want the beginning of the dictated text", a.text)
	}
}

func stopTexts(t *testing.T, s *Chat) {
	req := dictated("one two three four five six")
	req.Stop = []string{"never", "four"}
	a := s.ask(t, req)
	if got := strings.TrimSpace(a.text); got != `"one two three` || a.last.Stop != inference.StopEnd {
		t.Errorf("answer %q, stop %q: want everything before the stop text and %q", a.text, a.last.Stop, inference.StopEnd)
	}
}

// wholePrompt asks twice, so that the server may have read the prompt before.
func wholePrompt(t *testing.T, s *Chat) {
	short := dictated("yes")
	first, second := s.ask(t, short), s.ask(t, short)
	if first.last.Usage != second.last.Usage {
		t.Errorf("usage %+v, and of the same request again %+v", first.last.Usage, second.last.Usage)
	}
	long := dictated("yes")
	long.Messages = append(long.Messages, inference.Message{Role: inference.Assistant, Text: "Which of the two?"},
		inference.Message{Role: inference.User, Text: strings.Repeat("the first ", 20)})
	if third := s.ask(t, long); third.last.Usage.Prompt < first.last.Usage.Prompt+20 {
		t.Errorf("%d tokens of prompt, and %d when it is 20 words longer", first.last.Usage.Prompt, third.last.Usage.Prompt)
	}
}

func followsSchema(t *testing.T, s *Chat) {
	a := s.ask(t, inference.ChatRequest{
		Messages: []inference.Message{{Role: inference.User, Text: "Which documents does a residence permit need? Answer in JSON."}},
		Schema: json.RawMessage(`{"type":"object","properties":{"answer":{"type":"string","maxLength":40},
			"handles":{"type":"array","items":{"type":"string","enum":["a1","b2"]},"minItems":1,"maxItems":2},
			"found":{"type":"boolean"}},"required":["answer","handles","found"],"additionalProperties":false}`),
		MaxTokens: 400,
	})
	var got struct {
		Answer  *string
		Handles []string
		Found   *bool
	}
	if err := json.Unmarshal([]byte(a.text), &got); err != nil {
		t.Fatalf("answer %q: %v", a.text, err)
	}
	if got.Answer == nil || utf8.RuneCountInString(*got.Answer) > 40 || got.Found == nil || len(got.Handles) < 1 || len(got.Handles) > 2 {
		t.Errorf("answer %s does not follow the schema", a.text)
	}
	for _, h := range got.Handles {
		if h != "a1" && h != "b2" {
			t.Errorf("handle %q is none of those allowed", h)
		}
	}
}

// reasoning checks that thinking is no part of the text, and that a model that cannot think answers
// all the same.
func reasoning(t *testing.T, s *Chat) {
	req := dictated("yes")
	for _, think := range []bool{true, false} {
		req.Reasoning = think
		a, thought := s.ask(t, req), ""
		for _, d := range a.deltas {
			thought += d.Reasoning
		}
		if want := s.Thinks && think; (thought != "") != want {
			t.Errorf("reasoning %t: it thinks %q, want some %t", think, thought, want)
		}
		if strings.TrimSpace(a.text) != `"yes"` {
			t.Errorf("reasoning %t: answer %q", think, a.text)
		}
	}
}

// tooLong sends more than the model takes; a cut prompt would be answered.
func tooLong(t *testing.T, s *Chat) {
	req := dictated("yes")
	req.Messages[1].Text = strings.Repeat("one word ", s.Context)
	a := listen(t.Context(), t, s.New(t), req)
	if !errors.Is(a.err, inference.ErrTooLong) || len(a.deltas) > 0 {
		t.Errorf("%d deltas and %v, want ErrTooLong", len(a.deltas), a.err)
	}
	typed(t, a.err)
}

func missingModel(t *testing.T, s *Chat) {
	if s.Missing == nil {
		t.Skip("declared: the model is in this process")
	}
	m := s.Missing(t)
	if a := listen(t.Context(), t, m, dictated("yes")); !s.AnyName {
		if !errors.Is(a.err, inference.ErrUnavailable) {
			t.Errorf("%v, want ErrUnavailable", a.err)
		}
		typed(t, a.err)
	}
	if i, ok := m.(inference.Inspector); ok {
		if info, err := i.Inspect(t.Context()); !errors.Is(err, inference.ErrUnavailable) {
			t.Errorf("inspection: %+v, %v; want ErrUnavailable", info, err)
		}
	}
}

// typed checks that a fault carries the words of the server and the name of the model.
func typed(t *testing.T, err error) {
	t.Helper()
	if f, ok := errors.AsType[*inference.Error](err); !ok || f.Model == "" || f.Detail == "" {
		t.Errorf("%#v, want an *inference.Error with model and detail", err)
	}
}

func inspection(t *testing.T, s *Chat) {
	m := s.New(t)
	i, ok := m.(inference.Inspector)
	if !ok {
		t.Fatal("the model is no Inspector")
	}
	info, err := i.Inspect(t.Context())
	if err != nil || info.Name != m.Name() || info.Context != s.Context {
		t.Errorf("%+v, %v; want %s with %d tokens", info, err, m.Name(), s.Context)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := i.Inspect(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
}
