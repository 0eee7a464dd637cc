package milvus

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/milvus-io/milvus-sdk-go/v2/client"
	"github.com/milvus-io/milvus-sdk-go/v2/entity"

	"xiaoyue/retrieval"
)

// The fields of a collection.
const (
	fieldID       = "id"
	fieldDoc      = "doc"
	fieldTenant   = "tenant" // partition key where the server can, see server.keyed
	fieldAccess   = "access"
	fieldRegion   = "region"
	fieldZone     = "zone"
	fieldEveryone = "everyone" // concerns every audience: audience is empty
	fieldAudience = "audience"
	fieldFrom     = "valid_from"  // YYYYMMDD, 0 where not stated
	fieldUntil    = "valid_until" // YYYYMMDD, forever where not stated
	fieldEmbedded = "embedded"    // vector is that of the passage, not a placeholder
	fieldVector   = "vector"      // norm 1
	fieldWords    = "words"       // sparse; where the server has it
	fieldTerms    = "terms"       // hashes of the distinct terms, for counting; beside words
)

const (
	forever   = 99991231
	noVectors = 2 // dimension of the placeholder in a lexical-only version; Milvus wants a vector field
)

// The longest values, in bytes, which is what Milvus counts.
const (
	maxID       = 512
	maxTenant   = 256
	maxAccess   = 64
	maxRegion   = 64
	maxZone     = 512
	maxAudience = 512
	maxElements = 64   // of audience
	maxTerms    = 4096 // distinct ones of a passage
)

// HNSW as measured (docs/measurements.md): a graph of degree 16, and a search that is wide because a
// filter leaves only some of what it meets.
const (
	graphDegree   = 16
	buildWidth    = 200
	leastWidth    = 256
	widthPerMatch = 2
	mostWidth     = 32768
)

// mark stands in the description of our collections.
type mark struct {
	Xiaoyue    int             `json:"xiaoyue_index"` // layout of the collection
	Stamp      retrieval.Stamp `json:"stamp"`
	Sparse     bool            `json:"sparse,omitempty"`
	MeanLength float64         `json:"mean_length,omitempty"` // terms of a passage that words are weighed with
}

const layout = 1

// marked reads the mark of a collection; one without is retrieval.ErrForeign.
func marked(c *entity.Collection) (m mark, err error) {
	if err := json.Unmarshal([]byte(c.Schema.Description), &m); err != nil || m.Xiaoyue == 0 {
		return m, fmt.Errorf("collection %s: %w", c.Name, retrieval.ErrForeign)
	}
	if m.Xiaoyue != layout {
		return m, fmt.Errorf("collection %s has layout %d, not %d: %w", c.Name, m.Xiaoyue, layout, retrieval.ErrStamp)
	}
	return m, nil
}

// describe reads a collection by its name or alias, with its mark.
func (s *Store) describe(ctx context.Context, name string) (real string, m mark, err error) {
	var c *entity.Collection
	err = s.call(ctx, func(ctx context.Context) (err error) {
		c, err = s.client.DescribeCollection(ctx, name)
		return err
	})
	if err != nil {
		return "", m, err
	}
	m, err = marked(c)
	return c.Name, m, err
}

func (s *Store) name(stamp retrieval.Stamp) string { return s.opts.Prefix + "_" + stamp.Key() }

