package modeltest

import (
	"encoding/json"

	"xiaoyue/inference"
)

// openaiSpeech is OpenAI's interface with vLLM's additions: an event per token.
var openaiSpeech = &speech{
	media: "text/event-stream", before: "data: ", after: "\n\n", end: "data: [DONE]\n\n",
	tooLong: "This model's maximum context length is shorter than the prompt.",
	chat:    openaiChat, delta: openaiDelta, complain: openaiComplaint, vectors: openaiVectors,
}

func openaiChat(body []byte) (string, inference.ChatRequest, error) {
	var req struct {
		Model       string
		Messages    []message
		Stream      bool
		MaxTokens   int `json:"max_tokens"`
		Temperature float64
		TopP        float64 `json:"top_p"`
		Stop        []string
		Format      struct {
			Schema struct{ Schema json.RawMessage } `json:"json_schema"`
		} `json:"response_format"`
		Template struct {
			Think bool `json:"enable_thinking"`
		} `json:"chat_template_kwargs"`
	}
	err := json.Unmarshal(body, &req)
	if err == nil && !req.Stream {
		err = errNotStreamed
	}
	return req.Model, inference.ChatRequest{
		Messages: messages(req.Messages), MaxTokens: req.MaxTokens, Temperature: req.Temperature, TopP: req.TopP, Stop: req.Stop,
		Schema: req.Format.Schema.Schema, Reasoning: req.Template.Think,
	}, err
}

func openaiDelta(model string, d inference.Delta) []any {
	choice := fields{"index": 0, "delta": fields{"content": d.Text, "reasoning": d.Reasoning}, "finish_reason": nil}
	if d.Stop == "" {
		return []any{openaiChunk(model, nil, choice)}
	}
	choice["finish_reason"] = finish(d.Stop)
	usage := fields{"prompt_tokens": d.Usage.Prompt, "completion_tokens": d.Usage.Completion}
	return []any{openaiChunk(model, nil, choice), openaiChunk(model, usage)}
}

func openaiChunk(model string, usage fields, choices ...fields) fields {
	return fields{"id": "scripted", "object": "chat.completion.chunk", "created": 0, "model": model,
		"choices": append([]fields{}, choices...), "usage": usage}
}

func openaiComplaint(status int, words string) any {
	return fields{"error": fields{"message": words, "type": "scripted", "param": nil, "code": status}}
}

func openaiVectors(vectors [][]float32) any {
	data := make([]any, len(vectors))
	for i, v := range vectors {
		data[i] = fields{"object": "embedding", "index": i, "embedding": v}
	}
	return fields{"object": "list", "data": data}
}
