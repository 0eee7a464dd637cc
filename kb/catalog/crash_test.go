package catalog_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"xiaoyue/kb"
	"xiaoyue/kb/catalog"
)

// crashEnv makes the test binary the child of TestCrash: it holds the folder to write to.
const crashEnv = "XIAOYUE_TEST_CRASH"

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashEnv); dir != "" {
		fmt.Fprintln(os.Stderr, putForever(dir))
		os.Exit(1)
	}
	if place := (catalog.Options{Dir: os.Getenv(loadDirEnv), DSN: os.Getenv(loadDSNEnv)}); place.Dir+place.DSN != "" {
		fmt.Fprintln(os.Stderr, loadForever(place))
		os.Exit(1)
	}
	if dir := os.Getenv(powerEnv); dir != "" {
		fmt.Fprintln(os.Stderr, workForever(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// crashDocument is version 1 or 2 of the n-th document; the second has more passages.
func crashDocument(n, version int) (kb.Document, []kb.Passage) {
	lines := make([]string, 3+3*version)
	for i := range lines {
		lines[i] = fmt.Sprintf("第%d件第%d版第%d行。%s", n, version, i, strings.Repeat("越州", 200))
	}
	d, passages := text(strconv.Itoa(n), "关于第"+strconv.Itoa(n)+"件的通知", lines...)
	d.Number = fmt.Sprintf("越发〔2025〕%d号", n)
	d.Validity.From = kb.MustDate("2025-01-0" + strconv.Itoa(version))
	d.Relations = []kb.Relation{{Kind: kb.Repeals, ToRef: fmt.Sprintf("越发〔2025〕%d号", n-2)}}
	return d, passages
}

// putForever puts documents and prints each version that was acknowledged, until it is killed.
func putForever(dir string) error {
	ctx := context.Background()
	c, err := catalog.Open(ctx, catalog.Options{Dir: dir})
	if err != nil {
		return err
	}
	keys, err := c.Keys(ctx, tenant, "test")
	if err != nil {
		return err
	}
	for n := len(keys); ; n++ {
		for version := 1; version <= 2; version++ {
			d, passages := crashDocument(n, version)
			if _, _, err := c.PutDocument(ctx, d, passages); err != nil {
				return err
			}
			fmt.Println(n, version)
		}
	}
}

// TestCrash kills a writer again and again. What it acknowledged must be there, whole.
func TestCrash(t *testing.T) {
	rounds := 5
	if os.Getenv("XIAOYUE_FULL") != "" {
		rounds = 50
	}
	dir := t.TempDir()
	acknowledged := map[int]int{} // newest version by document
	for round := range rounds {
		killWriter(t, dir, acknowledged)
		checkSurvivors(t, dir, acknowledged)
		if t.Failed() {
			t.Fatalf("round %d of %d", round+1, rounds)
		}
	}
	t.Logf("%d rounds, %d documents", rounds, len(acknowledged))
}

// killWriter starts a writer, notes what it acknowledges, and kills it at some moment.
func killWriter(t *testing.T, dir string, acknowledged map[int]int) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), crashEnv+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Error(err)
		return
	}
	if err := child.Start(); err != nil {
		t.Error(err)
		return
	}
	var timer *time.Timer
	killAt := 1 + rand.IntN(30)
	seen := 0
	for lines := bufio.NewScanner(out); lines.Scan(); seen++ {
		var n, version int
		if _, err := fmt.Sscan(lines.Text(), &n, &version); err != nil {
			t.Errorf("child said %q", lines.Text())
		}
		acknowledged[n] = version
		if seen == killAt {
			timer = time.AfterFunc(time.Duration(rand.IntN(5000))*time.Microsecond, func() { _ = child.Process.Kill() })
		}
	}
	if timer == nil {
		t.Errorf("the writer ended by itself after %d documents", seen)
		_ = child.Process.Kill()
	}
	_ = child.Wait() // killed, as it should be
}

// TestTwoProcesses writes beside another process that writes, until that is killed.
func TestTwoProcesses(t *testing.T) {
	dir := t.TempDir()
	f := openFixture(t, catalog.Options{Dir: dir})
	acknowledged := map[int]int{}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		killWriter(t, dir, acknowledged)
	}()
	put := 0
	for done := false; !done; put++ {
		d, passages := text(strconv.Itoa(put), "办法", "一")
		d.Source = "beside"
		f.put(t, d, passages)
		select {
		case <-ended:
			done = true
		default:
		}
	}
	keys, err := f.Keys(t.Context(), tenant, "beside")
	if err != nil || len(keys) != put {
		t.Errorf("%d documents of %d, %v", len(keys), put, err)
	}
	checkSurvivors(t, dir, acknowledged)
}

func checkSurvivors(t *testing.T, dir string, acknowledged map[int]int) {
	t.Helper()
	f := openFixture(t, catalog.Options{Dir: dir})
	defer f.Close()
	if err := f.Check(t.Context()); err != nil {
		t.Error(err)
	}
	jobs := f.drainAndRestore(t)
	keys, err := f.Keys(t.Context(), tenant, "test")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		n, _ := strconv.Atoi(key)
		d, err := f.DocumentByNumber(t.Context(), tenant, fmt.Sprintf("越发〔2025〕%d号", n))
		if err != nil {
			t.Fatal(err)
		}
		want, passages := crashDocument(n, d.Version)
		older, olderPassages := crashDocument(n, 1)
		if d.Text != want.Text || d.Version < acknowledged[n] || older.Key != key {
			t.Errorf("document %d: version %d, acknowledged %d", n, d.Version, acknowledged[n])
		}
		count := len(passages)
		if d.Version == 2 {
			count += len(olderPassages)
		}
		if got := f.searchable(t, d.ID); len(got) != count {
			t.Errorf("document %d: %d passages, want %d", n, len(got), count)
		}
		if jobs[d.ID] < d.Version {
			t.Errorf("document %d: job for version %d, have version %d", n, jobs[d.ID], d.Version)
		}
	}
	for n := range acknowledged {
		if n >= len(keys) {
			t.Errorf("document %d was acknowledged and is not there", n)
		}
	}
}

// drainAndRestore returns the newest version of each document that a job is there for, and leaves
// the jobs there.
func (f *fixture) drainAndRestore(t *testing.T) map[string]int {
	t.Helper()
	versions := map[string]int{}
	var received []catalog.Job
	for {
		j, ok, err := f.ReceiveJob(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			break
		}
		versions[j.DocID] = max(versions[j.DocID], j.Version)
		received = append(received, j)
	}
	for _, j := range received {
		if err := f.ExtendJob(t.Context(), j, 0); err != nil {
			t.Fatal(err)
		}
	}
	return versions
}
