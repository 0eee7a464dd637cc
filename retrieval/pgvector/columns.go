package pgvector

import (
	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"

	"xiaoyue/retrieval"
)

// columns are passages by column, as a statement takes them.
type columns struct {
	slots, from, until, lengths             []int32
	ids, docs, tenants, access, place, zone []string
	audience                                []string // of all passages
	audienceOf                              []int32  // number of the passage for each
	words                                   [][]byte
	waits                                   []bool
	embedded, unembedded                    []int32 // slots with a vector, slots that lose one
	vectors                                 []pgvector.HalfVector
}

func (p *columns) add(e *retrieval.Entry, k known) {
	a := &e.Attributes
	until := int32(openEnd)
	if !a.Validity.Until.IsZero() {
		until = int32(a.Validity.Until.Number())
	}
	for _, s := range a.Audience {
		p.audience, p.audienceOf = append(p.audience, s), append(p.audienceOf, k.slot)
	}
	p.slots, p.lengths = append(p.slots, k.slot), append(p.lengths, k.length)
	p.from, p.until = append(p.from, int32(a.Validity.From.Number())), append(p.until, until)
	p.ids, p.docs, p.tenants = append(p.ids, e.ID), append(p.docs, e.DocID), append(p.tenants, a.Tenant)
	p.access, p.place, p.zone = append(p.access, string(a.Access)), append(p.place, a.Region), append(p.zone, a.Zone)
	p.words, p.waits = append(p.words, []byte(k.words)), append(p.waits, k.waits)
	if !k.waits {
		u, _ := unit(e.Vector, len(e.Vector)) // checked before
		p.embedded, p.vectors = append(p.embedded, k.slot), append(p.vectors, pgvector.NewHalfVector(u))
	}
}

// queuePassages writes the passages and their vectors.
func (w *writer) queuePassages(b *pgx.Batch, p *columns) {
	b.Queue(w.sql(`insert into passages_K
			(slot, id, doc, tenant, access, region, zone, valid_from, valid_until, length, words, waits, audience)
		select r.*, coalesce((select array_agg(a.name) from unnest($13::text[], $14::int[]) a(name, slot) where a.slot = r.slot), '{}')
		from unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int[], $9::int[],
			$10::int[], $11::bytea[], $12::bool[]) r(slot, id, doc, tenant, access, region, zone, valid_from, valid_until, length, words, waits)
		on conflict (slot) do update set doc = excluded.doc, tenant = excluded.tenant, access = excluded.access,
			region = excluded.region, zone = excluded.zone, audience = excluded.audience, valid_from = excluded.valid_from,
			valid_until = excluded.valid_until, length = excluded.length, words = excluded.words, waits = excluded.waits`),
		p.slots, p.ids, p.docs, p.tenants, p.access, p.place, p.zone, p.from, p.until, p.lengths, p.words, p.waits, p.audience, p.audienceOf)
	if len(p.unembedded) > 0 {
		b.Queue(w.sql("delete from vectors_K where slot = any($1)"), p.unembedded)
	}
	if len(p.embedded) > 0 {
		b.Queue(w.sql(`insert into vectors_K select * from unnest($1::int[], $2::halfvec[])
			on conflict (slot) do update set vector = excluded.vector where vectors_K.vector <> excluded.vector`), p.embedded, p.vectors)
	}
}
