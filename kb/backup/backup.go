// Package backup is the one file in which a backup lies: parts, each a run of records, between a first
// member that names the format and the last ones, the manifest that accounts for all and its hash. It gets its name
// only when every byte was written, synced and read back, and a reader believes nothing in it before
// the whole was checked against the manifest.
//
// It is a tar archive whose members common tools can look at; no member's name ever becomes a path. It
// does not know what the records mean: kb/catalog writes and reads rows, cmd wires the vectors. The
// hashes find damage, not forgery: who can write the file can write a manifest that fits.
package backup

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"syscall"
	"time"

	"xiaoyue/kb"
)

// The errors of this package beside those of kb, wrapped with file and member.
var (
	ErrDamaged = errors.New("backup is damaged or cut off; take another one")
	ErrForeign = errors.New("file is no backup of xiaoyue, or of a newer one")
	ErrExists  = errors.New("there is a file of that name already")
)

// Format is the version of the format that this package writes, and the only one it reads.
const Format = 1

// Bounds of a file. A reader holds one member at a time.
const (
	maxRecord   = 128 << 20 // a document of 20 MiB with its sections, escaped
	maxMember   = maxRecord + chunkBytes + 1<<20
	maxManifest = 16 << 20 // some 1.3 TB of records
	chunkBytes  = 16 << 20 // of records in one member, unless one is longer
	maxRatio    = 100      // of records to their compressed form
	ratioFloor  = 1 << 20  // up to here any ratio will do
)

// The first member, and the two last ones.
const (
	headName     = "xiaoyue-backup.json"
	manifestName = "manifest.json"
	sumName      = "manifest.sha256" // as the tool sha256sum writes it
)

// partName is what a part may be called.
var partName = regexp.MustCompile(`^[a-z0-9_-]{1,40}(/[a-z0-9_-]{1,40})?$`)

// Kind is how the records of a part are written.
type Kind string

// The kinds.
const (
	Lines  Kind = "lines"  // text without line breaks, a line each, compressed
	Blocks Kind = "blocks" // any bytes, each after its length as a varint, as they are
)

func (k Kind) suffix() string {
	if k == Lines {
		return ".jsonl.gz"
	}
	return ".bin"
}

// Manifest accounts for a file.
type Manifest struct {
	Format    int             `json:"format"`
	CreatedAt time.Time       `json:"created_at"`
	Program   string          `json:"program"` // version of the program that wrote it
	About     json.RawMessage `json:"about"`   // what the writer says of the whole
	Parts     []Part          `json:"parts"`
}

// Part is a run of records under one name, in one or several members.
type Part struct {
	Name    string          `json:"name"`
	Kind    Kind            `json:"kind"`
	About   json.RawMessage `json:"about"` // what the writer says of the part
	Records int64           `json:"records"`
	Members []Member        `json:"members"`
}

// Member is a file of the archive.
type Member struct {
	Name    string `json:"name"`
	Size    int64  `json:"size"` // as it lies in the archive
	SHA256  string `json:"sha256"`
	Records int64  `json:"records"`
}

// head is the first member.
type head struct {
	Backup string `json:"backup"`
	Format int    `json:"format"`
}

// Part returns the part of a name.
func (m Manifest) Part(name string) (Part, bool) {
	for _, p := range m.Parts {
		if p.Name == name {
			return p, true
		}
	}
	return Part{}, false
}

func memberName(part string, kind Kind, n int) string {
	return fmt.Sprintf("%s/%06d%s", part, n, kind.suffix())
}

// full adds kb.ErrFull to the errors of a full disk.
func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%w: %w", kb.ErrFull, err)
	}
	return err
}

// sumLine is the content of the last member.
func sumLine(manifest []byte) []byte {
	return fmt.Appendf(nil, "%s  %s\n", digest(manifest), manifestName)
}
