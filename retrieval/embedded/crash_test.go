//go:build unix

package embedded

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
	"xiaoyue/retrieval"
)

// The crash test runs this test binary again as a writer, kills it at a random moment and looks at
// what it left. The writer says what it is about to do and what was acknowledged on its output.
const (
	crashFolder = "XIAOYUE_TEST_CRASH_FOLDER"
	crashSeed   = "XIAOYUE_TEST_CRASH_SEED"
	crashIDs    = 200
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashFolder); dir != "" {
		fmt.Println("error", writeUntilKilled(dir, os.Getenv(crashSeed)))
		os.Exit(1)
	}
	if dir := os.Getenv(openFolder); dir != "" {
		if err := openAndTell(dir); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// crashText is the content of a passage in a round of writing; it differs from round to round.
func crashText(id, round int) string { return fmt.Sprintf("id%dx round%dx", id, round) }

func crashEntry(id, round int) retrieval.Entry {
	e := retrieval.Entry{
		ID: fmt.Sprint(id), DocID: "d", Text: crashText(id, round),
		Attributes: kb.Attributes{Tenant: kb.DefaultTenant, Access: kb.AccessPublic},
	}
	if round%3 > 0 {
		e.Vector = []float32{1, float32(round), float32(id), 1}
	}
	return e
}

// writeUntilKilled puts and deletes batches for ever, with checkpoints and compactions in between.
func writeUntilKilled(dir, seed string) error {
	s, err := strconv.ParseUint(seed, 10, 64)
	if err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(s, 0))
	x, err := Open(dir, &Options{Stamp: stamp(4)})
	if err != nil {
		return err
	}
	fmt.Println("open")
	for round := int(s) * 1_000_000; ; round++ {
		first, n := r.IntN(crashIDs), 1+r.IntN(30)
		fmt.Println("begin", round, first, n)
		if err := writeBatch(x, round, first, n); err != nil {
			return err
		}
		fmt.Println("done", round)
		switch r.IntN(12) {
		case 0:
			x.checkpoint()
		case 1:
			x.compact(context.Background())
		}
	}
}

// writeBatch puts passages, or deletes them in every fifth round.
func writeBatch(x *Index, round, first, n int) error {
	var entries []retrieval.Entry
	var ids []string
	for id := first; id < min(first+n, crashIDs); id++ {
		entries, ids = append(entries, crashEntry(id, round)), append(ids, fmt.Sprint(id))
	}
	if round%5 == 0 {
		return x.Delete(context.Background(), ids)
	}
	return x.Put(context.Background(), entries)
}

// history is what the writer said: the round that last wrote each passage, 0 for none or deleted.
type history struct {
	acknowledged, begun [crashIDs]int
}

// play follows the output of a writer.
func (h *history) play(t *testing.T, lines *bufio.Scanner) {
	var round, first, n int
	for lines.Scan() {
		line := lines.Text()
		switch {
		case strings.HasPrefix(line, "error"):
			t.Fatal(line)
		case strings.HasPrefix(line, "begin"):
			if _, err := fmt.Sscan(line[len("begin"):], &round, &first, &n); err != nil {
				return // the line itself was torn
			}
			h.begin(round, first, n)
		case line == fmt.Sprint("done ", round):
			h.acknowledged = h.begun
		}
	}
}

func (h *history) begin(round, first, n int) {
	for id := first; id < min(first+n, crashIDs); id++ {
		h.begun[id] = round
		if round%5 == 0 {
			h.begun[id] = 0
		}
	}
}

func TestCrash(t *testing.T) {
	rounds := 5
	if os.Getenv("XIAOYUE_FULL") != "" {
		rounds = 50
	}
	dir, r := t.TempDir(), rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	var h history
	for round := 1; round <= rounds; round++ {
		wait := time.Duration(20+r.IntN(400)) * time.Millisecond
		h.play(t, killedWriter(t, dir, round, wait))
		h.settle(t, dir)
	}
}

// killedWriter runs a writer, kills it some time after it opened the index, and returns what it said.
func killedWriter(t *testing.T, dir string, round int, wait time.Duration) *bufio.Scanner {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashFolder+"="+dir, crashSeed+"="+fmt.Sprint(round))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	lines := bufio.NewScanner(out)
	kill := time.AfterFunc(time.Hour, func() {})
	for lines.Scan() {
		if lines.Text() == "open" {
			kill = time.AfterFunc(wait, func() { cmd.Process.Kill() })
		}
		said.WriteString(lines.Text() + "\n")
	}
	kill.Stop()
	cmd.Wait()
	return bufio.NewScanner(strings.NewReader(said.String()))
}

// settle opens the folder and checks that it holds what was acknowledged, and of the batch that was
// under way all or nothing; the history then goes on from what is there.
func (h *history) settle(t *testing.T, dir string) {
	t.Helper()
	x := mustOpen(t, dir, &Options{Stamp: stamp(4)})
	defer x.Close()
	var found [crashIDs]int
	for id := range found {
		found[id] = roundOf(t, x, id)
	}
	if found != h.acknowledged && found != h.begun {
		t.Fatalf("after the crash:\n found %v\nneither acknowledged %v\n nor begun %v", found, h.acknowledged, h.begun)
	}
	h.acknowledged, h.begun = found, found
}

// roundOf returns the round that wrote a passage, found by its words, and checks the vector against it.
func roundOf(t *testing.T, x *Index, id int) int {
	t.Helper()
	req := retrieval.Request{
		Text: fmt.Sprintf("id%dx", id), Vector: []float32{1, 1, 1, 1}, Limit: crashIDs,
		Scope: kb.Scope{Tenant: kb.DefaultTenant, Access: []kb.Access{kb.AccessPublic}},
	}
	found, err := x.Search(t.Context(), req)
	if err != nil || len(found.Lexical) > 1 {
		t.Fatalf("passage %d: %v, %v", id, found.Lexical, err)
	}
	slot, ok := x.state.table.find([]byte(fmt.Sprint(id)))
	if ok != (len(found.Lexical) == 1) {
		t.Fatalf("passage %d: in the table %v, found %v", id, ok, found.Lexical)
	}
	if !ok {
		return 0
	}
	c, err := x.stored(slot)
	if err != nil {
		t.Fatal(err)
	}
	var again, round int
	if _, err := fmt.Sscanf(string(c.record.text), "id%dx round%dx", &again, &round); err != nil || again != id {
		t.Fatalf("passage %d holds %q", id, c.record.text)
	}
	if x.state.codes.Has(slot) != (round%3 > 0) {
		t.Fatalf("passage %d of round %d: vector %v", id, round, x.state.codes.Has(slot))
	}
	return round
}
