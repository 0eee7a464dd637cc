//go:build unix

package embedded

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"xiaoyue/retrieval/indextest/powercut"
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
		fmt.Println("error", writeUntilKilled(context.Background(), dir, os.Getenv(crashSeed)))
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

// rounds is how often the long tests kill, in full or quickly.
func rounds(full, quick int) int {
	if os.Getenv("XIAOYUE_FULL") != "" {
		return full
	}
	return quick
}

// TestCrash kills the writer at any moment: while it puts, deletes, checkpoints, compacts, creates,
// swaps and drops.
func TestCrash(t *testing.T) {
	dir, r := filepath.Join(t.TempDir(), "index"), rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	var h history
	for round := 1; round <= rounds(50, 5); round++ {
		h.play(t, killedWriter(t, dir, round, moment(r, round, 400)))
		h.settle(t, dir)
	}
	t.Log(h.did)
}

// TestPowerCut does the same and cuts the power of the disk after each kill: what was not synchronised
// is lost as well.
func TestPowerCut(t *testing.T) {
	disk, r := powercut.New(t, 96), rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	dir := filepath.Join(disk.Dir(), "index")
	var h history
	for round := 1; round <= rounds(200, 5); round++ {
		h.play(t, killedWriter(t, dir, round, moment(r, round, 250)))
		disk.Cut()
		h.settle(t, dir)
	}
	t.Log(h.did)
}

// kill says when a writer dies: some time after it opened the store, or after it started.
type kill struct {
	opened bool
	after  time.Duration
}

func moment(r *rand.Rand, round, most int) kill {
	if round%5 == 0 {
		return kill{false, time.Duration(5+r.IntN(60)) * time.Millisecond}
	}
	return kill{true, time.Duration(10+r.IntN(most)) * time.Millisecond}
}

// killedWriter runs a writer, kills it, and returns what it said.
func killedWriter(t *testing.T, dir string, round int, when kill) *bufio.Scanner {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashFolder+"="+dir, crashSeed+"="+fmt.Sprint(round))
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	var said strings.Builder
	timer := time.NewTimer(when.after)
	if when.opened {
		timer.Stop()
	}
	died := make(chan struct{})
	go func() {
		defer close(died)
		<-timer.C
		cmd.Process.Kill()
	}()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if lines.Text() == "open" && when.opened {
			timer.Reset(when.after)
		}
		said.WriteString(lines.Text() + "\n")
	}
	timer.Reset(0) // where it ended by itself
	<-died
	cmd.Wait()
	return bufio.NewScanner(strings.NewReader(said.String()))
}
