package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
)

// configOf reads a configuration file with flags on top.
func configOf(t *testing.T, file string, flags ...string) (config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "xiaoyue.yaml")
	if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	src, set := &source{}, pflag.NewFlagSet("test", pflag.ContinueOnError)
	src.flags(set)
	if err := set.Parse(append(flags, "--config", path)); err != nil {
		t.Fatal(err)
	}
	return src.read()
}

const twoServers = `
servers:
  chat:
    - {openai: "http://gpu:8000/v1", model: qwen, weight: 2, key_file: /etc/key}
    - {ollama: "http://cpu:11434", model: "qwen2.5:7b", context: 4096}
  embed:
    - {openai: "http://gpu:8001/v1", model: bge-m3}
  queue: 8
  stall: 3s
`

func TestServers(t *testing.T) {
	conf, err := configOf(t, twoServers)
	if err != nil {
		t.Fatal(err)
	}
	want := servers{
		Chat: []server{
			{OpenAI: "http://gpu:8000/v1", Model: "qwen", Weight: 2, KeyFile: "/etc/key"},
			{Ollama: "http://cpu:11434", Model: "qwen2.5:7b", Context: 4096},
		},
		Embed: []server{{OpenAI: "http://gpu:8001/v1", Model: "bge-m3"}},
		Queue: 8, Stall: 3 * time.Second,
	}
	if diff := cmp.Diff(want, conf.Servers); diff != "" {
		t.Errorf("servers (-want +got):\n%s", diff)
	}
}

// TestFlagsReplaceServers gives a server on the command line: it takes the place of the file's chat
// servers and leaves those of other roles.
func TestFlagsReplaceServers(t *testing.T) {
	conf, err := configOf(t, twoServers, "--ollama", "http://here:11434", "--chat-model", "m")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]server{{Ollama: "http://here:11434", Model: "m"}}, conf.Servers.Chat); diff != "" {
		t.Errorf("chat servers (-want +got):\n%s", diff)
	}
	if len(conf.Servers.Embed) != 1 {
		t.Errorf("embedding servers of the file are gone: %v", conf.Servers.Embed)
	}
}

func TestWrongServers(t *testing.T) {
	for _, tt := range []struct {
		name, file string
		flags      []string
		says       string
	}{
		{"no address", "servers: {chat: [{model: m}]}", nil, "servers.chat[0]: give either ollama or openai"},
		{"two addresses", "servers: {chat: [{model: m, ollama: 'http://a', openai: 'http://b'}]}", nil, "give either"},
		{"address without scheme", "servers: {chat: [{openai: 'gpu:8000', model: m}]}", nil, "http://HOST:PORT"},
		{"password in the address", "servers: {chat: [{openai: 'http://u:hidden@gpu', model: m}]}", nil, "key_file"},
		{"negative bound", "servers: {stall: -3s}", nil, "not negative"},
		{"no model", "servers: {embed: [{ollama: 'http://a'}]}", nil, "servers.embed[0]: model is missing"},
		{"reranker on Ollama", "servers: {rerank: [{ollama: 'http://a', model: m}]}", nil, "Ollama has no reranker"},
		{"misspelt key", "servers: {chat: [{adress: 'http://a', model: m}]}", nil, "adress"},
		{"proxy without length", "proxies: [10.0.0.1]", nil, "10.0.0.0/8"},
		{"model without server", "", []string{"--chat-model", "m"}, "no server"},
		{"server without model", "", []string{"--openai", "http://a"}, "--chat-model"},
		{"two quick servers", "", []string{"--openai", "http://a", "--ollama", "http://b", "--chat-model", "m"}, "both"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := configOf(t, tt.file, tt.flags...)
			if err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "hidden") {
				t.Errorf("got %v; want an error that says %q", err, tt.says)
			}
		})
	}
}

// TestKeyIsReadFromItsFile keeps keys out of configuration and command line.
func TestKeyIsReadFromItsFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if key, err := (server{KeyFile: path}).key(); err != nil || key != "secret" {
		t.Errorf("key %q, %v", key, err)
	}
	if _, err := (server{OpenAI: "http://gpu", KeyFile: path + "x"}).key(); err == nil || !strings.Contains(err.Error(), "http://gpu") {
		t.Errorf("missing key file: %v; want an error that names the server", err)
	}
}
