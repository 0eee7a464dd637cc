package limit_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/inference"
	"xiaoyue/inference/limit"
)

// diary collects what is logged.
type diary struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (d *diary) Write(b []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.buf.Write(b)
}

// messages returns the messages logged since the last time.
func (d *diary) messages() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []string
	for entry := range strings.Lines(d.buf.String()) {
		_, rest, _ := strings.Cut(entry, `msg="`)
		message, _, _ := strings.Cut(rest, `"`)
		all = append(all, message)
	}
	d.buf.Reset()
	return all
}

func (d *diary) logger() *slog.Logger { return slog.New(slog.NewTextHandler(d, nil)) }

// health returns the state of each server.
func health(c *limit.Chat) string {
	var all []string
	for _, s := range c.Status().Servers {
		all = append(all, string(s.Health))
	}
	return strings.Join(all, " ")
}

func TestServerGoesOutOfUseAndComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log diary
		a := &scripted{name: "a", answers: [][]step{down, down, down, sound}, ill: errors.New("still down")}
		chat := newChat(t, &limit.Options{Log: log.logger()}, a)
		for range 3 {
			listen(t.Context(), chat, "", 0)
		}
		if got := health(chat); got != "open" {
			t.Fatalf("after three faults: %s", got)
		}
		h, err := listen(t.Context(), chat, "", 0)
		var told *inference.Error
		if !errors.As(err, &told) || told.Kind != inference.ErrUnavailable || told.RetryAfter != 5*time.Second || h.Took != 0 {
			t.Errorf("while out of use: %v after %v, %+v", err, h.Took, told)
		}

		time.Sleep(6 * time.Second) // Inspect says no: the next trial is 10 s off
		a.mu.Lock()
		a.ill = nil
		a.mu.Unlock()
		time.Sleep(8 * time.Second)
		synctest.Wait()
		if got := health(chat); got != "open" || a.inspected() != 1 {
			t.Errorf("after the first inspection: %s, %d inspections", got, a.inspected())
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if got := health(chat); got != "half-open" || a.inspected() != 2 {
			t.Errorf("after the second inspection: %s, %d inspections", got, a.inspected())
		}
		if h, err := listen(t.Context(), chat, "", 0); err != nil || h.Text != "小越" {
			t.Errorf("trial: %+v, %v", h, err)
		}
		want := []string{
			"model server left", "model server left", "model server is out of use",
			"model server is still out of use", "model server is on trial", "model server is back in use",
		}
		if diff := cmp.Diff(want, log.messages()); diff != "" {
			t.Errorf("log (-want +got)\n%s", diff)
		}
		s := chat.Status().Servers[0]
		if s.Health != limit.Healthy || s.Faults != 3 || s.Answered != 1 || s.Running != 0 || s.LastFault != "still down" {
			t.Errorf("status %+v", s)
		}
	})
}

func TestTrialIsOneRequest(t *testing.T) {
	slow := []step{{after: 2 * time.Second, text: "小"}, {after: 3 * time.Second, text: "越"}, {stop: true}}
	open := func(t *testing.T, answers ...[]step) (*scripted, *limit.Chat) {
		a := &scripted{name: "a", answers: append([][]step{down, down, down}, answers...)}
		chat := newChat(t, nil, a)
		for range 3 {
			listen(t.Context(), chat, "", 0)
		}
		time.Sleep(5 * time.Second)
		synctest.Wait()
		return a, chat
	}
	t.Run("others are turned away meanwhile, the first word ends it", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			a, chat := open(t, slow)
			go listen(t.Context(), chat, "", 0)
			time.Sleep(time.Second)
			if _, err := listen(t.Context(), chat, "", 0); !errors.Is(err, inference.ErrUnavailable) {
				t.Errorf("beside the trial: %v", err)
			}
			time.Sleep(time.Second)
			synctest.Wait()
			if health(chat) != "healthy" || a.running != 1 {
				t.Errorf("after the first word: %s, %d running", health(chat), a.running)
			}
			if h, err := listen(t.Context(), chat, "", 0); err != nil || h.Text != "小越" {
				t.Errorf("after the trial: %+v, %v", h, err)
			}
		})
	})
	t.Run("a caller who leaves leaves the trial to the next", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, chat := open(t, slow)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			listen(ctx, chat, "", 0)
			if got := health(chat); got != "half-open" {
				t.Errorf("after the caller left: %s", got)
			}
			if h, err := listen(t.Context(), chat, "", 0); err != nil || h.Text != "小越" {
				t.Errorf("the next: %+v, %v", h, err)
			}
		})
	})
	t.Run("a failed one doubles the cooldown", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, chat := open(t, down)
			listen(t.Context(), chat, "", 0)
			_, err := listen(t.Context(), chat, "", 0)
			var told *inference.Error
			if !errors.As(err, &told) || told.RetryAfter != 10*time.Second {
				t.Errorf("after a failed trial: %+v", told)
			}
		})
	})
}

func TestCallersWhoLeaveAreNoFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &scripted{name: "a", answers: [][]step{never}}
		chat := newChat(t, nil, a)
		for range 10 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			listen(ctx, chat, "", 0)
			cancel()
		}
		s := chat.Status().Servers[0]
		if s.Health != limit.Healthy || s.Faults != 0 || s.Left != 10 || s.Running != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestRetryAfterIsRespected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &scripted{name: "a", answers: [][]step{busy, sound}}
		chat := newChat(t, nil, a)
		_, err := listen(t.Context(), chat, "", 0)
		var told *inference.Error
		if !errors.As(err, &told) || told.Kind != inference.ErrOverloaded || told.RetryAfter != 30*time.Second {
			t.Errorf("first: %v", err)
		}
		h, err := listen(t.Context(), chat, "", 0)
		if err != nil || h.Took != 31*time.Second || h.Waits[0] != 30*time.Second {
			t.Errorf("second: %+v, %v; want it to wait 30 s and be told so", h, err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		a := &scripted{name: "a", answers: [][]step{{{err: fault(inference.ErrOverloaded, 5*time.Minute)}}}}
		chat := newChat(t, nil, a)
		listen(t.Context(), chat, "", 0)
		h, err := listen(t.Context(), chat, "", 0)
		var told *inference.Error
		if !errors.As(err, &told) || told.Kind != inference.ErrOverloaded || told.RetryAfter != 5*time.Minute || h.Took != 0 {
			t.Errorf("a hold longer than the longest wait: %v after %v", err, h.Took)
		}
	})
}

func TestOverloadWithoutATimeIsGivenMoreEachTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &scripted{name: "a", answers: [][]step{{{err: fault(inference.ErrOverloaded, 0)}}}}
		chat := newChat(t, nil, a)
		var holds []time.Duration
		for range 3 {
			listen(t.Context(), chat, "", 0)
			holds = append(holds, time.Until(chat.Status().Servers[0].HeldUntil))
		}
		if diff := cmp.Diff([]time.Duration{time.Second, 2 * time.Second, 4 * time.Second}, holds); diff != "" {
			t.Errorf("holds (-want +got)\n%s", diff)
		}
	})
}

func TestRetriesAreAShareOfTheRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		overloaded := []step{{err: fault(inference.ErrOverloaded, time.Millisecond)}}
		a := &scripted{name: "a", answers: [][]step{overloaded}}
		b := &scripted{name: "b", answers: [][]step{overloaded}}
		chat := newChat(t, nil, a, b)
		const requests = 1000
		for range requests {
			listen(t.Context(), chat, "", 0)
			time.Sleep(time.Second)
		}
		retries := len(a.asked) + len(b.asked) - requests
		if retries < 200 || retries > 215 {
			t.Errorf("%d retries for %d requests, want a fifth and the first ten", retries, requests)
		}
	})
}

func TestWaitingEndsWithTheLastServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dies := []step{{after: 3 * time.Second, err: fault(inference.ErrUnavailable, 0)}}
		a := &scripted{name: "a", answers: [][]step{dies}}
		chat := newChat(t, &limit.Options{Parallel: 1, Faults: 1}, a)
		go listen(t.Context(), chat, "x", 0)
		synctest.Wait()
		h, err := listen(t.Context(), chat, "y", 0)
		if !errors.Is(err, inference.ErrUnavailable) || h.Took != 3*time.Second || len(a.asked) != 1 {
			t.Errorf("%v after %v, asked %d times", err, h.Took, len(a.asked))
		}
	})
}

func TestInspection(t *testing.T) {
	a := &scripted{name: "a", answers: [][]step{sound}, ill: errors.New("down")}
	b := &scripted{name: "b", answers: [][]step{sound}}
	chat := newChat(t, nil, a, b)
	if got := chat.Name(); got != "model of a, model of b" {
		t.Errorf("name %q", got)
	}
	info, err := chat.Inspect(t.Context())
	if err != nil || info.Digest != "digest of b" {
		t.Errorf("inspection %+v, %v", info, err)
	}
	if info, err := chat.InspectServer(t.Context(), "a"); err != a.ill {
		t.Errorf("inspection of a: %+v, %v", info, err)
	}
	if info, err := chat.InspectServer(t.Context(), "b"); err != nil || info.Digest != "digest of b" {
		t.Errorf("inspection of b: %+v, %v", info, err)
	}
	if _, err := chat.InspectServer(t.Context(), "c"); !errors.Is(err, inference.ErrUnavailable) {
		t.Errorf("inspection of nobody: %v", err)
	}
}
