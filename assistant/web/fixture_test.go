package web_test

import (
	"context"
	"log/slog"
	"testing"
	"time"
	"unicode/utf8"

	"xiaoyue/assistant/chat"
	"xiaoyue/assistant/web"
	"xiaoyue/kb"
	"xiaoyue/kb/catalog"
	"xiaoyue/retrieval"
)

const token = "a-token-of-a-clerk"

// parrot answers with the question, one delta a rune. A question that begins with 慢 waits until it
// is stopped, one with 等 is queued first, with 写 is a model's; 坏 fails at once and 断 after its first rune.
type parrot struct{}

func (parrot) Answer(ctx context.Context, turn kb.Turn, emit func(kb.Event) error) (kb.Answer, kb.Record, error) {
	completed := ""
	for _, e := range turn.History {
		completed += e.Question + e.Answer
	}
	answer := kb.Answer{
		Outcome: kb.Answered, Mode: kb.ModeFull, Text: turn.Question, QuestionCompleted: completed + turn.Question,
		Citations: []kb.Citation{{N: 1, DocID: "open", Quote: "居住证"}},
		AsOf:      turn.AsOf, Region: turn.Region, TraceID: "trace-" + turn.Conversation,
	}
	record := kb.Record{
		TraceID: answer.TraceID, Turn: turn, Answer: answer, Verdicts: []kb.Verdict{{Result: kb.VerdictKept}},
		Calls: []kb.Call{{Purpose: "answer", Model: "parrot", Prompted: 7, Completed: len([]rune(turn.Question)), Elapsed: time.Second}},
	}
	switch first, _ := utf8.DecodeRuneInString(turn.Question); first {
	case '慢':
		<-ctx.Done()
		return answer, record, ctx.Err()
	case '坏':
		return answer, record, kb.ErrUnavailable
	case '写':
		answer.Generated = true
	case '等':
		if err := emit(kb.Event{Type: kb.EventNotice, Code: kb.NoticeWaiting, Text: "正在排队"}); err != nil {
			return answer, record, err
		}
	}
	for _, r := range turn.Question {
		if err := emit(kb.Event{Type: kb.EventDelta, Text: string(r)}); err != nil {
			return answer, record, err
		}
		if r == '断' {
			return answer, record, kb.ErrUnavailable
		}
	}
	return answer, record, nil
}

// scripted tells when it has begun and when it was stopped; released, it ends with one word.
type scripted struct{ started, stopped, released chan struct{} }

func (s scripted) Answer(ctx context.Context, turn kb.Turn, emit func(kb.Event) error) (kb.Answer, kb.Record, error) {
	close(s.started)
	select {
	case <-ctx.Done():
		close(s.stopped)
		return kb.Answer{}, kb.Record{}, ctx.Err()
	case <-s.released:
		return kb.Answer{Text: "好"}, kb.Record{TraceID: turn.Conversation, Turn: turn}, emit(kb.Event{Type: kb.EventDelta, Text: "好"})
	}
}

// finder finds every passage it is made of that the scope admits.
type finder []kb.Passage

func (f finder) Search(_ context.Context, q retrieval.Query) (retrieval.Result, error) {
	if q.Text == "坏" {
		return retrieval.Result{}, retrieval.ErrDown
	}
	r := retrieval.Result{Mode: kb.ModeLexical}
	for _, p := range f {
		if q.Scope.Admits(p.Attributes) && len(r.Hits) < q.Limit {
			r.Hits = append(r.Hits, retrieval.Hit{PassageID: p.ID, DocID: p.DocID, Score: .5})
		}
	}
	return r, nil
}

// newServer serves a parrot on a catalog with a public and an internal document and one item.
func newServer(t testing.TB) *web.Server { return newServerOf(t, parrot{}, nil) }

// newServerOf is newServer with another answerer and another heartbeat.
func newServerOf(t testing.TB, answerer chat.Answerer, opts *web.Options) *web.Server {
	t.Helper()
	server, _ := newReplica(t, t.TempDir(), answerer, opts)
	return server
}

// newReplica is newServerOf on a data folder that several of them may share.
func newReplica(t testing.TB, dir string, answerer chat.Answerer, opts *web.Options) (*web.Server, *chat.Conversations) {
	t.Helper()
	server, conversations, _ := newMortal(t, dir, answerer, time.Minute, opts) // busy machines renew late
	return server, conversations
}

// newMortal is newReplica that reads and writes nothing any more, as one that was killed, once its catalog is closed.
func newMortal(t testing.TB, dir string, answerer chat.Answerer, lease time.Duration, opts *web.Options) (*web.Server, *chat.Conversations, *catalog.Catalog) {
	t.Helper()
	store, err := catalog.Open(t.Context(), catalog.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	var passages finder
	for id, level := range map[string]kb.Access{"open": kb.AccessPublic, "inner": kb.AccessInternal} {
		attributes := kb.Attributes{Tenant: kb.DefaultTenant, Access: level, Region: "339900"}
		d := kb.Document{ID: id, Source: "s", Key: id, Hash: id, Title: id, Text: "第一条 居住证。", Attributes: attributes}
		p := kb.Passage{ID: id + "-1", DocID: id, Version: 1, Title: id, Text: d.Text, Attributes: attributes}
		if _, _, err := store.PutDocument(t.Context(), d, []kb.Passage{p}); err != nil {
			t.Fatal(err)
		}
		passages = append(passages, p)
	}
	item := kb.ServiceItem{
		Code: "330001", Name: "居住证申领", Department: "公安局",
		Attributes: kb.Attributes{Tenant: kb.DefaultTenant, Access: kb.AccessPublic},
	}
	if err := store.PutItems(t.Context(), []kb.ServiceItem{item}); err != nil {
		t.Fatal(err)
	}
	regions, err := kb.NewRegions(
		kb.Region{Code: kb.Nation, Name: "全国", Kind: kb.RegionNation},
		kb.Region{Code: "339900", Name: "越州市", Parent: kb.Nation, Kind: kb.RegionCity},
		kb.Region{Code: "339902", Name: "镜湖区", Parent: "339900", Kind: kb.RegionDistrict})
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.DiscardHandler)
	conversations := chat.New(answerer, store, &chat.Options{Lease: lease, Logger: quiet})
	t.Cleanup(conversations.Close)
	o := web.Options{}
	if opts != nil {
		o = *opts
	}
	o.Home, o.Tokens, o.Origins = "339900", map[string][]kb.Role{token: {kb.RoleClerk}}, []string{"https://www.example.org"}
	o.Suggestions, o.Logger = []string{"居住证怎么办？"}, quiet
	server, err := web.New(web.Backend{Chat: conversations, Searcher: passages, Knowledge: store, Regions: regions}, &o)
	if err != nil {
		t.Fatal(err)
	}
	return server, conversations, store
}
