package container

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/ingest"
)

// pack writes an archive of one member, packed.
func pack(t *testing.T, name string, content io.Reader) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(f, content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// zeros is an endless run of zero bytes.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

func open(t *testing.T, b []byte, limits ingest.Limits) *Zip {
	t.Helper()
	z, err := OpenZip(bytes.NewReader(b), int64(len(b)), limits)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func status(err error) ingest.Status {
	var fault *ingest.ReadError
	if !errors.As(err, &fault) {
		return ""
	}
	return fault.Status
}

func TestZipPartsByAnySpelling(t *testing.T) {
	z := open(t, pack(t, `Word\Document.xml`, strings.NewReader("x")), ingest.Limits{})
	for _, name := range []string{"word/document.xml", "/Word/Document.XML"} {
		if b, err := z.ReadAll(name); err != nil || string(b) != "x" || !z.Has(name) || z.Size(name) != 1 {
			t.Errorf("%s: %q, %v", name, b, err)
		}
	}
	if b, err := z.ReadAll("absent"); b != nil || err != nil {
		t.Errorf("absent: %q, %v", b, err)
	}
}

func TestZipLimits(t *testing.T) {
	t.Run("part", func(t *testing.T) {
		z := open(t, pack(t, "a", io.LimitReader(zeros{}, 2<<20)), ingest.Limits{PartBytes: 1 << 20})
		if b, err := z.ReadAll("a"); status(err) != ingest.StatusTooLarge || len(b) > 1<<20 {
			t.Errorf("%d bytes, %v", len(b), err)
		}
	})
	t.Run("bomb", func(t *testing.T) {
		z := open(t, pack(t, "a", io.LimitReader(zeros{}, ratioFloor+2<<20)), ingest.Limits{})
		rc, err := z.Open("a")
		if err != nil {
			t.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, rc); status(err) != ingest.StatusHostile || n > ratioFloor+1<<20 {
			t.Errorf("%d bytes, %v", n, err)
		}
	})
	t.Run("members", func(t *testing.T) {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for range 3 {
			if _, err := w.Create("x"); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenZip(bytes.NewReader(b.Bytes()), int64(b.Len()), ingest.Limits{Parts: 2}); status(err) != ingest.StatusTooLarge {
			t.Errorf("got %v", err)
		}
	})
	t.Run("damaged data", func(t *testing.T) {
		b := pack(t, "a", strings.NewReader(strings.Repeat("abcdefgh", 50)))
		copy(b[35:], "\xff\xff\xff")
		z := open(t, b, ingest.Limits{})
		if _, err := z.ReadAll("a"); status(err) != ingest.StatusDamaged {
			t.Errorf("got %v", err)
		}
	})
}

func TestXML(t *testing.T) {
	x := NewXML(strings.NewReader(`<?xml version="1.0"?><a:r xmlns:a="a"><b k:v="1">x<c>y</c></b><skip><b/></skip><b/></a:r>`), 5)
	var got []string
	err := x.Inside(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "b":
			s, err := x.Text()
			got = append(got, Attr(e, "v")+s)
			return err
		case "skip":
			return x.Skip()
		}
		got = append(got, e.Name.Local)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"r", "1xy", ""}, got); d != "" {
		t.Error(d)
	}
}

func TestXMLRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		part string
		want ingest.Status
	}{
		"declaration":   {`<!DOCTYPE lol [<!ENTITY a "aaa">]><r>&a;</r>`, ingest.StatusHostile},
		"entity":        {`<r>&a;</r>`, ingest.StatusDamaged},
		"depth":         {strings.Repeat("<a>", 9) + strings.Repeat("</a>", 9), ingest.StatusHostile},
		"cut off":       {`<r><a>`, ingest.StatusDamaged},
		"too many ends": {`<r></r></r>`, ingest.StatusDamaged},
		"no XML":        {`<r a=1`, ingest.StatusDamaged},
		"unknown code":  {`<?xml version="1.0" encoding="x-none"?><r/>`, ingest.StatusDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			err := NewXML(strings.NewReader(c.part), 8).Inside(func(xml.StartElement) error { return nil })
			if status(err) != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}
