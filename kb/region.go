package kb

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// RegionKind is the tier of a region.
type RegionKind string

// The kinds of regions.
const (
	RegionNation   RegionKind = "nation"
	RegionProvince RegionKind = "province"
	RegionCity     RegionKind = "city"
	RegionDistrict RegionKind = "district" // 区、县、县级市
	RegionTown     RegionKind = "town"     // 镇、街道、乡
	RegionZone     RegionKind = "zone"     // 开发区、新区
)

// Nation is the code of the whole country, the root of every chain.
const Nation = "100000"

// Region is an administrative area. The parent is stored, never derived from digits of the code.
type Region struct {
	Code       string     `json:"code"`
	Name       string     `json:"name"`
	Aliases    []string   `json:"aliases,omitempty"`
	Parent     string     `json:"parent,omitempty"`
	Kind       RegionKind `json:"kind"`
	ValidFrom  Date       `json:"valid_from"`
	ValidUntil Date       `json:"valid_until"`
}

// Regions is an immutable table of regions by code. Its methods may be called concurrently.
type Regions struct {
	byCode map[string]Region
	// names by their first character, longest first, so that 越州市镜湖区 wins over 越州市.
	names map[rune][]regionName
}

type regionName struct{ name, code string }

// maxRegionChain bounds the depth of the tree; China has six tiers.
const maxRegionChain = 8

// NewRegions builds a table. A duplicate code, an empty name or alias, an unknown parent or a cycle
// is an error.
func NewRegions(regions ...Region) (*Regions, error) {
	t := &Regions{byCode: make(map[string]Region, len(regions)), names: map[rune][]regionName{}}
	for _, r := range regions {
		if r.Code == "" || r.Name == "" {
			return nil, fmt.Errorf("region %q %q: code and name are required", r.Code, r.Name)
		}
		if _, ok := t.byCode[r.Code]; ok {
			return nil, fmt.Errorf("region %s: listed twice", r.Code)
		}
		t.byCode[r.Code] = r
		for _, name := range append([]string{r.Name}, r.Aliases...) {
			if name == "" {
				return nil, fmt.Errorf("region %s: an alias is empty", r.Code)
			}
			first, _ := utf8.DecodeRuneInString(name)
			t.names[first] = append(t.names[first], regionName{name, r.Code})
		}
	}
	for code := range t.byCode {
		if _, err := t.chain(code); err != nil {
			return nil, err
		}
	}
	for _, names := range t.names {
		slices.SortFunc(names, compareNames)
	}
	return t, nil
}

// compareNames orders longer names first, then by name and code.
func compareNames(a, b regionName) int {
	return cmp.Or(len(b.name)-len(a.name), strings.Compare(a.name, b.name), strings.Compare(a.code, b.code))
}

// Lookup returns the region of a code.
func (t *Regions) Lookup(code string) (Region, bool) {
	r, ok := t.byCode[code]
	return r, ok
}

// All returns every region, ordered by code.
func (t *Regions) All() []Region {
	all := make([]Region, 0, len(t.byCode))
	for _, r := range t.byCode {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b Region) int { return strings.Compare(a.Code, b.Code) })
	return all
}

// Chain returns the codes whose rules hold in a region: itself first, then its parents up to the
// nation. The empty code has an empty chain; an unknown one is ErrUnknownRegion.
func (t *Regions) Chain(code string) ([]string, error) {
	if code == "" {
		return nil, nil
	}
	return t.chain(code)
}

func (t *Regions) chain(code string) ([]string, error) {
	var chain []string
	for at := code; at != ""; at = t.byCode[at].Parent {
		if _, ok := t.byCode[at]; !ok {
			return nil, fmt.Errorf("region %s: %w", at, ErrUnknownRegion)
		}
		if len(chain) == maxRegionChain {
			return nil, fmt.Errorf("region %s: parents form a cycle or are deeper than %d", code, maxRegionChain)
		}
		chain = append(chain, at)
	}
	return chain, nil
}

// Children returns the regions whose parent is code, ordered by code.
func (t *Regions) Children(code string) []Region {
	var children []Region
	for _, r := range t.byCode {
		if r.Parent == code {
			children = append(children, r)
		}
	}
	slices.SortFunc(children, func(a, b Region) int { return strings.Compare(a.Code, b.Code) })
	return children
}

// Mention is a region named in a text, at byte offsets [Start, End).
type Mention struct {
	Region     Region
	Start, End int
}

// Find returns the regions that a text names, leftmost first, the longest name at each place.
// An alias shared by several regions is resolved to a descendant of a region named before it,
// otherwise to the one with the smallest code.
func (t *Regions) Find(text string) []Mention {
	var found []Mention
	for at := 0; at < len(text); {
		first, size := utf8.DecodeRuneInString(text[at:])
		m, ok := t.at(text, at, first, found)
		if !ok {
			at += size
			continue
		}
		found = append(found, m)
		at = m.End
	}
	return found
}

// at returns the region that is named at byte at, where the character first stands.
func (t *Regions) at(text string, at int, first rune, before []Mention) (Mention, bool) {
	best := Mention{}
	for _, n := range t.names[first] {
		if best.End > 0 && len(n.name) < best.End-best.Start {
			break
		}
		if !strings.HasPrefix(text[at:], n.name) {
			continue
		}
		m := Mention{t.byCode[n.code], at, at + len(n.name)}
		if best.End == 0 || t.below(m.Region.Code, before) {
			best = m
		}
	}
	return best, best.End > 0
}

func (t *Regions) below(code string, before []Mention) bool {
	chain, err := t.chain(code)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(before, func(m Mention) bool { return slices.Contains(chain[1:], m.Region.Code) })
}
