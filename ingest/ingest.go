// Package ingest goes from files to passages: read, clean, structure, split, describe, put. It is
// resumable and incremental, and reports what it read badly instead of hiding it.
//
// Readers of the formats live in subfolders and are wired by cmd. A reader never runs inside the
// process that owns the catalog: it works in a child process under limits (see Sandbox).
package ingest

import (
	"context"
	"io"

	"xiaoyue/kb"
)

// Status says how the reading of one file ended.
type Status string

// The statuses. Everything but ok and thin stores nothing.
const (
	StatusOK          Status = "ok"
	StatusThin        Status = "thin" // read, but less than the file seems to hold
	StatusNeedsOCR    Status = "needs_ocr"
	StatusEmpty       Status = "empty"
	StatusEncrypted   Status = "encrypted"
	StatusUnsupported Status = "unsupported"
	StatusDamaged     Status = "damaged"
	StatusTooLarge    Status = "too_large"
	StatusTimeout     Status = "timeout"
	StatusHostile     Status = "hostile"
	StatusClassified  Status = "classified"
)

// BlockKind is what a block of a reading is.
type BlockKind string

// The kinds of blocks.
const (
	BlockParagraph BlockKind = "paragraph"
	BlockHeading   BlockKind = "heading" // by style or markup; Level from 1
	BlockTable     BlockKind = "table"
)

// Block is a paragraph, heading or table in reading order, as a reader found it.
type Block struct {
	Kind  BlockKind  `json:"kind"`
	Level int        `json:"level,omitempty"` // of a heading; 0 for a document title
	Text  string     `json:"text,omitempty"`  // automatic numbers resolved and written in front
	Page  int        `json:"page,omitempty"`  // from 1
	Rows  [][]string `json:"rows,omitempty"`  // of a table, merged cells repeated
	Heads int        `json:"heads,omitempty"` // leading rows that are heads
	// Centered and Right are alignments that help to tell titles and signatures.
	Centered bool `json:"centered,omitempty"`
	Right    bool `json:"right,omitempty"`
}

// Reading is what a reader got out of one file.
type Reading struct {
	Format          string            `json:"format"`
	Blocks          []Block           `json:"blocks"`
	Pages           int               `json:"pages,omitempty"`
	PagesNeedingOCR []int             `json:"pages_needing_ocr,omitempty"`
	Properties      map[string]string `json:"properties,omitempty"` // title, and labels of a site's table: 文号, 发布日期, 有效性 …
	// Coverage is the share in [0,1] of the file's text that the blocks hold, by the reader's own
	// count (runs seen against runs placed, pages with text against pages, bytes decoded).
	Coverage float64 `json:"coverage"`
}

// Reader reads one format. Input is hostile: size, depth, time and memory are bounded by Limits and
// by the process around it. A fault is a *ReadError.
type Reader interface {
	Read(ctx context.Context, r io.ReaderAt, size int64, limits Limits) (Reading, error)
}

// Limits bound a reading. Zero fields mean the defaults of DefaultLimits.
type Limits struct {
	FileBytes int64 // of the file itself
	TextBytes int64 // of the text that comes out
	PartBytes int64 // of one unpacked member
	Parts     int   // members of an archive
	Ratio     int   // unpacked to packed size of a whole archive
	Depth     int   // of nesting: elements, archives, tables
	Cells     int   // of all tables
	Pages     int
}

// DefaultLimits are generous for office documents and small for attacks.
func DefaultLimits() Limits {
	return Limits{FileBytes: 100 << 20, TextBytes: 20 << 20, PartBytes: 64 << 20, Parts: 5000, Ratio: 200, Depth: 256, Cells: 1 << 20, Pages: 5000}
}

// ReadError says why a file could not be read, in words for the person who sent it.
type ReadError struct {
	Status Status
	Reason string // Chinese, what is wrong and what to do
	Err    error  // the technical cause, may be nil
}

func (e *ReadError) Error() string {
	if e.Err == nil {
		return string(e.Status) + ": " + e.Reason
	}
	return string(e.Status) + ": " + e.Reason + ": " + e.Err.Error()
}

// Unwrap returns the technical cause.
func (e *ReadError) Unwrap() error { return e.Err }

// Report is the line printed for one document, on a dry run and otherwise.
type Report struct {
	Path            string       `json:"path"` // a.zip!/b.docx for members
	Format          string       `json:"format"`
	Status          Status       `json:"status"`
	Reason          string       `json:"reason"`
	Title           string       `json:"title"`
	Text            string       `json:"text"`
	Sections        []kb.Section `json:"sections"`
	Tables          int          `json:"tables"`
	PagesNeedingOCR []int        `json:"pages_needing_ocr"`
	Coverage        float64      `json:"coverage"`
	Metadata        Metadata     `json:"metadata"`
}

// Metadata is what was found out about a document by rule.
type Metadata struct {
	Issuer      string    `json:"issuer"`
	Number      string    `json:"number"`
	IssuedOn    kb.Date   `json:"issued_on"`
	PublishedOn kb.Date   `json:"published_on"`
	ValidFrom   kb.Date   `json:"valid_from"`
	ValidUntil  kb.Date   `json:"valid_until"`
	Status      kb.Status `json:"status"`
	Region      string    `json:"region"`
	Zone        string    `json:"zone"`
	Audience    []string  `json:"audience"`
	Access      kb.Access `json:"access"`
	Supersedes  []string  `json:"supersedes"` // 发文字号 or 《title》
	Repeals     []string  `json:"repeals"`
	// Relations are all acts on other texts with clause, date and words, Supersedes and Repeals included.
	Relations []kb.Relation `json:"relations,omitempty"`
}
