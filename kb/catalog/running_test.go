package catalog_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/kb"
	"xiaoyue/kb/catalog"
)

var runningRules = []rule{
	{"a turn runs until its last event, or until it is left", testRunning},
	{"places are counted by subject and by address", testCounting},
	{"a turn does not outlive its replica", testLostReplica},
	{"only the owner stops a turn, from anywhere", testStop},
	{"no address is stored", testNoAddress},
	{"erasure takes what runs along", testEraseRunning},
}

// enter begins a turn of a conversation of its own on a replica that lives.
func (f *fixture) enter(t *testing.T, replica, subject, conversation, address string) kb.TurnRef {
	t.Helper()
	caller := kb.Caller{Tenant: tenant, Subject: subject}
	turn, err := f.NextTurn(t.Context(), caller, conversation)
	if err != nil {
		t.Fatal(err)
	}
	ref := kb.TurnRef{Tenant: tenant, Subject: subject, Conversation: conversation, Turn: turn}
	f.renew(t, replica, long)
	if err := f.EnterTurn(t.Context(), replica, ref, address, long); err != nil {
		t.Fatal(err)
	}
	return ref
}

// Times by a clock that moves on by a minute with every look, or by that of a server.
const (
	long = 24 * time.Hour
	over = time.Nanosecond
)

func (f *fixture) renew(t *testing.T, replica string, lease time.Duration) []kb.TurnRef {
	t.Helper()
	stop, err := f.RenewReplica(t.Context(), replica, lease)
	if err != nil {
		t.Fatal(err)
	}
	return stop
}

func (f *fixture) runs(t *testing.T, ref kb.TurnRef) bool {
	t.Helper()
	is, err := f.TurnRuns(t.Context(), ref)
	if err != nil {
		t.Fatal(err)
	}
	return is
}

func (f *fixture) running(t *testing.T, subject, address string) kb.Running {
	t.Helper()
	n, err := f.Running(t.Context(), kb.Caller{Tenant: tenant, Subject: subject, Address: address})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func testRunning(t *testing.T, f *fixture) {
	unknown := kb.TurnRef{Tenant: tenant, Conversation: "x", Turn: 1}
	wantError(t, f.EnterTurn(t.Context(), "a", unknown, "", long), kb.ErrNotFound)
	first := f.enter(t, "a", "alice", "c1", "")
	wantError(t, f.EnterTurn(t.Context(), "b", first, "", long), catalog.ErrExists)
	second := f.enter(t, "a", "alice", "c1", "")
	events := turnLog("c1", 1)
	for i := range events {
		if !f.runs(t, first) {
			t.Errorf("over after %d events", i)
		}
		if err := f.AppendEvents(t.Context(), tenant, events[i:i+1]); err != nil {
			t.Fatal(err)
		}
	}
	equal(t, []bool{f.runs(t, first), f.runs(t, second)}, []bool{false, true})
	for range 2 {
		if err := f.LeaveTurn(t.Context(), second); err != nil {
			t.Fatal(err)
		}
	}
	if f.runs(t, second) {
		t.Error("runs although it was left")
	}
}

func testCounting(t *testing.T, f *fixture) {
	f.enter(t, "a", "alice", "c1", "192.0.2.1")
	f.enter(t, "b", "alice", "c2", "192.0.2.1")
	f.enter(t, "b", "bob", "c3", "192.0.2.1")
	f.enter(t, "b", "", "c4", "")
	equal(t, f.running(t, "alice", "192.0.2.1"), kb.Running{All: 4, Subject: 2, Address: 3})
	equal(t, f.running(t, "carol", "192.0.2.2"), kb.Running{All: 4})
	f.renew(t, "b", over)
	equal(t, f.running(t, "alice", "192.0.2.1"), kb.Running{All: 1, Subject: 1, Address: 1})
}

func testLostReplica(t *testing.T, f *fixture) {
	lives, lost := f.enter(t, "a", "alice", "c1", ""), f.enter(t, "b", "alice", "c2", "")
	f.renew(t, "b", over)
	equal(t, []bool{f.runs(t, lives), f.runs(t, lost)}, []bool{true, false})
	for range 2 { // also when its replica is forgotten
		refs, err := f.LostTurns(t.Context(), 10)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, refs, []kb.TurnRef{lost})
	}
	f.renew(t, "b", long)
	if !f.runs(t, lost) {
		t.Error("a replica that comes back has lost its turn")
	}
	if err := f.EndReplica(t.Context(), "b"); err != nil {
		t.Fatal(err)
	}
	if f.runs(t, lost) {
		t.Error("a replica that has ended runs a turn")
	}
	if _, err := f.NextTurn(t.Context(), kb.Caller{Tenant: tenant, Subject: "alice"}, "c1"); err != nil {
		t.Fatal(err)
	}
	endless := lives
	endless.Turn = 2
	if err := f.EnterTurn(t.Context(), "a", endless, "", over); err != nil {
		t.Fatal(err)
	}
	if f.runs(t, endless) {
		t.Error("a turn runs beyond its time")
	}
}

func testStop(t *testing.T, f *fixture) {
	one, two := f.enter(t, "a", "alice", "c1", ""), f.enter(t, "a", "alice", "c2", "")
	f.enter(t, "a", "bob", "c3", "")
	foreign := one
	foreign.Subject = "bob"
	for _, step := range []struct {
		ref  kb.TurnRef
		want []kb.TurnRef
	}{
		{foreign, []kb.TurnRef(nil)},
		{one, []kb.TurnRef{one}},
		{kb.TurnRef{Tenant: "another", Subject: "alice"}, []kb.TurnRef{one}},
		{kb.TurnRef{Tenant: tenant, Subject: "alice"}, []kb.TurnRef{one, two}},
	} {
		if err := f.StopTurns(t.Context(), step.ref); err != nil {
			t.Fatal(err)
		}
		equal(t, f.renew(t, "a", long), step.want)
		if stop := f.renew(t, "b", long); len(stop) > 0 {
			t.Errorf("another replica is to stop %v", stop)
		}
	}
	wantError(t, f.StopTurns(t.Context(), kb.TurnRef{Tenant: tenant}), kb.ErrInvalid)
}

func testNoAddress(t *testing.T, f *fixture) {
	const address = "192.0.2.77"
	f.enter(t, "a", "alice", "c1", address)
	other := openFixture(t, f.options)
	equal(t, other.running(t, "", address).Address, 1) // other processes have the same key
	err := f.Dump(t.Context(), true, func(_ catalog.Dumped, table catalog.Table) error {
		for row, err := range table.Rows {
			if err != nil {
				return err
			}
			if table.Name == "state" {
				t.Errorf("a dump holds the key: %s", row)
			}
		}
		if table.Name == "running" || table.Name == "replicas" {
			t.Errorf("a dump holds %s", table.Name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func testEraseRunning(t *testing.T, f *fixture) {
	gone, stays := f.enter(t, "a", "alice", "c1", ""), f.enter(t, "a", "bob", "c2", "")
	if _, err := f.Erase(t.Context(), tenant, "alice"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]bool{false, true}, []bool{f.runs(t, gone), f.runs(t, stays)}); diff != "" {
		t.Errorf("alice's and bob's (-want +got):\n%s", diff)
	}
	wantError(t, f.AppendEvents(t.Context(), tenant, turnLog("c1", 1)), kb.ErrNotFound)
}
