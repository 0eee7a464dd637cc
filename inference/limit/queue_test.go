package limit_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/inference"
	"xiaoyue/inference/limit"
)

// tenSeconds is an answer that takes a place for ten seconds.
var tenSeconds = []step{{after: 5 * time.Second, text: "%"}, {after: 5 * time.Second, stop: true}}

// crowd sends requests one millisecond apart and returns the order in which their answers ended.
func crowd(t *testing.T, chat *limit.Chat, askers string) (order string, faults int) {
	t.Helper()
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, asker := range strings.Split(askers, "") {
		wg.Go(func() {
			h, err := listen(t.Context(), chat, asker, 0)
			mu.Lock()
			defer mu.Unlock()
			order += h.Text
			if errors.Is(err, inference.ErrOverloaded) {
				faults++
			} else if err != nil {
				t.Error(err)
			}
		})
		time.Sleep(time.Millisecond)
	}
	wg.Wait()
	return order, faults
}

func TestAskersAreServedInTurn(t *testing.T) {
	tests := []struct {
		name, askers, want string
		queue, refused     int
	}{
		{name: "one asker in order", askers: "aaa", want: "aaa"},
		{name: "a flood waits behind each of the others", askers: "aaaaaabbc", want: "aabcabaaa"},
		{name: "a newcomer waits for one turn of each", askers: "aaabbbc", want: "aabcabb"},
		{name: "a full queue refuses", askers: "abcde", queue: 3, want: "abcd", refused: 1},
		{name: "a flood gives way in a full queue", askers: "aaaaaabc", queue: 4, want: "aabca", refused: 3},
		{name: "askers with equal shares keep them", askers: "aabbcc", queue: 4, want: "aabcb", refused: 1},
		{name: "no queue", askers: "ab", queue: -1, want: "a", refused: 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := &scripted{name: "a", answers: [][]step{tenSeconds}}
				chat := newChat(t, &limit.Options{Parallel: 1, Queue: test.queue, Wait: time.Hour}, a)
				got, refused := crowd(t, chat, test.askers)
				if got != test.want || refused != test.refused {
					t.Errorf("served %s, refused %d; want %s, %d", got, refused, test.want, test.refused)
				}
			})
		})
	}
}

func TestWaitingIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log diary
		a := &scripted{name: "a", answers: [][]step{tenSeconds}}
		chat := newChat(t, &limit.Options{Parallel: 1, Queue: 2, Log: log.logger()}, a)
		listen(t.Context(), chat, "", 0) // now the pace is known
		go listen(t.Context(), chat, "x", 0)
		time.Sleep(time.Second)
		go listen(t.Context(), chat, "y", 0)
		time.Sleep(time.Second)

		var last heard
		done := make(chan struct{})
		go func() {
			defer close(done)
			last, _ = listen(t.Context(), chat, "z", 0)
		}()
		synctest.Wait()
		_, err := listen(t.Context(), chat, "w", 0)
		var told *inference.Error
		if !errors.As(err, &told) || told.Kind != inference.ErrOverloaded || told.RetryAfter != 30*time.Second {
			t.Errorf("full queue: %+v", err)
		}
		if s := chat.Status(); s.Waiting != 2 || s.Refused != 1 || s.Expected != 30*time.Second || s.Servers[0].Running != 1 {
			t.Errorf("status %+v", s)
		}
		if diff := cmp.Diff([]string{"queue of the model is full"}, log.messages()); diff != "" {
			t.Errorf("log (-want +got)\n%s", diff)
		}
		<-done
		want := heard{Text: "z", Model: "a", Waits: []time.Duration{20 * time.Second, 10 * time.Second}, Took: 28 * time.Second}
		if diff := cmp.Diff(want, last); diff != "" {
			t.Errorf("last (-want +got)\n%s", diff)
		}
	})
}

func TestWaitingEnds(t *testing.T) {
	tests := []struct {
		name string
		wait func(ctx context.Context, chat *limit.Chat) error
		kind error
		took time.Duration
	}{
		{"canceled", func(ctx context.Context, chat *limit.Chat) error {
			ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
			defer cancel()
			_, err := listen(ctx, chat, "y", 0)
			return err
		}, context.DeadlineExceeded, 3 * time.Second},
		{"left", func(ctx context.Context, chat *limit.Chat) error {
			for _, err := range chat.Chat(ctx, inference.ChatRequest{}) {
				return err
			}
			return errors.New("nothing said")
		}, nil, 0},
		{"left when the turn had come", func(ctx context.Context, chat *limit.Chat) error {
			for _, err := range chat.Chat(ctx, inference.ChatRequest{}) {
				time.Sleep(20 * time.Second)
				return err
			}
			return errors.New("nothing said")
		}, nil, 20 * time.Second},
		{"panic in the loop", func(ctx context.Context, chat *limit.Chat) (err error) {
			defer func() { recover() }()
			for range chat.Chat(ctx, inference.ChatRequest{}) {
				panic("asker")
			}
			return errors.New("nothing said")
		}, nil, 0},
		{"too long", func(ctx context.Context, chat *limit.Chat) error {
			_, err := listen(ctx, chat, "y", 0)
			return err
		}, inference.ErrOverloaded, 5 * time.Second},
		{"closed", func(ctx context.Context, chat *limit.Chat) error {
			time.AfterFunc(2*time.Second, func() { chat.Close() })
			_, err := listen(ctx, chat, "y", 0)
			return err
		}, inference.ErrUnavailable, 2 * time.Second},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := &scripted{name: "a", answers: [][]step{tenSeconds}}
				chat := newChat(t, &limit.Options{Parallel: 1, Queue: 1, Wait: 5 * time.Second}, a)
				go listen(t.Context(), chat, "x", 0)
				synctest.Wait()
				began := time.Now()
				if err := test.wait(t.Context(), chat); !errors.Is(err, test.kind) || time.Since(began) != test.took {
					t.Errorf("%v after %v, want %v after %v", err, time.Since(began), test.kind, test.took)
				}
				if s := chat.Status(); s.Waiting != 0 {
					t.Errorf("%d still waiting", s.Waiting)
				}
				time.Sleep(11 * time.Second)
				if s := chat.Status(); s.Servers[0].Running != 0 {
					t.Errorf("%d still running", s.Servers[0].Running)
				}
			})
		})
	}
}

func TestLoopPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chat := newChat(t, nil, &scripted{name: "a", answers: [][]step{sound}})
		func() {
			defer func() { recover() }()
			for range chat.Chat(t.Context(), inference.ChatRequest{}) {
				panic("asker")
			}
		}()
		if s := chat.Status().Servers[0]; s.Running != 0 || s.Left != 1 || s.Answered != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// TestCrowd lets 200 askers at once upon two slow servers, some with many requests, a quarter of them
// leaving or canceling at any moment, while one of the servers fails now and then. A goroutine that is
// left behind fails the bubble.
func TestCrowd(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { runCrowd(t, rand.New(rand.NewPCG(seed, 1))) })
		})
	}
}

const (
	crowdAskers   = 200
	crowdParallel = 4
	crowdQueue    = 2000
)

func runCrowd(t *testing.T, random *rand.Rand) {
	// Each answer repeats its asker's name; one takes six seconds.
	words := []step{{after: time.Second}}
	for range 5 {
		words = append(words, step{after: time.Second, text: "<%>"})
	}
	words = append(words, step{stop: true})
	flaky := [][]step{words, down, words, words, down, words, words, words, words}
	a := &scripted{name: "a", answers: [][]step{words}}
	b := &scripted{name: "b", answers: append(append(flaky, flaky...), words)}
	chat := newChat(t, &limit.Options{Parallel: crowdParallel, Queue: crowdQueue, Wait: 24 * time.Hour}, a, b)

	var mu sync.Mutex
	longest := make(map[bool]time.Duration) // of the askers with one request, and of the flood
	var wg sync.WaitGroup
	for i := range crowdAskers {
		asker, requests := fmt.Sprintf("asker-%03d", i), 1
		if i%50 == 0 {
			requests = 100
		}
		for range requests {
			leaves := time.Duration(0)
			if random.IntN(4) == 0 {
				leaves = time.Duration(random.Int64N(int64(5 * time.Minute)))
			}
			delay := time.Duration(random.Int64N(int64(time.Second)))
			wg.Go(func() {
				time.Sleep(delay)
				took := visit(t, chat, asker, leaves)
				mu.Lock()
				defer mu.Unlock()
				longest[requests > 1] = max(longest[requests > 1], took)
			})
		}
	}
	watch(t, chat, &wg)

	if a.most > crowdParallel || b.most > crowdParallel || a.running+b.running != 0 {
		t.Errorf("at most %d and %d at once, %d still running", a.most, b.most, a.running+b.running)
	}
	// Everybody's first turn comes within one round of all askers; the floods take what is left.
	round := time.Duration(crowdAskers) * 6 * time.Second / (2 * crowdParallel)
	if longest[false] > round+30*time.Second || longest[true] < round {
		t.Errorf("longest wait %v of single askers, %v of the floods; a round is %v", longest[false], longest[true], round)
	}
	if h, err := listen(t.Context(), chat, "after", 0); err != nil || len(h.Waits) > 0 {
		t.Errorf("afterwards: %+v, %v", h, err)
	}
}

// visit asks once and checks that every word heard is the asker's own.
func visit(t *testing.T, chat *limit.Chat, asker string, leaves time.Duration) time.Duration {
	ctx, cancel := t.Context(), context.CancelFunc(func() {})
	if leaves > 0 {
		ctx, cancel = context.WithTimeout(ctx, leaves)
	}
	defer cancel()
	h, err := listen(ctx, chat, asker, 0)
	switch {
	case err != nil && !(leaves > 0 && errors.Is(err, context.DeadlineExceeded)):
		t.Errorf("%s: %v", asker, err)
	case err == nil && h.Text != strings.Repeat("<"+asker+">", 5):
		t.Errorf("%s heard %q", asker, h.Text)
	case strings.ReplaceAll(h.Text, "<"+asker+">", "") != "":
		t.Errorf("%s heard %q", asker, h.Text)
	}
	return h.Took
}

// watch checks the bounds every second until all visits are over.
func watch(t *testing.T, chat *limit.Chat, visits *sync.WaitGroup) {
	done := make(chan struct{})
	go func() {
		visits.Wait()
		close(done)
	}()
	for {
		select {
		case <-done:
			return
		case <-time.After(time.Second):
			s := chat.Status()
			if s.Waiting > crowdQueue+2*crowdParallel {
				t.Errorf("%d waiting", s.Waiting)
			}
			for _, one := range s.Servers {
				if one.Running > one.Parallel || one.Running < 0 {
					t.Errorf("%s runs %d", one.Name, one.Running)
				}
			}
		}
	}
}
