package web

import (
	"context"
	"fmt"
	"sync"

	"xiaoyue/assistant/chat"
)

// sockets counts the open sockets, which the HTTP server has handed over and no longer knows.
type sockets struct {
	limit   int
	closing context.Context // ends when the server closes or another is to take over
	end     context.CancelFunc

	mu   sync.Mutex // guards open
	open int
	wait sync.WaitGroup
}

func newSockets(limit int) *sockets {
	closing, end := context.WithCancel(context.Background())
	return &sockets{limit: limit, closing: closing, end: end}
}

// enter counts a socket in, unless there are too many or the server is closing.
func (s *sockets) enter() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closing.Err() != nil:
		return fmt.Errorf("sockets are closing: %w", chat.ErrLeaving)
	case s.open >= s.limit:
		return fmt.Errorf("%d sockets are open: %w", s.open, chat.ErrBusy)
	}
	s.open++
	s.wait.Add(1)
	return nil
}

func (s *sockets) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open--
	s.wait.Done()
}

// drain tells all sockets to connect anew, and lets in no more.
func (s *sockets) drain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end()
}

// close ends all sockets and waits for them.
func (s *sockets) close() {
	s.drain()
	s.wait.Wait()
}
