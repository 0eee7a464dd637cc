package embedded

import (
	"errors"
	"fmt"

	"xiaoyue/retrieval"
	"xiaoyue/retrieval/embedded/journal"
)

// replay reads a generation into memory.
func replay(folder string, c *config, readOnly bool) (*state, *journal.Journal, error) {
	j, err := journal.Open(folder, readOnly)
	if err != nil {
		return nil, nil, corrupt(err)
	}
	p := player{state: newState(c)}
	p.start(folder, j.ID())
	err = j.Replay(p.visit)
	if err == nil {
		err = p.finish(j)
	}
	if err != nil {
		return nil, nil, errors.Join(corrupt(err), j.Close())
	}
	return p.state, j, nil
}

// corrupt turns the errors of damaged files into that of the contract.
func corrupt(err error) error {
	if errors.Is(err, journal.ErrDamaged) || errors.Is(err, errFormat) {
		return fmt.Errorf("%w: %w", retrieval.ErrCorrupt, err)
	}
	return err
}

// player turns records into a state.
type player struct {
	state    *state
	from     int64 // the checkpoint reflects the journal up to here
	known    int   // passages in the checkpoint
	restored int   // of them found in the journal
}

// start reads the checkpoint of the journal with an ID.
func (p *player) start(folder, id string) {
	from, reason := load(folder, p.state, id)
	if reason != nil {
		p.state.config.log.Warn("checkpoint of index not used, reading all of its journal", "folder", folder, "reason", reason)
	}
	p.from, p.known = from, len(p.state.table.slots)
}

func (p *player) visit(rec journal.Record) error {
	r, err := decode(rec.Data, p.state.config.stamp.Dimension)
	if err != nil {
		return fmt.Errorf("record at %d: %w", rec.Offset, err)
	}
	if rec.Offset >= p.from {
		return p.state.apply(&r, rec.Offset, len(rec.Data), nil)
	}
	ok, err := p.state.restore(&r, rec.Offset, len(rec.Data))
	if ok {
		p.restored++
	}
	return err
}

// finish compares the checkpoint with what the journal held.
func (p *player) finish(j *journal.Journal) error {
	if j.Size() < p.from || p.restored != p.known {
		return fmt.Errorf("%w: it ends at %d with %d passages; its checkpoint says %d, %d",
			journal.ErrDamaged, j.Size(), p.restored, p.from, p.known)
	}
	return nil
}
