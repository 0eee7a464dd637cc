package indextest_test

import (
	"context"
	"testing"

	"xiaoyue/retrieval"
	"xiaoyue/retrieval/embedded"
	"xiaoyue/retrieval/indextest"
	"xiaoyue/retrieval/segment"
)

// opened is an empty version of one of the stores.
type opened struct {
	name    string
	version retrieval.Version
	finish  func(context.Context) error // once it is filled
}

// openStores opens the stores that there are here: the embedded one always.
func openStores(b *testing.B) []opened {
	stamp := retrieval.Stamp{Embedder: "corpus", Dimension: indextest.CorpusDimension, Segmenter: segment.Version, Splitter: "corpus"}
	x, err := embedded.Open(b.TempDir(), &embedded.Options{Stamp: stamp})
	must(b, err)
	b.Cleanup(func() { x.Close() })
	return []opened{{"embedded", x, func(context.Context) error { return nil }}}
}
