package kb

import "errors"

// The errors that layers share. They are wrapped with operation and subject; compare with errors.Is.
var (
	ErrNotFound      = errors.New("not found")
	ErrUnknownRegion = errors.New("unknown region code")
	ErrInvalid       = errors.New("invalid input")
	ErrUnavailable   = errors.New("temporarily unavailable") // a part is down
	ErrLocked        = errors.New("data folder is in use by another process")
	ErrFull          = errors.New("no space left for the data folder")
	ErrSchema        = errors.New("data folder has another schema")
)
