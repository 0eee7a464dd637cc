package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// listed is what `go list -json` says of a package.
type listed struct {
	ImportPath  string
	Doc         string
	Imports     []string
	TestImports []string
	Standard    bool
}

// packages lists the module's own packages.
func packages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Doc,Imports", "xiaoyue/...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		switch err := decoder.Decode(&p); {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// layers says which of the module's packages a package may import, by the longest prefix that
// matches. Back ends are wired by cmd alone; tests are free.
var layers = map[string][]string{
	"kb":                {},
	"kb/figures":        {},
	"kb/privacy":        {},
	"kb/catalog":        {"kb"},
	"kb/backup":         {"kb"},
	"kb/sample":         {"kb"},
	"inference":         {},
	"inference/":        {"inference", "inference/internal/"},
	"retrieval":         {"kb", "kb/figures", "inference", "retrieval/segment", "retrieval/lexical", "retrieval/adapt"},
	"retrieval/":        {"kb", "kb/figures", "inference", "retrieval", "retrieval/segment", "retrieval/lexical", "retrieval/embedded/"},
	"retrieval/segment": {},
	"retrieval/adapt":   {"kb", "inference"},
	"ingest":            {"kb", "kb/figures", "kb/privacy", "inference"},
	"ingest/":           {"kb", "ingest", "ingest/"},
	"assistant/":        {"kb", "kb/figures", "kb/privacy", "inference", "retrieval", "retrieval/segment", "assistant/"},
	"eval":              {"kb", "kb/figures", "inference"},
	"cmd/":              {""},
}

// vocabulary packages import the standard library only.
var vocabulary = []string{"kb", "kb/figures", "kb/privacy", "inference"}

// allowed returns the rule for a package, by its longest matching prefix.
func allowed(path string) (prefixes []string, ok bool) {
	best := ""
	for prefix, may := range layers {
		fits := path == prefix || strings.HasSuffix(prefix, "/") && strings.HasPrefix(path, prefix)
		if fits && len(prefix) >= len(best) {
			best, prefixes, ok = prefix, may, true
		}
	}
	return prefixes, ok
}

func permits(prefixes []string, path string) bool {
	for _, p := range prefixes {
		if p == "" || p == path || strings.HasSuffix(p, "/") && strings.HasPrefix(path, p) {
			return true
		}
	}
	return false
}

func TestImportDirections(t *testing.T) {
	for _, p := range packages(t) {
		path := strings.TrimPrefix(p.ImportPath, "xiaoyue/")
		may, ok := allowed(path)
		if !ok {
			t.Errorf("%s belongs to no layer; the tree is drawn in docs/design.md", path)
			continue
		}
		for _, imported := range p.Imports {
			if own, ours := strings.CutPrefix(imported, "xiaoyue/"); ours && !permits(may, own) {
				t.Errorf("%s imports %s, against the direction of the layers", path, own)
			}
		}
	}
}

func TestVocabularyStandsOnTheStandardLibrary(t *testing.T) {
	for _, p := range packages(t) {
		path := strings.TrimPrefix(p.ImportPath, "xiaoyue/")
		for _, v := range vocabulary {
			if path != v {
				continue
			}
			for _, imported := range p.Imports {
				if first, _, _ := strings.Cut(imported, "/"); strings.Contains(first, ".") || first == "xiaoyue" {
					t.Errorf("%s imports %s", path, imported)
				}
			}
		}
	}
}

func TestLangchainStaysInItsAdapter(t *testing.T) {
	for _, p := range packages(t) {
		for _, imported := range p.Imports {
			if strings.HasPrefix(imported, "github.com/tmc/langchaingo") && p.ImportPath != "xiaoyue/inference/langchain" {
				t.Errorf("%s imports %s", p.ImportPath, imported)
			}
		}
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	for _, p := range packages(t) {
		if p.Doc == "" {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}

func TestTreeIsAtMostThreeDeep(t *testing.T) {
	for _, p := range packages(t) {
		if path := strings.TrimPrefix(p.ImportPath, "xiaoyue/"); strings.Count(path, "/") > 2 {
			t.Errorf("%s is more than three folders deep", path)
		}
	}
}
