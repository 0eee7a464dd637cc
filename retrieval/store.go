package retrieval

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// Version is one index of a Store, with every ability that serving and indexing use.
type Version interface {
	Index
	TermStats
	VectorKeeper
}

// Inspected is an optional ability of a Version that looks at its files behind, and when it is used.
type Inspected interface {
	// Damage says what was found since the version was opened; nil: nothing. Opening the version again
	// heals what can be healed, and otherwise is ErrCorrupt.
	Damage() error
}

// Store keeps versions of an index in one place: a folder, a database, a server. A version is an
// index of its own, told from the others by its stamp, so that vectors of two models are never
// mixed. One version is in use: the one that is opened by whoever names no stamp. A new one is filled
// beside it, behind the running service, and then put to use in one step; the one before stays until
// it is dropped, so that replicas that still embed questions with the old model go on with it.
//
// Every version that Versions lists is to be kept in step with the catalog, whoever searches it.
// Methods may be called concurrently and by several processes where the place allows it. Something
// else under the names of a Store is ErrForeign; a place that cannot be reached is ErrDown.
type Store interface {
	// Versions lists what is there, the version in use first, then by name.
	Versions(ctx context.Context) ([]VersionInfo, error)
	// Open opens the version of a stamp; the zero stamp means the one in use. None is kb.ErrNotFound, a
	// damaged one ErrCorrupt. The caller closes the version.
	Open(ctx context.Context, stamp Stamp) (Version, error)
	// Create makes an empty version that is not in use, or opens the one that is there already: an
	// interrupted filling goes on.
	Create(ctx context.Context, stamp Stamp) (Version, error)
	// Use puts a version to use, in one step for everybody; none is kb.ErrNotFound.
	Use(ctx context.Context, stamp Stamp) error
	// Drop removes a version for good, also a damaged one; none is no error. The one in use is
	// kb.ErrInvalid.
	Drop(ctx context.Context, stamp Stamp) error
}

// VersionInfo describes a version without opening it.
type VersionInfo struct {
	Stamp Stamp
	Name  string // of the folder, table or collection
	InUse bool
}

// Key names a stamp: ten hexadecimal digits, the same for equal stamps. Stores name versions by it.
func (s Stamp) Key() string {
	b, _ := json.Marshal(s) // of strings and a number: cannot fail
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:5])
}
