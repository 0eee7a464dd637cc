package pgvector

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"xiaoyue/retrieval"
)

// The environment that makes the test binary the child of TestKilledWriter.
const (
	crashDSN    = "XIAOYUE_TEST_CRASH_POSTGRES"
	crashSchema = "XIAOYUE_TEST_CRASH_SCHEMA"
	crashFrom   = "XIAOYUE_TEST_CRASH_FROM"
)

func TestMain(m *testing.M) {
	if dsn := os.Getenv(crashDSN); dsn != "" {
		fmt.Fprintln(os.Stderr, workForever(dsn, os.Getenv(crashSchema), os.Getenv(crashFrom)))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// workForever makes the steps of the history and prints each that was acknowledged, until it is killed.
func workForever(dsn, schema, from string) error {
	ctx := context.Background()
	s, err := Open(ctx, Options{DSN: dsn, Schema: schema, MaxConns: 2})
	if err != nil {
		return err
	}
	v, err := s.Open(ctx, firstStamp())
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(from)
	for ; err == nil; n++ {
		if err = stepOf(n).do(ctx, s, v); err == nil {
			fmt.Println(n)
		}
	}
	return err
}

// rounds is how often tests kill something.
func rounds() int {
	if os.Getenv("XIAOYUE_FULL") != "" {
		return 50
	}
	return 3
}

// TestKilledWriter kills a process that writes, again and again. What it acknowledged must be there,
// and of what it was at all or nothing.
func TestKilledWriter(t *testing.T) {
	t.Parallel()
	s := freshStore(t)
	v, there := begin(t, s)
	next := 0
	for round := range rounds() {
		acknowledged := killWriter(t, s, next, 1+rand.IntN(30))
		for ; next < acknowledged; next++ {
			there = stepOf(next).apply(there)
		}
		var made bool
		if there, made = settle(t, s, v, there, stepOf(next)); made {
			next++
		}
		if t.Failed() {
			t.Fatalf("round %d", round+1)
		}
	}
	t.Logf("%d rounds, %d steps", rounds(), next)
}

// killWriter lets a child make steps and kills it in the midst of one. It returns the step that was not
// acknowledged.
func killWriter(t *testing.T, s *Store, from, steps int) (next int) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), crashDSN+"="+s.pool.Config().ConnString(), crashSchema+"="+s.schema, fmt.Sprintf("%s=%d", crashFrom, from))
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	next = from
	killed := false
	for lines := bufio.NewScanner(out); lines.Scan(); next++ {
		if lines.Text() != strconv.Itoa(next) {
			t.Fatalf("the child said %q, want %d", lines.Text(), next)
		}
		if next == from+steps {
			killed = true
			time.AfterFunc(time.Duration(rand.IntN(8000))*time.Microsecond, func() { _ = child.Process.Kill() })
		}
	}
	if err := child.Wait(); !killed {
		t.Fatalf("the writer ended by itself: %v", err)
	}
	return next
}

// TestKilledServer kills the server while it writes. The same store goes on when it is back.
func TestKilledServer(t *testing.T) {
	t.Parallel()
	p := startPostmaster(t)
	extend(t, p.dsn())
	s := openStore(t, Options{DSN: p.dsn(), MaxConns: 4})
	v, there := begin(t, s)
	next := 0
	for round := range rounds() {
		failed := make(chan error, 1)
		go func() {
			for ; ; next++ {
				last := stepOf(next)
				if err := last.do(context.Background(), s, v); err != nil {
					failed <- err
					return
				}
				there = last.apply(there)
			}
		}()
		time.Sleep(time.Duration(20+rand.IntN(200)) * time.Millisecond)
		p.kill()
		if err := <-failed; !errors.Is(err, retrieval.ErrDown) {
			t.Fatalf("round %d: step %d: %v, want %v", round+1, next, err, retrieval.ErrDown)
		}
		if _, err := v.Search(t.Context(), retrieval.Request{Text: "w01q", Scope: everyone(), Limit: 1}); !errors.Is(err, retrieval.ErrDown) {
			t.Fatalf("search of a dead server: %v", err)
		}
		p.start()
		var made bool
		if there, made = settleAgain(t, s, v, there, stepOf(next)); made {
			next++
		}
		if t.Failed() {
			t.Fatalf("round %d", round+1)
		}
	}
	t.Logf("%d rounds, %d steps", rounds(), next)
}

// settleAgain is settle with a store whose connections may all be dead: the first call after the
// server's return succeeds.
func settleAgain(t *testing.T, s *Store, v retrieval.Version, before place, last step) (place, bool) {
	t.Helper()
	if _, err := v.Stats(t.Context()); err != nil {
		t.Fatalf("the first call after the server's return: %v", err)
	}
	return settle(t, s, v, before, last)
}
