package kb

import "time"

// Outcome is how a question ended. Each has words of its own; none stands for another.
type Outcome string

// The outcomes.
const (
	Answered           Outcome = "answered"
	NoEvidence         Outcome = "no_evidence"
	OutOfScope         Outcome = "out_of_scope"
	Unsafe             Outcome = "unsafe"
	Unavailable        Outcome = "unavailable"
	NeedsClarification Outcome = "needs_clarification"
	HandedOver         Outcome = "handed_over"
)

// Mode says how the text of an answer was made.
type Mode string

// The modes, from best to plainest.
const (
	ModeFull       Mode = "full"       // a model wrote from evidence of both searches
	ModeExtractive Mode = "extractive" // sentences of the evidence, lexical and dense search
	ModeLexical    Mode = "lexical"    // sentences of the evidence, lexical search alone
	ModeCards      Mode = "cards"      // the catalog only; the index is gone
)

// The names of configured parts that an answer lists when they failed.
const (
	PartRerank = "rerank"
	PartChat   = "chat"
	PartEmbed  = "embed"
	PartIndex  = "index"
)

// Exchange is one earlier question with its answer.
type Exchange struct {
	Question string `json:"question"`
	Answer   string `json:"answer"`
}

// Turn is one question as it reaches the assistant. AsOf and Region are zero where the asker
// named none; the words of the question may still do so.
type Turn struct {
	Caller       Caller     `json:"caller"`
	Conversation string     `json:"conversation,omitempty"`
	Number       int        `json:"turn,omitempty"` // in the conversation, from 1
	Question     string     `json:"question"`
	History      []Exchange `json:"history,omitempty"`
	AsOf         Date       `json:"as_of"`
	Region       string     `json:"region,omitempty"`
	Zone         string     `json:"zone,omitempty"`
	Audience     string     `json:"audience,omitempty"`
}

// Citation is the place that a statement rests on.
type Citation struct {
	N          int    `json:"n"` // as printed in the text: [1]
	DocID      string `json:"doc_id"`
	PassageID  string `json:"passage_id"`
	Version    int    `json:"version"`
	Title      string `json:"title"`
	Number     string `json:"number,omitempty"`
	Status     Status `json:"status"`
	Clause     string `json:"clause,omitempty"`
	Page       int    `json:"page,omitempty"`
	Quote      string `json:"quote"` // exact substring of the document's text
	ValidFrom  Date   `json:"valid_from"`
	ValidUntil Date   `json:"valid_until"`
}

// Option is a way to go on that the asker can choose.
type Option struct {
	Label string `json:"label"`
	Value string `json:"value"` // the words to send
}

// Answer is the reply to one turn, on every surface the same.
type Answer struct {
	Outcome           Outcome      `json:"outcome"`
	Mode              Mode         `json:"mode"`
	Degraded          []string     `json:"degraded"`
	Generated         bool         `json:"generated"` // a model wrote words; such text carries the AI label
	Text              string       `json:"text"`
	QuestionCompleted string       `json:"question_completed"`
	Item              *ServiceItem `json:"item"`
	Fields            []string     `json:"item_fields,omitempty"` // JSON names of the fields asked about
	Options           []Option     `json:"options"`
	Citations         []Citation   `json:"citations"`
	Notes             []string     `json:"notes"`
	AsOf              Date         `json:"as_of"`
	Region            string       `json:"region"`
	TraceID           string       `json:"trace_id"`
}

// Record is all that is needed to account for an answer later. Texts in it are masked.
type Record struct {
	TraceID     string          `json:"trace_id"`
	Turn        Turn            `json:"turn"`
	Answer      Answer          `json:"answer"`
	Scope       Scope           `json:"scope"`
	Evidence    []EvidenceScore `json:"evidence,omitempty"`
	Stamp       string          `json:"stamp,omitempty"` // of the index
	Calls       []Call          `json:"calls,omitempty"` // to chat models, in order
	Verdicts    []Verdict       `json:"verdicts,omitempty"`
	Score       float64         `json:"answerability"`
	Elapsed     time.Duration   `json:"elapsed_ns"`
	CreatedAt   time.Time       `json:"created_at"`
	RetainUntil time.Time       `json:"retain_until"`
}

// Call is one request to a chat model in the making of an answer. Of it and of the documents it
// names, the prompt can be rebuilt byte for byte. Texts in it are masked before they are sent.
type Call struct {
	Purpose    string        `json:"purpose"`  // answer, retry, complete
	Template   string        `json:"template"` // SHA-256 of the prompt template
	Prompt     string        `json:"prompt"`   // SHA-256 of the messages as sent
	Question   string        `json:"question,omitempty"`
	Place      string        `json:"place,omitempty"` // that the question is asked for, by name
	AsOf       Date          `json:"as_of"`
	Evidence   []EvidenceRef `json:"evidence,omitempty"`
	Written    string        `json:"written,omitempty"`   // of a retry: what the model had written before
	Objection  string        `json:"objection,omitempty"` // of a retry: what was wrong with it
	Model      string        `json:"model"`
	Digest     string        `json:"digest,omitempty"` // of the weights, where the server tells
	Prompted   int           `json:"prompt_tokens,omitempty"`
	Completed  int           `json:"completion_tokens,omitempty"`
	FirstToken time.Duration `json:"first_token_ns,omitempty"`
	Elapsed    time.Duration `json:"elapsed_ns"`
	Fault      string        `json:"fault,omitempty"` // why it gave no whole answer
}

// EvidenceRef is a piece of evidence as a model was given it, in the order of its handles: parts of a
// passage of one version of a document, with the place and the dates that stood beside it. The dates
// are kept here because later acts of other texts change them.
type EvidenceRef struct {
	DocID     string   `json:"doc_id"`
	PassageID string   `json:"passage_id"`
	Version   int      `json:"version"`
	Place     string   `json:"place,omitempty"`
	Validity  Validity `json:"validity"`
	Parts     []Span   `json:"parts"` // of the document's text, in order
}

// Span is the bytes [Start, End) of a text.
type Span struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// The results of the check of a sentence.
const (
	VerdictVerbatim = "verbatim" // the evidence's own words, not a model's
	VerdictKept     = "kept"     // a model's sentence, borne out by its evidence
	VerdictRetried  = "retried"  // faulty, and the model was asked once more
	VerdictReplaced = "replaced" // faulty, and the evidence's own words were shown in its place
	VerdictDropped  = "dropped"  // faulty or empty of facts, and nothing was shown in its place
)

// Verdict is the result of the check of one sentence.
type Verdict struct {
	Result   string `json:"result"`
	Sentence string `json:"sentence,omitempty"` // as the model wrote it, where it was not shown
	Fault    string `json:"fault,omitempty"`    // why it was not shown
}

// EvidenceScore is a passage that was considered, with its scores.
type EvidenceScore struct {
	PassageID string  `json:"passage_id"`
	Version   int     `json:"version"`
	Score     float64 `json:"score"`
	Lexical   float64 `json:"lexical"`
	Dense     float64 `json:"dense"`
}

// Feedback is what a person says of an answer: a thumb, one of the five levels of 好差评, or both.
type Feedback struct {
	TraceID   string    `json:"trace_id"`
	Thumb     int       `json:"thumb,omitempty"` // 1 up, -1 down
	Level     int       `json:"level,omitempty"` // 5 非常满意 … 1 非常不满意
	Comment   string    `json:"comment,omitempty"`
	CreatedAt time.Time `json:"created_at"`
}
