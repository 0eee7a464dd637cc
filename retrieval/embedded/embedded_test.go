package embedded

import (
	"testing"

	"xiaoyue/retrieval"
	"xiaoyue/retrieval/indextest"
)

func stamp(dimension int) retrieval.Stamp {
	return retrieval.Stamp{Embedder: "test", Dimension: dimension, Segmenter: "test", Splitter: "test"}
}

func mustOpen(t testing.TB, dir string, opts *Options) *Index {
	t.Helper()
	x, err := Open(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestSuite(t *testing.T) {
	opts := &Options{Stamp: stamp(indextest.Dimension)}
	indextest.Run(t, indextest.Backend{
		Recall: .99, // the sieve may lose one of five hundred where 32 dimensions hold nothing but noise
		Can:    []indextest.Ability{indextest.Durable, indextest.Exact, indextest.Ties, indextest.Terms, indextest.Keeper},
		New:    func(t *testing.T) retrieval.Index { return mustOpen(t, t.TempDir(), opts) },
		Reopen: func(t *testing.T, x retrieval.Index) retrieval.Index {
			if err := x.Close(); err != nil {
				t.Fatal(err)
			}
			return mustOpen(t, x.(*Index).dir, opts)
		},
	})
}
