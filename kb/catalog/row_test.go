package catalog

import (
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/kb"
)

// TestEveryTableIsDumped keeps a new table from being forgotten in backups.
func TestEveryTableIsDumped(t *testing.T) {
	c, err := Open(t.Context(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	have, err := collect(t.Context(), c.reader(), scanText,
		"select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name")
	if err != nil {
		t.Fatal(err)
	}
	want := slices.Sorted(slices.Values(slices.Concat(dumped, notDumped)))
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("tables that are named in dump.go and tables that there are (-named +there):\n%s", diff)
	}
}

func TestRows(t *testing.T) {
	for _, c := range []struct {
		name   string
		values []any
		want   string
	}{
		{"nothing", []any{nil}, `[null]`},
		{"the greatest and least numbers", []any{int64(9223372036854775807), int64(-9223372036854775808)}, `[9223372036854775807,-9223372036854775808]`},
		{"words", []any{"越州", "\"\n\x00"}, `["越州","\"\n\u0000"]`},
		{"no UTF-8", []any{"\xff越"}, `[{"base64":"/+i2ig=="}]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			line, err := appendRow(nil, c.values)
			if err != nil || string(line) != c.want {
				t.Errorf("%s, %v; want %s", line, err, c.want)
			}
			back, err := parseRow(line, len(c.values))
			if diff := cmp.Diff(c.values, back); diff != "" || err != nil {
				t.Errorf("%v, -want +got:\n%s", err, diff)
			}
		})
	}
	if _, err := appendRow(nil, []any{1.5}); err == nil {
		t.Error("a number with a fraction was taken")
	}
}

// TestHostileRows reads rows that are none; refusing them costs little memory, however many values they pretend to hold.
func TestHostileRows(t *testing.T) {
	many := strings.Repeat("{},", 1<<20) + "{}"
	for _, c := range []struct{ name, line string }{
		{"an object", `{"a":1}`},
		{"too few values", `[1]`},
		{"too many values", `[1,2,3]`},
		{"no end", `[1,2`},
		{"two rows", `[1,2][1,2]`},
		{"a fraction", `[1,2.5]`},
		{"a list", `[1,[2]]`},
		{"a truth", `[1,true]`},
		{"a number beyond 64 bits", `[1,9223372036854775808]`},
		{"another object", `[1,{"base32":""}]`},
		{"a million values", "[" + many + "]"},
		{"a million values in one", "[1,[" + many + "]]"},
		{"a million fields", `[1,{"base64":[` + many + "]}]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			row, err := parseRow([]byte(c.line), 2)
			runtime.ReadMemStats(&after)
			if !errors.Is(err, kb.ErrInvalid) {
				t.Errorf("%v, %v; want ErrInvalid", row, err)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > uint64(8*len(c.line))+64<<10 {
				t.Errorf("%d bytes took %d", len(c.line), used)
			}
		})
	}
}

// FuzzRow reads rows of unknown origin: what is accepted can be written and read again.
func FuzzRow(f *testing.F) {
	for _, seed := range []string{`["a",1,null]`, `[{"base64":"/w=="}]`, `[1e400]`, `[[1]]`, `["a"]["b"]`, `[{"base64":"\"}]`} {
		f.Add([]byte(seed), 1)
	}
	f.Fuzz(func(t *testing.T, line []byte, width int) {
		values, err := parseRow(line, width)
		if err != nil {
			return
		}
		again, err := appendRow(nil, values)
		if err != nil {
			t.Fatal(err)
		}
		back, err := parseRow(again, width)
		if diff := cmp.Diff(values, back); diff != "" || err != nil {
			t.Errorf("%v, %s", err, diff)
		}
	})
}
