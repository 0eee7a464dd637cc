package inference

import (
	"context"
	"encoding/json"
	"iter"
	"time"
)

// Role is who wrote a message.
type Role string

// The roles of messages.
const (
	System    Role = "system"
	User      Role = "user"
	Assistant Role = "assistant"
)

// Message is one message of a conversation with a model.
type Message struct {
	Role Role
	Text string
}

// ChatRequest is what a model is asked.
type ChatRequest struct {
	Messages    []Message
	MaxTokens   int             // of the answer; zero: the back end's default, never endless
	Temperature float64         // zero: greedy
	TopP        float64         // zero: 1, whatever the server's own default is
	Stop        []string        // texts that end the answer, themselves left out
	Schema      json.RawMessage // JSON schema that the answer must follow; nil: free text
	Reasoning   bool            // the model may think first, where it can; thinking is never part of the text
	Asker       string          // who asks, opaque: a queue serves askers in turn, not requests
}

// StopReason is why an answer ended.
type StopReason string

// The reasons.
const (
	StopEnd    StopReason = "end"    // the model was done
	StopLength StopReason = "length" // MaxTokens
)

// Usage counts tokens.
type Usage struct{ Prompt, Completion int }

// Delta is a piece of an answer. The last one of a complete answer, and only that one, has Stop.
type Delta struct {
	Wait      time.Duration // the request is queued: how long it is expected to wait yet; nothing else is set
	Text      string
	Reasoning string // thinking, kept apart from the answer
	Stop      StopReason
	Usage     Usage  // on the last delta
	Model     string // on the last delta: which model wrote, where several could
}

// ChatModel writes text.
//
// The stream yields deltas until one with Stop, or one error, after which it ends; a stream that
// breaks off before Stop yields an error. Breaking out of the loop cancels the request.
type ChatModel interface {
	Chat(ctx context.Context, req ChatRequest) iter.Seq2[Delta, error]
	Name() string
}
