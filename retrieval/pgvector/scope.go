package pgvector

import (
	"fmt"
	"strings"

	"xiaoyue/kb"
)

// arguments are the bound parameters of a statement.
type arguments []any

// add binds a value and returns its place holder.
func (a *arguments) add(value any) string {
	*a = append(*a, value)
	return fmt.Sprintf("$%d", len(*a))
}

// inside is the condition that a passage p is inside a scope: kb.Scope.Admits in SQL. Limits that the
// scope does not set are left out, so that few statements differ and the planner sees what matters.
func inside(s kb.Scope, a *arguments) string {
	terms := []string{
		"p.tenant = " + a.add(storable(s.Tenant)),
		"p.access = any(" + a.add(storables(s.Access)) + ")",
	}
	if len(s.Regions) > 0 {
		terms = append(terms, "p.region = any("+a.add(append(storables(s.Regions), ""))+")")
	}
	if s.Zone != "" {
		terms = append(terms, "p.zone in ('', "+a.add(storable(s.Zone))+")")
	}
	if s.Audience != "" {
		terms = append(terms, "(p.audience = '{}' or p.audience @> array["+a.add(storable(s.Audience))+"])")
	}
	if !s.AsOf.IsZero() {
		day := a.add(int32(s.AsOf.Number()))
		terms = append(terms, "p.valid_from <= "+day+" and p.valid_until >= "+day)
	}
	return strings.Join(terms, " and ")
}
