package catalog_test

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"xiaoyue/kb/catalog"
	"xiaoyue/retrieval/indextest/powercut"
)

// What makes the test binary the child of TestPowerCut: the folder to write to, and the number of the
// first document.
const (
	powerEnv = "XIAOYUE_TEST_POWER"
	firstEnv = "XIAOYUE_TEST_POWER_FIRST"
)

// deed is something that the child did, or is about to do where Begun is set.
type deed struct {
	What    string // put, withdraw, or job: worked off
	Begun   bool
	N       int    // number of the document
	Version int    // of the document, or of the job
	Job     string // its ID
	DocID   string
}

// workForever puts, replaces and withdraws documents and works off jobs, and prints every deed, until
// it is killed.
func workForever(dir string) error {
	ctx := context.Background()
	c, err := catalog.Open(ctx, catalog.Options{Dir: dir, Visibility: time.Millisecond})
	if err != nil {
		return err
	}
	said := json.NewEncoder(os.Stdout)
	first, err := strconv.Atoi(os.Getenv(firstEnv))
	for n := first; err == nil; n++ {
		for version := 1; version <= 2 && err == nil; version++ {
			d, passages := crashDocument(n, version)
			stored, _, failed := c.PutDocument(ctx, d, passages)
			if err = failed; err == nil {
				err = said.Encode(deed{What: "put", N: n, Version: version, DocID: stored.ID})
			}
		}
		if err == nil && n%3 == 0 {
			err = announced(said, deed{What: "withdraw", N: n}, func() error {
				return c.Withdraw(ctx, tenant, "test", []string{strconv.Itoa(n)})
			})
		}
		if err == nil {
			err = workOff(ctx, c, said)
		}
	}
	return err
}

func workOff(ctx context.Context, c *catalog.Catalog, said *json.Encoder) error {
	j, ok, err := c.ReceiveJob(ctx)
	if err != nil || !ok {
		return err
	}
	return announced(said, deed{What: "job", Job: j.ID, DocID: j.DocID, Version: j.Version}, func() error { return c.DeleteJob(ctx, j) })
}

// announced prints a deed before and after it.
func announced(said *json.Encoder, d deed, do func() error) error {
	d.Begun = true
	err := said.Encode(d)
	if err == nil {
		err = do()
	}
	if d.Begun = false; err == nil {
		err = said.Encode(d)
	}
	return err
}

// TestPowerCut cuts the power of the disk while documents come and go and jobs are worked off. What
// was acknowledged is on the disk, and nothing is half there.
func TestPowerCut(t *testing.T) {
	rounds, each := 10, 5
	if os.Getenv("XIAOYUE_FULL") != "" {
		rounds, each = 200, 20
	}
	disk := powercut.New(t, 128)
	var deeds []deed
	var dir string
	for round := range rounds {
		if round%each == 0 { // a new catalog now and then: the power fails while it is made, too
			_ = os.RemoveAll(dir) // so that there is room
			dir, deeds = filepath.Join(disk.Dir(), "data", strconv.Itoa(round)), nil
		}
		deeds = append(deeds, killWorker(t, dir, 1000*(round+1))...)
		disk.Cut()
		checkDeeds(t, dir, deeds)
		if t.Failed() {
			t.Fatalf("round %d of %d, after %d deeds", round+1, rounds, len(deeds))
		}
	}
}

// killWorker starts a worker, kills it at some moment, and returns what it said.
func killWorker(t *testing.T, dir string, first int) (deeds []deed) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), powerEnv+"="+dir, firstEnv+"="+strconv.Itoa(first))
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	killAt := 1 + rand.IntN(20)
	var timer *time.Timer
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var d deed
		if err := json.Unmarshal(lines.Bytes(), &d); err != nil {
			t.Errorf("child said %q", lines.Text())
		}
		if deeds = append(deeds, d); len(deeds) == killAt {
			timer = time.AfterFunc(time.Duration(rand.IntN(5000))*time.Microsecond, func() { _ = child.Process.Kill() })
		}
	}
	if timer == nil {
		t.Errorf("the worker ended by itself after %d deeds", len(deeds))
	}
	_ = child.Wait() // killed, as it should be
	return deeds
}

// checkDeeds compares a catalog with what was done to it.
func checkDeeds(t *testing.T, dir string, deeds []deed) {
	t.Helper()
	f := openFixture(t, catalog.Options{Dir: dir})
	defer f.Close()
	if err := f.Check(t.Context()); err != nil {
		t.Error(err)
	}
	there := map[int]bool{}
	keys, err := f.Keys(t.Context(), tenant, "test")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		n, _ := strconv.Atoi(key)
		there[n] = true
	}
	put, leaving, gone := map[int]deed{}, map[int]bool{}, map[int]bool{}
	for _, d := range deeds {
		switch {
		case d.What == "put":
			put[d.N] = d
		case d.What == "withdraw" && d.Begun:
			leaving[d.N] = true
		case d.What == "withdraw":
			gone[d.N] = true
		}
	}
	for n, d := range put {
		switch {
		case gone[n] && there[n]:
			t.Errorf("document %d is back after it was withdrawn", n)
		case !leaving[n] && !there[n]:
			t.Errorf("document %d was acknowledged and is not there", n)
		case there[n]:
			f.checkWhole(t, d)
		}
	}
	checkJobs(t, dir, deeds)
}

// checkWhole finds a document in the version that was acknowledged, or the next one, with all its passages.
func (f *fixture) checkWhole(t *testing.T, acknowledged deed) {
	t.Helper()
	d, err := f.Document(t.Context(), tenant, acknowledged.DocID, 0)
	if err != nil {
		t.Errorf("document %d: %v", acknowledged.N, err)
		return
	}
	want, passages := crashDocument(acknowledged.N, d.Version)
	count := len(passages)
	if _, older := crashDocument(acknowledged.N, 1); d.Version == 2 {
		count += len(older)
	}
	if got := len(f.searchable(t, d.ID)); d.Version < acknowledged.Version || d.Text != want.Text || got != count {
		t.Errorf("document %d: version %d with %d passages, acknowledged version %d, want %d passages", acknowledged.N, d.Version, got, acknowledged.Version, count)
	}
}

// checkJobs looks for a job after every change that no finished one answers for.
func checkJobs(t *testing.T, dir string, deeds []deed) {
	t.Helper()
	waiting, newest := jobsIn(t, dir)
	for _, d := range deeds {
		if d.What != "job" {
			continue
		}
		newest[d.DocID] = max(newest[d.DocID], d.Version)
		if !d.Begun && waiting[d.Job] {
			t.Errorf("job %s is back after it was done", d.Job)
		}
	}
	for _, d := range deeds {
		if d.What == "put" && newest[d.DocID] < d.Version {
			t.Errorf("document %d: newest job for version %d, acknowledged version %d", d.N, newest[d.DocID], d.Version)
		}
	}
}

// jobsIn reads the queue of a file, hidden jobs too: their IDs, and the newest version by document.
func jobsIn(t *testing.T, dir string) (waiting map[string]bool, newest map[string]int) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "catalog.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query("select id, body from goqite")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	waiting, newest = map[string]bool{}, map[string]int{}
	for rows.Next() {
		var id string
		var body []byte
		var j catalog.Job
		if err := rows.Scan(&id, &body); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(body, &j); err != nil {
			t.Error(fmt.Errorf("job %s: %w", id, err))
		}
		waiting[id] = true
		newest[j.DocID] = max(newest[j.DocID], j.Version)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return waiting, newest
}
