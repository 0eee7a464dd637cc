package milvus

import (
	"sync"
	"testing"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// TestReplacing searches while a passage is replaced again and again: it is never missing and never there
// twice, for a process that writes and for another one.
func TestReplacing(t *testing.T) {
	s := openStore(t, Options{Address: need(t, "XIAOYUE_TEST_MILVUS"), Words: newFolders(t)})
	other := openStore(t, Options{Address: s.opts.Address, Words: s.opts.Words, Prefix: s.opts.Prefix})
	v, err := s.Create(t.Context(), testStamp(4))
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	put := func(region string) {
		e := passage("a", "查询", []float32{1, 0, 0, 0})
		e.Region = region
		if err := v.Put(t.Context(), []retrieval.Entry{e}); err != nil {
			t.Error(err)
		}
	}
	put("1")
	beside, err := other.Open(t.Context(), testStamp(4))
	if err != nil {
		t.Fatal(err)
	}
	defer beside.Close()
	done := make(chan struct{})
	var wait sync.WaitGroup
	for name, x := range map[string]retrieval.Version{"writer": v, "other": beside} {
		wait.Go(func() {
			for n := 0; ; n++ {
				found, err := x.Search(t.Context(), question(4))
				if err != nil || len(found.Dense) != 1 || len(found.Lexical) != 1 {
					t.Errorf("%s, search %d: %+v, %v", name, n, found, err)
					return
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for i := range 100 {
		put([]string{"", "1", kb.Nation}[i%3])
	}
	close(done)
	wait.Wait()
}
