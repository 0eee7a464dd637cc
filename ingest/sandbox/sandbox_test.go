package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/ingest"
)

// childVariable makes the test binary behave as a child.
const childVariable = "XIAOYUE_SANDBOX_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) == "" {
		os.Exit(m.Run())
	}
	if os.Getenv(childVariable) == "broken" {
		fmt.Fprintln(os.Stderr, "no such reader")
		os.Exit(3)
	}
	if err := Serve(context.Background(), os.Stdin, os.Stdout, misbehave); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// misbehave is a dispatch that does what the path says.
func misbehave(_ context.Context, path string, limits ingest.Limits) []ingest.FileReading {
	switch path {
	case "hang":
		select {}
	case "eat":
		for hoard := make([]byte, 8<<20); ; hoard = append(hoard, hoard...) {
			for i := 0; i < len(hoard); i += 4096 {
				hoard[i] = 1
			}
		}
	case "crash":
		panic("boom")
	case "flood":
		return []ingest.FileReading{{Path: strings.Repeat("x", 2<<20)}}
	case "pid":
		path = fmt.Sprint(os.Getpid())
	case "environment":
		path = strings.Join(os.Environ(), "\n")
	case "network":
		faces, err := net.Interfaces()
		for _, f := range faces {
			if f.Flags&net.FlagUp != 0 {
				path += " " + f.Name
			}
		}
		if err != nil {
			path = err.Error()
		}
	}
	return []ingest.FileReading{
		{Path: path, Hash: "h", Reading: ingest.Reading{Format: "txt", Pages: limits.Pages}},
		{Path: path + "!/b", Err: &ingest.ReadError{Status: ingest.StatusEncrypted, Reason: "密", Err: errors.New("why")}},
	}
}

func pool(t *testing.T, o Options) *Pool {
	t.Helper()
	o.Command = []string{os.Args[0]}
	if len(o.Env) == 0 {
		o.Env = []string{childVariable + "=1"}
	}
	p, err := New(&o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func TestReadCarriesReadingsAndFaults(t *testing.T) {
	p := pool(t, Options{})
	got, err := p.Read(t.Context(), "a.zip", ingest.Limits{Pages: 7})
	if err != nil {
		t.Fatal(err)
	}
	want := []ingest.FileReading{
		{Path: "a.zip", Hash: "h", Reading: ingest.Reading{Format: "txt", Pages: 7}},
		{Path: "a.zip!/b", Err: &ingest.ReadError{Status: ingest.StatusEncrypted, Reason: "密", Err: errors.New("why")}},
	}
	if d := cmp.Diff(encode(want), encode(got)); d != "" {
		t.Error(d)
	}
}

// TestBounds sends files that go over each bound, and after each an ordinary one: the bound costs
// its file only.
func TestBounds(t *testing.T) {
	p := pool(t, Options{Timeout: 2 * time.Second, MemoryBytes: 256 << 20, OutputBytes: 1 << 20})
	for _, c := range []struct {
		path  string
		want  ingest.Status
		cause string
	}{
		{"hang", ingest.StatusTimeout, "2s"},
		{"eat", ingest.StatusTooLarge, "256 MB"},
		{"flood", ingest.StatusTooLarge, "frame too long"},
		{"crash", ingest.StatusDamaged, "boom"},
	} {
		t.Run(c.path, func(t *testing.T) {
			got, err := p.Read(t.Context(), c.path, ingest.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != 1 || got[0].Err == nil || got[0].Err.Status != c.want || !strings.Contains(got[0].Err.Error(), c.cause) {
				t.Errorf("got %+v, want %s with %q", got, c.want, c.cause)
			}
			if next, err := p.Read(t.Context(), "ordinary", ingest.Limits{}); err != nil || next[0].Err != nil {
				t.Errorf("the next file: %+v, %v", next, err)
			}
		})
	}
}

func TestChildIsReusedCleanAndWithoutNetwork(t *testing.T) {
	t.Setenv("XIAOYUE_SECRET", "token")
	p := pool(t, Options{})
	read := func(path string) string {
		got, err := p.Read(t.Context(), path, ingest.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return got[0].Path
	}
	if a, b := read("pid"), read("pid"); a != b {
		t.Errorf("files were read by processes %s and %s, want one", a, b)
	}
	if env := read("environment"); strings.Contains(env, "token") || !strings.Contains(env, "GOMEMLIMIT=") {
		t.Errorf("environment of the child:\n%s", env)
	}
	if faces := read("network"); faces != "network" {
		t.Logf("this system gives no network namespace: the child sees%s", strings.TrimPrefix(faces, "network"))
	}
}

func TestReadConcurrently(t *testing.T) {
	p := pool(t, Options{Workers: 2})
	var all sync.WaitGroup
	for i := range 12 {
		all.Go(func() {
			path := []string{"ordinary", "crash"}[i%2]
			if got, err := p.Read(t.Context(), path, ingest.Limits{}); err != nil || (got[0].Err != nil) != (path == "crash") {
				t.Errorf("%s: %+v, %v", path, got, err)
			}
		})
	}
	all.Wait()
}

func TestReadEnds(t *testing.T) {
	t.Run("cancelled", func(t *testing.T) {
		p := pool(t, Options{})
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		if _, err := p.Read(ctx, "hang", ingest.Limits{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the context's error", err)
		}
	})
	t.Run("child that cannot start", func(t *testing.T) {
		p := pool(t, Options{Env: []string{childVariable + "=broken"}})
		if _, err := p.Read(t.Context(), "ordinary", ingest.Limits{}); err == nil || !strings.Contains(err.Error(), "no such reader") {
			t.Errorf("got %v, want the child's last words", err)
		}
	})
	t.Run("closed", func(t *testing.T) {
		p := pool(t, Options{})
		if err := errors.Join(p.Close(), p.Close()); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Read(t.Context(), "ordinary", ingest.Limits{}); !errors.Is(err, ErrClosed) {
			t.Errorf("got %v, want ErrClosed", err)
		}
	})
}

func TestServeRefusesLongRequests(t *testing.T) {
	in := bytes.NewReader([]byte{0xff, 0xff, 0xff, 0xff})
	if err := Serve(t.Context(), in, io.Discard, misbehave); !errors.Is(err, errFrame) {
		t.Errorf("got %v, want %v", err, errFrame)
	}
}
