package ingest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"xiaoyue/kb"
)

// found is a file to ingest.
type found struct {
	path string // to open and to report
	key  string // place within the source
	err  error  // it could not be looked at
}

// tree is what lies below the paths of a run.
type tree struct {
	files []found
	// whole is true when every path is a folder with files in it and all of it could be looked at:
	// only then does a missing file mean that it is gone.
	whole bool
}

// walk lists the files below paths in lexical order. Hidden files, lock files of office programs
// and symbolic links are left out. A path that does not exist is an error.
func walk(paths []string, source string) (tree, error) {
	t := tree{whole: len(paths) > 0}
	for _, root := range paths {
		info, err := os.Stat(root)
		if err != nil {
			return tree{}, fmt.Errorf("ingest %s: %w", root, notFound(err))
		}
		before := len(t.files)
		if info.IsDir() {
			t.walkFolder(root, source, len(paths) > 1)
		} else {
			t.files = append(t.files, found{path: root, key: keyOf(root, "", source, true)})
		}
		t.whole = t.whole && info.IsDir() && len(t.files) > before
	}
	return t, nil
}

func notFound(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %w", kb.ErrNotFound, err)
	}
	return err
}

func (t *tree) walkFolder(root, source string, several bool) {
	resolved, err := filepath.EvalSymlinks(root)
	if err != nil {
		resolved = root
	}
	_ = filepath.WalkDir(resolved, func(path string, e fs.DirEntry, err error) error { // t takes the errors
		relative, relErr := filepath.Rel(resolved, path)
		if relErr != nil {
			return relErr
		}
		f := found{path: filepath.Join(root, relative), key: keyOf(root, relative, source, several), err: err}
		switch {
		case err != nil:
			t.whole = false
			t.files = append(t.files, f)
		case e.IsDir() && path != resolved && skipped(e.Name()):
			return fs.SkipDir
		case e.Type().IsRegular() && !skipped(e.Name()):
			t.files = append(t.files, f)
		}
		return nil
	})
}

func skipped(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~$") || strings.EqualFold(name, "Thumbs.db") || strings.EqualFold(name, "desktop.ini")
}

// keyOf is the place of a file: its path below the root in a named source, which may be moved as a
// whole, and the absolute path otherwise.
func keyOf(root, relative, source string, several bool) string {
	if source == "" {
		path, err := filepath.Abs(filepath.Join(root, relative))
		if err != nil {
			path = filepath.Join(root, relative)
		}
		return filepath.ToSlash(path)
	}
	if several {
		relative = filepath.Join(filepath.Base(filepath.Clean(root)), relative)
	}
	return filepath.ToSlash(relative)
}
