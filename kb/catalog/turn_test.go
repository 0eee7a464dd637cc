package catalog_test

import (
	"testing"
	"time"

	"xiaoyue/kb"
	"xiaoyue/kb/catalog"
)

var turnRules = []rule{
	{"a turn log is written once and read from anywhere", testTurns},
	{"records and feedback", testRecords},
	{"erasure by subject leaves others alone", testErase},
	{"retention ends", testPurge},
	{"acts are listed newest first", testActs},
	{"notes are kept", testState},
}

func turnLog(conversation string, turn int) []kb.Event {
	return []kb.Event{
		{V: 1, Type: kb.EventStart, Conversation: conversation, Turn: turn, Seq: 1},
		{V: 1, Type: kb.EventDelta, Conversation: conversation, Turn: turn, Seq: 2, Text: "三万元"},
		{V: 1, Type: kb.EventDone, Conversation: conversation, Turn: turn, Seq: 3,
			Answer: &kb.Answer{Outcome: kb.Answered, Text: "三万元", QuestionCompleted: "硕士补贴多少？"}},
	}
}

func testTurns(t *testing.T, f *fixture) {
	alice := kb.Caller{Tenant: tenant, Subject: "alice"}
	wantError(t, f.AppendEvents(t.Context(), tenant, turnLog("c1", 1)), kb.ErrNotFound)
	for want := 1; want <= 3; want++ {
		turn, err := f.NextTurn(t.Context(), alice, "c1")
		if err != nil || turn != want {
			t.Fatalf("turn %d, %v; want %d", turn, err, want)
		}
		if err := f.AppendEvents(t.Context(), tenant, turnLog("c1", turn)); err != nil {
			t.Fatal(err)
		}
	}
	wantError(t, f.AppendEvents(t.Context(), tenant, turnLog("c1", 2)[1:]), catalog.ErrExists)
	_, err := f.NextTurn(t.Context(), kb.Caller{Tenant: tenant, Subject: "bob"}, "c1")
	wantError(t, err, kb.ErrNotFound)
	events, err := f.Events(t.Context(), alice, "c1", 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, subject := range []string{"bob", ""} {
		heard, err := f.Events(t.Context(), kb.Caller{Tenant: tenant, Subject: subject}, "c1", 2, 0)
		if err != nil || len(heard) > 0 {
			t.Errorf("%q hears alice: %v, %v", subject, heard, err)
		}
	}
	equal(t, events, turnLog("c1", 2)[1:])
	exchanges, err := f.Exchanges(t.Context(), tenant, "c1", 2)
	if err != nil {
		t.Fatal(err)
	}
	one := kb.Exchange{Question: "硕士补贴多少？", Answer: "三万元"}
	equal(t, exchanges, []kb.Exchange{one, one})
}

func record(traceID, subject string) kb.Record {
	return kb.Record{TraceID: traceID, Calls: []kb.Call{{Model: "none"}}, Score: .7, Elapsed: time.Second,
		Turn:        kb.Turn{Caller: kb.Caller{Tenant: tenant, Subject: subject}, Question: "补贴多少？"},
		Evidence:    []kb.EvidenceScore{{PassageID: "p1", Version: 1, Score: .9}},
		CreatedAt:   time.Date(2025, 1, 1, 8, 0, 0, 5, time.UTC),
		RetainUntil: time.Date(2025, 7, 1, 0, 0, 0, 0, time.UTC)}
}

func testRecords(t *testing.T, f *fixture) {
	r := record("t1", "alice")
	if err := f.PutRecord(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	wantError(t, f.PutRecord(t.Context(), r), catalog.ErrExists)
	got, err := f.Record(t.Context(), tenant, "t1")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, got, r)
	wantError(t, f.PutFeedback(t.Context(), tenant, kb.Feedback{TraceID: "unknown", Thumb: 1}), kb.ErrNotFound)
	wantError(t, f.PutFeedback(t.Context(), tenant, kb.Feedback{TraceID: "t1", Level: 6}), kb.ErrInvalid)
	for _, level := range []int{2, 5} {
		if err := f.PutFeedback(t.Context(), tenant, kb.Feedback{TraceID: "t1", Level: level, Comment: "好"}); err != nil {
			t.Fatal(err)
		}
	}
	said, err := f.Feedback(t.Context(), tenant, "t1")
	if err != nil || said.Level != 5 || said.CreatedAt.IsZero() {
		t.Errorf("feedback %+v, %v", said, err)
	}
}

// talk makes a conversation, a record and feedback of a subject.
func (f *fixture) talk(t *testing.T, subject string) {
	t.Helper()
	caller := kb.Caller{Tenant: tenant, Subject: subject}
	if _, err := f.NextTurn(t.Context(), caller, "of "+subject); err != nil {
		t.Fatal(err)
	}
	if err := f.AppendEvents(t.Context(), tenant, turnLog("of "+subject, 1)); err != nil {
		t.Fatal(err)
	}
	if err := f.PutRecord(t.Context(), record("trace of "+subject, subject)); err != nil {
		t.Fatal(err)
	}
	if err := f.PutFeedback(t.Context(), tenant, kb.Feedback{TraceID: "trace of " + subject, Thumb: 1}); err != nil {
		t.Fatal(err)
	}
}

func (f *fixture) remembers(t *testing.T, subject string) bool {
	t.Helper()
	events, err := f.Events(t.Context(), kb.Caller{Tenant: tenant, Subject: subject}, "of "+subject, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, recordErr := f.Record(t.Context(), tenant, "trace of "+subject)
	_, feedbackErr := f.Feedback(t.Context(), tenant, "trace of "+subject)
	if (len(events) > 0) != (recordErr == nil) || (recordErr == nil) != (feedbackErr == nil) {
		t.Errorf("%s: %d events, record %v, feedback %v", subject, len(events), recordErr, feedbackErr)
	}
	return recordErr == nil
}

func testErase(t *testing.T, f *fixture) {
	f.talk(t, "alice")
	f.talk(t, "bob")
	n, err := f.Erase(t.Context(), tenant, "alice")
	if err != nil || n != 2 {
		t.Errorf("erased %d, %v", n, err)
	}
	equal(t, []bool{f.remembers(t, "alice"), f.remembers(t, "bob")}, []bool{false, true})
	if n, err := f.Erase(t.Context(), "another", "bob"); n != 0 || err != nil {
		t.Errorf("erased %d of another tenant, %v", n, err)
	}
	_, err = f.Erase(t.Context(), tenant, "")
	wantError(t, err, kb.ErrInvalid)
	if n, err := f.EraseOwn(t.Context(), kb.Caller{Tenant: tenant, Subject: "bob"}); n != 2 || err != nil {
		t.Errorf("bob erased %d of his own, %v", n, err)
	}
	acts, err := f.Acts(t.Context(), tenant, time.Time{}, 10)
	if err != nil || len(acts) != 1 || acts[0].Who != "subject bob" || f.remembers(t, "bob") {
		t.Errorf("acts %v, %v; bob is remembered: %t", acts, err, f.remembers(t, "bob"))
	}
}

func testPurge(t *testing.T, f *fixture) {
	f.talk(t, "alice")
	for _, step := range []struct {
		at   string
		want int
	}{{"2025-06-29", 0}, {"2025-07-01", 1}, {"2025-07-02", 1}, {"2026-01-01", 0}} {
		n, err := f.Purge(t.Context(), kb.MustDate(step.at).Time())
		if err != nil || n != step.want {
			t.Errorf("purged %d on %s, %v; want %d", n, step.at, err, step.want)
		}
	}
}

func testActs(t *testing.T, f *fixture) {
	for _, what := range []string{"ingest", "erase"} {
		if err := f.PutAct(t.Context(), catalog.Act{Tenant: tenant, Who: "admin", What: what, Object: "x"}); err != nil {
			t.Fatal(err)
		}
	}
	acts, err := f.Acts(t.Context(), tenant, time.Time{}, 10)
	if err != nil || len(acts) != 2 || acts[0].What != "erase" {
		t.Errorf("acts %v, %v", acts, err)
	}
	wantError(t, f.PutAct(t.Context(), catalog.Act{Tenant: tenant, What: "erase"}), kb.ErrInvalid)
}

func testState(t *testing.T, f *fixture) {
	_, err := f.State(t.Context(), "stamp")
	wantError(t, err, kb.ErrNotFound)
	for _, value := range []string{"a", "b"} {
		if err := f.SetState(t.Context(), "stamp", value); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := f.State(t.Context(), "stamp"); got != "b" || err != nil {
		t.Errorf("State: %q, %v", got, err)
	}
	if err := f.SetState(t.Context(), "stamp", ""); err != nil {
		t.Fatal(err)
	}
	_, err = f.State(t.Context(), "stamp")
	wantError(t, err, kb.ErrNotFound)
}
