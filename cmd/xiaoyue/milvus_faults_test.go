package main

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/milvus-io/milvus-sdk-go/v2/client"
	"github.com/milvus-io/milvus-sdk-go/v2/entity"

	"xiaoyue/retrieval"
)

// TestForeignCollection starts serve where another program's collection has our name: it says what to do,
// and leaves the collection alone.
func TestForeignCollection(t *testing.T) {
	address, prefix := given(t, "XIAOYUE_TEST_MILVUS", ".ci/with-milvus.sh"), fmt.Sprintf("foreign%d", time.Now().UnixNano())
	c, err := client.NewClient(t.Context(), client.Config{Address: address})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	schema := entity.NewSchema().WithName(prefix).WithDescription("another program's").
		WithField(entity.NewField().WithName("id").WithDataType(entity.FieldTypeInt64).WithIsPrimaryKey(true)).
		WithField(entity.NewField().WithName("vector").WithDataType(entity.FieldTypeFloatVector).WithDim(2))
	if err := c.CreateCollection(t.Context(), schema, 1); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if c, err := client.NewClient(context.Background(), client.Config{Address: address}); err == nil {
			_ = c.DropCollection(context.Background(), prefix)
			c.Close()
		}
	})
	conf := config{Data: filepath.Join(t.TempDir(), "data"), Models: t.TempDir(), Log: "error",
		Index: indexConfig{Store: storeMilvus, Milvus: milvusConfig{Address: address, Prefix: prefix}}}
	refused(t, conf, retrieval.ErrForeign, "请换一个名字")
	found, err := c.DescribeCollection(t.Context(), prefix)
	if err != nil || found.Schema.Description != "another program's" {
		t.Errorf("the foreign collection afterwards: %+v, %v", found, err)
	}
}
