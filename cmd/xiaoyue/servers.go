package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"
)

// servers are the model servers, by role. Several of one role share the load and stand in for each
// other. Without chat servers answers are put together from the evidence itself; without embedding
// servers the model in the process embeds.
type servers struct {
	Chat   []server `yaml:"chat"`
	Embed  []server `yaml:"embed"`
	Rerank []server `yaml:"rerank"`
	Former []server `yaml:"former"` // of embed, before it was changed: they embed questions until the new index is whole

	// The bounds hold for each role.
	Parallel   int           `yaml:"parallel"`    // requests at once on one server, 4
	Queue      int           `yaml:"queue"`       // requests that may wait for one, 64; negative: none
	FirstToken time.Duration `yaml:"first_token"` // deadline for the first word, or a question's vector or scores, 20s
	Stall      time.Duration `yaml:"stall"`       // the longest pause between two words, 10s
	Total      time.Duration `yaml:"total"`       // deadline for an answer, 50s
}

// server is one model on one server.
type server struct {
	Ollama  string `yaml:"ollama"` // address of an Ollama server, http://HOST:PORT
	OpenAI  string `yaml:"openai"` // or of an OpenAI-compatible one, http://HOST:PORT/v1
	Model   string `yaml:"model"`
	KeyFile string `yaml:"key_file"` // file with the key that the server asks for
	Weight  int    `yaml:"weight"`   // share of the load, 1
	Context int    `yaml:"context"`  // Ollama: tokens of prompt and answer together, 8192

	Instruction string `yaml:"instruction"` // embedding: stands before every question, where the model wants one
}

func (s server) address() string { return s.Ollama + s.OpenAI }

// key reads the server's key; without a file there is none.
func (s server) key() (string, error) {
	if s.KeyFile == "" {
		return "", nil
	}
	raw, err := os.ReadFile(s.KeyFile)
	if err != nil {
		return "", fmt.Errorf("key of %s: %w", s.address(), err)
	}
	return strings.TrimSpace(string(raw)), nil
}

// check refuses servers that cannot be meant.
func (s servers) check() error {
	if s.Parallel < 0 || min(s.FirstToken, s.Stall, s.Total) < 0 {
		return usagef("configuration: servers: parallel, first_token, stall and total are not negative")
	}
	roles := []struct {
		name string
		list []server
	}{{"chat", s.Chat}, {"embed", s.Embed}, {"rerank", s.Rerank}, {"former", s.Former}}
	for _, role := range roles {
		for i, one := range role.list {
			if err := one.check(); err != nil {
				return usagef("configuration: servers.%s[%d]: %v", role.name, i, err)
			}
			if role.name == "rerank" && one.Ollama != "" {
				return usagef("configuration: servers.rerank[%d]: Ollama has no reranker; name a vLLM server with openai", i)
			}
		}
	}
	return nil
}

func (s server) check() error {
	switch {
	case (s.Ollama == "") == (s.OpenAI == ""):
		return errors.New("give either ollama or openai, the address of the server")
	case s.Model == "":
		return errors.New("model is missing")
	case s.Weight < 0 || s.Context < 0:
		return errors.New("weight and context are not negative")
	}
	return checkAddress(s.address())
}

// checkAddress refuses what is no address, without repeating it: a password may stand in it. One that
// is accepted names its server in logs, records and metrics.
func checkAddress(address string) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return errors.New("the address is not of the form http://HOST:PORT")
	case u.User != nil || u.RawQuery != "":
		return errors.New("the address holds a password or parameters; a key belongs into a key_file")
	}
	return nil
}

// quickServer is the one server that flags and environment can name; a file can name any number.
type quickServer struct {
	ollama, openai      string
	chat, embed, rerank string
	key                 string
}

// join puts the models of the quick server in the place of the file's.
func (q quickServer) join(s *servers) error {
	address := q.ollama + q.openai
	if (q.chat != "" || q.embed != "" || q.rerank != "") && address == "" {
		return usagef("a model is named but no server; give --ollama ADDRESS or --openai ADDRESS")
	}
	switch {
	case address == "":
		return nil
	case q.ollama != "" && q.openai != "":
		return usagef("both --ollama and --openai are given; a configuration file can name several servers, see README")
	case q.chat == "" && q.embed == "" && q.rerank == "":
		return usagef("chat model is missing; give --chat-model NAME beside the address")
	}
	for _, one := range []struct {
		model string
		list  *[]server
	}{{q.chat, &s.Chat}, {q.embed, &s.Embed}, {q.rerank, &s.Rerank}} {
		if one.model != "" {
			*one.list = []server{{Ollama: q.ollama, OpenAI: q.openai, Model: one.model, KeyFile: q.key}}
		}
	}
	return nil
}
