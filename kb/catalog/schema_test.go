package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"xiaoyue/kb"
)

var update = flag.Bool("update", false, "write the golden files")

// TestReleasedMigrations holds released migrations as they are: what changes needs a new file.
func TestReleasedMigrations(t *testing.T) {
	var sums strings.Builder
	err := fs.WalkDir(migrations, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		content, err := fs.ReadFile(migrations, path)
		sum := sha256.Sum256(content)
		fmt.Fprintln(&sums, hex.EncodeToString(sum[:]), path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "migrations.sum")
	if *update {
		if err := os.WriteFile(golden, []byte(sums.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if sums.String() != string(want) {
		t.Errorf("a migration changed; add a new one, or before a release run with -update\ngot:\n%swant:\n%s", sums.String(), want)
	}
}

// TestReleasedSchemas opens catalogs as every release left them, with what testdata/NNNN.sql put
// into them then, and finds it again.
func TestReleasedSchemas(t *testing.T) {
	samples, err := filepath.Glob(filepath.Join("testdata", "[0-9]*.sql"))
	if err != nil || len(samples) == 0 {
		t.Fatal("no samples", err)
	}
	for _, sample := range samples {
		t.Run(filepath.Base(sample), func(t *testing.T) {
			dir := t.TempDir()
			release(t, dir, sample)
			c, err := Open(t.Context(), Options{Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			checkSample(t, c)
		})
	}
}

// release makes the catalog of a release: the schema of that number and its sample.
func release(t *testing.T, dir, sample string) {
	t.Helper()
	c := &Catalog{dialect: sqlite()}
	db := openFile(filepath.Join(dir, fileName), url.Values{})
	defer db.Close()
	p, err := c.provider(db)
	if err != nil {
		t.Fatal(err)
	}
	var version int64
	if _, err := fmt.Sscanf(filepath.Base(sample), "%04d.sql", &version); err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(t.Context(), version); err != nil {
		t.Fatal(err)
	}
	rows, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), string(rows)); err != nil {
		t.Fatal(err)
	}
}

func checkSample(t *testing.T, c *Catalog) {
	t.Helper()
	if err := c.Check(t.Context()); err != nil {
		t.Error(err)
	}
	d, err := c.DocumentByNumber(t.Context(), kb.DefaultTenant, "越人社发〔2025〕3号")
	if err != nil || d.Validity.From != kb.MustDate("2025-01-01") {
		t.Fatalf("document %+v, %v", d, err)
	}
	passages := 0
	for p, err := range c.PassagesOf(t.Context(), d.ID) {
		if err != nil || d.Text[p.Start:p.Start+len(p.Text)] != p.Text {
			t.Errorf("passage %+v, %v", p, err)
		}
		passages++
	}
	it, err := c.Item(t.Context(), kb.DefaultTenant, "A1")
	if err != nil || it.Name != "就业登记" || passages != 1 {
		t.Errorf("item %q, %v; %d passages", it.Name, err, passages)
	}
	if _, err := c.Record(t.Context(), kb.DefaultTenant, "t1"); err != nil {
		t.Error(err)
	}
	j, ok, err := c.ReceiveJob(t.Context())
	if err != nil || !ok || j.DocID != d.ID {
		t.Errorf("job %+v, %v", j, err)
	}
}
