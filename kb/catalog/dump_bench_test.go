package catalog_test

import (
	"testing"

	"xiaoyue/kb/catalog"
)

// BenchmarkDump reads 1,000 documents with 9,000 passages out of a catalog, and loads them into another;
// per passage all that belongs to its document is counted.
func BenchmarkDump(b *testing.B) {
	from := openFixture(b, catalog.Options{Dir: b.TempDir()})
	for n := range 1000 {
		d, passages := benchDocument(n)
		from.put(b, d, passages)
	}
	held := dump(b, from.Catalog, true)
	passages := len(held.rows["passages"])
	for name, place := range places(b) {
		f := load(b, place, held)
		b.Run("from="+name, func(b *testing.B) {
			bytes := 0
			for b.Loop() {
				bytes = 0
				err := f.Dump(b.Context(), true, func(_ catalog.Dumped, t catalog.Table) error {
					for row, err := range t.Rows {
						if err != nil {
							return err
						}
						bytes += len(row)
					}
					return nil
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(passages*b.N)/b.Elapsed().Seconds(), "passages/s")
			b.ReportMetric(float64(bytes)/float64(passages), "B/passage")
		})
	}
	for _, name := range []string{"sqlite", "postgres"} {
		b.Run("into="+name, func(b *testing.B) {
			for b.Loop() {
				place, ok := places(b)[name]
				if !ok {
					b.Skip("XIAOYUE_TEST_POSTGRES is not set")
				}
				if _, err := catalog.Load(b.Context(), place, held.Schema, held.tables()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(passages*b.N)/b.Elapsed().Seconds(), "passages/s")
		})
	}
}
