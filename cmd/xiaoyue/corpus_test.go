package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMeasurementLeavesNothing measures retrieval in PostgreSQL, where nothing of it stays.
func TestMeasurementLeavesNothing(t *testing.T) {
	dsn := freshDatabase(t)
	corpus := t.TempDir()
	for name, content := range map[string]string{
		"corpus.jsonl":   `{"_id":"d1","title":"居住证","text":"办理居住证需要身份证。"}` + "\n" + `{"_id":"d2","title":"年检","text":"车辆年检每两年一次。"}`,
		"queries.jsonl":  `{"_id":"q1","text":"居住证怎么办理"}`,
		"qrels/test.tsv": "query-id\tcorpus-id\tscore\nq1\td1\t1\n",
	} {
		path := filepath.Join(corpus, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("XIAOYUE_PGVECTOR", dsn)
	code, out, errs := command(t, "--models", t.TempDir(), "eval", "retrieval", "--corpus", corpus, "--pipeline", "bm25", "--store", "pgvector")
	if code != 0 || !strings.Contains(out, "hit@1 1.000") {
		t.Errorf("exit %d, %s%s", code, out, errs)
	}
	var schemas string
	query(t, dsn, &schemas, "select coalesce(string_agg(nspname, ' '), '') from pg_namespace where nspname like 'xiaoyue%'")
	if schemas != "" {
		t.Errorf("it left the schemas %s", schemas)
	}
}
