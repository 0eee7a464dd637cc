package embedded

import (
	"context"
	"errors"
	"fmt"

	"xiaoyue/kb"
)

// Rebuild makes the index of a folder anew: fill puts everything into an empty index, which then
// replaces the old one, however that was built or damaged, and is returned open for writing. Until
// fill is done the old one stays as it is, and whoever opened it read-only goes on searching it.
// After an error the old one is still there.
func Rebuild(ctx context.Context, dir string, opts *Options, fill func(context.Context, *Index) error) (*Index, error) {
	x, err := rebuild(ctx, dir, opts, fill)
	if err != nil {
		return nil, fmt.Errorf("rebuild index %s: %w", dir, err)
	}
	return x, nil
}

func rebuild(ctx context.Context, dir string, opts *Options, fill func(context.Context, *Index) error) (*Index, error) {
	if opts != nil && opts.ReadOnly {
		return nil, fmt.Errorf("read-only: %w", kb.ErrInvalid)
	}
	x, err := prepare(dir, opts)
	if err != nil {
		return nil, err
	}
	if err := x.grow(); err != nil {
		return nil, errors.Join(err, x.unlock())
	}
	if err = fill(ctx, x); err == nil {
		err = x.finish()
	}
	if err != nil {
		return nil, errors.Join(err, x.discard(), x.unlock())
	}
	return x, nil
}
