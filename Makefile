# make demo | test | check | bench. Downloads and models are kept in $(CACHE), outside the checkout.
SHELL := /bin/bash
CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/xiaoyue
MODELS := $(CACHE)/models
BIN := bin/xiaoyue

export CGO_ENABLED ?= 0
export XIAOYUE_MODELS ?= $(MODELS)
export XIAOYUE_SERVERS ?= $(CACHE)/servers

.PHONY: demo build test check bench model models servers manifests clean

## demo: build, load the sample knowledge and serve http://localhost:8080
demo:
	@$(MAKE) --no-print-directory -j2 build model
	$(BIN) demo

build:
	go build -trimpath -o $(BIN) ./cmd/xiaoyue

## model: fetch the embedding model once; without it the engine works in lexical mode and says so
model:
	@.ci/model.sh "$(MODELS)" || echo "没有取到向量模型，小越先以 lexical 方式工作，见 docs/development.md"

## check: format, vet, staticcheck, tidy, import rules, quick tests
check:
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$unformatted" ]; then echo "gofmt -w these files:"; echo "$$unformatted"; exit 1; fi
	go mod tidy -diff
	go vet ./...
	go tool staticcheck ./...
	GOARCH=arm64 go build ./...
	CGO_ENABLED=1 go test -race -short ./...

## test: check, then the real servers and everything
test: check manifests models
	CGO_ENABLED=1 XIAOYUE_FULL=1 .ci/with-postgres.sh .ci/with-milvus.sh .ci/with-models.sh go test -race -timeout 25m ./kb/catalog ./... # the longest first

## manifests: check deploy/ against the schemas of Kubernetes and of compose files
manifests:
	@.ci/manifests.sh

## servers: install what the full tests talk to (Chromium, PostgreSQL with pgvector) and what Ollama is built with
servers:
	@.ci/servers.sh
	@.ci/milvus.sh
	@.ci/pgvector.sh

## models: make the model servers of the full tests ready, once (Ollama, llama.cpp, two small models)
models: servers
	@.ci/model.sh "$(MODELS)"
	@XIAOYUE_MODELS="$(MODELS)" .ci/models.sh

## bench: speed and memory; the figures belong into docs/measurements.md
bench:
	go test -run '^$$' -bench . -benchmem ./...

clean:
	rm -rf bin
