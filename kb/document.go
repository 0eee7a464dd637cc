package kb

import "time"

// Document is one version of a text. ID is opaque and stable over versions; (Source, Key) is where
// it comes from and is unique within a tenant; Hash is the content hash that makes reading the same
// file again a no-op.
type Document struct {
	ID      string `json:"doc_id"`
	Version int    `json:"version"` // from 1
	Source  string `json:"source"`  // the named feed; withdrawal works within one
	Key     string `json:"key"`     // path or identifier within the source, a.zip!/b.docx for members
	Hash    string `json:"hash"`    // SHA-256 of the file, hex
	Format  string `json:"format"`

	Title       string   `json:"title"`
	Issuer      string   `json:"issuer,omitempty"` // 发文机关
	Number      string   `json:"number,omitempty"` // 发文字号
	IssuedOn    Date     `json:"issued_on"`        // 成文日期
	PublishedOn Date     `json:"published_on"`
	Attributes           // tenant, access, region, zone, audience, validity
	Topics      []string `json:"topics,omitempty"`

	// Text is the whole text after masking of personal data; every quote is a substring of it.
	Text      string     `json:"text"`
	Sections  []Section  `json:"sections,omitempty"`
	Relations []Relation `json:"relations,omitempty"`
	Pages     int        `json:"pages,omitempty"`
	Tables    int        `json:"tables,omitempty"`
	Coverage  float64    `json:"coverage"` // share of the file's text that was read, in [0,1]

	RecordedAt time.Time `json:"recorded_at"`         // when this version became known
	RetiredAt  time.Time `json:"retired_at,omitzero"` // when a newer version or a withdrawal replaced it
}

// Section is a node of the clause tree in reading order; Level gives the nesting, 1 outermost.
type Section struct {
	Level  int    `json:"level"`
	Number string `json:"number"` // as printed: 第一章, 第三条, 一、, （二）, 1.
	Title  string `json:"title"`
	Page   int    `json:"page"`  // from 1; 0 where the format has no pages
	Text   string `json:"text"`  // its own words, children excluded; substring of Document.Text
	Start  int    `json:"start"` // byte offset of Text in Document.Text
}

// PassageKind says what a passage is cut from.
type PassageKind string

// The kinds of passages.
const (
	PassageClause PassageKind = "clause"
	PassageTable  PassageKind = "table"
)

// Passage is the unit of retrieval and citation. Its ID is stable while its words and place are
// unchanged, so that a new version of a document re-embeds only what changed.
type Passage struct {
	ID       string      `json:"passage_id"`
	DocID    string      `json:"doc_id"`
	Version  int         `json:"version"`
	Ordinal  int         `json:"ordinal"` // reading order in the document, from 0
	Kind     PassageKind `json:"kind"`
	Title    string      `json:"title"`              // of the document
	Headings []string    `json:"headings,omitempty"` // path of headings above it, outermost first
	Clause   string      `json:"clause,omitempty"`   // 第五条第二款第（三）项
	Page     int         `json:"page,omitempty"`
	Text     string      `json:"text"`  // exact substring of Document.Text
	Start    int         `json:"start"` // byte offset in Document.Text
	// Head is repeated context that Text itself lacks: the header rows of a split table.
	Head       string `json:"head,omitempty"`
	Attributes        // of the document, narrowed where the clause has its own validity
}

// IndexText returns what is searched and embedded: title, heading path, repeated head, own words.
func (p Passage) IndexText() string {
	var b []byte
	for _, s := range append(append([]string{p.Title}, p.Headings...), p.Head, p.Text) {
		if s == "" {
			continue
		}
		if len(b) > 0 {
			b = append(b, '\n')
		}
		b = append(b, s...)
	}
	return string(b)
}
