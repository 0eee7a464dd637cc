package milvus

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/milvus-io/milvus-sdk-go/v2/entity"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

func TestNobodyThere(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	silent := l.Addr().String() // accepts and says nothing
	defer l.Close()
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refusing := gone.Addr().String()
	gone.Close()
	for name, address := range map[string]string{"refusing": refusing, "silent": silent} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			_, err := Open(t.Context(), Options{Address: address, Timeout: 500 * time.Millisecond})
			if took := time.Since(began); !errors.Is(err, retrieval.ErrDown) || took > 3*time.Second {
				t.Errorf("%v after %s, want %v", err, took, retrieval.ErrDown)
			}
		})
	}
}

func TestOptions(t *testing.T) {
	for name, opts := range map[string]Options{
		"no address":     {},
		"hostile prefix": {Address: "127.0.0.1:1", Prefix: `a"; drop`},
		"long prefix":    {Address: "127.0.0.1:1", Prefix: strings.Repeat("a", 101)},
	} {
		if _, err := Open(t.Context(), opts); !errors.Is(err, kb.ErrInvalid) {
			t.Errorf("%s: %v, want %v", name, err, kb.ErrInvalid)
		}
	}
}

// TestWordsWanted opens a server without sparse vectors and no place for words.
func TestWordsWanted(t *testing.T) {
	_, err := Open(t.Context(), Options{Address: need(t, "XIAOYUE_TEST_MILVUS")})
	if !errors.Is(err, kb.ErrInvalid) || !strings.Contains(fmt.Sprint(err), "configure where words are kept") {
		t.Errorf("%v, want %v that says what to configure", err, kb.ErrInvalid)
	}
}

func TestForeign(t *testing.T) {
	address := need(t, "XIAOYUE_TEST_MILVUS")
	foreign := func(t *testing.T, s *Store, name string) (drop func()) {
		t.Helper()
		schema := entity.NewSchema().WithName(name).WithDescription("of somebody else").
			WithField(entity.NewField().WithName("pk").WithDataType(entity.FieldTypeInt64).WithIsPrimaryKey(true)).
			WithField(entity.NewField().WithName("v").WithDataType(entity.FieldTypeFloatVector).WithDim(4))
		if err := s.client.CreateCollection(t.Context(), schema, 1); err != nil {
			t.Fatal(err)
		}
		return func() {
			if err := s.client.DropCollection(t.Context(), name); err != nil {
				t.Errorf("drop %s: %v", name, err)
			}
		}
	}
	stamp := testStamp(4)
	t.Run("collection of a version", func(t *testing.T) {
		s := openStore(t, Options{Address: address, Words: newFolders(t)})
		defer foreign(t, s, s.name(stamp))()
		_, opened := s.Open(t.Context(), stamp)
		_, created := s.Create(t.Context(), stamp)
		for what, err := range map[string]error{
			"open": opened, "create": created, "use": s.Use(t.Context(), stamp), "drop": s.Drop(t.Context(), stamp),
		} {
			if !errors.Is(err, retrieval.ErrForeign) {
				t.Errorf("%s: %v, want %v", what, err, retrieval.ErrForeign)
			}
		}
	})
	t.Run("name of the alias", func(t *testing.T) {
		s := openStore(t, Options{Address: address, Words: newFolders(t)})
		v, err := s.Create(t.Context(), stamp)
		if err != nil {
			t.Fatal(err)
		}
		defer v.Close()
		defer foreign(t, s, s.opts.Prefix)()
		_, listed := s.Versions(t.Context())
		for what, err := range map[string]error{"use": s.Use(t.Context(), stamp), "versions": listed} {
			if !errors.Is(err, retrieval.ErrForeign) {
				t.Errorf("%s: %v, want %v", what, err, retrieval.ErrForeign)
			}
		}
	})
}

