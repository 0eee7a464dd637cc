package modeltest

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"xiaoyue/inference"
)

// Remote is how the suite of faults opens a back end for the server at address, which serves the chat
// model "scripted", the embedding model "bigrams" and a reranking model of any name.
type Remote struct {
	Chat     func(t *testing.T, address string) inference.ChatModel
	Embedder func(t *testing.T, address string) inference.Embedder
	Reranker func(t *testing.T, address string) inference.Reranker // nil: the back end has none
}

// RunFaults checks what becomes of the faults of a server.
func RunFaults(t *testing.T, s Remote) {
	for _, r := range faultRules {
		t.Run(r.name, func(t *testing.T) { r.check(t, &s) })
	}
}

// faultRule is a fault and the error that it becomes.
type faultRule struct {
	name  string
	fault Fault
	want  error // nil: ErrUnavailable or ErrMalformed; what is cut, or told in plain words, may be either
}

var faultRules = []faultRule{
	{"half a line", Fault{Tokens: 3, Then: HalfLine}, nil},
	{"half a line at once", Fault{Then: HalfLine}, nil},
	{"early end", Fault{Tokens: 3, Then: EarlyEnd}, inference.ErrUnavailable},
	{"end at once", Fault{Then: EarlyEnd}, nil},
	{"reset", Fault{Tokens: 3, Then: Reset}, inference.ErrUnavailable},
	{"reset at once", Fault{Then: Reset}, inference.ErrUnavailable},
	{"stall", Fault{Tokens: 3, Then: Stall}, context.DeadlineExceeded},
	{"stall at once", Fault{Then: Stall}, context.DeadlineExceeded},
	{"slow first token", Fault{Silence: time.Minute}, context.DeadlineExceeded},
	{"error in the stream", Fault{Tokens: 3, Then: ErrorLine}, inference.ErrUnavailable},
	{"garbage in the stream", Fault{Tokens: 3, Then: Garbage}, nil},
	{"garbage at once", Fault{Then: Garbage}, nil},
	{"oversize", Fault{Tokens: 3, Then: Oversize}, inference.ErrMalformed},
	{"oversize at once", Fault{Then: Oversize}, inference.ErrMalformed},
	{"web page", Fault{Then: Page}, inference.ErrMalformed},
	{"no key", Fault{Status: 401}, inference.ErrUnavailable},
	{"too many requests", Fault{Status: 429, RetryAfter: "7"}, inference.ErrOverloaded},
	{"server error", Fault{Status: 500}, inference.ErrUnavailable},
	{"queue full", Fault{Status: 503, RetryAfter: "7"}, inference.ErrOverloaded},
	{"slow error", Fault{Silence: time.Minute, Status: 503}, context.DeadlineExceeded},
}

// check lets a request of each kind meet the fault, and the next one none. Closing the server waits
// until it is rid of them, so a client that does not leave a stalled answer hangs the test.
func (r faultRule) check(t *testing.T, s *Remote) {
	server := &Server{Chat: &Scripted{}, Embedder: &Bigrams{}, Reranker: &Bigrams{}}
	web := httptest.NewServer(server)
	defer web.Close()
	m := s.Chat(t, web.URL)
	server.Meet(r.fault)
	a := listen(r.patience(t), t, m, dictated("one two three"))
	r.compare(t, a.err)
	if len(a.deltas) != r.fault.Tokens {
		t.Errorf("%d deltas, want the %d before the fault", len(a.deltas), r.fault.Tokens)
	}
	if a := listen(t.Context(), t, m, dictated("yes")); a.err != nil || a.text != `"yes"` {
		t.Errorf("the next answer is %q, %v", a.text, a.err)
	}
	if r.fault.Tokens > 0 {
		return // in the middle of a stream, which the others have none of
	}
	e := s.Embedder(t, web.URL)
	r.whole(t, server, func(ctx context.Context) (int, error) {
		vectors, err := e.Embed(ctx, []string{"居住证"}, inference.EmbedPassage)
		return len(vectors), err
	})
	if s.Reranker == nil {
		return
	}
	rank := s.Reranker(t, web.URL)
	r.whole(t, server, func(ctx context.Context) (int, error) {
		scores, err := rank.Rerank(ctx, asked, offered[:1])
		return len(scores), err
	})
}

// whole is check for answers that are not streamed; ask returns how many results it got of one.
func (r faultRule) whole(t *testing.T, server *Server, ask func(context.Context) (int, error)) {
	t.Helper()
	server.Meet(r.fault)
	n, err := ask(r.patience(t))
	if n != 0 {
		t.Errorf("%d results beside the error", n)
	}
	r.compare(t, err)
	if n, err := ask(t.Context()); err != nil || n != 1 {
		t.Errorf("the next request gives %d results, %v", n, err)
	}
}

// patience is short for faults that only a deadline ends.
func (r faultRule) patience(t *testing.T) context.Context {
	d := time.Minute
	if r.want == context.DeadlineExceeded {
		d = 100 * time.Millisecond
	}
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func (r faultRule) compare(t *testing.T, err error) {
	t.Helper()
	if r.want == context.DeadlineExceeded {
		if err != r.want {
			t.Errorf("%v, want %v itself", err, r.want)
		}
		return
	}
	either := r.want == nil && (errors.Is(err, inference.ErrUnavailable) || errors.Is(err, inference.ErrMalformed))
	if !either && !errors.Is(err, r.want) || err == nil {
		t.Errorf("%v, want %v", err, r.want)
	}
	typed(t, err)
	if f, ok := errors.AsType[*inference.Error](err); ok && (f.RetryAfter == 7*time.Second) != (r.fault.RetryAfter != "") {
		t.Errorf("retry after %v, the server said %q", f.RetryAfter, r.fault.RetryAfter)
	}
}
