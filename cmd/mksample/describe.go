package main

import (
	"bytes"
	"encoding/json"
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
	var faults []error
	date := func(key string) kb.Date {
		d, err := kb.ParseDate(s.meta[key])
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", key, err))
		}
		return d
	}
	access := kb.Access(s.meta["access"])
	if access == "" {
		access = kb.AccessPublic
	}
	d := sample.Description{
		ID: s.meta["id"], Key: s.key, Format: s.format,
		Title: s.meta["title"], Issuer: s.meta["issuer"], Number: s.meta["number"],
		IssuedOn: date("issued_on"), PublishedOn: date("published_on"),
		Attributes: kb.Attributes{
			Tenant: kb.DefaultTenant, Access: access, Region: s.meta["region"], Zone: s.meta["zone"],
			Audience: list(s.meta["audience"], "、"),
			Validity: kb.Validity{From: date("valid_from"), Until: date("valid_until"), Confidence: 1, Transitional: s.meta["transitional"] == "true"},
		},
		Topics:  list(s.meta["topic"], "、"),
		Secrecy: s.meta["classified"],
	}
	if status := kb.Status(s.meta["status"]); status != kb.StatusInForce && status != kb.StatusExpired {
		d.Validity.Ended = status
	}
	for _, k := range relationKeys {
		for _, to := range list(s.meta[k.key], ",") {
			target, ok := ids[to]
			if !ok {
				faults = append(faults, fmt.Errorf("%s: no source has the id %q", k.key, to))
			}
			d.Relations = append(d.Relations, kb.Relation{
				Kind: k.kind, From: d.ID, To: to, ToRef: target.meta["number"],
				Clauses:   list(s.meta[k.key+"_clauses"], "、"),
				Effective: d.Validity.From, Until: date(k.key + "_until"), Confident: 1,
			})
		}
	}
	if !slices.ContainsFunc(s.blocks, func(b block) bool { return b.kind == title && b.text == d.Title }) {
		faults = append(faults, fmt.Errorf("title %q does not stand in the text", d.Title))
	}
	if len(faults) > 0 {
		return sample.Description{}, faults[0]
	}
	return d, nil
}

// list splits a value, trims its parts and drops empty ones.
func list(value, sep string) []string {
	parts := strings.Split(value, sep)
	for i, p := range parts {
		parts[i] = strings.TrimSpace(p)
	}
	return slices.DeleteFunc(parts, func(p string) bool { return p == "" })
}
