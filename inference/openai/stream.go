package openai

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"xiaoyue/inference"
	"xiaoyue/inference/internal/remote"
)

// events reads server-sent events, as far as chat streams use them: the data of each event. Names,
// identities, comments and pauses are skipped.
//
// https://html.spec.whatwg.org/multipage/server-sent-events.html
type events struct {
	lines *bufio.Reader
	long  []byte // a line longer than the reader's buffer
	data  []byte
}

func newEvents(r io.Reader) *events { return &events{lines: bufio.NewReaderSize(r, 8<<10)} }

// next returns the data of the next event, valid until the next call. It returns io.EOF at an end
// between events; what stands before an end in the middle of one comes as an event first.
func (e *events) next() ([]byte, error) {
	e.data = e.data[:0]
	some := false
	for {
		line, err := e.line()
		if err != nil && (err != io.EOF || len(line) == 0) {
			if err == io.EOF && some {
				return e.data, nil
			}
			return nil, err
		}
		if len(line) == 0 && some {
			return e.data, nil
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		if !isData(name) {
			continue
		}
		if some {
			e.data = append(e.data, '\n')
		}
		e.data, some = append(e.data, bytes.TrimPrefix(value, []byte(" "))...), true
		if len(e.data) > remote.MaxEvent {
			return nil, remote.Malformed("event of the stream is longer than %d bytes", remote.MaxEvent)
		}
	}
}

// isData knows the field that carries an event; older llama.cpp calls that of an error so.
func isData(name []byte) bool { return string(name) == "data" || string(name) == "error" }

// line returns a line without its end, or the last one of an unfinished stream with io.EOF.
func (e *events) line() ([]byte, error) {
	line, err := e.lines.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		e.long = append(e.long[:0], line...)
		for errors.Is(err, bufio.ErrBufferFull) {
			if len(e.long) > remote.MaxEvent {
				return nil, remote.Malformed("line of the stream is longer than %d bytes", remote.MaxEvent)
			}
			line, err = e.lines.ReadSlice('\n')
			e.long = append(e.long, line...)
		}
		line = e.long
	}
	return bytes.TrimRight(line, "\r\n"), err
}

// stream turns the events of a chat into deltas.
type stream struct {
	events   *events
	thinking remote.Thinking
	stop     inference.StopReason
	usage    inference.Usage
}

// next returns the next delta that says something. The last one has Stop; an error may come instead.
// A stream that breaks behind its finish_reason has lost nothing: the answer is whole.
func (s *stream) next() (inference.Delta, error) {
	for {
		d, err := s.read()
		if err != nil && s.stop != "" {
			return s.last(), nil
		}
		if err == io.EOF {
			return d, errCut
		}
		if err != nil || d.Text != "" || d.Reasoning != "" {
			return d, err
		}
	}
}

var errCut = &inference.Error{Kind: inference.ErrUnavailable, Detail: "stream ended before the answer did"}

// read returns what the next event says, and io.EOF for the end of the stream or its mark.
func (s *stream) read() (inference.Delta, error) {
	data, err := s.events.next()
	if err == nil && string(data) == "[DONE]" {
		err = io.EOF
	}
	if err != nil {
		return inference.Delta{}, err
	}
	return s.delta(data)
}

func (s *stream) delta(data []byte) (d inference.Delta, err error) {
	var c chunk
	if err := json.Unmarshal(data, &c); err != nil {
		return d, remote.Malformed("event of the stream: %v", err)
	}
	if len(c.Error) > 0 && string(c.Error) != "null" {
		return d, streamFault(c.Error)
	}
	if c.Usage != nil {
		s.usage = inference.Usage{Prompt: c.Usage.Prompt, Completion: c.Usage.Completion}
	}
	if len(c.Choices) == 0 {
		return d, nil
	}
	first := &c.Choices[0]
	if first.FinishReason != "" {
		if s.stop, err = stopReason(first.FinishReason); err != nil {
			return d, err
		}
	}
	var thought string
	d.Text, thought = s.thinking.Split(first.Delta.Content)
	d.Reasoning = first.thinking() + thought
	return d, nil
}

func (s *stream) last() inference.Delta {
	text, thought := s.thinking.Rest()
	return inference.Delta{Text: text, Reasoning: thought, Stop: s.stop, Usage: s.usage}
}
