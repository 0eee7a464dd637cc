package ingest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"sort"
	"strings"
	"time"
	"unicode/utf8"

	"xiaoyue/kb"
)

// BuildOptions says what is known about a file beside its content. The zero value is usable.
type BuildOptions struct {
	Regions *kb.Regions // nil: no region is read from texts
	Tenant  string      // empty: kb.DefaultTenant
	Source  string      // the named feed; empty: DefaultSource
	ID      string      // of the document; empty: made of tenant, source and key
	Key     string      // place within the source; empty: the path
	Title   string      // empty: read from the text
	Region  string      // for texts that name none
	Zone    string      // 专区 of the whole feed
	Access  kb.Access   // of texts that mark nothing; empty: public
	Now     time.Time   // the day of reading; zero: a text that its site calls 失效 gets no end date

	sheets bool // the file is a workbook
}

// DefaultSource is the feed of files that name none.
const DefaultSource = "files"

func (o BuildOptions) filled(path string) BuildOptions {
	if o.Tenant == "" {
		o.Tenant = kb.DefaultTenant
	}
	if o.Source == "" {
		o.Source = DefaultSource
	}
	if o.Key == "" {
		o.Key = path
	}
	if o.ID == "" {
		o.ID = documentID(o.Tenant, o.Source, o.Key)
	}
	return o
}

// documentID is stable over the versions of what lies at one place.
func documentID(tenant, source, key string) string {
	sum := sha256.Sum256([]byte(tenant + "\x00" + source + "\x00" + key))
	return hex.EncodeToString(sum[:12])
}

// Build makes the document and its passages of what was read from one file, and the report about
// it. Unless the status is ok or thin there is no document to store: its Text is empty and there are
// no passages. Of a text that is marked 秘密, 机密 or 绝密 nothing is passed on, not even its title.
func Build(f FileReading, o BuildOptions) (kb.Document, []kb.Passage, Report) {
	o = o.filled(f.Path)
	report := newReport(f.Path, f.Reading.Format)
	report.PagesNeedingOCR, report.Coverage = append(report.PagesNeedingOCR, f.Reading.PagesNeedingOCR...), f.Reading.Coverage
	if f.Err != nil {
		report.Status, report.Reason = f.Err.Status, f.Err.Reason
		return kb.Document{}, nil, report
	}
	p := layout(f.Reading.Blocks, true)
	if strings.TrimSpace(p.text) == "" {
		report.Status, report.Reason = StatusEmpty, "文件里没有可读的文字"
		return kb.Document{}, nil, report
	}
	nodes := outlineOf(p)
	o.sheets = f.Reading.Format == "xlsx"
	d := newDescriber(p, nodes, f.Reading.Properties, o)
	if level := d.classification(); level != "" {
		return kb.Document{}, nil, classified(f, level)
	}
	doc, passages := assemble(f, d, o)
	report.Status, report.Reason = quality(f.Reading, p)
	report.Title, report.Text, report.Sections, report.Tables = doc.Title, doc.Text, doc.Sections, doc.Tables
	report.Metadata = metadata(doc, o.Now)
	return doc, passages, report
}

// newReport is an ok report without content, whose lists are empty rather than null.
func newReport(path, format string) Report {
	return Report{Path: path, Format: format, Status: StatusOK, Sections: []kb.Section{}, PagesNeedingOCR: []int{},
		Metadata: Metadata{Audience: []string{}, Supersedes: []string{}, Repeals: []string{}}}
}

// classified is the report on a text with a 密级: nothing of it is passed on.
func classified(f FileReading, level string) Report {
	report := newReport(f.Path, f.Reading.Format)
	report.Status, report.Reason = StatusClassified, "文件标有密级（"+level+"），不得进入本系统，内容未读取、未保存"
	return report
}

