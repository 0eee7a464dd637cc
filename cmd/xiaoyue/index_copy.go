package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"

	"xiaoyue/kb"
	"xiaoyue/kb/catalog"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/indexer"
	"xiaoyue/retrieval/versions"
)

// copying is a move of the version in use to another place.
type copying struct {
	conf    config
	to      string
	catalog *catalog.Catalog
	lead    *catalog.Lead
	queue   string // of the other place
	source  retrieval.Version
	stamp   retrieval.Stamp
	target  versions.Place
	close   []io.Closer // in order of opening
}

// copyIndex copies the version in use with its vectors to another place, while serve goes on. The other
// place gets every change from before the copy begins, so that it misses none; what is interrupted goes
// on where it stopped.
func (c config) copyIndex(ctx context.Context, to string, tty terminal) (err error) {
	m := &copying{conf: c, to: to}
	defer func() { err = errors.Join(err, m.Close()) }()
	if err := m.open(ctx, tty); err != nil {
		return err
	}
	if err := m.copy(ctx, tty); err != nil {
		return err
	}
	if err := m.compare(ctx, tty); err != nil {
		return err
	}
	if err := m.target.Use(ctx, m.stamp); err != nil {
		return err
	}
	_, err = fmt.Fprintf(tty.out, "索引已复制到 %s 并启用。把配置改为 index.store: %s（或 XIAOYUE_INDEX=%s），再逐个重启 xiaoyue serve；\n确认无误后，用 xiaoyue index drop 停掉原来的队列\n", to, to, to)
	return err
}

// open opens both places; the queue of the other one is registered before anything is read.
func (m *copying) open(ctx context.Context, tty terminal) (err error) {
	log := m.conf.logger(tty.err, true)
	if m.queue, err = m.conf.queue(m.to); err != nil {
		return err
	}
	if m.catalog, err = m.conf.openCatalog(ctx, m.queue, false); err != nil {
		return err
	}
	m.close = append(m.close, m.catalog)
	if _, err := m.catalog.Subscribe(ctx); err != nil {
		return err
	}
	if m.lead, err = m.catalog.Lead(ctx); err != nil {
		return fmt.Errorf("index copy to %s: %w", m.to, err)
	}
	m.close = append(m.close, m.lead)
	from, err := m.conf.connect(m.conf.Index.Store, true, log)(ctx)
	if err != nil {
		return err
	}
	m.close = append(m.close, from)
	if m.source, err = from.Open(ctx, retrieval.Stamp{}); err != nil {
		return fmt.Errorf("index copy from %s: %w", m.conf.Index.Store, err)
	}
	m.close = append(m.close, m.source)
	stats, err := m.source.Stats(ctx)
	if err != nil {
		return err
	}
	m.stamp = stats.Stamp
	if m.target, err = m.conf.connect(m.to, false, log)(ctx); err != nil {
		return err
	}
	m.close = append(m.close, m.target)
	return nil
}

// Close closes what was opened, the last first.
func (m *copying) Close() error {
	var errs []error
	for i := len(m.close) - 1; i >= 0; i-- {
		errs = append(errs, m.close[i].Close())
	}
	return errors.Join(errs...)
}

// copy fills the version of the other place and works off what changed meanwhile.
func (m *copying) copy(ctx context.Context, tty terminal) error {
	counts, err := m.catalog.Stats(ctx)
	if err != nil {
		return err
	}
	bar := newProgress(tty.err, "复制索引")
	defer bar.end()
	x := indexer.New(m.catalog, m.target, m.stamp, &indexer.Options{
		Donor: m.source, Lead: m.lead.Held, Name: m.queue, Logger: m.conf.logger(tty.err, true),
		Report: func(p indexer.Progress) { bar.at(p.Passages, max(counts.Passages, p.Passages)) },
	})
	return errors.Join(x.DrainWords(ctx), x.Close())
}

// What both places are compared by: so many questions made of passages, and the least share of their
// candidates that agree. Searches of vectors are not exact, and equal scores come in any order.
const (
	compared    = 20
	leastAgreed = 0.8
)

var errDiffers = errors.New("the copy does not find what the index does; do not go over to it")

// compare counts the copy and asks both places the same questions.
func (m *copying) compare(ctx context.Context, tty terminal) (err error) {
	copied, err := m.target.Open(ctx, m.stamp)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, copied.Close()) }()
	have, err := copied.Stats(ctx)
	if err != nil {
		return err
	}
	had, err := m.source.Stats(ctx)
	if err != nil {
		return err
	}
	want, err := m.catalog.Stats(ctx)
	if err != nil {
		return err
	}
	waiting, err := m.catalog.Jobs(ctx)
	if err != nil {
		return err
	}
	if have.Passages != want.Passages && waiting == 0 {
		return fmt.Errorf("%w: it holds %d passages, the catalog %d", errDiffers, have.Passages, want.Passages)
	}
	agreed, err := m.agreement(ctx, copied)
	if err != nil {
		return err
	}
	fmt.Fprintf(tty.out, "核对：%d 段（原 %d），向量 %d（原 %d），抽查检索一致 %.0f%%\n", have.Passages, had.Passages, have.Vectors, had.Vectors, 100*agreed)
	if agreed < leastAgreed {
		return fmt.Errorf("%w: only %.0f%% of candidates agree", errDiffers, 100*agreed)
	}
	return nil
}

// agreement asks both places for passages drawn by chance.
func (m *copying) agreement(ctx context.Context, copied retrieval.Version) (float64, error) {
	sample, err := drawn(ctx, m.catalog, compared)
	if err != nil || len(sample) == 0 {
		return 1, err
	}
	same, all := 0, 0
	for _, p := range sample {
		vectors, err := m.source.Vectors(ctx, []string{p.ID})
		if err != nil {
			return 0, err
		}
		text := []rune(p.Text)
		req := retrieval.Request{
			Text: string(text[:min(40, len(text))]), Vector: vectors[0], Limit: 10,
			Scope: kb.Scope{Tenant: p.Tenant, Access: []kb.Access{p.Access}},
		}
		was, err := m.source.Search(ctx, req)
		if err != nil {
			return 0, err
		}
		is, err := copied.Search(ctx, req)
		if err != nil {
			return 0, err
		}
		for _, lists := range [][2][]retrieval.Match{{was.Lexical, is.Lexical}, {was.Dense, is.Dense}} {
			same, all = same+agreeing(lists[0], lists[1]), all+len(lists[0])
		}
	}
	if all == 0 {
		return 1, nil
	}
	return float64(same) / float64(all), nil
}

// agreeing counts candidates that both lists have, or in whose place the other has one as good.
func agreeing(was, is []retrieval.Match) (n int) {
	there := map[string]bool{}
	for _, x := range is {
		there[x.ID] = true
	}
	for i, x := range was {
		if there[x.ID] || i < len(is) && math.Abs(is[i].Score-x.Score) <= 0.01*math.Abs(x.Score) {
			n++
		}
	}
	return n
}

// drawn returns up to n passages, every one as likely as another (Vitter's algorithm R).
func drawn(ctx context.Context, from *catalog.Catalog, n int) ([]kb.Passage, error) {
	var sample []kb.Passage
	seen := 0
	for p, err := range from.AllPassages(ctx) {
		if err != nil {
			return nil, err
		}
		seen++
		if len(sample) < n {
			sample = append(sample, p)
		} else if i := rand.IntN(seen); i < n {
			sample[i] = p
		}
	}
	return sample, nil
}
