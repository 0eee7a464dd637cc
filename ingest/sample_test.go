package ingest_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"xiaoyue/ingest"
	"xiaoyue/ingest/dispatch"
	"xiaoyue/ingest/docx"
	"xiaoyue/ingest/format"
	"xiaoyue/ingest/html"
	"xiaoyue/ingest/markdown"
	"xiaoyue/ingest/text"
	"xiaoyue/kb"
	"xiaoyue/kb/sample"
)

// sampleReaders read the formats of the sample that need no process of their own; pdf and xlsx are
// left to the tests of the whole program.
var sampleReaders = map[format.Format]ingest.Reader{format.DOCX: docx.Reader{}, format.HTML: html.Reader{},
	format.Markdown: markdown.Reader{}, format.Text: text.Reader{}}

// score counts how often a rule found what the sample states.
type score struct{ right, all int }

func (s *score) add(t *testing.T, id, name string, want, got any) {
	s.all++
	if want == got {
		s.right++
		return
	}
	t.Logf("%s: %s: want %v, got %v", id, name, want, got)
}

// TestSampleIsDescribed measures extraction by rule against what the sample states about its
// documents. Ends of validity that other documents bring about are not in the document itself and
// are not measured here.
func TestSampleIsDescribed(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, sample.Documents()); err != nil {
		t.Fatal(err)
	}
	descriptions, err := sample.Descriptions()
	if err != nil {
		t.Fatal(err)
	}
	numbers := map[string]string{}
	for _, d := range descriptions {
		numbers[d.ID] = d.Number
	}
	options := ingest.BuildOptions{Regions: sampleRegions(t)}
	d := dispatch.New(sampleReaders)
	var scores [7]score
	for _, want := range descriptions {
		if !slices.Contains([]string{"docx", "html", "md", "txt-gb18030", "txt"}, want.Format) {
			continue
		}
		doc, passages, report := ingest.Build(d.File(t.Context(), filepath.Join(dir, want.Key), ingest.DefaultLimits())[0], options)
		if want.Secrecy != "" {
			if report.Status != ingest.StatusClassified || report.Text != "" || len(passages) > 0 {
				t.Errorf("%s: %s is not refused: %s", want.ID, want.Secrecy, report.Status)
			}
			continue
		}
		if report.Status != ingest.StatusOK {
			t.Errorf("%s: %s: %s", want.ID, report.Status, report.Reason)
			continue
		}
		scores[0].add(t, want.ID, "title", want.Title, doc.Title)
		scores[1].add(t, want.ID, "issuer", want.Issuer, doc.Issuer)
		scores[2].add(t, want.ID, "number", want.Number, doc.Number)
		scores[3].add(t, want.ID, "issued", want.IssuedOn, doc.IssuedOn)
		scores[4].add(t, want.ID, "from", want.Validity.From, doc.Validity.From)
		scores[5].add(t, want.ID, "region and access", want.Region+string(want.Access), doc.Region+string(doc.Access))
		for _, r := range want.Relations {
			if r.To != "" && numbers[r.To] != "" && r.Kind != kb.AttachmentOf && r.Kind != kb.Repeals { // those it repeals are in its clean-up list
				scores[6].add(t, want.ID, string(r.Kind)+" "+numbers[r.To], true, acts(doc, r.Kind, numbers[r.To]))
			}
		}
	}
	for i, name := range []string{"title", "issuer", "number", "issued", "from", "region and access", "relations"} {
		if s := scores[i]; s.right*100 < s.all*90 {
			t.Errorf("%s: %d of %d right", name, s.right, s.all)
		}
	}
}

func acts(doc kb.Document, kind kb.RelationKind, number string) bool {
	return slices.ContainsFunc(doc.Relations, func(r kb.Relation) bool {
		return r.Kind == kind && ingest.FindNumber(r.ToRef) == number && r.Basis != ""
	})
}

func sampleRegions(t *testing.T) *kb.Regions {
	t.Helper()
	regions, err := sample.Regions()
	if err != nil {
		t.Fatal(err)
	}
	table, err := kb.NewRegions(regions...)
	if err != nil {
		t.Fatal(err)
	}
	return table
}
