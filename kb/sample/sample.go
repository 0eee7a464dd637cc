// Package sample is the knowledge of the invented city 越州市, which the demo and the tests load:
// documents in the formats a bureau has, their descriptions, service items, regions and questions.
//
// The documents are made from the readable texts under sources by cmd/mksample; nothing here is
// taken from a real authority. The package reads what is embedded and knows nothing of ingestion.
package sample

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"xiaoyue/kb"
)

//go:generate go run xiaoyue/cmd/mksample -dir .

//go:embed documents documents.jsonl items.jsonl regions.jsonl questions.jsonl
var files embed.FS

// City is the region code of 越州市; every other region of the sample lies in or above it.
const City = "339900"

// Description is what the sample states about one of its documents: the truth that extraction by
// rule is measured against, and what no rule could find in the file itself (zone, access).
type Description struct {
	ID          string  `json:"id"`  // opaque, also the name of the source file
	Key         string  `json:"key"` // path of the file in Documents
	Format      string  `json:"format"`
	Title       string  `json:"title"`
	Issuer      string  `json:"issuer"`
	Number      string  `json:"number,omitempty"`
	IssuedOn    kb.Date `json:"issued_on"`
	PublishedOn kb.Date `json:"published_on"`
	kb.Attributes
	Topics []string `json:"topics,omitempty"`
	// Secrecy is the 密级 printed on the document; such a document must be refused unread.
	Secrecy string `json:"secrecy,omitempty"`
	// Relations name documents of the sample by ID.
	Relations []kb.Relation `json:"relations,omitempty"`
}

// Documents returns the files as a bureau would hand them over, one folder per topic.
func Documents() fs.FS {
	sub, err := fs.Sub(files, "documents")
	if err != nil {
		panic(err) // the name is constant and embedded
	}
	return sub
}

// Files returns the sample as a bureau would hand it over: the documents in their folders, with
// documents.jsonl, items.jsonl and regions.jsonl beside them.
func Files() (map[string][]byte, error) {
	all := map[string][]byte{}
	err := fs.WalkDir(Documents(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		all[path], err = fs.ReadFile(Documents(), path)
		return err
	})
	for _, name := range []string{"documents.jsonl", "items.jsonl", "regions.jsonl"} {
		content, readErr := files.ReadFile(name)
		all[name], err = content, errors.Join(err, readErr)
	}
	if err != nil {
		return nil, fmt.Errorf("sample: %w", err)
	}
	return all, nil
}

// Descriptions returns what is stated about each file of Documents, ordered by key.
func Descriptions() ([]Description, error) { return lines[Description]("documents.jsonl") }

// Items returns the service items. Their JSON shape is published in items.schema.json.
func Items() ([]kb.ServiceItem, error) { return lines[kb.ServiceItem]("items.jsonl") }

// Regions returns the regions from the nation down to the towns of 越州市.
func Regions() ([]kb.Region, error) { return lines[kb.Region]("regions.jsonl") }

// Questions returns the questions with their expected answers, one JSON object a line, in the
// shape of the cases of xiaoyue eval answers.
func Questions() []byte {
	b, err := files.ReadFile("questions.jsonl")
	if err != nil {
		panic(err) // embedded
	}
	return b
}

func lines[T any](name string) ([]T, error) {
	b, err := files.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("sample: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	var all []T
	for {
		var v T
		switch err := d.Decode(&v); {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, fmt.Errorf("sample: %s record %d: %w", name, len(all)+1, err)
		}
		all = append(all, v)
	}
}
