package catalog_test

import (
	"strconv"
	"testing"

	"xiaoyue/kb"
	"xiaoyue/kb/catalog"
)

// benchDocument has 9 passages of about 100 characters.
func benchDocument(n int) (kb.Document, []kb.Passage) {
	d, passages := crashDocument(n, 2)
	d.Validity.From = kb.MustDate("2025-01-01")
	return d, passages
}

// BenchmarkPutDocument puts a new document of 9 passages that repeals another, to the disk.
func BenchmarkPutDocument(b *testing.B) {
	f := openFixture(b, catalog.Options{Dir: b.TempDir()})
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		d, passages := benchDocument(n)
		if _, _, err := f.PutDocument(b.Context(), d, passages); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkUnchanged is what reading the same folder again costs per file.
func BenchmarkUnchanged(b *testing.B) {
	f := openFixture(b, catalog.Options{Dir: b.TempDir()})
	d, passages := benchDocument(1)
	f.put(b, d, passages)
	b.ReportAllocs()
	for b.Loop() {
		if ok, err := f.Unchanged(b.Context(), tenant, "test", d.Key, d.Hash); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}

// BenchmarkPassages reads passages by ID out of 9,000, and all of them as an index is rebuilt.
func BenchmarkPassages(b *testing.B) {
	f := openFixture(b, catalog.Options{Dir: b.TempDir()})
	var ids []string
	for n := range 1000 {
		d, passages := benchDocument(n)
		for i := range passages {
			passages[i].ID = strconv.Itoa(n) + "-" + strconv.Itoa(i)
			ids = append(ids, passages[i].ID)
		}
		f.put(b, d, passages)
	}
	b.Run("all", func(b *testing.B) {
		b.ReportAllocs()
		read := 0
		for b.Loop() {
			for _, err := range f.AllPassages(b.Context()) {
				if err != nil {
					b.Fatal(err)
				}
				read++
			}
		}
		b.ReportMetric(float64(read)/b.Elapsed().Seconds(), "passages/s")
	})
	for _, count := range []int{1, 10, 50} {
		b.Run(strconv.Itoa(count), func(b *testing.B) {
			b.ReportAllocs()
			asked := make([]string, count)
			for at := 0; b.Loop(); at += 7919 {
				for i := range asked {
					asked[i] = ids[(at+i*101)%len(ids)]
				}
				if found, err := f.Passages(b.Context(), asked); err != nil || len(found) != count {
					b.Fatal(len(found), err)
				}
			}
		})
	}
}

// BenchmarkAppendEvents persists one event of a running answer.
func BenchmarkAppendEvents(b *testing.B) {
	f := openFixture(b, catalog.Options{Dir: b.TempDir()})
	if _, err := f.NextTurn(b.Context(), kb.Caller{Tenant: tenant}, "c"); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for seq := 1; b.Loop(); seq++ {
		e := kb.Event{V: 1, Type: kb.EventDelta, Conversation: "c", Turn: 1, Seq: seq, Text: "硕士每人三万元"}
		if err := f.AppendEvents(b.Context(), tenant, []kb.Event{e}); err != nil {
			b.Fatal(err)
		}
	}
}
