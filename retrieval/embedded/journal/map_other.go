//go:build !unix

package journal

import "os"

// mapPiece maps nothing.
func mapPiece(*os.File, int64, int) ([]byte, error) { return nil, nil }

func unmapPiece([]byte) error { return nil }
