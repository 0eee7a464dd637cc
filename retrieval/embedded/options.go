package embedded

import (
	"fmt"
	"log/slog"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/lexical"
	"xiaoyue/retrieval/segment"
)

// Options configure an index. The zero Stamp accepts an index however it was built, and makes a new
// one lexical only.
type Options struct {
	Stamp     retrieval.Stamp
	ReadOnly  bool // needs no lock; sees the index as it is now
	Lexical   *lexical.Options
	Segmenter *segment.Segmenter // nil: segment.New(nil)
	Logger    *slog.Logger       // nil: silent
}

// config are the options as an index uses them.
type config struct {
	stamp     retrieval.Stamp
	lexical   *lexical.Options
	segmenter *segment.Segmenter
	log       *slog.Logger

	inspectAtOnce int64 // bytes
}

func newConfig(opts *Options) (*config, error) {
	if opts == nil {
		opts = &Options{}
	}
	c := &config{stamp: opts.Stamp, lexical: opts.Lexical, segmenter: opts.Segmenter, log: opts.Logger, inspectAtOnce: inspectAtOnce}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if c.segmenter == nil {
		s, err := segment.New(nil)
		if err != nil {
			return nil, err
		}
		c.segmenter = s
	}
	return c, c.check()
}

func (c *config) check() error {
	if c.stamp.Dimension < 0 || c.stamp.Dimension > maxDimension {
		return fmt.Errorf("dimension %d: %w", c.stamp.Dimension, kb.ErrInvalid)
	}
	return nil
}

// maxDimension bounds the room of one vector.
const maxDimension = 1 << 14

// of returns the configuration of a version.
func (c *config) of(stamp retrieval.Stamp) *config {
	own := *c
	own.stamp = stamp
	return &own
}
