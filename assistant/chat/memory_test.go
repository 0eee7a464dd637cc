package chat_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"xiaoyue/assistant/chat"
	"xiaoyue/kb"
)

// memory is a store in memory that refuses what the contract forbids.
type memory struct {
	mu       sync.Mutex
	events   map[chat.Ref][]kb.Event // without subject
	owners   map[string]string       // subjects by conversation
	turns    map[string]int          // by conversation
	running  map[chat.Ref]*place
	replicas map[string]time.Time // ends of leases
	records  []kb.Record
	broken   error
}

// place is a turn that was entered.
type place struct {
	replica, address string
	until            time.Time
	stopped          bool
}

func newMemory() *memory {
	return &memory{
		events: map[chat.Ref][]kb.Event{}, owners: map[string]string{}, turns: map[string]int{},
		running: map[chat.Ref]*place{}, replicas: map[string]time.Time{},
	}
}

func (m *memory) NextTurn(_ context.Context, caller kb.Caller, conversation string) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if owner, ok := m.owners[conversation]; ok && owner != caller.Subject {
		return 0, kb.ErrNotFound
	}
	m.owners[conversation] = caller.Subject
	m.turns[conversation]++
	return m.turns[conversation], nil
}

func (m *memory) AppendEvents(_ context.Context, tenant string, events []kb.Event) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken != nil {
		return m.broken
	}
	for _, e := range events {
		ref := chat.Ref{Tenant: tenant, Conversation: e.Conversation, Turn: e.Turn}
		if e.Seq != len(m.events[ref])+1 {
			return fmt.Errorf("event %d follows %d", e.Seq, len(m.events[ref]))
		}
		m.events[ref] = append(m.events[ref], e)
		if ref.Subject = m.owners[e.Conversation]; e.Final() {
			delete(m.running, ref)
		}
	}
	return nil
}

func (m *memory) Events(_ context.Context, caller kb.Caller, conversation string, turn, after int) ([]kb.Event, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.owners[conversation] != caller.Subject {
		return nil, nil
	}
	all := m.events[chat.Ref{Tenant: caller.Tenant, Conversation: conversation, Turn: turn}]
	return append([]kb.Event(nil), all[min(after, len(all)):]...), nil
}

func (m *memory) Exchanges(_ context.Context, tenant, conversation string, limit int) ([]kb.Exchange, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []kb.Exchange
	for turn := 1; ; turn++ {
		events := m.events[chat.Ref{Tenant: tenant, Conversation: conversation, Turn: turn}]
		if events == nil {
			return found[max(0, len(found)-limit):], nil
		}
		if last := events[len(events)-1]; last.Answer != nil {
			found = append(found, kb.Exchange{Question: last.Answer.QuestionCompleted, Answer: last.Answer.Text})
		}
	}
}

func (m *memory) PutRecord(_ context.Context, r kb.Record) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.records = append(m.records, r)
	return nil
}

func (m *memory) EraseOwn(_ context.Context, caller kb.Caller) (n int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for ref := range m.events {
		if m.owners[ref.Conversation] == caller.Subject {
			delete(m.events, ref)
			n++
		}
	}
	return n, nil
}

func (m *memory) EnterTurn(_ context.Context, replica string, ref chat.Ref, address string, limit time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.running[ref] = &place{replica: replica, address: address, until: time.Now().Add(limit)}
	return nil
}

func (m *memory) LeaveTurn(_ context.Context, ref chat.Ref) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.running, ref)
	return nil
}

func (m *memory) runs(p *place) bool {
	now := time.Now()
	return p != nil && p.until.After(now) && m.replicas[p.replica].After(now)
}

func (m *memory) TurnRuns(_ context.Context, ref chat.Ref) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.runs(m.running[ref]), nil
}

func (m *memory) StopTurns(_ context.Context, wanted chat.Ref) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for ref, p := range m.running {
		all := wanted.Conversation == "" && ref.Tenant == wanted.Tenant && ref.Subject == wanted.Subject
		p.stopped = p.stopped || all || ref == wanted
	}
	return nil
}

func (m *memory) Running(_ context.Context, caller kb.Caller) (n kb.Running, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for ref, p := range m.running {
		if !m.runs(p) {
			continue
		}
		n.All++
		if ref.Tenant == caller.Tenant && ref.Subject == caller.Subject {
			n.Subject++
		}
		if p.address == caller.Address {
			n.Address++
		}
	}
	return n, nil
}

func (m *memory) RenewReplica(_ context.Context, replica string, lease time.Duration) (stop []chat.Ref, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.replicas[replica] = time.Now().Add(lease)
	for ref, p := range m.running {
		if p.replica == replica && p.stopped {
			stop = append(stop, ref)
		}
	}
	return stop, nil
}

func (m *memory) EndReplica(_ context.Context, replica string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.replicas, replica)
	return nil
}

func (m *memory) LostTurns(context.Context, int) (lost []chat.Ref, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for ref, p := range m.running {
		if !m.runs(p) {
			lost = append(lost, ref)
		}
	}
	return lost, nil
}
