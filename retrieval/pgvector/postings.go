package pgvector

import (
	"github.com/jackc/pgx/v5"
)

// blockSlots is the number of slots whose postings share a row: few enough to rewrite the last row of
// every term of a batch, enough to keep the rows of rare terms few.
const blockSlots = 4096

// A posting tells a passage's length and how often the term occurs in one number: length << countBits |
// count. Greater ones count as the greatest: more than two thousand occurrences score less than 0.1 %
// higher, and a passage of a million terms is none.
const (
	countBits = 11
	maxCount  = 1<<countBits - 1
	maxLength = 1<<(31-countBits) - 1
)

// changes are what a batch adds to the terms and takes from them.
type changes struct {
	added   []postings
	numbers map[int64]int32 // hash → term, of all added terms
	df      map[int32]int32 // term → change of its number of passages
	gone    struct{ terms, slots []int32 }
	fresh   struct {
		hashes []int64
		terms  []int32
	}
}

// postings are the terms of one passage.
type postings struct {
	slot   int32
	length int32
	counts map[int64]int32
}

func (c *changes) add(slot int32, terms []string) {
	p := postings{slot, int32(len(terms)) + 1, make(map[int64]int32, len(terms))}
	if c.numbers == nil {
		c.numbers = map[int64]int32{}
	}
	for _, t := range terms {
		h := hash(t)
		p.counts[h] = min(p.counts[h]+1, maxCount)
		c.numbers[h] = 0
	}
	c.added = append(c.added, p)
}

func (c *changes) count(term, by int32) {
	if c.df == nil {
		c.df = map[int32]int32{}
	}
	c.df[term] += by
}

// forget takes the terms of passages, which are removed or have other words now.
func (w *writer) forget(slots []int32) error {
	if len(slots) == 0 {
		return nil
	}
	rows, err := w.tx.Query(w.ctx, w.sql("delete from forward_K where slot = any($1) returning slot, terms"), slots)
	if err != nil {
		return err
	}
	var slot int32
	var terms []int32
	_, err = pgx.ForEachRow(rows, []any{&slot, &terms}, func() error {
		for _, t := range terms {
			w.terms.gone.terms, w.terms.gone.slots = append(w.terms.gone.terms, t), append(w.terms.gone.slots, slot)
			w.terms.count(t, -1)
		}
		return nil
	})
	return err
}

// number looks the added terms up and numbers new ones.
func (w *writer) number() error {
	c := &w.terms
	if len(c.numbers) == 0 {
		return nil
	}
	hashes := sorted(c.numbers)
	rows, err := w.tx.Query(w.ctx, w.sql("select hash, term from terms_K where hash = any($1)"), hashes)
	if err != nil {
		return err
	}
	there := make(map[int64]bool, len(hashes))
	var h int64
	var term int32
	_, err = pgx.ForEachRow(rows, []any{&h, &term}, func() error {
		c.numbers[h], there[h] = term, true
		return nil
	})
	for _, h := range hashes {
		if !there[h] {
			c.numbers[h] = w.nextTerm
			c.fresh.hashes, c.fresh.terms = append(c.fresh.hashes, h), append(c.fresh.terms, w.nextTerm)
			w.nextTerm++
		}
	}
	for _, p := range c.added {
		for h := range p.counts {
			c.count(c.numbers[h], 1)
		}
	}
	return err
}

// queueTerms writes the changes of terms, postings and forward lists.
func (w *writer) queueTerms(b *pgx.Batch) {
	c := &w.terms
	if len(c.fresh.terms) > 0 {
		b.Queue(w.sql("insert into terms_K select h, t, 0 from unnest($1::bigint[], $2::int[]) u(h, t)"), c.fresh.hashes, c.fresh.terms)
	}
	w.queueFrequencies(b)
	if len(c.gone.terms) > 0 {
		w.queueGone(b)
	}
	if len(c.added) > 0 {
		w.queueAdded(b)
	}
}

func (w *writer) queueFrequencies(b *pgx.Batch) {
	terms := sorted(w.terms.df)
	by := make([]int32, len(terms))
	for i, t := range terms {
		by[i] = w.terms.df[t]
	}
	if len(terms) > 0 {
		b.Queue(w.sql(`update terms_K t set df = t.df + u.by from unnest($1::int[], $2::int[]) u(term, by)
			where t.term = u.term and u.by <> 0`), terms, by)
	}
}

// queueGone takes postings out of their blocks and drops blocks that became empty.
func (w *writer) queueGone(b *pgx.Batch) {
	gone := w.sql(`with gone as (select g.term, g.slot / $3::int as block, array_agg(g.slot) as slots
		from unnest($1::int[], $2::int[]) g(term, slot) group by 1, 2) `)
	b.Queue(gone+w.sql(`update postings_K p set (slots, facts) = (
			select coalesce(array_agg(u.slot), '{}'), coalesce(array_agg(u.fact), '{}')
			from unnest(p.slots, p.facts) u(slot, fact) where u.slot <> all(g.slots))
		from gone g where p.term = g.term and p.block = g.block`), w.terms.gone.terms, w.terms.gone.slots, blockSlots)
	b.Queue(gone+w.sql(`delete from postings_K p using gone g
		where p.term = g.term and p.block = g.block and cardinality(p.slots) = 0`), w.terms.gone.terms, w.terms.gone.slots, blockSlots)
}

// queueAdded appends postings to their blocks and writes the forward lists.
func (w *writer) queueAdded(b *pgx.Batch) {
	var terms, slots, facts []int32
	var counts []int16
	for _, p := range w.terms.added {
		byTerm := make(map[int32]int32, len(p.counts))
		for h, n := range p.counts {
			byTerm[w.terms.numbers[h]] = n
		}
		for _, t := range sorted(byTerm) {
			terms, slots = append(terms, t), append(slots, p.slot)
			facts, counts = append(facts, min(p.length, maxLength)<<countBits|byTerm[t]), append(counts, int16(byTerm[t]))
		}
	}
	b.Queue(w.sql(`insert into postings_K as p (term, block, slots, facts)
		select u.term, u.slot / $4::int, array_agg(u.slot), array_agg(u.fact)
		from unnest($1::int[], $2::int[], $3::int[]) u(term, slot, fact) group by 1, 2 order by 1, 2
		on conflict (term, block) do update set slots = p.slots || excluded.slots, facts = p.facts || excluded.facts`), terms, slots, facts, blockSlots)
	b.Queue(w.sql(`insert into forward_K (slot, terms, counts)
		select u.slot, array_agg(u.term order by u.term), array_agg(u.n order by u.term) from unnest($1::int[], $2::int[], $3::smallint[]) u(term, slot, n) group by 1`),
		terms, slots, counts)
}
