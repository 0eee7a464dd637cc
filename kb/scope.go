package kb

import "slices"

// Access is who may read a text.
type Access string

// The access levels, from open to closed.
const (
	AccessPublic     Access = "public"
	AccessInternal   Access = "internal"
	AccessRestricted Access = "restricted"
)

// Role is what a caller may do.
type Role string

// The roles. A caller without roles is a citizen.
const (
	RoleClerk  Role = "clerk"  // reads internal texts
	RoleEditor Role = "editor" // reads restricted texts, changes knowledge
	RoleAdmin  Role = "admin"
)

// Channel is where a question came from.
type Channel string

// The channels.
const (
	ChannelCLI   Channel = "cli"
	ChannelHTTP  Channel = "http"
	ChannelChat  Channel = "chat"
	ChannelKiosk Channel = "kiosk"
)

// DefaultTenant owns everything where a deployment serves one organisation.
const DefaultTenant = "default"

// Caller is who asks. Every entry point carries one.
type Caller struct {
	Tenant  string  `json:"tenant"`
	Subject string  `json:"subject,omitempty"` // pseudonymous; the key of erasure
	Roles   []Role  `json:"roles,omitempty"`
	Channel Channel `json:"channel,omitempty"`
	Region  string  `json:"region,omitempty"` // where the terminal or account is
	Address string  `json:"-"`                // of the network; shares places fairly, is never stored
}

// Readable returns the access levels that the caller may read.
func (c Caller) Readable() []Access {
	switch {
	case slices.Contains(c.Roles, RoleEditor), slices.Contains(c.Roles, RoleAdmin):
		return []Access{AccessPublic, AccessInternal, AccessRestricted}
	case slices.Contains(c.Roles, RoleClerk):
		return []Access{AccessPublic, AccessInternal}
	}
	return []Access{AccessPublic}
}

// Scope limits what a search may return. It is applied inside the search, not after it.
type Scope struct {
	Tenant string   `json:"tenant"`
	Access []Access `json:"access"`
	// Regions is the chain of the place asked about, itself first, up to the nation. Empty: every
	// region, which is for tools that look after knowledge, never for an answer to a citizen.
	Regions  []string `json:"regions,omitempty"`
	Zone     string   `json:"zone,omitempty"`     // 专区; empty: texts of every zone
	Audience string   `json:"audience,omitempty"` // empty: texts for everyone and for any audience
	AsOf     Date     `json:"as_of"`              // zero: whatever the date, expired texts too
}

// Attributes are what a scope looks at in a document, a passage or an item.
type Attributes struct {
	Tenant   string   `json:"tenant,omitempty"`
	Access   Access   `json:"access,omitempty"`
	Region   string   `json:"region,omitempty"` // empty: holds everywhere
	Zone     string   `json:"zone,omitempty"`   // empty: every zone
	Audience []string `json:"audience,omitempty"`
	Validity Validity `json:"validity"`
}

// Admits reports whether something with these attributes is inside the scope. Back ends of the
// index apply the same rule in their own language; the shared suite compares them with this one.
func (s Scope) Admits(a Attributes) bool {
	return s.Tenant == a.Tenant &&
		slices.Contains(s.Access, a.Access) &&
		(len(s.Regions) == 0 || a.Region == "" || slices.Contains(s.Regions, a.Region)) &&
		(s.Zone == "" || a.Zone == "" || s.Zone == a.Zone) &&
		(s.Audience == "" || len(a.Audience) == 0 || slices.Contains(a.Audience, s.Audience)) &&
		(s.AsOf.IsZero() || a.Validity.Holds(s.AsOf))
}

// Scope is what the caller of a turn may be shown at its place and on its day, today where it names
// none. An unknown region is ErrUnknownRegion.
func (t Turn) Scope(regions *Regions, today Date) (Scope, error) {
	day, region := t.AsOf, t.Region
	if day.IsZero() {
		day = today
	}
	if region == "" {
		region = t.Caller.Region
	}
	chain, err := regions.Chain(region)
	if err != nil {
		return Scope{}, err
	}
	return Scope{
		Tenant: t.Caller.Tenant, Access: t.Caller.Readable(), Regions: chain,
		Zone: t.Zone, Audience: t.Audience, AsOf: day,
	}, nil
}
