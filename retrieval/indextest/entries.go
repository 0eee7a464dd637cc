package indextest

import (
	"fmt"
	"math/rand/v2"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// source makes random entries, the same ones for the same seed.
type source struct{ *rand.Rand }

func newSource(seed uint64) source { return source{rand.New(rand.NewPCG(seed, 7))} }

// The values that attributes are drawn from. They hold what breaks a filter that is put together
// from strings: quotes, wildcards, escapes, Chinese, line ends.
var (
	someTenants   = []string{"default", `o'brien "x"`, "越州%_"}
	someRegions   = []string{"", "100000", "330000", "339900", "339902", "339903"}
	someZones     = []string{"", "镜湖新区", `a"b\c`, "a' OR '1'='1", "line\nend"}
	someAudiences = []string{"高校毕业生", `企业"法人"`, "个体, 工商户", "%", `back\slash`}
	someDays      = []string{"", "2019-12-31", "2024-01-01", "2024-06-30", "2024-07-01", "2026-12-31"}
	someAccess    = []kb.Access{kb.AccessPublic, kb.AccessInternal, kb.AccessRestricted}
)

func pick[T any](s source, from []T) T { return from[s.IntN(len(from))] }

func some[T any](s source, from []T) []T {
	var out []T
	for _, v := range from {
		if s.IntN(3) == 0 {
			out = append(out, v)
		}
	}
	return out
}

func (s source) vector() []float32 {
	v := make([]float32, Dimension)
	for i := range v {
		v[i] = float32(s.NormFloat64())
	}
	return v
}

// word is one of a hundred words of the generated texts.
func (s source) word() string { return fmt.Sprintf("w%02dq", s.IntN(100)) }

func (s source) day() kb.Date { return kb.MustDate(pick(s, someDays)) }

// scope is a random scope; many are empty, some admit half of everything.
func (s source) scope() kb.Scope {
	scope := kb.Scope{
		Tenant: pick(s, someTenants), Access: some(s, someAccess), Zone: pick(s, someZones), AsOf: s.day(),
	}
	if s.IntN(2) == 0 {
		scope.Regions = append(some(s, someRegions[1:]), kb.Nation)
	}
	if s.IntN(2) == 0 {
		scope.Audience = pick(s, someAudiences)
	}
	return scope
}

func (s source) attributes() kb.Attributes {
	return kb.Attributes{
		Tenant: pick(s, someTenants), Access: pick(s, someAccess), Region: pick(s, someRegions), Zone: pick(s, someZones),
		Audience: some(s, someAudiences), Validity: kb.Validity{From: s.day(), Until: s.day()},
	}
}

// entry is a random passage; one in four has no vector.
func (s source) entry(id string) retrieval.Entry {
	e := retrieval.Entry{ID: id, DocID: "d" + id[:min(2, len(id))], Title: s.word(), Attributes: s.attributes()}
	for range 5 {
		e.Text += s.word() + " "
	}
	if s.IntN(4) > 0 {
		e.Vector = s.vector()
	}
	return e
}

// public is a passage that everyone may read everywhere and always.
func public(id, text string, vector []float32) retrieval.Entry {
	return retrieval.Entry{
		ID: id, DocID: "d-" + id, Text: text, Vector: vector,
		Attributes: kb.Attributes{Tenant: kb.DefaultTenant, Access: kb.AccessPublic},
	}
}

// everyone is the scope of a citizen who names neither place nor day.
func everyone() kb.Scope {
	return kb.Scope{Tenant: kb.DefaultTenant, Access: []kb.Access{kb.AccessPublic}}
}

// axis is a vector along one dimension, or between that and the next one.
func axis(i int, lean float32) []float32 {
	v := make([]float32, Dimension)
	v[i], v[(i+1)%Dimension] = 1, lean
	return v
}