// schema is the layout of a version's collection.
func (s *Store) schema(stamp retrieval.Stamp) (*entity.Schema, error) {
	m := mark{Xiaoyue: layout, Stamp: stamp}
	if s.server.sparse {
		m.Sparse, m.MeanLength = true, s.opts.MeanLength
	}
	description, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	text := func(name string, bytes int64) *entity.Field {
		return entity.NewField().WithName(name).WithDataType(entity.FieldTypeVarChar).WithMaxLength(bytes)
	}
	plain := func(name string, kind entity.FieldType) *entity.Field {
		return entity.NewField().WithName(name).WithDataType(kind)
	}
	out := entity.NewSchema().WithName(s.name(stamp)).WithDescription(string(description)).
		WithField(text(fieldID, maxID).WithIsPrimaryKey(true)).
		WithField(text(fieldDoc, maxID)).
		WithField(text(fieldTenant, maxTenant).WithIsPartitionKey(s.server.keyed)).
		WithField(text(fieldAccess, maxAccess)).
		WithField(text(fieldRegion, maxRegion)).
		WithField(text(fieldZone, maxZone)).
		WithField(plain(fieldEveryone, entity.FieldTypeBool)).
		WithField(text(fieldAudience, maxAudience).WithDataType(entity.FieldTypeArray).
			WithElementType(entity.FieldTypeVarChar).WithMaxCapacity(maxElements)).
		WithField(plain(fieldFrom, entity.FieldTypeInt64)).
		WithField(plain(fieldUntil, entity.FieldTypeInt64)).
		WithField(plain(fieldEmbedded, entity.FieldTypeBool)).
		WithField(plain(fieldVector, entity.FieldTypeFloatVector).WithDim(int64(width(stamp))))
	if m.Sparse {
		out.WithField(plain(fieldWords, entity.FieldTypeSparseVector)).
			WithField(plain(fieldTerms, entity.FieldTypeArray).WithElementType(entity.FieldTypeInt64).WithMaxCapacity(maxTerms))
	}
	return out, nil
}

// width is the dimension of the vector field.
func width(stamp retrieval.Stamp) int { return max(noVectors, stamp.Dimension) }

// create makes the collection of a version with its indexes; one that is there already stays. Each call
// has a deadline of its own.
func (s *Store) create(ctx context.Context, stamp retrieval.Stamp) error {
	schema, err := s.schema(stamp)
	if err != nil {
		return err
	}
	indexes, err := s.indexes(schema)
	if err != nil {
		return err
	}
	var opts []client.CreateCollectionOption
	if s.server.keyed {
		opts = append(opts, client.WithPartitionNum(int64(s.opts.Partitions)))
	}
	const shards = 1 // one channel, so that a batch is seen as a whole
	err = s.slowly(ctx, func(ctx context.Context) error { return s.client.CreateCollection(ctx, schema, shards, opts...) })
	if err != nil {
		if _, m, found := s.describe(ctx, schema.CollectionName); found != nil || m.Stamp != stamp {
			return fmt.Errorf("create collection %s: %w", schema.CollectionName, err)
		}
	}
	for _, x := range indexes {
		err := s.slowly(ctx, func(ctx context.Context) error {
			return s.client.CreateIndex(ctx, schema.CollectionName, x.field, x.index, true)
		})
		if err != nil {
			return fmt.Errorf("create index on %s of %s: %w", x.field, schema.CollectionName, err)
		}
	}
	return nil
}

type fieldIndex struct {
	field string
	index entity.Index
}

// indexes are what the collection is searched with. Creating an index that is there changes nothing.
func (s *Store) indexes(schema *entity.Schema) (out []fieldIndex, err error) {
	var dense, words entity.Index
	if s.server.lite {
		dense, err = entity.NewIndexFlat(entity.IP)
	} else {
		dense, err = entity.NewIndexHNSW(entity.IP, graphDegree, buildWidth)
	}
	if err != nil {
		return nil, err
	}
	out = append(out, fieldIndex{fieldVector, dense})
	if !s.server.sparse {
		return out, nil
	}
	if words, err = entity.NewIndexSparseInverted(entity.IP, 0); err != nil {
		return nil, err
	}
	out = append(out, fieldIndex{fieldWords, words})
	if !s.server.lite {
		out = append(out, fieldIndex{fieldTerms, entity.NewScalarIndexWithType(entity.Inverted)})
	}
	return out, nil
}

// load waits, for a time, until a collection can be searched. A large one takes longer and is
// retrieval.ErrDown meanwhile; the server goes on loading it.
func (s *Store) load(ctx context.Context, name string) error {
	err := s.slowly(ctx, func(ctx context.Context) error { return s.client.LoadCollection(ctx, name, false) })
	if err != nil {
		return fmt.Errorf("load collection %s: %w", name, err)
	}
	return nil
}
