package dispatch_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/simplifiedchinese"

	"xiaoyue/ingest"
	"xiaoyue/ingest/dispatch"
	"xiaoyue/ingest/docx"
	"xiaoyue/ingest/format"
	"xiaoyue/ingest/text"
)

// panics is a reader that does.
type panics struct{}

func (panics) Read(context.Context, io.ReaderAt, int64, ingest.Limits) (ingest.Reading, error) {
	panic("out of luck")
}

func dispatcher() *dispatch.Dispatcher {
	return dispatch.New(map[format.Format]ingest.Reader{
		format.Text: text.Reader{}, format.DOCX: docx.Reader{}, format.CSV: panics{},
	})
}

// lines renders readings as "path format status text".
func lines(files []ingest.FileReading) []string {
	var out []string
	for _, f := range files {
		l := f.Path + " " + f.Reading.Format
		if f.Err != nil {
			l += " " + string(f.Err.Status)
		}
		for _, b := range f.Reading.Blocks {
			l += " " + b.Text
		}
		out = append(out, l)
	}
	return out
}

// member is a file to put into an archive; raw names are written as they are.
type member struct{ name, content string }

func archive(t testing.TB, members ...member) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, m := range members {
		f, err := w.CreateHeader(&zip.FileHeader{Name: m.name, Method: zip.Deflate, NonUTF8: true})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, m.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func gbk(t *testing.T, s string) string {
	t.Helper()
	out, err := simplifiedchinese.GB18030.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// encrypted sets the flag that says so in both headers of the only member.
func encrypted(zipped string) string {
	b := []byte(zipped)
	for _, h := range []struct {
		mark string
		at   int
	}{{"PK\x03\x04", 6}, {"PK\x01\x02", 8}} {
		i := bytes.Index(b, []byte(h.mark)) + h.at
		binary.LittleEndian.PutUint16(b[i:], binary.LittleEndian.Uint16(b[i:])|1)
	}
	return string(b)
}

func TestRead(t *testing.T) {
	nested := archive(t, member{"d.txt", "丁"})
	for range 3 {
		nested = archive(t, member{"in.zip", nested})
	}
	for _, c := range []struct {
		name, file, content string
		want                []string
	}{
		{"one file", "a.txt", "甲", []string{"a.txt txt 甲"}},
		{"empty", "a.txt", "", []string{"a.txt unknown empty"}},
		{"no reader", "a.rtf", `{\rtf1 x}`, []string{"a.rtf rtf unsupported"}},
		{"reader panics", "a.csv", "a,b", []string{"a.csv csv damaged"}},
		{"word document that is no zip", "a.docx", "PK\x03\x04junk", []string{"a.docx docx damaged"}},
		{"archive", "a.zip", archive(t, member{"dir/", ""}, member{gbk(t, "目录/通知.txt"), "乙"}, member{"__MACOSX/x", "x"}, member{"~$x.docx", "x"}, member{"../../b.txt", "丙"}),
			[]string{"a.zip!/目录/通知.txt txt 乙", "a.zip!/b.txt txt 丙"}},
		{"archive in an archive", "a.zip", archive(t, member{"b.zip", archive(t, member{"c.txt", "丙"})}), []string{"a.zip!/b.zip!/c.txt txt 丙"}},
		{"archives without end", "a.zip", nested, []string{"a.zip!/in.zip!/in.zip!/in.zip zip hostile"}},
		{"empty archive", "a.zip", archive(t), []string{"a.zip zip empty"}},
		{"archive under a password", "a.zip", encrypted(archive(t, member{"s.txt", "密"})), []string{"a.zip!/s.txt txt encrypted"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := io.NewSectionReader(strings.NewReader(c.content), 0, int64(len(c.content)))
			got := lines(dispatcher().Read(t.Context(), c.file, r, ingest.Limits{}))
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.txt")
	if err := os.WriteFile(path, []byte("甲"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := dispatcher().File(t.Context(), path, ingest.Limits{})
	if len(got) != 1 || got[0].Err != nil || got[0].Hash != "33e3580c093111e1c4cac922872c40371f7896bb3fa4e23be5840bd1834fc622" {
		t.Errorf("got %+v", got)
	}
	for name, path := range map[string]string{"absent": path + "x", "folder": filepath.Dir(path)} {
		if got := dispatcher().File(t.Context(), path, ingest.Limits{}); len(got) != 1 || got[0].Err == nil {
			t.Errorf("%s: got %+v, want a fault", name, got)
		}
	}
	if got := dispatcher().File(t.Context(), path, ingest.Limits{FileBytes: 2}); got[0].Err == nil || got[0].Err.Status != ingest.StatusTooLarge {
		t.Errorf("past the limit: got %+v", got)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("a.zip", []byte(archive(f, member{"b.txt", "乙"})))
	f.Add("a.doc", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"+strings.Repeat("\x00", 600)))
	f.Add("a.txt", []byte("甲"))
	d := dispatcher()
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		r := io.NewSectionReader(bytes.NewReader(b), 0, int64(len(b)))
		for _, g := range d.Read(t.Context(), name, r, ingest.Limits{PartBytes: 1 << 20, TextBytes: 1 << 20}) {
			if g.Err == nil && len(g.Reading.Blocks) == 0 {
				t.Errorf("%s: neither blocks nor a fault", g.Path)
			}
		}
	})
}
