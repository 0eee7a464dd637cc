package milvus

import (
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"xiaoyue/kb"
)

// filter is kb.Scope.Admits in the server's language; admits is false where no passage can be inside.
func filter(scope kb.Scope) (expr string, admits bool) {
	if len(scope.Access) == 0 {
		return "", false
	}
	parts := []string{
		fieldTenant + " == " + quote(scope.Tenant),
		fieldAccess + " in " + list(scope.Access),
	}
	if len(scope.Regions) > 0 {
		parts = append(parts, fieldRegion+" in "+list(append([]string{""}, scope.Regions...)))
	}
	if scope.Zone != "" {
		parts = append(parts, fieldZone+" in "+list([]string{"", scope.Zone}))
	}
	if scope.Audience != "" {
		parts = append(parts, fmt.Sprintf("(%s == true or array_contains(%s, %s))", fieldEveryone, fieldAudience, quote(scope.Audience)))
	}
	if day := scope.AsOf.Number(); day != 0 {
		parts = append(parts, fmt.Sprintf("%s <= %d and %s >= %d", fieldFrom, day, fieldUntil, day))
	}
	expr = strings.Join(parts, " and ")
	return expr, utf8.ValidString(expr) // what is no text is stored nowhere
}

// list writes an array literal.
func list[T ~string](values []T) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = quote(string(v))
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// quote writes a string literal of a value as it is stored. The language has no templates before 2.5.
func quote(s string) string { return `"` + stored(s) + `"` }

// stored is an ID or attribute as Milvus keeps it: what could end a literal or needs an escape in it is
// written as in a URL, %22 for a quote. So no value can leave its literal, whoever writes the filter: what
// milvus-lite makes of an upsert or a deletion are filters of its own, without escapes.
func stored(s string) string {
	if !strings.ContainsFunc(s, special) {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; special(rune(c)) {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

func special(r rune) bool {
	return r < ' ' || r == 0x7f || r == '"' || r == '\'' || r == '\\' || r == '%'
}

// given is the value that was stored.
func given(s string) (string, error) {
	if !strings.Contains(s, "%") {
		return s, nil
	}
	return url.PathUnescape(s)
}
