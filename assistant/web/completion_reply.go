package web

import (
	"encoding/json"
	"strings"

	"xiaoyue/assistant/guard"
	"xiaoyue/kb"
)

// completionReply is a reply in OpenAI's shape, whole or one chunk of it.
type completionReply struct {
	ID      string             `json:"id"`
	Object  string             `json:"object"`
	Created int64              `json:"created"` // Unix seconds
	Model   string             `json:"model"`
	Choices []completionChoice `json:"choices"`
	Usage   *completionUsage   `json:"usage,omitempty"`
	Xiaoyue *extension         `json:"xiaoyue,omitempty"`
}

type completionChoice struct {
	Index   int             `json:"index"`
	Message *completionWord `json:"message,omitempty"` // of a whole reply
	Delta   *completionWord `json:"delta,omitempty"`   // of a chunk
	Finish  *string         `json:"finish_reason"`     // null until the end
}

type completionWord struct {
	Role    string  `json:"role,omitempty"`
	Content *string `json:"content,omitempty"`
}

// completionUsage counts the tokens of the models behind the answer; zero where none was asked and
// the words are the evidence's own.
type completionUsage struct {
	Prompt     int `json:"prompt_tokens"`
	Completion int `json:"completion_tokens"`
	Total      int `json:"total_tokens"`
}

// extension is the answer as on every other route, less its text, which is the content. Before the
// end of a stream it holds a notice only: what goes on in the meantime.
type extension struct {
	*kb.Answer
	Text   *string `json:"text,omitempty"` // never set: takes the place of the answer's
	Notice string  `json:"notice,omitempty"`
}

func used(u *kb.Usage) *completionUsage {
	if u == nil {
		return &completionUsage{}
	}
	return &completionUsage{u.Prompted, u.Completed, u.Prompted + u.Completed}
}

// stop is the only reason to finish: an answer is never cut to a length.
func stop() *string { reason := "stop"; return &reason }

// whole is the reply to a request that waits.
func (c completionReply) whole(done kb.Event) completionReply {
	c.Object = "chat.completion"
	words := labelled(done.Answer)
	c.Choices = []completionChoice{{Message: &completionWord{"assistant", &words}, Finish: stop()}}
	c.Usage, c.Xiaoyue = used(done.Usage), &extension{Answer: done.Answer}
	return c
}

const labelLine = "\n\n" + guard.Label

// labelled is the text of an answer with the label of a model's words as its last line: clients of OpenAI's
// API show nothing beside the text.
func labelled(a *kb.Answer) string {
	if !a.Generated {
		return a.Text
	}
	return a.Text + labelLine
}

// chunks is a reply that streams.
type chunks struct {
	events
	head   completionReply
	usage  bool // to be sent in a chunk of its own, after the last words
	spoken bool // a chunk has been sent
}

func (c *chunks) send(choices []completionChoice, usage *completionUsage, more *extension) error {
	c.head.Object = "chat.completion.chunk"
	c.head.Choices, c.head.Usage, c.head.Xiaoyue = choices, usage, more
	body, err := json.Marshal(c.head)
	if err != nil {
		return err
	}
	return c.put("data: %s\n\n", body)
}

// delta is the choice of a chunk. The first chunk says who speaks.
func (c *chunks) delta(words *string, finish *string) []completionChoice {
	word := completionWord{Content: words}
	if !c.spoken {
		word.Role, c.spoken = "assistant", true
	}
	return []completionChoice{{Delta: &word, Finish: finish}}
}

func (c *chunks) words(text string) error { return c.send(c.delta(&text, nil), nil, nil) }

func (c *chunks) notice(text string) error {
	return c.send(c.delta(nil, nil), nil, &extension{Notice: text})
}

// end sends what of the answer has not been streamed, the reason to finish with the extension, the
// usage where it is wanted, and the end mark. The extension is on the last chunk, whichever that is.
func (c *chunks) end(done kb.Event, streamed string) error {
	if rest, ok := strings.CutPrefix(labelled(done.Answer), streamed); ok && rest != "" {
		if err := c.words(rest); err != nil {
			return err
		}
	}
	more := &extension{Answer: done.Answer}
	if err := c.send(c.delta(nil, stop()), nil, more); err != nil {
		return err
	}
	if c.usage {
		if err := c.send([]completionChoice{}, used(done.Usage), more); err != nil {
			return err
		}
	}
	return c.put("data: [DONE]\n\n")
}
