package limit_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/inference"
	"xiaoyue/inference/limit"
)

// step is something a scripted server does in the course of an answer.
type step struct {
	after time.Duration
	text  string
	stop  bool
	err   error
}

// scripted is a server whose answers follow scripts, one a request, the last one over and over.
type scripted struct {
	name    string
	answers [][]step

	mu       sync.Mutex
	asked    []time.Time
	running  int
	most     int
	ill      error // what Inspect says
	inspects int
}

func (s *scripted) Name() string { return "model of " + s.name }

func (s *scripted) Inspect(context.Context) (inference.ModelInfo, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inspects++
	return inference.ModelInfo{Name: s.Name(), Digest: "digest of " + s.name}, s.ill
}

func (s *scripted) inspected() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.inspects
}

func (s *scripted) begin() []step {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running++
	s.most = max(s.most, s.running)
	s.asked = append(s.asked, time.Now())
	return s.answers[min(len(s.asked), len(s.answers))-1]
}

func (s *scripted) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running--
}

func (s *scripted) Chat(ctx context.Context, req inference.ChatRequest) iter.Seq2[inference.Delta, error] {
	return func(yield func(inference.Delta, error) bool) {
		steps := s.begin()
		defer s.end()
		for _, one := range steps {
			select {
			case <-ctx.Done():
				yield(inference.Delta{}, ctx.Err())
				return
			case <-time.After(one.after):
			}
			d := inference.Delta{Text: strings.ReplaceAll(one.text, "%", req.Asker)}
			if one.stop {
				d.Stop, d.Usage = inference.StopEnd, inference.Usage{Prompt: 1, Completion: 2}
			}
			if !yield(d, one.err) || one.err != nil || one.stop {
				return
			}
		}
	}
}

// The answers of scripted servers.
var (
	sound = []step{{text: "小"}, {after: time.Second, text: "越"}, {stop: true}}
	down  = []step{{err: fault(inference.ErrUnavailable, 0)}}
	busy  = []step{{err: fault(inference.ErrOverloaded, 30*time.Second)}}
	never = []step{{after: time.Hour}}
)

func fault(kind error, after time.Duration) error {
	return &inference.Error{Kind: kind, Model: "m", Detail: "scripted", RetryAfter: after}
}

func newChat(t *testing.T, opts *limit.Options, servers ...*scripted) *limit.Chat {
	t.Helper()
	var all []limit.Server[inference.ChatModel]
	for _, s := range servers {
		all = append(all, limit.Server[inference.ChatModel]{Name: s.name, Model: s})
	}
	chat, err := limit.NewChat(all, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := chat.Close(); err != nil {
			t.Error(err)
		}
	})
	return chat
}

// heard is what a caller has of an answer.
type heard struct {
	Text, Model string
	Waits       []time.Duration
	Err         string // part of it
	Took        time.Duration
}

// listen reads an answer, pausing between pieces as told.
func listen(ctx context.Context, chat inference.ChatModel, asker string, pause time.Duration) (h heard, err error) {
	began := time.Now()
	for d, fault := range chat.Chat(ctx, inference.ChatRequest{Asker: asker}) {
		err = fault
		h.Text += d.Text
		h.Model += d.Model
		if d.Wait > 0 {
			h.Waits = append(h.Waits, d.Wait)
		}
		time.Sleep(pause)
	}
	h.Took = time.Since(began)
	return h, err
}

