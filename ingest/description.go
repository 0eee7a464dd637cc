package ingest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"xiaoyue/kb"
)

// Description is what somebody states about a document beside its file: an export of the office
// system, an editor's correction. What is stated wins over what rules found; what is absent leaves it.
//
// A folder may hold descriptions of its files in documents.jsonl, one object a line, each with the
// file's key, its path below the folder.
type Description struct {
	Key         string        `json:"key"`
	ID          string        `json:"id"`     // of the document; empty: made by ingest
	Format      string        `json:"format"` // for people only
	Title       string        `json:"title"`
	Issuer      string        `json:"issuer"`
	Number      string        `json:"number"`
	IssuedOn    kb.Date       `json:"issued_on"`
	PublishedOn kb.Date       `json:"published_on"`
	Tenant      string        `json:"tenant"`
	Access      kb.Access     `json:"access"`
	Region      string        `json:"region"`
	Zone        string        `json:"zone"`
	Audience    names         `json:"audience"`
	Validity    *kb.Validity  `json:"validity"`
	ValidFrom   kb.Date       `json:"valid_from"`  // instead of validity
	ValidUntil  kb.Date       `json:"valid_until"` // instead of validity
	Status      kb.Status     `json:"status"`
	Supersedes  []string      `json:"supersedes"` // 发文字号 or 《title》
	Repeals     []string      `json:"repeals"`
	Relations   []kb.Relation `json:"relations"`
	Topics      []string      `json:"topics"`
	Secrecy     string        `json:"secrecy"` // 密级; such a document is refused
}

// digest identifies the description, so that a changed one makes a new version of its document.
func (s Description) digest() string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // plain fields only
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// names is a list that may be written as one string.
type names []string

// UnmarshalJSON reads a list of strings, a string, or null.
func (n *names) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*n = nil
		if one != "" {
			*n = names{one}
		}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(n))
}

// ReadDescriptions reads descriptions by key. A faulty line is a *ReadError that names it.
func ReadDescriptions(r io.Reader) (map[string]Description, error) {
	all := map[string]Description{}
	err := eachLine(r, func(_ int, line []byte) error {
		var d Description
		if err := decodeStrict(line, &d, []string{"key"}); err != nil {
			return err
		}
		if _, twice := all[d.Key]; twice {
			return fmt.Errorf("key：%s 出现两次", d.Key)
		}
		all[d.Key] = d
		return nil
	})
	return all, err
}

// Apply puts what is stated into a document and its passages.
func (s Description) Apply(d *kb.Document, passages []kb.Passage) {
	state(&d.Title, s.Title)
	state(&d.Issuer, s.Issuer)
	state(&d.Number, s.Number)
	state(&d.IssuedOn, s.IssuedOn)
	state(&d.PublishedOn, s.PublishedOn)
	state(&d.Access, s.Access)
	state(&d.Region, s.Region)
	state(&d.Zone, s.Zone)
	if len(s.Audience) > 0 {
		d.Audience = slices.Clone(s.Audience)
	}
	if len(s.Topics) > 0 {
		d.Topics = slices.Clone(s.Topics)
	}
	d.Validity = s.validity(d.Validity)
	d.Relations = s.relations(d)
	for i := range passages {
		passages[i].Title = d.Title
		passages[i].Attributes = d.Attributes
	}
}

// state sets a field to what is stated, if anything is.
func state[T comparable](field *T, stated T) {
	var nothing T
	if stated != nothing {
		*field = stated
	}
}

func (s Description) validity(found kb.Validity) kb.Validity {
	v := found
	if s.Validity != nil {
		v = *s.Validity
		state(&v.Basis, found.Basis)
	}
	state(&v.From, s.ValidFrom)
	state(&v.Until, s.ValidUntil)
	if s.Validity != nil || !s.ValidFrom.IsZero() || !s.ValidUntil.IsZero() {
		v.Confidence = 1
	}
	if s.Status != "" && s.Status != kb.StatusInForce && s.Status != kb.StatusNotYet && !v.Until.IsZero() {
		v.Ended = s.Status
	}
	return v
}

// relations adds what is stated to what was found; a stated relation replaces a found one of the
// same kind to the same text.
func (s Description) relations(d *kb.Document) []kb.Relation {
	stated := slices.Clone(s.Relations)
	for _, ref := range s.Supersedes {
		stated = append(stated, kb.Relation{Kind: kb.Supersedes, ToRef: ref})
	}
	for _, ref := range s.Repeals {
		stated = append(stated, kb.Relation{Kind: kb.Repeals, ToRef: ref})
	}
	for i := range stated {
		stated[i].From, stated[i].Confident = d.ID, 1
	}
	for _, found := range d.Relations {
		same := func(r kb.Relation) bool {
			return r.Kind == found.Kind && (r.ToRef == found.ToRef || r.To != "" && r.To == found.To)
		}
		if !slices.ContainsFunc(stated, same) {
			stated = append(stated, found)
		}
	}
	return stated
}
