package main

import (
	"archive/zip"
	"bytes"
	"time"
)

// part is a file of a zip package.
type part struct{ name, text string }

// epoch is the earliest time a zip file can hold; every part carries it.
var epoch = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// archive packs the parts in the given order, stored rather than deflated: what deflate makes of
// the same bytes is not promised from one Go release to the next.
func archive(parts []part) ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, p := range parts {
		w, err := z.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Store, Modified: epoch})
		if err != nil {
			return nil, err
		}
		if _, err := w.Write([]byte(p.text)); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
