//go:build unix

package embedded

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"xiaoyue/retrieval"
)

// world is what a store holds: by version the round that last wrote each passage, 0 for none. Vectors
// of the versions differ in dimension.
type world struct {
	versions [2]struct {
		there  bool
		rounds [crashIDs]int
	}
	inUse int // number of the version plus 1
}

func crashStamp(version int) retrieval.Stamp { return stamp(4 + version) }

// act is something that the writer does, as it says it.
type act struct {
	kind           string // put, delete, create, use, drop
	version        int
	round          int
	first, passage int // the first and the number of them
}

func (a act) String() string {
	return fmt.Sprintln("begin", a.kind, a.version, a.round, a.first, a.passage)
}

// after returns the world in which an act was done.
func (w world) after(a act) world {
	v := &w.versions[a.version]
	switch a.kind {
	case "create":
		v.there = true
	case "use":
		w.inUse = a.version + 1
	case "drop":
		v.there, v.rounds = false, [crashIDs]int{}
	case "put", "delete":
		for id := a.first; id < min(a.first+a.passage, crashIDs); id++ {
			v.rounds[id] = a.round
			if a.kind == "delete" {
				v.rounds[id] = 0
			}
		}
	}
	return w
}

// next chooses what can be done in a world.
func (w *world) next(r *rand.Rand, round int) act {
	a := act{version: r.IntN(2), round: round, first: r.IntN(crashIDs), passage: 1 + r.IntN(30)}
	switch n := r.IntN(20); {
	case !w.versions[a.version].there:
		a.kind = "create"
	case w.inUse == 0 || n == 0:
		a.kind = "use"
	case n == 1 && w.inUse != a.version+1:
		a.kind = "drop"
	case n < 6:
		a.kind = "delete"
	default:
		a.kind = "put"
	}
	return a
}

// writer changes a store for ever.
type writer struct {
	store *Store
	open  [2]retrieval.Version
	*rand.Rand
}

func writeUntilKilled(ctx context.Context, dir, seed string) error {
	n, err := strconv.ParseUint(seed, 10, 64)
	if err != nil {
		return err
	}
	w := &writer{Rand: rand.New(rand.NewPCG(n, 0))}
	if w.store, err = NewStore(dir, nil); err != nil {
		return err
	}
	all, err := w.store.Versions(ctx)
	if err != nil {
		return err
	}
	var now world
	for _, v := range all {
		i := v.Stamp.Dimension - crashStamp(0).Dimension
		if w.open[i], err = w.store.Open(ctx, v.Stamp); err != nil {
			return err
		}
		now.versions[i].there = true
		if v.InUse {
			now.inUse = i + 1
		}
	}
	fmt.Println("open")
	for round := int(n) * 1_000_000; ; round++ {
		a := now.next(w.Rand, round)
		fmt.Print(a)
		if err := w.do(ctx, a); err != nil {
			return err
		}
		fmt.Println("done", round)
		now = now.after(a)
	}
}

func (w *writer) do(ctx context.Context, a act) (err error) {
	s := crashStamp(a.version)
	switch a.kind {
	case "create":
		w.open[a.version], err = w.store.Create(ctx, s)
		return err
	case "use":
		return w.store.Use(ctx, s)
	case "drop":
		return w.store.Drop(ctx, s)
	}
	x := indexOf(w.open[a.version])
	if err := writeBatch(ctx, x, a); err != nil {
		return err
	}
	switch w.IntN(12) {
	case 0:
		x.checkpoint()
	case 1:
		x.compact(ctx)
	}
	return nil
}

func writeBatch(ctx context.Context, x *Index, a act) error {
	var entries []retrieval.Entry
	var ids []string
	for id := a.first; id < min(a.first+a.passage, crashIDs); id++ {
		entries, ids = append(entries, crashEntry(a.version, id, a.round)), append(ids, fmt.Sprint(id))
	}
	if a.kind == "delete" {
		return x.Delete(ctx, ids)
	}
	return x.Put(ctx, entries)
}

