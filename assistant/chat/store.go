package chat

import (
	"context"
	"time"

	"xiaoyue/kb"
)

// Store is what replicas share.
type Store interface {
	Log
	Turns
	Replicas
}

// Log persists conversations. Events are unique by (tenant, conversation, turn, seq) and come back
// in that order; appending one that is there already is an error, and with its last event a turn has left
// Turns. NextTurn numbers the turns of a conversation from 1, each once; a conversation of another subject
// is kb.ErrNotFound, and has no Events. Appending to one that was erased is kb.ErrNotFound.
type Log interface {
	NextTurn(ctx context.Context, caller kb.Caller, conversation string) (int, error)
	AppendEvents(ctx context.Context, tenant string, events []kb.Event) error
	Events(ctx context.Context, caller kb.Caller, conversation string, turn, after int) ([]kb.Event, error)
	Exchanges(ctx context.Context, tenant, conversation string, limit int) ([]kb.Exchange, error)
	PutRecord(ctx context.Context, record kb.Record) error
}

// Turns keeps account of the turns that run on all replicas. A turn runs from EnterTurn to its last event
// or LeaveTurn, for limit at most, while its replica lives. What EnterTurn has noted is counted by every
// Running that begins afterwards, on whichever replica.
type Turns interface {
	EnterTurn(ctx context.Context, replica string, ref Ref, address string, limit time.Duration) error
	LeaveTurn(ctx context.Context, ref Ref) error
	TurnRuns(ctx context.Context, ref Ref) (bool, error)
	// StopTurns asks the replica that answers a turn to stop it; without a conversation, all turns of the
	// subject.
	StopTurns(ctx context.Context, ref Ref) error
	Running(ctx context.Context, caller kb.Caller) (kb.Running, error)
}

// Replicas keeps account of the replicas that live: those that have renewed their lease in time.
type Replicas interface {
	// RenewReplica returns the turns of the replica that are to stop.
	RenewReplica(ctx context.Context, replica string, lease time.Duration) ([]Ref, error)
	EndReplica(ctx context.Context, replica string) error
	// LostTurns returns turns that were entered and run no more, at most limit.
	LostTurns(ctx context.Context, limit int) ([]Ref, error)
}
