package pgvector

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// TestDropWhileSearched drops versions that others search by words, by vectors and by both: nobody is told
// of a deadlock, and who searches on learns that the version is gone.
func TestDropWhileSearched(t *testing.T) {
	t.Parallel()
	s := freshStore(t)
	for round := range 5 {
		stamp := stampOf(4)
		stamp.Embedder = fmt.Sprint(round)
		v, err := s.Create(t.Context(), stamp)
		if err != nil {
			t.Fatal(err)
		}
		var entries []retrieval.Entry
		for i := range 500 {
			entries = append(entries, retrieval.Entry{ID: fmt.Sprint(i), Text: "居住证办理", Vector: []float32{1, float32(i), 0, 0},
				Attributes: kb.Attributes{Tenant: kb.DefaultTenant, Access: kb.AccessPublic}})
		}
		if err := v.Put(t.Context(), entries); err != nil {
			t.Fatal(err)
		}
		var begun, ended sync.WaitGroup
		ctx, stop := context.WithCancel(t.Context())
		for _, req := range []retrieval.Request{
			{Text: "居住证"}, {Vector: []float32{1, 2, 3, 4}},
			{Text: "居住证", Vector: []float32{1, 2, 3, 4}}, {Text: "办理", Vector: []float32{4, 3, 2, 1}},
		} {
			req.Limit, req.Scope = 20, kb.Scope{Tenant: kb.DefaultTenant, Access: []kb.Access{kb.AccessPublic}}
			begun.Add(1)
			ended.Go(func() { searchOn(ctx, t, v, req, begun.Done) })
		}
		begun.Wait()
		if err := s.Drop(t.Context(), stamp); err != nil {
			t.Errorf("round %d: %v", round, err)
			stop() // the version stays
		}
		ended.Wait()
		stop()
	}
}

// searchOn searches a version until it is gone. It reports when the first ten searches are done.
func searchOn(ctx context.Context, t *testing.T, v retrieval.Version, req retrieval.Request, begun func()) {
	begun = sync.OnceFunc(begun)
	defer begun()
	for i := 0; ; i++ {
		if _, err := v.Search(ctx, req); err != nil {
			if ctx.Err() == nil && !errors.Is(err, kb.ErrNotFound) {
				t.Errorf("search: %v", err)
			}
			return
		}
		if i == 10 {
			begun()
		}
	}
}
