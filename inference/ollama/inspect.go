package ollama

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ollama/ollama/api"
	"github.com/ollama/ollama/types/model"

	"xiaoyue/inference"
)

// facts are what the server says of the model, without loading it.
type facts struct {
	digest    string
	context   int // as the server is asked to run it
	dimension int
	embeds    bool
	wordPiece bool // a BERT tokenizer
}

func (s *server) lookUp(ctx context.Context) (facts, error) {
	list, err := s.client.List(ctx)
	if err != nil {
		return facts{}, err
	}
	var names []string
	for _, m := range list.Models {
		names = append(names, m.Name)
	}
	at := slices.IndexFunc(names, func(name string) bool { return full(name) == full(s.model) })
	if at < 0 {
		return facts{}, &inference.Error{Kind: inference.ErrUnavailable,
			Detail: fmt.Sprintf("the server has no such model, but %s", strings.Join(names, ", "))}
	}
	shown, err := s.client.Show(ctx, &api.ShowRequest{Model: s.model})
	if err != nil {
		return facts{}, err
	}
	f := facts{digest: list.Models[at].Digest, context: s.opts.Context}
	f.read(shown)
	return f, nil
}

func (f *facts) read(shown *api.ShowResponse) {
	arch, _ := shown.ModelInfo["general.architecture"].(string)
	if trained := number(shown, arch+".context_length"); trained > 0 {
		f.context = min(f.context, trained)
	}
	f.dimension = number(shown, arch+".embedding_length")
	f.embeds = slices.Contains(shown.Capabilities, model.CapabilityEmbedding)
	f.wordPiece = shown.ModelInfo["tokenizer.ggml.model"] == "bert"
}

func number(shown *api.ShowResponse, key string) int {
	n, _ := shown.ModelInfo[key].(float64)
	return int(n)
}

// full is a name with its tag, and the server's capitals let be.
func full(name string) string {
	name = strings.ToLower(name)
	if !strings.Contains(name[strings.LastIndex(name, "/")+1:], ":") {
		name += ":latest"
	}
	return name
}