// assemble applies the description to document and passages.
func assemble(f FileReading, d *describer, o BuildOptions) (kb.Document, []kb.Passage) {
	found := d.describe()
	if found.title == "" {
		found.title = strings.TrimSuffix(path.Base(f.Path), path.Ext(f.Path))
	}
	passages := split(d.page, d.nodes)
	identify(o.ID, passages)
	found.validity.Basis = passageAt(passages, found.validityAt)
	doc := kb.Document{
		ID: o.ID, Source: o.Source, Key: o.Key, Hash: f.Hash, Format: f.Reading.Format,
		Title: found.title, Issuer: found.issuer, Number: found.number, IssuedOn: found.issued, PublishedOn: found.published,
		Attributes: kb.Attributes{Tenant: o.Tenant, Access: stricter(found.access, o.Access), Region: found.region,
			Zone: found.zone, Audience: found.audience, Validity: found.validity},
		Topics: strings.FieldsFunc(d.property("主题分类", "主题词"), func(r rune) bool { return strings.ContainsRune("、，,；;/ 　", r) }),
		Text:   d.page.text, Sections: sections(d.page, d.nodes), Pages: f.Reading.Pages, Tables: d.page.tables, Coverage: f.Reading.Coverage,
	}
	for _, a := range found.acts {
		a.From, a.Basis = o.ID, passageAt(passages, a.at)
		doc.Relations = append(doc.Relations, a.Relation)
	}
	for i := range passages {
		passages[i].Title, passages[i].Attributes = doc.Title, doc.Attributes
	}
	return doc, passages
}

// passageAt returns the ID of the passage that holds byte at, or "".
func passageAt(passages []kb.Passage, at int) string {
	if at < 0 {
		return ""
	}
	i := sort.Search(len(passages), func(i int) bool { return passages[i].Start+len(passages[i].Text) > at })
	if i == len(passages) || passages[i].Start > at {
		return ""
	}
	return passages[i].ID
}

// stricter returns the less open of two access levels; empty is public.
func stricter(a, b kb.Access) kb.Access {
	for _, level := range []kb.Access{kb.AccessRestricted, kb.AccessInternal} {
		if a == level || b == level {
			return level
		}
	}
	return kb.AccessPublic
}

// quality decides whether a text was read well. Thin are: characters that could not be decoded, pages
// that are pictures, text that the reader saw and could not place.
func quality(r Reading, p page) (Status, string) {
	const enough, fewLost = 0.9, 0.002
	switch total := utf8.RuneCountInString(p.text); {
	case p.lost > 2 && float64(p.lost) > fewLost*float64(total):
		return StatusThin, fmt.Sprintf("有 %d 个字无法识别，请检查文件编码或字体", p.lost)
	case len(r.PagesNeedingOCR) > 0:
		return StatusThin, fmt.Sprintf("有 %d 页是图片，文字未能读出", len(r.PagesNeedingOCR))
	case r.Coverage > 0 && r.Coverage < enough:
		return StatusThin, fmt.Sprintf("只读出约 %.0f%% 的内容", 100*r.Coverage)
	}
	return StatusOK, ""
}

// metadata is the published form of what was found out about a document.
func metadata(doc kb.Document, now time.Time) Metadata {
	if now.IsZero() {
		now = time.Now()
	}
	m := Metadata{Issuer: doc.Issuer, Number: doc.Number, IssuedOn: doc.IssuedOn, PublishedOn: doc.PublishedOn,
		ValidFrom: doc.Validity.From, ValidUntil: doc.Validity.Until, Status: doc.Validity.On(kb.DateOf(now)),
		Region: doc.Region, Zone: doc.Zone, Audience: append([]string{}, doc.Audience...), Access: doc.Access,
		Supersedes: []string{}, Repeals: []string{}, Relations: doc.Relations}
	for _, r := range doc.Relations {
		named := shortName(r.ToRef)
		repealed := r.Kind == kb.Repeals || r.Kind == kb.CleanupList
		if r.Kind == kb.Supersedes {
			m.Supersedes = append(m.Supersedes, named)
			repealed = containsAny(r.Quote, cancels)
		}
		if repealed {
			m.Repeals = append(m.Repeals, named)
		}
	}
	return m
}

// shortName returns the number in a reference, or its 《title》.
func shortName(ref string) string {
	if refs := references(ref); len(refs) > 0 {
		return refs[0].short()
	}
	return ref
}
