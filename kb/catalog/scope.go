package catalog

import "xiaoyue/kb"

// scopeSQL is kb.Scope.Admits as a condition on a table of texts or items with the given alias.
func scopeSQL(t string, s kb.Scope) (where string, values []any) {
	where = t + ".tenant = ?"
	values = []any{s.Tenant}
	and := func(condition string, more ...any) {
		where += " and " + condition
		values = append(values, more...)
	}
	if len(s.Access) == 0 {
		and("1 = 0")
	} else {
		and(t+".access in ("+marks(len(s.Access))+")", args(accessNames(s.Access))...)
	}
	if len(s.Regions) > 0 {
		and("("+t+".region = '' or "+t+".region in ("+marks(len(s.Regions))+"))", args(s.Regions)...)
	}
	if s.Zone != "" {
		and("("+t+".zone = '' or "+t+".zone = ?)", s.Zone)
	}
	if s.Audience != "" { // the column is a list; what replace changes, it holds
		and("("+t+".audience = '' or replace("+t+".audience, ?, '') <> "+t+".audience)", "\n"+s.Audience+"\n")
	}
	if !s.AsOf.IsZero() {
		and("("+t+".from_day = 0 or "+t+".from_day <= ?)", day(s.AsOf))
		and("("+t+".until_day = 0 or "+t+".until_day >= ?)", day(s.AsOf))
	}
	return where, values
}

func accessNames(levels []kb.Access) []string {
	names := make([]string, len(levels))
	for i, a := range levels {
		names[i] = string(a)
	}
	return names
}
