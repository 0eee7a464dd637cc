package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"xiaoyue/kb"
	"xiaoyue/kb/sample"
)

// relationKeys are the front matter keys that state a relation, in the order they are written.
var relationKeys = []struct {
	key  string
	kind kb.RelationKind
}{
	{"repeals", kb.Repeals}, {"amends", kb.Amends}, {"supersedes", kb.Supersedes},
	{"consolidates", kb.Supersedes}, {"extends", kb.Extends}, {"suspends", kb.Suspends},
	{"cleanup_list", kb.CleanupList}, {"interprets", kb.Interprets},
	{"attachment_of", kb.AttachmentOf}, {"based_on", kb.BasedOn},
}

// describe returns the list of descriptions as JSON, one a line.
func describe(sources []source) ([]byte, error) {
	ids := map[string]source{}
	for _, s := range sources {
		ids[s.meta["id"]] = s
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	for _, s := range sources {
		d, err := description(s, ids)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.path, err)
		}
		if err := e.Encode(d); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}

func description(s source, ids map[string]source) (sample.Description, error) {
	f := front{meta: s.meta}
	d := sample.Description{
		ID: s.meta["id"], Key: s.key, Format: s.format,
		Title: s.meta["title"], Issuer: s.meta["issuer"], Number: s.meta["number"],
		IssuedOn: f.date("issued_on"), PublishedOn: f.date("published_on"),
		Attributes: f.attributes(),
		Topics:     list(s.meta["topic"], "、"),
		Secrecy:    s.meta["classified"],
	}
	for _, k := range relationKeys {
		for _, to := range list(s.meta[k.key], ",") {
			r := f.relation(k.key, to, ids)
			r.Kind = k.kind
			d.Relations = append(d.Relations, r)
		}
	}
	if !slices.ContainsFunc(s.blocks, func(b block) bool { return b.kind == title && b.text == d.Title }) {
		f.faults = append(f.faults, fmt.Errorf("title %q does not stand in the text", d.Title))
	}
	return d, errors.Join(f.faults...)
}

// front reads typed values from a front matter and gathers what is wrong with them.
type front struct {
	meta   map[string]string
	faults []error
}

func (f *front) date(key string) kb.Date {
	d, err := kb.ParseDate(f.meta[key])
	if err != nil {
		f.faults = append(f.faults, fmt.Errorf("%s: %w", key, err))
	}
	return d
}

func (f *front) attributes() kb.Attributes {
	a := kb.Attributes{
		Tenant: kb.DefaultTenant, Access: kb.Access(f.meta["access"]),
		Region: f.meta["region"], Zone: f.meta["zone"], Audience: list(f.meta["audience"], "、"),
		Validity: kb.Validity{
			From: f.date("valid_from"), Until: f.date("valid_until"),
			Confidence: 1, Transitional: f.meta["transitional"] == "true",
		},
	}
	if a.Access == "" {
		a.Access = kb.AccessPublic
	}
	if status := kb.Status(f.meta["status"]); status != kb.StatusInForce && status != kb.StatusExpired {
		a.Validity.Ended = status
	}
	return a
}

// relation returns the act stated under a key on a text, which is an id of the sample or the 《name》
// of a text that the sample lacks.
func (f *front) relation(key, to string, ids map[string]source) kb.Relation {
	r := kb.Relation{
		From: f.meta["id"], To: to, ToRef: ids[to].meta["number"],
		Clauses:   list(f.meta[key+"_clauses"], "、"),
		Effective: f.date("effective"), Until: f.date(key + "_until"), Confident: 1,
	}
	if r.Effective.IsZero() {
		r.Effective = f.date("valid_from")
	}
	if strings.HasPrefix(to, "《") {
		r.To, r.ToRef = "", to
	} else if _, ok := ids[to]; !ok {
		f.faults = append(f.faults, fmt.Errorf("%s: no source has the id %q", key, to))
	}
	return r
}

// list splits a value, trims its parts and drops empty ones.
func list(value, sep string) []string {
	parts := strings.Split(value, sep)
	for i, p := range parts {
		parts[i] = strings.TrimSpace(p)
	}
	return slices.DeleteFunc(parts, func(p string) bool { return p == "" })
}
