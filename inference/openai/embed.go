package openai

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"

	"xiaoyue/inference"
	"xiaoyue/inference/internal/remote"
)

// Embedder is an embedding model on a server. It is safe for concurrent use.
type Embedder struct {
	server *server
	info   inference.EmbedderInfo
	texts  remote.Embedding
}

// OpenEmbedder asks the server for the model of that name, and for one vector to learn the
// dimension. A server that is down or does not have the model is inference.ErrUnavailable.
func OpenEmbedder(ctx context.Context, address, model string, opts *Options) (*Embedder, error) {
	s, err := newServer(address, model, opts)
	if err != nil {
		return nil, err
	}
	e := &Embedder{server: s, info: inference.EmbedderInfo{Name: model}}
	if err := e.learn(ctx); err != nil {
		return nil, fmt.Errorf("open embedder: %w", remote.Fault(ctx, model, err))
	}
	return e, nil
}

func (e *Embedder) learn(ctx context.Context) error {
	listed, err := e.server.lookUp(ctx)
	if err != nil {
		return err
	}
	e.info.MaxTokens = listed.Context
	e.texts = remote.Embedding{Batch: e.server.opts.Batch, MaxTokens: listed.Context, Request: e.request}
	vectors, err := e.texts.Embed(ctx, []string{"您好"})
	if err != nil {
		return err
	}
	e.info.Dimension = len(vectors[0])
	e.texts.Dimension = e.info.Dimension
	return nil
}

// Info implements inference.Embedder. The digest is empty: these servers tell none.
func (e *Embedder) Info() inference.EmbedderInfo { return e.info }

// Inspect implements inference.Inspector.
func (e *Embedder) Inspect(ctx context.Context) (inference.ModelInfo, error) {
	info, err := e.server.inspect(ctx)
	if err == nil {
		info.Dimension = e.info.Dimension
	}
	return info, err
}

// Embed implements inference.Embedder.
func (e *Embedder) Embed(ctx context.Context, texts []string, kind inference.EmbedKind) ([][]float32, error) {
	if instruction := e.server.opts.Instruction; instruction != "" && kind == inference.EmbedQuestion {
		asked := make([]string, len(texts))
		for i, text := range texts {
			asked[i] = instruction + text
		}
		texts = asked
	}
	vectors, err := e.texts.Embed(ctx, texts)
	if err != nil {
		return nil, remote.Fault(ctx, e.server.model, err)
	}
	return vectors, nil
}

type embedRequest struct {
	Model  string   `json:"model"`
	Input  []string `json:"input"`
	Format string   `json:"encoding_format"`
}

// request asks for base64, a quarter of the size of decimals, and takes either. Truncation is not
// left to vLLM's truncate_prompt_tokens, which other servers ignore.
func (e *Embedder) request(ctx context.Context, texts []string) ([][]float32, error) {
	var answer struct {
		Data []struct {
			Index     *int
			Embedding vector
		}
	}
	in := embedRequest{e.server.model, texts, "base64"}
	if err := e.server.call(ctx, e.server.base.JoinPath("embeddings"), in, &answer); err != nil {
		return nil, err
	}
	vectors := make([][]float32, len(texts))
	for i, d := range answer.Data {
		if d.Index != nil {
			i = *d.Index
		}
		if i < 0 || i >= len(vectors) || vectors[i] != nil {
			return nil, remote.Malformed("vector with index %d of %d texts", i, len(texts))
		}
		vectors[i] = d.Embedding
	}
	return vectors, nil
}

// vector is an embedding as numbers or as base64 of little-endian single precision.
type vector []float32

// UnmarshalJSON implements json.Unmarshaler.
func (v *vector) UnmarshalJSON(content []byte) error {
	if len(content) == 0 || content[0] != '"' {
		return json.Unmarshal(content, (*[]float32)(v))
	}
	var encoded string
	if err := json.Unmarshal(content, &encoded); err != nil {
		return err
	}
	packed, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return err
	}
	if len(packed)%4 != 0 {
		return fmt.Errorf("vector of %d bytes", len(packed))
	}
	*v = make(vector, 0, len(packed)/4)
	for ; len(packed) > 0; packed = packed[4:] {
		*v = append(*v, math.Float32frombits(binary.LittleEndian.Uint32(packed)))
	}
	return nil
}
