package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"gopkg.in/yaml.v3"

	"xiaoyue/kb"
)

// config is the whole configuration. It is read from a YAML file, then XIAOYUE_… variables, then
// flags, the later one winning.
type config struct {
	Data    string        `yaml:"data"` // data folder
	Catalog catalogConfig `yaml:"catalog"`
	Index   indexConfig   `yaml:"index"`
	Listen  string        `yaml:"listen"` // HOST:PORT of serve
	Home    string        `yaml:"home"`   // region of callers who name none
	Models  string        `yaml:"models"` // folder with the embedding model of the process
	Servers servers       `yaml:"servers"`
	Origins []string      `yaml:"origins"` // pages that may embed the widget
	Proxies []string      `yaml:"proxies"` // addresses, such as 10.0.0.0/8, whose X-Forwarded-For is believed
	Tokens  []bearer      `yaml:"tokens"`
	Log     string        `yaml:"log"`     // debug, info, warn, error
	Drain   time.Duration `yaml:"drain"`   // how long serve lets running answers end when it stops, 50s
	Running int           `yaml:"running"` // answers at once, of all replicas together, 256
	Suggest []string      `yaml:"suggestions"`

	quick quickServer // the one server that flags and environment can name
}

// bearer gives the holder of a token its roles. The token is read from a file, so that it stands in
// no command line and no configuration.
type bearer struct {
	File  string    `yaml:"file"`
	Roles []kb.Role `yaml:"roles"`
}

// maxConfig bounds the configuration file.
const maxConfig = 1 << 20

// source is where the configuration comes from.
type source struct {
	file  string
	given *pflag.FlagSet
	from  config // values of flags
}

func (s *source) flags(f *pflag.FlagSet) {
	s.given = f
	f.StringVar(&s.file, "config", "", "configuration file (YAML)")
	f.StringVar(&s.from.Data, "data", "./data", "data folder")
	f.StringVar(&s.from.Catalog.Postgres, "catalog", "", "PostgreSQL of the catalog, postgres://USER@HOST:PORT/DATABASE; empty: a file in the data folder")
	f.StringVar(&s.from.Index.Store, "index", storeEmbedded, "where the index is: embedded, pgvector or milvus")
	f.StringVar(&s.from.Index.Milvus.Address, "milvus", "", "address of Milvus, HOST:PORT")
	f.StringVar(&s.from.Models, "models", "", "folder with the embedding model")
	f.StringVar(&s.from.quick.ollama, "ollama", "", "address of an Ollama server, http://HOST:PORT")
	f.StringVar(&s.from.quick.openai, "openai", "", "address of a vLLM or other OpenAI-compatible server, http://HOST:PORT/v1")
	f.StringVar(&s.from.quick.chat, "chat-model", "", "chat model on that server")
	f.StringVar(&s.from.quick.embed, "embed-model", "", "embedding model on that server; empty: the one in the process")
	f.StringVar(&s.from.quick.rerank, "rerank-model", "", "reranker on that server (vLLM)")
	f.StringVar(&s.from.Log, "log", "info", "log level: debug, info, warn, error")
}

// setting is a scalar that file, environment and flags can give.
type setting struct {
	variable string // environment
	flag     string
	value    func(*config) *string
}

