package openai

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"xiaoyue/inference"
	"xiaoyue/inference/internal/remote"
)

// listed is a model in a server's list, with what vLLM and llama.cpp add.
type listed struct {
	ID      string
	Context int `json:"max_model_len"` // vLLM
	Meta    struct {
		Context int `json:"n_ctx"`
	} // llama.cpp
}

// inspect looks the model up in the server's list, which names no digest. A server that lists no models
// may have this one: only a request can tell.
func (s *server) inspect(ctx context.Context) (inference.ModelInfo, error) {
	info, err := s.lookUp(ctx)
	if err != nil {
		return inference.ModelInfo{}, remote.Fault(ctx, s.model, err)
	}
	return info, nil
}

func (s *server) lookUp(ctx context.Context) (inference.ModelInfo, error) {
	var list struct{ Data []listed }
	err := s.call(ctx, s.base.JoinPath("models"), nil, &list)
	if remote.NoRoute(err) {
		return inference.ModelInfo{Name: s.model}, nil
	}
	if err != nil {
		return inference.ModelInfo{}, err
	}
	var names []string
	for _, m := range list.Data {
		if m.ID == s.model || m.ID == s.model+":latest" { // Ollama's name of what it also serves without
			return inference.ModelInfo{Name: s.model, Context: cmp.Or(m.Context, m.Meta.Context)}, nil
		}
		names = append(names, m.ID)
	}
	return inference.ModelInfo{}, &inference.Error{Kind: inference.ErrUnavailable,
		Detail: fmt.Sprintf("the server has no such model, but %s", strings.Join(names, ", "))}
}
