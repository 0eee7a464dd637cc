package kb

// EventType names an envelope of the chat protocol (docs/protocol.md).
type EventType string

// The events that a running answer sends, in this order: start, then any of delta, card, citation
// and notice, then exactly one done or error. A notice is shown for the time being, such as how long
// a queue is; what is to stay beside the answer is in the notes of done.
const (
	EventStart    EventType = "start"
	EventDelta    EventType = "delta"
	EventCard     EventType = "card"
	EventCitation EventType = "citation"
	EventNotice   EventType = "notice"
	EventDone     EventType = "done"
	EventError    EventType = "error"
)

// NoticeWaiting is the code of a notice that holds only for the moment: how long the answer has to wait
// for its turn. Other notices are remarks on the answer.
const NoticeWaiting = "waiting"

// Event is one step of a running answer. (Conversation, Turn, Seq) identifies it; it is persisted
// before it is sent, so that a reader who lost the connection can go on after the last Seq it saw,
// on this server or another. What was sent never has to be taken back.
type Event struct {
	V            int          `json:"v"` // protocol version, 1
	Type         EventType    `json:"type"`
	Conversation string       `json:"conversation"`
	Turn         int          `json:"turn"`
	Seq          int          `json:"seq"`                // from 1 within the turn
	Text         string       `json:"text,omitempty"`     // of delta and notice
	Item         *ServiceItem `json:"item,omitempty"`     // of card
	Fields       []string     `json:"fields,omitempty"`   // of card: JSON names of the fields asked about
	Citation     *Citation    `json:"citation,omitempty"` // of citation
	Answer       *Answer      `json:"answer,omitempty"`   // of done: the whole answer
	Usage        *Usage       `json:"usage,omitempty"`    // of done: what the models behind it counted; nil: none was asked
	Code         string       `json:"code,omitempty"`     // of error and of some notices: machine code; Text holds the sentence
}

// Final reports whether the event is the last one of its turn.
func (e Event) Final() bool { return e.Type == EventDone || e.Type == EventError }

// Usage counts the tokens of all calls to chat models in the making of an answer.
type Usage struct {
	Prompted  int `json:"prompt_tokens"`
	Completed int `json:"completion_tokens"`
}