var settings = []setting{
	{"XIAOYUE_DATA", "data", func(c *config) *string { return &c.Data }},
	{"XIAOYUE_CATALOG", "catalog", func(c *config) *string { return &c.Catalog.Postgres }},
	{"XIAOYUE_CATALOG_PASSWORD_FILE", "", func(c *config) *string { return &c.Catalog.PasswordFile }},
	{"XIAOYUE_INDEX", "index", func(c *config) *string { return &c.Index.Store }},
	{"XIAOYUE_PGVECTOR", "", func(c *config) *string { return &c.Index.Pgvector.Postgres }},
	{"XIAOYUE_PGVECTOR_PASSWORD_FILE", "", func(c *config) *string { return &c.Index.Pgvector.PasswordFile }},
	{"XIAOYUE_MILVUS", "milvus", func(c *config) *string { return &c.Index.Milvus.Address }},
	{"XIAOYUE_MILVUS_USER", "", func(c *config) *string { return &c.Index.Milvus.User }},
	{"XIAOYUE_MILVUS_PASSWORD_FILE", "", func(c *config) *string { return &c.Index.Milvus.PasswordFile }},
	{"XIAOYUE_LISTEN", "", func(c *config) *string { return &c.Listen }},
	{"XIAOYUE_HOME", "", func(c *config) *string { return &c.Home }},
	{"XIAOYUE_MODELS", "models", func(c *config) *string { return &c.Models }},
	{"XIAOYUE_OLLAMA", "ollama", func(c *config) *string { return &c.quick.ollama }},
	{"XIAOYUE_OPENAI", "openai", func(c *config) *string { return &c.quick.openai }},
	{"XIAOYUE_CHAT_MODEL", "chat-model", func(c *config) *string { return &c.quick.chat }},
	{"XIAOYUE_EMBED_MODEL", "embed-model", func(c *config) *string { return &c.quick.embed }},
	{"XIAOYUE_RERANK_MODEL", "rerank-model", func(c *config) *string { return &c.quick.rerank }},
	{"XIAOYUE_KEY_FILE", "", func(c *config) *string { return &c.quick.key }},
	{"XIAOYUE_LOG", "log", func(c *config) *string { return &c.Log }},
}

// read returns the checked configuration.
func (s *source) read() (config, error) {
	conf := config{Data: "./data", Listen: "127.0.0.1:8080", Log: "info"}
	conf.Index.Store = storeEmbedded
	if file := cmp.Or(s.file, os.Getenv("XIAOYUE_CONFIG")); file != "" {
		if err := conf.load(file); err != nil {
			return config{}, err
		}
	}
	for _, x := range settings {
		if v, ok := os.LookupEnv(x.variable); ok {
			*x.value(&conf) = v
		}
		if x.flag != "" && s.given.Changed(x.flag) {
			*x.value(&conf) = *x.value(&s.from)
		}
	}
	conf.Models = cmp.Or(conf.Models, modelsFolder())
	return conf, conf.check()
}

// load reads a YAML file strictly: a misspelt key is an error, not a default.
func (c *config) load(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return usagef("configuration: %v", err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxConfig+1))
	if err != nil || len(raw) > maxConfig {
		return usagef("configuration %s: cannot be read, or is larger than %d bytes: %v", file, maxConfig, err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(raw))
	decoder.KnownFields(true)
	if err := decoder.Decode(c); err != nil && !errors.Is(err, io.EOF) {
		return usagef("configuration %s: %v", file, err)
	}
	return nil
}

func (c *config) check() error {
	switch {
	case c.Data == "":
		return usagef("data folder is empty; give --data DIR")
	case c.Drain < 0:
		return usagef("configuration: drain is not negative")
	case c.Running < 0:
		return usagef("configuration: running is not negative")
	}
	if err := c.checkStores(); err != nil {
		return err
	}
	if _, err := c.proxies(); err != nil {
		return err
	}
	if err := c.quick.join(&c.Servers); err != nil {
		return err
	}
	return c.Servers.check()
}

// proxies parses the addresses of the proxies in front.
func (c *config) proxies() ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, text := range c.Proxies {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, usagef("configuration: proxies: %v; want an address with its length, such as 10.0.0.0/8", err)
		}
		all = append(all, prefix)
	}
	return all, nil
}

// roles reads the tokens' files.
func (c *config) roles() (map[string][]kb.Role, error) {
	tokens := make(map[string][]kb.Role, len(c.Tokens))
	for _, b := range c.Tokens {
		raw, err := os.ReadFile(b.File)
		if err != nil {
			return nil, fmt.Errorf("token: %w", err)
		}
		token := strings.TrimSpace(string(raw))
		if len(token) < 16 {
			return nil, fmt.Errorf("token file %s: want at least 16 characters", b.File)
		}
		tokens[token] = b.Roles
	}
	return tokens, nil
}

// modelsFolder is where `make model` puts the embedding model.
func modelsFolder() string {
	cache, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(cache, "xiaoyue", "models")
}
