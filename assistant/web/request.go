package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"xiaoyue/kb"
)

// Input limits.
const (
	maxBody     = 64 << 10 // bytes of a request body or a socket message
	maxQuestion = 2000     // characters
	maxHistory  = 20       // earlier exchanges that a caller may bring
)

// question is a question as programs and the widget send it.
type question struct {
	Question     string        `json:"question"`
	Conversation string        `json:"conversation"`
	History      []kb.Exchange `json:"history"`
	AsOf         kb.Date       `json:"as_of"`
	Region       string        `json:"region"`
	Zone         string        `json:"zone"`
	Audience     string        `json:"audience"`
}

// turn checks the question and completes it with the caller.
func (s *Server) turn(q question, caller kb.Caller) (kb.Turn, error) {
	text := strings.TrimSpace(q.Question)
	switch {
	case text == "":
		return kb.Turn{}, badRequest("请输入问题。")
	case utf8.RuneCountInString(text) > maxQuestion:
		return kb.Turn{}, badRequest(fmt.Sprintf("问题太长，请控制在%d字以内。", maxQuestion))
	case len(q.History) > maxHistory:
		return kb.Turn{}, badRequest(fmt.Sprintf("历史对话太多，请控制在%d轮以内。", maxHistory))
	}
	if _, err := s.backend.Regions.Chain(q.Region); err != nil {
		return kb.Turn{}, err
	}
	return kb.Turn{
		Caller: caller, Conversation: q.Conversation, Question: text, History: q.History,
		AsOf: q.AsOf, Region: q.Region, Zone: q.Zone, Audience: q.Audience,
	}, nil
}

// readJSON decodes one JSON value of bounded size, refusing fields that nobody reads: a misspelt
// as_of must not silently become today.
func readJSON(r io.Reader, v any) error {
	decoder := json.NewDecoder(io.LimitReader(r, maxBody+1))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(v); err != nil {
		return badRequest("请求不是所要求的JSON：" + err.Error())
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return badRequest("请求过大，或在JSON之后还有内容。")
	}
	return nil
}
