package embedded

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/embedded/journal"
)

// The folder of a store holds a subfolder for each version, named by the key of its stamp, the file
// "use", which names the version in use, and the lock. Subfolders with a further ending are on their
// way in or out and go at the next opening for writing; nothing else in the folder is ever removed.
const (
	useName       = "use"
	rootVersion   = "." // the index that lies in the folder of the store itself
	versionPrefix = "v-"
	incoming      = ".new"
	outgoing      = ".old"
)

var (
	versionName  = regexp.MustCompile(`^v-[0-9a-f]{10}$`)
	leftoverName = regexp.MustCompile(`^v-[0-9a-f]{10}\.(new|old)$`)
)

// inUse is the content of the file "use".
type inUse struct {
	Format  int             `json:"format"`
	Version string          `json:"version"`
	Stamp   retrieval.Stamp `json:"stamp"`
}

// readUse returns which version is in use; none is kb.ErrNotFound. An index in the folder itself is
// in use until another one was put to use.
func readUse(dir string) (u inUse, err error) {
	err = readSealed(dir, useName, &u)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c, err := readCurrent(dir)
		if errors.Is(err, fs.ErrNotExist) {
			return u, fmt.Errorf("no version is in use: %w", kb.ErrNotFound)
		}
		return inUse{Format: format, Version: rootVersion, Stamp: c.Stamp}, nil
	case err != nil:
		return u, foreign(dir, useName, err)
	case u.Format != format:
		return u, fmt.Errorf("file %s: format %d, want %d: %w", useName, u.Format, format, retrieval.ErrStamp)
	case u.Version != rootVersion && !versionName.MatchString(u.Version):
		return u, fmt.Errorf("file %s names %.80q: %w", useName, u.Version, retrieval.ErrCorrupt)
	}
	return u, nil
}

// foreign adds retrieval.ErrForeign where something else than a file of ours has its name.
func foreign(dir, name string, err error) error {
	if info, gone := os.Lstat(filepath.Join(dir, name)); gone == nil && info.IsDir() {
		return fmt.Errorf("%s is not a file: %w: %w", name, retrieval.ErrForeign, err)
	}
	return err
}

// find returns the name of the version of a stamp; the zero stamp means the one in use.
func find(dir string, stamp retrieval.Stamp) (string, error) {
	if stamp == (retrieval.Stamp{}) {
		u, err := readUse(dir)
		return u.Version, err
	}
	name := versionPrefix + stamp.Key()
	info, err := os.Stat(filepath.Join(dir, name))
	switch {
	case err == nil && info.IsDir():
		return name, nil
	case err == nil:
		return "", fmt.Errorf("%s is not a folder: %w", name, retrieval.ErrForeign)
	case !errors.Is(err, fs.ErrNotExist):
		return "", err
	}
	if c, err := readCurrent(dir); err == nil && c.Stamp == stamp {
		return rootVersion, nil
	}
	return "", fmt.Errorf("no version %s: %w", stamp.Key(), kb.ErrNotFound)
}

// list returns what is there in the order of the contract.
func list(dir string) ([]retrieval.VersionInfo, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	names := []string{}
	if _, err := readCurrent(dir); !errors.Is(err, fs.ErrNotExist) {
		names = append(names, rootVersion)
	}
	for _, e := range entries {
		if e.IsDir() && versionName.MatchString(e.Name()) {
			names = append(names, e.Name())
		}
	}
	used, _ := readUse(dir) // unreadable: none is in use
	all := make([]retrieval.VersionInfo, len(names))
	for i, name := range names {
		c, err := readCurrent(filepath.Join(dir, name))
		all[i] = retrieval.VersionInfo{Stamp: c.Stamp, Name: name, InUse: name == used.Version}
		if err != nil && all[i].InUse {
			all[i].Stamp = used.Stamp
		}
	}
	slices.SortFunc(all, func(a, b retrieval.VersionInfo) int {
		return cmp.Or(first(b.InUse)-first(a.InUse), strings.Compare(a.Name, b.Name))
	})
	return all, nil
}

func first(inUse bool) int {
	if inUse {
		return 1
	}
	return 0
}

// named returns the versions of a stamp, none of which is in use; the zero stamp is that of damaged
// ones.
func (s *Store) named(stamp retrieval.Stamp) ([]string, error) {
	used, err := readUse(s.dir)
	if err != nil && !errors.Is(err, kb.ErrNotFound) {
		return nil, err
	}
	if stamp != (retrieval.Stamp{}) {
		name, err := find(s.dir, stamp)
		switch {
		case errors.Is(err, kb.ErrNotFound):
			return nil, nil
		case err != nil:
			return nil, err
		case name == used.Version:
			return nil, fmt.Errorf("it is in use: %w", kb.ErrInvalid)
		}
		return []string{name}, nil
	}
	all, err := list(s.dir)
	var names []string
	for _, v := range all {
		if v.Stamp == stamp && !v.InUse {
			names = append(names, v.Name)
		}
	}
	return names, err
}

// make makes an empty version aside and moves it to its place in one step.
func (s *Store) make(stamp retrieval.Stamp) (string, error) {
	name := versionPrefix + stamp.Key()
	aside := s.path(name + incoming)
	if err := os.RemoveAll(aside); err != nil {
		return "", err
	}
	if err := os.Mkdir(aside, 0o700); err != nil {
		return "", typed(err)
	}
	err := s.renew(name+incoming, stamp)
	if err == nil {
		err = os.Rename(aside, s.path(name))
	}
	if err == nil {
		err = journal.SyncFolder(s.dir)
	}
	if err != nil {
		os.RemoveAll(aside)
		return "", typed(err)
	}
	return name, nil
}

// renew puts an empty generation to use in the folder of a version.
func (s *Store) renew(name string, stamp retrieval.Stamp) error {
	if o := s.opened[name]; o != nil {
		return o.index.renew()
	}
	x := &Index{dir: s.path(name), config: s.config.of(stamp)}
	if err := x.begin(); err != nil {
		return err
	}
	return x.journal.Close()
}

// remove removes a version for good. It is gone when its name is; what is left of it goes later.
func (s *Store) remove(name string) error {
	if o := s.opened[name]; o != nil {
		delete(s.opened, name)
		gone := fmt.Errorf("version %s was dropped: %w", name, kb.ErrNotFound)
		if err := o.index.abandon(gone); err != nil {
			s.config.log.Warn("closing a version that is dropped", "folder", s.path(name), "error", err)
		}
	}
	var err error
	if name == rootVersion {
		err = os.Remove(s.path(currentName))
	} else {
		err = os.Rename(s.path(name), s.path(name+outgoing))
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := journal.SyncFolder(s.dir); err != nil {
		return err
	}
	s.tidy()
	return nil
}

// tidy removes what interrupted changes left.
func (s *Store) tidy() {
	entries, _ := os.ReadDir(s.dir)
	for _, e := range entries {
		if e.IsDir() && leftoverName.MatchString(e.Name()) {
			os.RemoveAll(s.path(e.Name()))
		}
	}
	used, err := readUse(s.dir)
	_, whole := os.Lstat(s.path(currentName))
	if err == nil && used.Version != rootVersion && errors.Is(whole, fs.ErrNotExist) {
		dropOthers(s.dir, 0) // of the index in the folder itself, which was dropped
	}
}
