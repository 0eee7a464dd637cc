package indexer

import (
	"context"
	"fmt"
	"strings"
)

// fill writes one page of the catalog to a version and notes how far it has come. First come the
// passages that are, then those that are gone: the version may be an old one.
func (x *Indexer) fill(ctx context.Context, v *version) error {
	note, err := x.note(ctx, noteFill, v.info.Stamp)
	if err != nil {
		return err
	}
	if note == filledNote {
		v.filled = true
		return nil
	}
	note, began := strings.CutPrefix(note, newMark)
	var next string
	if last, gone := strings.CutPrefix(note, goneMark); gone {
		next, err = x.fillGone(ctx, v, last)
	} else {
		next, err = x.fillPage(ctx, v, note)
	}
	if err != nil {
		return fmt.Errorf("fill version %s of the index: %w", v.info.Stamp.Key(), err)
	}
	if began && next != filledNote {
		next = newMark + next
	}
	if err := x.setNote(ctx, noteFill, v.info.Stamp, next); err != nil {
		return err
	}
	v.filled = next == filledNote
	return nil
}

// goneMark begins a note that a filling has come to what is gone.
const goneMark = "gone:"

func (x *Indexer) fillPage(ctx context.Context, v *version, mark string) (next string, err error) {
	page, next, err := x.source.PassagesAfter(ctx, mark, writeBatch)
	if err != nil {
		return "", err
	}
	ids := make([]string, len(page))
	for i, p := range page {
		ids[i] = p.ID
	}
	vectors := x.opts.Donor
	if vectors == nil {
		vectors = v
	}
	read := func() (contents, error) {
		c, _, err := x.named(ctx, ids)
		return c, err
	}
	if err := x.steadily(ctx, read, func(c contents) error { return x.write(ctx, v, c, vectors) }); err != nil {
		return "", err
	}
	if x.opts.Donor != nil {
		if err := x.report(ctx, v); err != nil {
			return "", err
		}
	}
	if next == "" {
		next = goneMark
	}
	return next, nil
}

func (x *Indexer) fillGone(ctx context.Context, v *version, last string) (next string, err error) {
	ids, err := x.source.RetiredAfter(ctx, last, writeBatch)
	if err != nil {
		return "", err
	}
	read := func() (contents, error) {
		c, _, err := x.named(ctx, ids)
		c.entries = nil // what came back meanwhile has a job
		return c, err
	}
	if err := x.steadily(ctx, read, func(c contents) error { return x.write(ctx, v, c, v) }); err != nil {
		return "", err
	}
	if len(ids) < writeBatch {
		return filledNote, nil
	}
	return goneMark + ids[len(ids)-1], nil
}
