package ingest

// FileReading is what came of one file, or of one member of an archive.
type FileReading struct {
	Path string // as given; a.zip!/b.docx for a member, GBK names decoded
	Hash string // SHA-256 of the file's or member's own bytes, hex; "" if they could not be read
	// Reading holds the blocks when Err is nil. Beside a StatusNeedsOCR it still has the page
	// numbers, beside other faults at most the format.
	Reading Reading
	Err     *ReadError // nil when the file was read
}

// Filled returns l with the zero fields replaced by those of DefaultLimits.
func (l Limits) Filled() Limits {
	d := DefaultLimits()
	l.FileBytes = positive(l.FileBytes, d.FileBytes)
	l.TextBytes = positive(l.TextBytes, d.TextBytes)
	l.PartBytes = positive(l.PartBytes, d.PartBytes)
	l.Parts = positive(l.Parts, d.Parts)
	l.Ratio = positive(l.Ratio, d.Ratio)
	l.Depth = positive(l.Depth, d.Depth)
	l.Cells = positive(l.Cells, d.Cells)
	l.Pages = positive(l.Pages, d.Pages)
	return l
}

func positive[N int | int64](n, otherwise N) N {
	if n > 0 {
		return n
	}
	return otherwise
}
