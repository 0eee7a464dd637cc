package catalog_test

import (
	"context"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"xiaoyue/kb"
	"xiaoyue/kb/catalog"
)

var dumpRules = []rule{
	{"a dump makes the same catalog in every dialect", testDumpAndLoad},
	{"a dump of an earlier release is brought up to date", testDumpOfEarlierRelease},
	{"a dump without conversations has none", testDumpWithout},
	{"a dump taken while others write is of one moment", testDumpBesideWriters},
	{"only an empty place is loaded into", testLoadOccupied},
	{"a load that fails leaves nothing", testLoadFails},
}

// loaded is a dump in memory.
type loaded struct {
	catalog.Dumped
	columns map[string][]string
	rows    map[string][]string
	order   []string
}

func dump(t testing.TB, c *catalog.Catalog, conversations bool) loaded {
	t.Helper()
	d := loaded{columns: map[string][]string{}, rows: map[string][]string{}}
	err := c.Dump(t.Context(), conversations, func(about catalog.Dumped, table catalog.Table) error {
		d.Dumped, d.columns[table.Name] = about, slices.Clone(table.Columns)
		d.order = append(d.order, table.Name)
		for row, err := range table.Rows {
			if err != nil {
				return err
			}
			d.rows[table.Name] = append(d.rows[table.Name], string(row))
		}
		slices.Sort(d.rows[table.Name])
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// tables yields the tables of a dump for loading.
func (d loaded) tables() iter.Seq2[catalog.Table, error] {
	return func(yield func(catalog.Table, error) bool) {
		for _, name := range d.order {
			table := catalog.Table{Name: name, Columns: d.columns[name], Rows: func(yield func([]byte, error) bool) {
				for _, row := range d.rows[name] {
					if !yield([]byte(row), nil) {
						return
					}
				}
			}}
			if !yield(table, nil) {
				return
			}
		}
	}
}

// places returns an empty place of every dialect that can be had here.
func places(t testing.TB) map[string]catalog.Options {
	all := map[string]catalog.Options{"sqlite": {Dir: filepath.Join(t.TempDir(), "data")}}
	if dsn := os.Getenv("XIAOYUE_TEST_POSTGRES"); dsn != "" {
		all["postgres"] = catalog.Options{DSN: freshSchema(t, dsn)}
	}
	return all
}

// settle fills a catalog with something of everything.
func (f *fixture) settle(t *testing.T) {
	t.Helper()
	for n := range 3 {
		for version := 1; version <= 2; version++ {
			d, passages := crashDocument(n, version)
			f.put(t, d, passages)
		}
	}
	for _, err := range []error{
		f.PutItems(t.Context(), []kb.ServiceItem{item("A1", "就业登记"), item("A2", "失业\x01\u2028登记 <b>&")}),
		f.PutRegions(t.Context(), []kb.Region{{Code: kb.Nation, Name: "中华人民共和国", Kind: kb.RegionNation}}),
		f.SetState(t.Context(), "records", "值"),
		f.PutAct(t.Context(), catalog.Act{Tenant: tenant, Who: "test", What: "settle"}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	f.talk(t, "alice")
	if _, err := f.Subscribe(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// load loads a dump and opens what came of it.
func load(t testing.TB, place catalog.Options, d loaded) *fixture {
	t.Helper()
	counts, err := catalog.Load(t.Context(), place, d.Schema, d.tables())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range d.order {
		if counts[name] != int64(len(d.rows[name])) {
			t.Errorf("table %s: %d rows loaded of %d", name, counts[name], len(d.rows[name]))
		}
	}
	f := openFixture(t, place)
	if err := f.Check(t.Context()); err != nil {
		t.Error(err)
	}
	return f
}

func testDumpAndLoad(t *testing.T, f *fixture) {
	f.settle(t)
	want := dump(t, f.Catalog, true)
	for _, table := range want.order {
		if len(want.rows[table]) == 0 {
			t.Errorf("the test has nothing in table %s", table)
		}
	}
	for name, place := range places(t) {
		t.Run("into "+name, func(t *testing.T) {
			place.Queue = "elsewhere"
			got := load(t, place, want)
			back := dump(t, got.Catalog, true)
			equal(t, back.rows, want.rows)
			equal(t, back.columns, want.columns)
			d, passages := crashDocument(9, 1)
			d.Relations = nil // which would leave another job
			got.put(t, d, passages)
			queues, err := got.Queues(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			equal(t, queues, map[string]int{"elsewhere": 1})
		})
	}
}

// testDumpOfEarlierRelease loads what a release wrote whose schema is older.
func testDumpOfEarlierRelease(t *testing.T, f *fixture) {
	f.settle(t)
	d := dump(t, f.Catalog, true)
	d.Schema = 1 // whose tables have the same columns
	for name, place := range places(t) {
		t.Run("into "+name, func(t *testing.T) {
			got := dump(t, load(t, place, d).Catalog, true)
			equal(t, got.rows, d.rows)
			if got.Schema <= d.Schema {
				t.Errorf("the schema is still %d", got.Schema)
			}
		})
	}
}

func testDumpWithout(t *testing.T, f *fixture) {
	f.settle(t)
	d := dump(t, f.Catalog, false)
	if d.Conversations {
		t.Error("the dump says that it holds conversations")
	}
	for _, table := range []string{"conversations", "events", "records", "feedback"} {
		equal(t, len(d.rows[table]), 0)
	}
	got := load(t, catalog.Options{Dir: t.TempDir()}, d)
	if got.remembers(t, "alice") {
		t.Error("a conversation came along")
	}
}

// testDumpBesideWriters dumps again and again while documents and turns are written.
func testDumpBesideWriters(t *testing.T, f *fixture) {
	f.settle(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		var err error
		for n := 10; err == nil && ctx.Err() == nil; n++ {
			d, passages := crashDocument(n, 1)
			if _, _, err = f.PutDocument(t.Context(), d, passages); err == nil {
				_, err = f.NextTurn(t.Context(), kb.Caller{Tenant: tenant, Subject: "bob"}, "of bob")
			}
		}
		ended <- err
	}()
	for range 5 {
		d := dump(t, f.Catalog, true)
		got := load(t, catalog.Options{Dir: t.TempDir()}, d)
		// The n-th document raised the revision and began one turn after it.
		var turns int
		for _, row := range d.rows["conversations"] {
			if strings.Contains(row, `"of bob"`) {
				turns, _ = strconv.Atoi(strings.Split(row, ",")[3])
			}
		}
		stats, err := got.Stats(t.Context())
		if documents := stats.Documents - 3; err != nil || documents < turns || documents > turns+1 {
			t.Errorf("%d documents, %d turns, %v", documents, turns, err)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func testLoadOccupied(t *testing.T, f *fixture) {
	f.settle(t)
	d := dump(t, f.Catalog, true)
	_, err := catalog.Load(t.Context(), f.options, d.Schema, d.tables())
	wantError(t, err, catalog.ErrOccupied)
	equal(t, dump(t, f.Catalog, true).rows, d.rows)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "catalog.db-wal"), []byte("of a lost catalog"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = catalog.Load(t.Context(), catalog.Options{Dir: dir}, d.Schema, d.tables())
	wantError(t, err, catalog.ErrOccupied)
}

func testLoadFails(t *testing.T, f *fixture) {
	f.settle(t)
	broken := errors.New("broken off")
	for _, c := range []struct {
		name   string
		change func(d *loaded)
		want   error
	}{
		{"a newer schema", func(d *loaded) { d.Schema = 9999 }, kb.ErrSchema},
		{"no schema", func(d *loaded) { d.Schema = 0 }, kb.ErrSchema},
		{"an unknown table", func(d *loaded) { d.order[3] = "goqite" }, kb.ErrInvalid},
		{"a table twice", func(d *loaded) { d.order = append(d.order, d.order[0]) }, kb.ErrInvalid},
		{"SQL for a column", func(d *loaded) { d.columns["acts"][0] = "id) values (1); --" }, kb.ErrInvalid},
		{"a column short", func(d *loaded) { d.columns["acts"] = d.columns["acts"][1:] }, kb.ErrInvalid},
		{"a row short", func(d *loaded) { d.rows["acts"][0] = "[1]" }, kb.ErrInvalid},
		{"no JSON", func(d *loaded) { d.rows["state"][0] = "[" }, kb.ErrInvalid},
		{"a broken number", func(d *loaded) { d.rows["counters"][0] = `["catalog",1.5]` }, kb.ErrInvalid},
		{"words for a number", func(d *loaded) { d.rows["counters"][0] = `["catalog","many"]` }, kb.ErrInvalid},
		{"nothing where something must be", func(d *loaded) { d.rows["counters"][0] = `["catalog",null]` }, kb.ErrInvalid},
		{"a row twice", func(d *loaded) { d.rows["acts"] = append(d.rows["acts"], d.rows["acts"][0]) }, kb.ErrInvalid},
		{"names of no document", func(d *loaded) { d.rows["documents"] = nil }, kb.ErrInvalid},
		{"files of no document", func(d *loaded) {
			d.rows["documents"], d.rows["names"], d.rows["relations"], d.rows["passages"] = nil, nil, nil, nil
		}, catalog.ErrDamaged},
	} {
		for name, place := range places(t) {
			t.Run(c.name+" into "+name, func(t *testing.T) {
				bad, good := dump(t, f.Catalog, true), dump(t, f.Catalog, true)
				c.change(&bad)
				_, err := catalog.Load(t.Context(), place, bad.Schema, bad.tables())
				wantError(t, err, c.want)
				load(t, place, good)
			})
		}
	}
	d := dump(t, f.Catalog, true)
	place := catalog.Options{Dir: t.TempDir()}
	_, err := catalog.Load(t.Context(), place, d.Schema, func(yield func(catalog.Table, error) bool) {
		for table, err := range d.tables() {
			if table.Name == "passages" {
				yield(table, broken)
				return
			}
			if !yield(table, err) {
				return
			}
		}
	})
	wantError(t, err, broken)
	load(t, place, d)
}
