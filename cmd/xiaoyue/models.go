package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"time"

	"xiaoyue/inference"
	"xiaoyue/inference/bge"
	"xiaoyue/inference/limit"
	"xiaoyue/inference/ollama"
	"xiaoyue/inference/openai"
	"xiaoyue/kb"
)

// limits are the bounds of the servers of one role.
func (s servers) limits(log *slog.Logger) *limit.Options {
	return &limit.Options{Parallel: s.Parallel, Queue: s.Queue, FirstToken: s.FirstToken, Stall: s.Stall, Total: s.Total, Log: log}
}

// name tells servers apart in logs, records and metrics.
func (s server) name() string { return s.Model + "@" + s.address() }

// openModels prepares the models that are configured. Chat and rerank servers are not connected to
// before the first question; embedding servers are, because the index depends on what they are.
func (e *engine) openModels(ctx context.Context) (err error) {
	if e.embedder, err = e.conf.openEmbedder(ctx, e.log); err != nil {
		e.missing[kb.PartEmbed] = err
		e.log.Warn("no embedding model: lexical mode", "err", err)
	}
	if c, ok := e.embedder.(io.Closer); ok {
		e.closers = append(e.closers, c)
	}
	s := e.conf.Servers
	if len(s.Chat) > 0 {
		if e.chat, err = s.openChat(e.log); err != nil {
			return err
		}
		e.closers = append(e.closers, e.chat)
	}
	if len(s.Rerank) > 0 {
		if e.reranker, err = s.openReranker(e.log); err != nil {
			return err
		}
		e.closers = append(e.closers, e.reranker)
	}
	return nil
}

func (s servers) openChat(log *slog.Logger) (*limit.Chat, error) {
	list, err := each(s.Chat, server.chat)
	if err != nil {
		return nil, err
	}
	return limit.NewChat(list, s.limits(log))
}

func (s servers) openReranker(log *slog.Logger) (*limit.Reranker, error) {
	list, err := each(s.Rerank, server.reranker)
	if err != nil {
		return nil, err
	}
	return limit.NewReranker(list, s.limits(log))
}

// each prepares the model of every server of a role.
func each[M any](role []server, prepare func(server) (M, error)) ([]limit.Server[M], error) {
	list := make([]limit.Server[M], len(role))
	for i, one := range role {
		model, err := prepare(one)
		if err != nil {
			return nil, err
		}
		list[i] = limit.Server[M]{Name: one.name(), Model: model, Weight: one.Weight}
	}
	return list, nil
}

// inspectChat says what the chat server of that name tells of its model; without a name, the first
// that answers.
func (e *engine) inspectChat(ctx context.Context, name string) (inference.ModelInfo, error) {
	if name == "" {
		return e.chat.Inspect(ctx)
	}
	return e.chat.InspectServer(ctx, name)
}

func (s server) chat() (inference.ChatModel, error) {
	if s.Ollama != "" {
		return ollama.New(s.Ollama, s.Model, &ollama.Options{Context: s.Context})
	}
	key, err := s.key()
	if err != nil {
		return nil, err
	}
	return openai.New(s.OpenAI, s.Model, &openai.Options{Key: openai.Key(key)})
}

func (s server) embedder(ctx context.Context) (inference.Embedder, error) {
	if s.Ollama != "" {
		return ollama.OpenEmbedder(ctx, s.Ollama, s.Model, &ollama.Options{Instruction: s.Instruction})
	}
	key, err := s.key()
	if err != nil {
		return nil, err
	}
	return openai.OpenEmbedder(ctx, s.OpenAI, s.Model, &openai.Options{Key: openai.Key(key), Instruction: s.Instruction})
}

func (s server) reranker() (inference.Reranker, error) {
	key, err := s.key()
	if err != nil {
		return nil, err
	}
	return openai.NewReranker(s.OpenAI, s.Model, &openai.Options{Key: openai.Key(key)})
}

// openTimeout bounds the questions that an embedding server is asked when it is opened.
const openTimeout = 15 * time.Second

// openEmbedder opens the embedding servers that can be reached, all at once; at least one must be.
func (s servers) openEmbedder(ctx context.Context, log *slog.Logger) (*limit.Embedder, error) {
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	all, errs := make([]limit.Server[inference.Embedder], len(s.Embed)), make([]error, len(s.Embed))
	var wait sync.WaitGroup
	for i, one := range s.Embed {
		wait.Go(func() {
			model, err := one.embedder(ctx)
			all[i], errs[i] = limit.Server[inference.Embedder]{Name: one.name(), Model: model, Weight: one.Weight}, err
		})
	}
	wait.Wait()
	var open []limit.Server[inference.Embedder]
	for i, err := range errs {
		if err == nil {
			open = append(open, all[i])
		}
	}
	if len(open) == 0 {
		return nil, errors.Join(errs...)
	}
	for i, err := range errs {
		if err != nil {
			log.Warn("embedding server is left out until xiaoyue is started again", "server", s.Embed[i].name(), "err", err)
		}
	}
	return limit.NewEmbedder(open, s.limits(log))
}

// openEmbedder opens the embedder: that of the servers, or the one in the process.
func (c config) openEmbedder(ctx context.Context, log *slog.Logger) (inference.Embedder, error) {
	if len(c.Servers.Embed) > 0 {
		model, err := c.Servers.openEmbedder(ctx, log)
		if err != nil {
			return nil, err
		}
		return model, nil
	}
	model, err := bge.Open(c.Models, nil)
	if err != nil {
		return nil, err
	}
	return model, nil
}

// closeModel ends the background work of a model that has any.
func closeModel(model any) {
	if c, ok := model.(io.Closer); ok {
		c.Close()
	}
}