// crashEntry is a passage in a round of writing; it differs from round to round.
func crashEntry(version, id, round int) retrieval.Entry {
	e := plain(fmt.Sprint(id), fmt.Sprintf("id%dx round%dx", id, round), nil)
	if hasVector(round) {
		e.Vector = make([]float32, crashStamp(version).Dimension)
		e.Vector[0], e.Vector[1], e.Vector[2] = 1, float32(round), float32(id)
	}
	return e
}

func hasVector(round int) bool { return round%3 > 0 }

// history is what the writers said.
type history struct {
	acknowledged, begun world
	did                 map[string]int
}

// play follows the output of a writer.
func (h *history) play(t *testing.T, lines *bufio.Scanner) {
	if h.did == nil {
		h.did = map[string]int{}
	}
	var a act
	for lines.Scan() {
		line := lines.Text()
		switch {
		case strings.HasPrefix(line, "error"):
			t.Fatal(line)
		case strings.HasPrefix(line, "begin"):
			if _, err := fmt.Sscan(line[len("begin"):], &a.kind, &a.version, &a.round, &a.first, &a.passage); err != nil {
				return // the line itself was torn
			}
			h.begun = h.acknowledged.after(a)
		case line == fmt.Sprint("done ", a.round):
			h.acknowledged = h.begun
			h.did[a.kind]++
		}
	}
}

// settle opens the store and checks that it holds what was acknowledged, and of what was under way all
// or nothing; the history then goes on from what is there.
func (h *history) settle(t *testing.T, dir string) {
	t.Helper()
	s, err := NewStore(dir, nil)
	must(t, err)
	defer func() { must(t, s.Close()) }()
	all, err := s.Versions(t.Context())
	must(t, err)
	var found world
	for _, info := range all {
		version := info.Stamp.Dimension - crashStamp(0).Dimension
		v, err := s.Open(t.Context(), info.Stamp)
		must(t, err)
		found.versions[version].there = true
		found.versions[version].rounds = contentOf(t, indexOf(v), version)
		must(t, v.Close())
		if info.InUse {
			found.inUse = version + 1
		}
	}
	if found != h.acknowledged && found != h.begun {
		t.Fatalf("after the crash:\n found %v\nneither acknowledged %v\n nor begun %v", found, h.acknowledged, h.begun)
	}
	h.acknowledged, h.begun = found, found
}

// contentOf finds every passage by its words, and all those with vectors by one of them.
func contentOf(t *testing.T, x *Index, version int) (rounds [crashIDs]int) {
	t.Helper()
	var want []string
	for id := range rounds {
		rounds[id] = roundOf(t, x, id)
		if hasVector(rounds[id]) {
			want = append(want, fmt.Sprint(id))
		}
	}
	query := crashEntry(version, 0, 1).Vector
	got, err := x.Search(t.Context(), retrieval.Request{Vector: query, Limit: crashIDs, Scope: plainScope})
	must(t, err)
	var ids []string
	for _, m := range got.Dense {
		ids = append(ids, m.ID)
	}
	slices.Sort(want)
	slices.Sort(ids)
	if !slices.Equal(ids, want) {
		t.Fatalf("found by vector %v, want %v", ids, want)
	}
	return rounds
}

// roundOf returns the round that wrote a passage, found by its words.
func roundOf(t *testing.T, x *Index, id int) int {
	t.Helper()
	req := retrieval.Request{Text: fmt.Sprintf("id%dx", id), Limit: crashIDs, Scope: plainScope}
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
	must(t, err)
	var again, round int
	if _, err := fmt.Sscanf(string(c.record.text), "id%dx round%dx", &again, &round); err != nil || again != id {
		t.Fatalf("passage %d holds %q", id, c.record.text)
	}
	if x.state.codes.Has(slot) != hasVector(round) {
		t.Fatalf("passage %d of round %d: vector %v", id, round, x.state.codes.Has(slot))
	}
	return round
}
