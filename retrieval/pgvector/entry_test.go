package pgvector

import (
	"errors"
	"testing"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// TestNobody asks for what no entry can be called, in a name that no entry has.
func TestNobody(t *testing.T) {
	for name, s := range map[string]string{"not UTF-8": "\xff", "NUL": "a\x00", "no character": "\uffff"} {
		t.Run(name, func(t *testing.T) {
			e := retrieval.Entry{ID: "a", Attributes: kb.Attributes{Tenant: storable(s)}}
			if err := check(&e, 0); !errors.Is(err, kb.ErrInvalid) {
				t.Errorf("tenant %q can be stored: %v", e.Tenant, err)
			}
		})
	}
	if got := storable("居民"); got != "居民" {
		t.Errorf("%q", got)
	}
}
