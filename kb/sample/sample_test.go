package sample_test

import (
	"bytes"
	"io/fs"
	"os"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"xiaoyue/kb"
	"xiaoyue/kb/sample"
)

// today is a day on which the sample is asked about; the sample itself knows no today.
var today = kb.MustDate("2026-11-23")

func TestItemsMeetTheSchema(t *testing.T) {
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	schema, err := c.Compile("items.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile("items.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range bytes.Split(bytes.TrimSpace(b), []byte("\n")) {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
		if err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		if err := schema.Validate(v); err != nil {
			t.Errorf("line %d: %v", i+1, err)
		}
	}
}

func TestItemsStandOnTheirDocuments(t *testing.T) {
	items, regions, described := load(t)
	if len(items) != 25 {
		t.Errorf("%d items, want 25", len(items))
	}
	table, err := kb.NewRegions(regions...)
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]bool{}
	for _, i := range items {
		if err := i.Check(); err != nil {
			t.Error(err)
		}
		if codes[i.Code] {
			t.Errorf("item %s is listed twice", i.Code)
		}
		codes[i.Code] = true
		if !i.Validity.Holds(today) {
			t.Errorf("item %s %s is not in force on %s", i.Code, i.Name, today)
		}
		if immediate := i.PromisedDays != nil && i.PromisedDays.Number == 0; immediate != (i.HandlingKind == "即办件") {
			t.Errorf("item %s %s: %s with a promised time of %v", i.Code, i.Name, i.HandlingKind, i.PromisedDays)
		}
		for _, w := range i.Windows {
			if _, ok := table.Lookup(w.Region); !ok {
				t.Errorf("item %s: window %s lies in the unknown region %s", i.Code, w.Name, w.Region)
			}
		}
		for _, l := range i.Legal {
			d, ok := described[l.DocID]
			if l.DocID != "" && (!ok || d.Number != l.Number || !d.Validity.Holds(today)) {
				t.Errorf("item %s rests on %q %s, which is not a live document of the sample", i.Code, l.DocID, l.Number)
			}
		}
	}
}

// TestKindsOfDocuments holds the sample to what it is for: every way in which a rule can change or
// meet another one occurs, in every format.
func TestKindsOfDocuments(t *testing.T) {
	_, _, described := load(t)
	formats, relations, regions, access := map[string]int{}, map[kb.RelationKind]int{}, map[string]int{}, map[kb.Access]int{}
	secret := 0
	for _, d := range described {
		formats[d.Format]++
		regions[d.Region]++
		access[d.Access]++
		for _, r := range d.Relations {
			relations[r.Kind]++
		}
		if d.Secrecy != "" {
			secret++
		}
	}
	if len(described) < 40 || secret != 1 {
		t.Errorf("%d documents, %d secret ones; want at least 40 and 1", len(described), secret)
	}
	for _, f := range []string{"docx", "pdf", "scan-pdf", "xlsx", "html", "md", "txt-gb18030"} {
		if formats[f] == 0 {
			t.Errorf("no document has the format %s", f)
		}
	}
	for _, k := range []kb.RelationKind{kb.Repeals, kb.Amends, kb.Supersedes, kb.Extends, kb.Suspends, kb.CleanupList, kb.Interprets, kb.AttachmentOf, kb.BasedOn} {
		if relations[k] == 0 {
			t.Errorf("no document %s another", k)
		}
	}
	for _, r := range []string{sample.City, "339902", "339903", "339904", "339971"} {
		if regions[r] == 0 {
			t.Errorf("no document is from region %s", r)
		}
	}
	if access[kb.AccessInternal] < 2 {
		t.Errorf("%d internal documents, want at least 2", access[kb.AccessInternal])
	}
}

var number = regexp.MustCompile(`^\p{Han}+〔20\d\d〕\d+号$`)

func TestDescriptions(t *testing.T) {
	_, regions, described := load(t)
	table, err := kb.NewRegions(regions...)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range described {
		if _, err := fs.Stat(sample.Documents(), d.Key); err != nil {
			t.Error(err)
		}
		if d.Number != "" && !number.MatchString(d.Number) {
			t.Errorf("%s: number %q is not well formed", d.Key, d.Number)
		}
		if _, ok := table.Lookup(d.Region); !ok {
			t.Errorf("%s: region %q is unknown", d.Key, d.Region)
		}
		if born(d).IsZero() || d.Validity.From.Before(born(d)) {
			t.Errorf("%s: made on %q, in force from %q", d.Key, born(d), d.Validity.From)
		}
		for _, r := range d.Relations {
			if r.From != d.ID || born(described[r.To]).After(born(d)) {
				t.Errorf("%s: %s acts on the later %s", d.Key, r.Kind, r.To)
			}
		}
	}
}

// born returns when a text was made, or else made public.
func born(d sample.Description) kb.Date {
	if d.IssuedOn.IsZero() {
		return d.PublishedOn
	}
	return d.IssuedOn
}

// TestRelationsAgreeWithValidity recomputes when each text ended from the acts on it.
func TestRelationsAgreeWithValidity(t *testing.T) {
	_, _, described := load(t)
	for _, d := range described {
		for _, r := range d.Relations {
			to, held := described[r.To]
			if !held || len(r.Clauses) > 0 || r.Kind == kb.Suspends {
				continue
			}
			got := r.Effect(to.Validity, d.Validity.From)
			if got.Until != to.Validity.Until {
				t.Errorf("%s %s %s: ends on %q, the sample says %q", d.ID, r.Kind, to.ID, got.Until, to.Validity.Until)
			}
		}
	}
}

func TestRegionChain(t *testing.T) {
	_, regions, _ := load(t)
	table, err := kb.NewRegions(regions...)
	if err != nil {
		t.Fatal(err)
	}
	got, err := table.Chain("339902001")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"339902001", "339902", sample.City, "330000", kb.Nation}, got); diff != "" {
		t.Error(diff)
	}
}

func load(t *testing.T) ([]kb.ServiceItem, []kb.Region, map[string]sample.Description) {
	t.Helper()
	items, err := sample.Items()
	if err != nil {
		t.Fatal(err)
	}
	regions, err := sample.Regions()
	if err != nil {
		t.Fatal(err)
	}
	list, err := sample.Descriptions()
	if err != nil {
		t.Fatal(err)
	}
	described := map[string]sample.Description{}
	for _, d := range list {
		described[d.ID] = d
	}
	return items, regions, described
}
