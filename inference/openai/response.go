package openai

import (
	"cmp"
	"encoding/json"
	"net/http"

	"xiaoyue/inference"
	"xiaoyue/inference/internal/remote"
)

// chunk is one event of a chat stream. A usage comes with the last one, which has no choices, or
// with every one.
type chunk struct {
	Choices []choice
	Usage   *usage
	Error   json.RawMessage
}

type choice struct {
	Delta struct {
		Content          string
		Reasoning        string // vLLM since 0.11, Ollama
		ReasoningContent string `json:"reasoning_content"` // llama.cpp, older vLLM, gateways
	}
	FinishReason string `json:"finish_reason"`
}

type usage struct {
	Prompt     int `json:"prompt_tokens"`
	Completion int `json:"completion_tokens"`
}

// thinking is the field that the server fills; one that fills both says the same in both.
func (c *choice) thinking() string { return cmp.Or(c.Delta.Reasoning, c.Delta.ReasoningContent) }

// stopReason translates finish_reason; one that is no ending of an answer is a fault.
func stopReason(finish string) (inference.StopReason, error) {
	switch finish {
	case "stop", "tool_calls", "function_call":
		return inference.StopEnd, nil
	case "length":
		return inference.StopLength, nil
	case "content_filter":
		return "", &inference.Error{Kind: inference.ErrRefused, Detail: "finish_reason content_filter"}
	}
	return "", &inference.Error{Kind: inference.ErrUnavailable, Detail: "finish_reason " + finish} // abort, error
}

// streamFault types an error that comes in a stream, where the 200 is already said: its code is the
// status that should have been.
func streamFault(raw json.RawMessage) error {
	var said struct{ Code any }
	status := http.StatusInternalServerError
	if json.Unmarshal(raw, &said) == nil {
		if code, ok := said.Code.(float64); ok && code >= http.StatusBadRequest && code < 600 {
			status = int(code)
		}
	}
	body, err := json.Marshal(map[string]json.RawMessage{"error": raw})
	if err != nil {
		return remote.Malformed("error in the stream: %v", err)
	}
	return remote.ErrorBody(status, body)
}
