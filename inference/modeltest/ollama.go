package modeltest

import (
	"encoding/json"

	"xiaoyue/inference"
)

// ollamaSpeech is Ollama's native API: a line of JSON per token.
var ollamaSpeech = &speech{
	media: "application/x-ndjson", after: "\n",
	tooLong: "the input length exceeds the context length",
	chat:    ollamaChat, delta: ollamaDelta,
	complain: func(_ int, words string) any { return fields{"error": words} },
	vectors:  func(v [][]float32) any { return fields{"embeddings": v} },
}

func ollamaChat(body []byte) (string, inference.ChatRequest, error) {
	var req struct {
		Model    string
		Messages []message
		Format   json.RawMessage
		Stream   *bool
		Think    bool
		Options  struct {
			MaxTokens   int `json:"num_predict"`
			Temperature float64
			TopP        float64 `json:"top_p"`
			Stop        []string
		}
	}
	err := json.Unmarshal(body, &req)
	if err == nil && req.Stream != nil && !*req.Stream {
		err = errNotStreamed
	}
	o := req.Options
	return req.Model, inference.ChatRequest{
		Messages: messages(req.Messages), MaxTokens: o.MaxTokens, Temperature: o.Temperature, TopP: o.TopP, Stop: o.Stop,
		Schema: req.Format, Reasoning: req.Think,
	}, err
}

func ollamaDelta(model string, d inference.Delta) []any {
	line := fields{"model": model, "created_at": "2026-01-01T00:00:00Z", "done": d.Stop != "",
		"message": fields{"role": "assistant", "content": d.Text, "thinking": d.Reasoning}}
	if d.Stop != "" {
		line["done_reason"] = finish(d.Stop)
		line["prompt_eval_count"], line["eval_count"] = d.Usage.Prompt, d.Usage.Completion
	}
	return []any{line}
}