// TestNotLoaded takes a collection out of the server's memory, as a restart does for a while.
func TestNotLoaded(t *testing.T) {
	s := openStore(t, Options{Address: need(t, "XIAOYUE_TEST_MILVUS"), Words: newFolders(t)})
	v, err := s.Create(t.Context(), testStamp(4))
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if err := v.Put(t.Context(), []retrieval.Entry{passage("a", "查询", []float32{1, 0, 0, 0})}); err != nil {
		t.Fatal(err)
	}
	if err := s.client.ReleaseCollection(t.Context(), s.name(testStamp(4))); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Search(t.Context(), question(4)); !errors.Is(err, retrieval.ErrDown) {
		t.Errorf("search: %v, want %v", err, retrieval.ErrDown)
	}
	p := &process{t: t}
	p.until(time.Minute, "a search succeeds", func(ctx context.Context) error {
		found, err := v.Search(ctx, question(4))
		if err == nil && len(found.Dense) != 1 {
			t.Errorf("found %+v", found)
		}
		return err
	})
}

// TestWordsGone loses the companion of a version.
func TestWordsGone(t *testing.T) {
	address := need(t, "XIAOYUE_TEST_MILVUS")
	s := openStore(t, Options{Address: address, Words: newFolders(t)})
	v, err := s.Create(t.Context(), testStamp(4))
	if err != nil {
		t.Fatal(err)
	}
	v.Close()
	s.opts.Words = newFolders(t)
	if _, err := s.Open(t.Context(), testStamp(4)); !errors.Is(err, retrieval.ErrCorrupt) {
		t.Errorf("open: %v, want %v", err, retrieval.ErrCorrupt)
	}
	s.opts.Words = nil
	if _, err := s.Open(t.Context(), testStamp(4)); !errors.Is(err, retrieval.ErrStamp) {
		t.Errorf("open without companion: %v, want %v", err, retrieval.ErrStamp)
	}
}

// TestCompanion finds words without the server.
func TestCompanion(t *testing.T) {
	s := openStore(t, Options{Address: need(t, "XIAOYUE_TEST_MILVUS"), Words: newFolders(t)})
	v, err := s.Create(t.Context(), testStamp(4))
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if err := v.Put(t.Context(), []retrieval.Entry{passage("a", "居住证", []float32{1, 0, 0, 0})}); err != nil {
		t.Fatal(err)
	}
	req := question(4)
	req.Text, req.Vector = "居住证", nil
	found, err := retrieval.CompanionOf(v).Search(t.Context(), req)
	if err != nil || len(found.Lexical) != 1 || found.Lexical[0].ID != "a" {
		t.Errorf("found %+v, %v", found, err)
	}
}

func TestFaults(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		want error
	}{
		{"memory", &refused{3, "memory limit exceeded"}, kb.ErrFull},
		{"disk", &refused{7, "disk limit exceeded"}, kb.ErrFull},
		{"writes denied", &refused{9, "force deny"}, kb.ErrFull},
		{"file system", &refused{65535, "write: no space left on device"}, kb.ErrFull},
		{"rate", &refused{8, "rate limit exceeded"}, retrieval.ErrDown},
		{"starting", &refused{1, "service not ready"}, retrieval.ErrDown},
		{"not loaded", &refused{65535, "collection not loaded"}, retrieval.ErrDown},
		{"no collection", &refused{100, "collection not found"}, kb.ErrNotFound},
	} {
		got := bounded(t.Context(), time.Minute, func(context.Context) error { return fmt.Errorf("call: %w", tt.err) })
		if !errors.Is(got, tt.want) || !errors.Is(got, tt.err) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func FuzzQuote(f *testing.F) {
	for _, s := range []string{"", `o'brien "x"`, "越州%_", `a"b\c`, "line\nend", "a' OR '1'='1", "%22", "\x00\x7f"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		literal := quote(s)
		inside := literal[1 : len(literal)-1]
		if strings.ContainsAny(inside, "\"\\'\n\r\x00") {
			t.Errorf("%q leaves its literal: %s", s, literal)
		}
		if back, err := given(inside); err != nil || back != s {
			t.Errorf("%q is read as %q, %v", s, back, err)
		}
	})
}
