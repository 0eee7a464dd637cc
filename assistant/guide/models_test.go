package guide

import (
	"context"
	"errors"
	"iter"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"xiaoyue/inference"
)

// given is what a model reads in a prompt.
type given struct {
	pieces   []string // by handle, from 0
	question string
	retry    string // the objection, where a sentence is to be written anew
}

var marks = regexp.MustCompile(`(?s)<材料\d+ (\w+)>\n(.*?)\n</材料\d+ \w+>`)

func readPrompt(messages []inference.Message) given {
	var p given
	if len(messages) < 4 {
		return p
	}
	text := messages[3].Text
	for _, m := range marks.FindAllStringSubmatch(text, -1) {
		p.pieces = append(p.pieces, m[2])
	}
	p.question = text[max(0, strings.LastIndex(text, "问题（")):]
	if last := messages[len(messages)-1]; len(messages) > 4 {
		p.retry = last.Text
	}
	return p
}

// handleOf returns the handle of the piece that holds a text, from 1; 0 where none does.
func (p given) handleOf(text string) int {
	return 1 + slices.IndexFunc(p.pieces, func(piece string) bool { return strings.Contains(oneLine(piece), oneLine(text)) })
}

// errCut makes a scripted model end at its length, which is no error of it.
var errCut = errors.New("cut")

// scripted is a model that writes what a function says of the prompt, rune by rune, and then fails
// where the function says so.
type scripted struct {
	write func(p given) (string, error)

	mu    sync.Mutex
	asked []inference.ChatRequest
}

func (*scripted) Name() string { return "scripted" }

func (s *scripted) Chat(ctx context.Context, req inference.ChatRequest) iter.Seq2[inference.Delta, error] {
	return func(yield func(inference.Delta, error) bool) {
		s.mu.Lock()
		s.asked = append(s.asked, req)
		s.mu.Unlock()
		text, err := s.write(readPrompt(req.Messages))
		for _, r := range text {
			if ctx.Err() != nil {
				yield(inference.Delta{}, ctx.Err())
				return
			}
			if !yield(inference.Delta{Text: string(r)}, nil) {
				return
			}
		}
		switch {
		case err == errCut:
			yield(inference.Delta{Stop: inference.StopLength}, nil)
			return
		case err != nil:
			yield(inference.Delta{}, err)
			return
		}
		yield(inference.Delta{Stop: inference.StopEnd, Usage: inference.Usage{Prompt: 100, Completion: len([]rune(text))}}, nil)
	}
}

// silent never says anything.
type silent struct{}

func (silent) Name() string { return "silent" }

func (silent) Chat(ctx context.Context, _ inference.ChatRequest) iter.Seq2[inference.Delta, error] {
	return func(yield func(inference.Delta, error) bool) {
		<-ctx.Done()
		yield(inference.Delta{}, ctx.Err())
	}
}

// queued is a model behind a queue and several servers.
type queued struct{}

func (queued) Name() string { return "queued" }

func (queued) Inspect(context.Context) (inference.ModelInfo, error) {
	return inference.ModelInfo{Name: "second", Digest: "sha256:abc", Context: 4096}, nil
}

func (queued) Chat(context.Context, inference.ChatRequest) iter.Seq2[inference.Delta, error] {
	return func(yield func(inference.Delta, error) bool) {
		for _, d := range []inference.Delta{
			{Wait: 11500 * time.Millisecond}, {Wait: time.Second}, {Text: "硕士每月900元[1]。"},
			{Stop: inference.StopEnd, Usage: inference.Usage{Prompt: 7, Completion: 8}, Model: "second"},
		} {
			if !yield(d, nil) {
				return
			}
		}
	}
}

// scribe writes what it is told, whatever it is asked, and then fails where it is told to.
type scribe struct {
	text  string
	fault error
	asked []inference.Message
}

func (s *scribe) Name() string { return "scribe" }

func (s *scribe) Chat(ctx context.Context, req inference.ChatRequest) iter.Seq2[inference.Delta, error] {
	s.asked = req.Messages
	return (&scripted{write: func(given) (string, error) { return s.text, s.fault }}).Chat(ctx, req)
}
