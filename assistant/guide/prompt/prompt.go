// Package prompt makes the messages that a chat model is sent: templates that are kept in every
// version that was ever used, evidence between marks that no document can forge, one worked example.
//
// A prompt is a function of its Ask, so that a record can be turned into the same bytes again. The
// package chooses no evidence, talks to no model and judges no answer.
package prompt

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"strings"
	"text/template"

	"xiaoyue/inference"
	"xiaoyue/kb"
)

// Insufficient is all that a model writes where the evidence does not hold the answer.
const Insufficient = "材料不足"

// newest is the template of new prompts. A template that was released is never changed: a change is
// a new file beside it.
const newest = "answer-1.tmpl"

// completing is the template of requests to complete a follow-up. Its Ask holds the conversation as
// its question.
const completing = "complete-1.tmpl"

//go:embed *.tmpl
var files embed.FS

// Ask is what a prompt is made of.
type Ask struct {
	Trace    string // of the answer; the marks are made from it
	Question string
	Place    string // that the question is asked for, by name
	AsOf     kb.Date
	Evidence []Piece // in the order of their handles, [1] first
	// Of a request to write a sentence anew: what the model had written, and what was wrong with it.
	Written, Objection string
}

// Piece is a piece of evidence.
type Piece struct {
	Title, Number, Clause string
	Place                 string // that it holds in, by name
	Validity              kb.Validity
	Text                  string
}

// Template is one version of the instructions, the example and the frame of the evidence.
type Template struct {
	Hash  string // SHA-256 of the file, hex
	parts *template.Template
}

// Templates are all versions. They are immutable.
type Templates struct {
	Newest     Template
	Completing Template
	byHash     map[string]Template
}

// Load parses the templates.
func Load() (*Templates, error) {
	entries, err := files.ReadDir(".")
	if err != nil {
		return nil, fmt.Errorf("prompt templates: %w", err)
	}
	all := &Templates{byHash: map[string]Template{}}
	for _, e := range entries {
		text, err := files.ReadFile(e.Name())
		if err != nil {
			return nil, fmt.Errorf("prompt template %s: %w", e.Name(), err)
		}
		parts, err := template.New(e.Name()).Option("missingkey=error").Parse(string(text))
		if err != nil {
			return nil, fmt.Errorf("prompt template %s: %w", e.Name(), err)
		}
		t := Template{hash(string(text)), parts}
		all.byHash[t.Hash] = t
		switch e.Name() {
		case newest:
			all.Newest = t
		case completing:
			all.Completing = t
		}
	}
	return all, nil
}

// Version returns the template with a hash.
func (t *Templates) Version(hash string) (Template, bool) {
	found, ok := t.byHash[hash]
	return found, ok
}

// Messages returns the messages of a prompt: instructions and example, which are the same in all
// prompts so that a server can keep them, then evidence and question, then what is to be written anew.
func (t Template) Messages(a Ask) ([]inference.Message, error) {
	messages := []inference.Message{
		{Role: inference.System, Text: "system"},
		{Role: inference.User, Text: "example question"},
		{Role: inference.Assistant, Text: "example answer"},
		{Role: inference.User, Text: "question"},
	}
	f := frameOf(a)
	for i, m := range messages {
		text, err := t.fill(m.Text, f)
		if err != nil {
			return nil, err
		}
		messages[i].Text = text
	}
	if a.Objection == "" {
		return messages, nil
	}
	again, err := t.fill("retry", f)
	if err != nil {
		return nil, err
	}
	return append(messages, inference.Message{Role: inference.Assistant, Text: a.Written}, inference.Message{Role: inference.User, Text: again}), nil
}

func (t Template) fill(part string, f frame) (string, error) {
	var b strings.Builder
	if err := t.parts.ExecuteTemplate(&b, part, f); err != nil {
		return "", fmt.Errorf("prompt: %w", err)
	}
	return b.String(), nil
}

// Hash identifies messages: SHA-256 over roles and texts, each with its length.
func Hash(messages []inference.Message) string {
	var b strings.Builder
	for _, m := range messages {
		fmt.Fprintf(&b, "%s %d\n%s\n", m.Role, len(m.Text), m.Text)
	}
	return hash(b.String())
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
