package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/kb/sample"
)

const dir = "../../kb/sample"

// scanFont is where Debian keeps the font that the committed scan was drawn with.
const scanFont = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc"

func TestDocumentsAreMadeFromTheirSources(t *testing.T) {
	sources := read(t)
	want := map[string]bool{}
	for _, s := range sources {
		want[s.key] = true
		t.Run(s.key, func(t *testing.T) {
			if _, err := os.Stat(scanFont); err != nil && s.format == "scan-pdf" {
				t.Skipf("the font %s is not installed", scanFont)
			}
			made, err := render(s, scanFont)
			if err != nil {
				t.Fatal(err)
			}
			if kept := kept(t, s); !bytes.Equal(made, kept) {
				t.Errorf("%d bytes made, %d bytes kept, and they differ: run go run ./cmd/mksample", len(made), len(kept))
			}
		})
	}
	err := fs.WalkDir(sample.Documents(), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !want[path] {
			t.Errorf("%s has no source", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	list, err := describe(sources)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile(filepath.Join(dir, "documents.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(kept), string(list)); diff != "" {
		t.Errorf("documents.jsonl (-kept +made):\n%s", diff)
	}
}

func TestWordPartsAreWellFormed(t *testing.T) {
	for _, s := range read(t) {
		if s.format != "docx" {
			continue
		}
		for _, p := range wordParts(s, "", []string{"注"}) {
			d := xml.NewDecoder(strings.NewReader(p.text))
			for {
				if _, err := d.Token(); errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					t.Fatalf("%s %s: %v", s.key, p.name, err)
				}
			}
		}
	}
}

// TestPagesHoldTheirText wants every paragraph and every cell of a page in an element of its own.
func TestPagesHoldTheirText(t *testing.T) {
	for _, s := range read(t) {
		if s.format != "html" {
			continue
		}
		made := string(kept(t, s))
		if strings.Contains(made, "&lt;") {
			t.Errorf("%s: a mark was escaped", s.key)
		}
		for _, b := range s.blocks {
			for _, text := range append(slices.Concat(b.rows...), b.text) {
				if text != "" && text != "<<" && text != "^^" && !strings.Contains(made, ">"+text+"<") {
					t.Errorf("%s: %q is not there", s.key, text)
				}
			}
		}
	}
}

func TestParseSource(t *testing.T) {
	const body = "---\nid: a\nformat: docx\n---\n# 标题\n各区人民政府：\n| 甲 | 乙 |\n| 丙 | << |\n>> 2025年1月1日\n"
	got, err := parseSource("talent/a.md", body)
	if err != nil {
		t.Fatal(err)
	}
	want := source{
		path: "talent/a.md", key: "talent/a.docx", format: "docx",
		meta: map[string]string{"id": "a", "format": "docx"},
		blocks: []block{
			{kind: title, text: "标题"},
			{kind: addressee, text: "各区人民政府："},
			{kind: table, rows: [][]string{{"甲", "乙"}, {"丙", "<<"}}},
			{kind: right, text: "2025年1月1日"},
		},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(source{}, block{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestParseSourceFaults(t *testing.T) {
	for name, text := range map[string]string{
		"no front matter": "# 标题\n",
		"unknown key":     "---\nid: a\nformat: docx\ncolour: red\n---\n",
		"unknown format":  "---\nid: a\nformat: wps\n---\n",
		"other file name": "---\nid: b\nformat: docx\n---\n",
	} {
		if _, err := parseSource("talent/a.md", text); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestNumbersAreCountedAsWordDoes(t *testing.T) {
	for _, c := range []struct {
		name string
		in   []string
		bad  bool
	}{
		{"articles run through chapters", []string{"第一章　甲", "第一条　甲", "第二章　乙", "第二条　乙"}, false},
		{"items restart under each article", []string{"第一条　甲", "（一）甲", "（二）乙", "第二条　乙", "（一）甲"}, false},
		{"an article is left out", []string{"第一条　甲", "第三条　丙"}, true},
		{"items do not restart", []string{"一、甲", "1.甲", "二、乙", "2.乙"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var n counter
			var fault error
			for _, text := range c.in {
				rest, at, err := n.cut(text)
				if err != nil {
					fault = err
				} else if at == nil || len(rest) >= len(text) {
					t.Errorf("%s: no number was cut", text)
				}
			}
			if (fault != nil) != c.bad {
				t.Errorf("error %v, want one: %t", fault, c.bad)
			}
		})
	}
}

func TestGrid(t *testing.T) {
	cells, owner, err := grid([][]string{{"类别", "金额", "<<"}, {"^^", "甲", "乙"}})
	if err != nil {
		t.Fatal(err)
	}
	want := []cell{
		{text: "类别", row: 0, col: 0, wide: 1, high: 2},
		{text: "金额", row: 0, col: 1, wide: 2, high: 1},
		{text: "甲", row: 1, col: 1, wide: 1, high: 1},
		{text: "乙", row: 1, col: 2, wide: 1, high: 1},
	}
	if diff := cmp.Diff(want, cells, cmp.AllowUnexported(cell{})); diff != "" {
		t.Errorf("cells (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([][]int{{0, 1, 1}, {0, 2, 3}}, owner); diff != "" {
		t.Errorf("owner (-want +got):\n%s", diff)
	}
	if _, _, err := grid([][]string{{"甲", "乙"}, {"丙"}}); err == nil {
		t.Error("a ragged table is no error")
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     []string
	}{
		{"no mark begins a line", "甲乙丙丁，戊", []string{"甲乙丙", "丁，戊"}},
		{"numbers stay whole", "甲乙丙1500元", []string{"甲乙丙", "1500元"}},
		{"an opening bracket moves on", "甲乙丙（丁", []string{"甲乙丙", "（丁"}},
	} {
		if diff := cmp.Diff(c.want, wrap(c.in, 4, 0)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestRunLengths(t *testing.T) {
	for name, in := range map[string][]byte{
		"empty":       {},
		"one":         {7},
		"run":         bytes.Repeat([]byte{0xff}, 300),
		"no run":      []byte("abcdefg"),
		"mixed":       append([]byte("ab"), append(bytes.Repeat([]byte{0}, 130), 'c', 'c', 'd')...),
		"long no run": bytes.Repeat([]byte("ab"), 100),
	} {
		if got := expand(runLengths(in)); !bytes.Equal(got, in) {
			t.Errorf("%s: %v came back as %v", name, in, got)
		}
	}
}

// expand is what the RunLengthDecode filter of a PDF reader does.
func expand(in []byte) []byte {
	var out []byte
	for in[0] != 128 {
		n := int(in[0])
		if n < 128 {
			out = append(out, in[1:n+2]...)
			in = in[n+2:]
			continue
		}
		out = append(out, bytes.Repeat(in[1:2], 257-n)...)
		in = in[2:]
	}
	return out
}

func read(t *testing.T) []source {
	t.Helper()
	sources, err := readSources(os.DirFS(filepath.Join(dir, "sources")))
	if err != nil {
		t.Fatal(err)
	}
	if len(sources) == 0 {
		t.Fatal("no sources")
	}
	return sources
}

func kept(t *testing.T, s source) []byte {
	t.Helper()
	b, err := fs.ReadFile(sample.Documents(), s.key)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