func TestAnswer(t *testing.T) {
	tests := []struct {
		name    string
		a, b    []step
		pause   time.Duration // of the caller after each piece
		want    heard
		kind    error
		atB     int // requests that b had
		patient time.Duration
	}{
		{name: "passed on", a: sound, b: sound, want: heard{Text: "小越", Model: "a", Took: time.Second}},
		{name: "unavailable: the next one", a: down, b: sound, atB: 1, want: heard{Text: "小越", Model: "b", Took: time.Second}},
		{name: "overloaded: the next one", a: busy, b: sound, atB: 1, want: heard{Text: "小越", Model: "b", Took: time.Second}},
		{name: "malformed: the next one", a: []step{{err: fault(inference.ErrMalformed, 0)}}, b: sound, atB: 1,
			want: heard{Text: "小越", Model: "b", Took: time.Second}},
		{name: "both down", a: down, b: down, atB: 1, want: heard{Err: "scripted"}, kind: inference.ErrUnavailable},
		{name: "too long is too long everywhere", a: []step{{err: fault(inference.ErrTooLong, 0)}}, b: sound,
			want: heard{Err: "scripted"}, kind: inference.ErrTooLong},
		{name: "refused stays refused", a: []step{{err: fault(inference.ErrRefused, 0)}}, b: sound,
			want: heard{Err: "scripted"}, kind: inference.ErrRefused},
		{name: "no second server once words are out", a: []step{{text: "小"}, {err: fault(inference.ErrUnavailable, 0)}}, b: sound,
			want: heard{Text: "小", Err: "scripted"}, kind: inference.ErrUnavailable},
		{name: "slow first token: the next one", a: never, b: sound, atB: 1,
			want: heard{Text: "小越", Model: "b", Took: 21 * time.Second}},
		{name: "both too slow", a: never, b: never, atB: 1,
			want: heard{Err: "no first token within 20s", Took: 40 * time.Second}, kind: inference.ErrUnavailable},
		{name: "empty pieces are no first token", a: []step{{after: 15 * time.Second}, {after: 15 * time.Second, text: "迟"}}, b: sound,
			atB: 1, want: heard{Text: "小越", Model: "b", Took: 21 * time.Second}},
		{name: "stalled", a: []step{{text: "小"}, {after: time.Minute, text: "越"}}, b: sound,
			want: heard{Text: "小", Err: "no token for 10s", Took: 10 * time.Second}, kind: inference.ErrUnavailable},
		{name: "stalled later", a: []step{{text: "小"}, {after: 9 * time.Second, text: "越"}, {after: time.Minute, stop: true}}, b: sound,
			want: heard{Text: "小越", Err: "no token for 10s", Took: 19 * time.Second}, kind: inference.ErrUnavailable},
		{name: "endless", a: slices.Repeat([]step{{after: 9 * time.Second, text: "嗯"}}, 99), b: sound,
			want: heard{Text: "嗯嗯嗯嗯嗯", Err: "no complete answer within 50s", Took: 50 * time.Second}, kind: inference.ErrUnavailable},
		{name: "a slow reader is no stall", a: sound, b: sound, pause: 15 * time.Second,
			want: heard{Text: "小越", Model: "a", Took: 46 * time.Second}},
		{name: "breaks off", a: []step{{text: "小"}}, b: sound,
			want: heard{Text: "小", Err: "stream ended before"}, kind: inference.ErrUnavailable},
		{name: "a time-out of the back end's own", a: []step{{err: context.DeadlineExceeded}}, b: sound, atB: 1,
			want: heard{Text: "小越", Model: "b", Took: time.Second}},
		{name: "the caller's deadline is the caller's", a: never, b: sound, patient: 3 * time.Second,
			want: heard{Err: "deadline", Took: 3 * time.Second}, kind: context.DeadlineExceeded},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := &scripted{name: "a", answers: [][]step{test.a}}, &scripted{name: "b", answers: [][]step{test.b}}
				chat := newChat(t, nil, a, b)
				ctx := t.Context()
				if test.patient > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, test.patient)
					defer cancel()
				}
				got, err := listen(ctx, chat, "x", test.pause)
				if !errors.Is(err, test.kind) {
					t.Errorf("error %v, want %v", err, test.kind)
				}
				if err != nil && strings.Contains(err.Error(), test.want.Err) {
					got.Err = test.want.Err
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
				if len(a.asked) != 1 || len(b.asked) != test.atB {
					t.Errorf("asked a %d times, b %d; want 1, %d", len(a.asked), len(b.asked), test.atB)
				}
				if a.running+b.running != 0 {
					t.Error("a request is still running")
				}
			})
		})
	}
}

func TestLoadFollowsWeights(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := &scripted{name: "a", answers: [][]step{sound}}, &scripted{name: "b", answers: [][]step{sound}}
		chat, err := limit.NewChat([]limit.Server[inference.ChatModel]{
			{Name: "a", Model: a, Weight: 3}, {Name: "b", Model: b},
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer chat.Close()
		order := ""
		for range 8 {
			h, _ := listen(t.Context(), chat, "", 0)
			order += h.Model
		}
		if order != "aabaaaba" {
			t.Errorf("one after another: %s", order)
		}
	})
}

func TestServerIsTriedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := &scripted{name: "a", answers: [][]step{down}}, &scripted{name: "b", answers: [][]step{sound}}
		chat, err := limit.NewChat([]limit.Server[inference.ChatModel]{
			{Name: "a", Model: a, Weight: 9}, {Name: "b", Model: b},
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer chat.Close()
		if h, err := listen(t.Context(), chat, "", 0); err != nil || h.Model != "b" || len(a.asked) != 1 {
			t.Errorf("%+v, %v, a was asked %d times", h, err, len(a.asked))
		}
	})
}

func TestBadConfigurationIsRefused(t *testing.T) {
	ok := limit.Server[inference.ChatModel]{Model: &scripted{name: "a"}}
	tests := []struct {
		name    string
		servers []limit.Server[inference.ChatModel]
		opts    *limit.Options
		want    string
	}{
		{"none", nil, nil, "no server"},
		{"twice the same", []limit.Server[inference.ChatModel]{ok, ok}, nil, "two servers"},
		{"weight", []limit.Server[inference.ChatModel]{{Model: ok.Model, Weight: -1}}, nil, "weight -1"},
		{"deadline", []limit.Server[inference.ChatModel]{ok}, &limit.Options{Stall: -1}, "negative"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := limit.NewChat(test.servers, test.opts); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}
