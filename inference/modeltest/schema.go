package modeltest

import (
	"cmp"
	"encoding/json"
	"strings"
)

// schema is as much of JSON Schema as the scripted model can follow.
type schema struct {
	Const      json.RawMessage
	Enum       []json.RawMessage
	Type       string
	Properties map[string]json.RawMessage
	Required   []string
	Items      json.RawMessage
	MinItems   int
	MinLength  int
	Minimum    json.Number
}

// simplest is the smallest value that fits a schema, as JSON; null for a schema that is none.
func simplest(raw json.RawMessage) string {
	var s schema
	if json.Unmarshal(raw, &s) != nil {
		return "null"
	}
	switch {
	case s.Const != nil:
		return string(s.Const)
	case len(s.Enum) > 0:
		return string(s.Enum[0])
	}
	switch s.Type {
	case "object":
		fields := make([]string, len(s.Required))
		for i, name := range s.Required {
			key, _ := json.Marshal(name) // a string always marshals
			fields[i] = string(key) + ":" + simplest(s.Properties[name])
		}
		return "{" + strings.Join(fields, ",") + "}"
	case "array":
		return "[" + strings.TrimSuffix(strings.Repeat(simplest(s.Items)+",", s.MinItems), ",") + "]"
	case "string":
		return `"` + strings.Repeat("x", s.MinLength) + `"`
	case "integer", "number":
		return cmp.Or(string(s.Minimum), "0")
	case "boolean":
		return "false"
	}
	return "null"
}
