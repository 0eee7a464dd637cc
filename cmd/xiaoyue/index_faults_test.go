package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/milvus-io/milvus-sdk-go/v2/client"
	"github.com/milvus-io/milvus-sdk-go/v2/entity"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/pgvector"
)

// wantFinding checks the one finding of a part: whether it is good, and that its line names all that it should.
func wantFinding(t *testing.T, found []finding, part string, good bool, names ...string) {
	t.Helper()
	i := slices.IndexFunc(found, func(f finding) bool { return f.Part == part })
	if i < 0 {
		t.Fatalf("nothing about %s in %+v", part, found)
	}
	var line strings.Builder
	if err := found[i].print(terminal{nil, &line, io.Discard}, false); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if !strings.Contains(line.String(), name) {
			t.Errorf("doctor says %q; want %q named", line.String(), name)
		}
	}
	if found[i].Good != good || strings.Count(line.String(), "\n") != 1 {
		t.Errorf("doctor says %q, good %v; want one line, good %v", line.String(), found[i].Good, good)
	}
}

// TestIndexRemedies gives the faults that no server of a test has.
func TestIndexRemedies(t *testing.T) {
	down := func(words string) error {
		return fmt.Errorf("open index in Milvus: %w: %s", retrieval.ErrDown, words)
	}
	for _, tt := range []struct {
		name   string
		err    error
		remedy string
	}{
		{"extension too old", fmt.Errorf("%w: it has 0.5.1", pgvector.ErrExtension), "ALTER EXTENSION vector UPDATE"},
		{"disk full", fmt.Errorf("put: %w: could not extend file: No space left on device (SQLSTATE 53100)", kb.ErrFull), "请腾出空间"},
		{"wrong password in PostgreSQL", errors.New("password authentication failed for user \"u\" (SQLSTATE 28P01)"), "用户名或密码不对"},
		{"no way in, in pg_hba", errors.New("no pg_hba.conf entry (SQLSTATE 28000)"), "用户名或密码不对"},
		{"wrong password in Milvus", errors.New("rpc error: code = Unauthenticated desc = auth check failure, please check username and password are correct"), "用户名或密码不对"},
		{"no right", errors.New("permission denied for database d (SQLSTATE 42501)"), "请授予"},
		{"not loaded", down("collection not loaded (Milvus code 101)"), "装载"},
		{"half loaded", down("collection not fully loaded (Milvus code 103)"), "装载"},
		{"away", down("connection refused"), "请检查地址、端口"},
		{"no database in Milvus", errors.New("database not found[database=d] (Milvus code 800)"), "没有这个数据库"},
		{"no place for words", fmt.Errorf("server of version 2.3.5 has no sparse vectors (2.4 and later have): configure where words are kept beside it, or upgrade: %w", kb.ErrInvalid), "升级 Milvus"},
		{"damaged", fmt.Errorf("open: %w", retrieval.ErrCorrupt), "自动由目录库重建"},
		{"unknown", errors.New("something else"), "请查看服务器的日志"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := indexFault(config{Index: indexConfig{Store: storeMilvus}}, tt.err)
			wantFinding(t, []finding{f}, "索引 milvus", false, oneLine(tt.err.Error()), tt.remedy)
		})
	}
}

// TestDoctorOfPostgres looks at databases that are not as they should be.
func TestDoctorOfPostgres(t *testing.T) {
	given(t, "XIAOYUE_TEST_POSTGRES", ".ci/with-postgres.sh")
	embeddings := embeddingServer(t, "one", 256, 0)
	nobody := func(dsn string) string { return strings.Replace(dsn, "//postgres@", "//nobody_here@", 1) }
	limited := func(dsn string) string { return strings.Replace(dsn, "//postgres@", "//xiaoyue_limited@", 1) }
	database := func(dsn string) string { return strings.Replace(dsn, "/deployment", "/none_deployment", 1) }
	for _, tt := range []struct {
		name    string
		made    bool     // the tables are there before
		sql     []string // that makes the database what it is
		address func(dsn string) string
		good    bool
		says    []string
	}{
		{"empty", false, nil, nil, true, []string{"还没有建立"}},
		{"no extension", false, []string{"drop extension vector cascade"}, nil, false, []string{"vector 0.8.0", "CREATE EXTENSION vector"}},
		{"no extension, and no vectors wanted", false, []string{"drop extension vector cascade"}, nil, true, []string{"还没有建立"}},
		{"extension taken away", true, []string{"drop extension vector cascade"}, nil, false, []string{"vector 0.8.0", "CREATE EXTENSION vector"}},
		{"foreign tables", false, []string{"create schema xiaoyue_index", "create table xiaoyue_index.versions (id int)"}, nil, false,
			[]string{"schema xiaoyue_index", "别的程序", "换一个 schema"}},
		{"newer tables", true, []string{"insert into xiaoyue_index.xiaoyue_index_version (version_id, is_applied) values (999, true)"}, nil, false,
			[]string{"999", "更新版本的小越"}},
		{"unknown user", true, nil, nobody, false, []string{"nobody_here", "28", "password_file"}},
		{"no right", false, []string{"drop role if exists xiaoyue_limited", "create role xiaoyue_limited login"}, limited, false, []string{"42501", "请授予"}},
		{"no such database", false, nil, database, false, []string{"3D000", "没有这个数据库"}},
		{"wrong port", false, nil, func(string) string { return "postgres://postgres@" + notThere + "/postgres?sslmode=disable" }, false,
			[]string{notThere, "连接不上", "端口"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dsn := freshDatabase(t)
			if tt.made {
				if s, err := pgvector.Open(t.Context(), pgvector.Options{DSN: dsn}); err != nil || s.Close() != nil {
					t.Fatalf("make the place: %v", err)
				}
			}
			execute(t, dsn, tt.sql...)
			if tt.address != nil {
				dsn = tt.address(dsn)
			}
			conf := config{Data: t.TempDir(), Models: t.TempDir(), Log: "error", Index: indexConfig{Store: storePgvector, Pgvector: pgvectorConfig{Postgres: dsn}}}
			if !strings.HasSuffix(tt.name, "no vectors wanted") {
				conf.Servers.Embed = []server{embeddings}
			}
			wantFinding(t, checkIndex(t.Context(), conf), "索引 pgvector", tt.good, tt.says...)
		})
	}
}

// TestDoctorOfUnusedVersion makes a version and puts it to no use.
func TestDoctorOfUnusedVersion(t *testing.T) {
	conf := config{Data: t.TempDir(), Models: t.TempDir(), Log: "error", Index: indexConfig{Store: storeEmbedded}}
	place, err := conf.connect(storeEmbedded, false, conf.logger(t.Output(), false))(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	v, err := place.Create(t.Context(), stampOf(nil))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(v.Close(), place.Close()); err != nil {
		t.Fatal(err)
	}
	wantFinding(t, checkIndex(t.Context(), conf), "索引 embedded", false, "1 个版本，但没有一个启用", "xiaoyue serve")
}

// TestDoctorOfMilvus looks at a Milvus that is not there, and at another program's collections.
func TestDoctorOfMilvus(t *testing.T) {
	conf := config{Data: filepath.Join(t.TempDir(), "data"), Models: t.TempDir(), Log: "error"}
	conf.Index = indexConfig{Store: storeMilvus, Milvus: milvusConfig{Address: notThere, Prefix: "doctor"}}
	t.Run("wrong port", func(t *testing.T) {
		wantFinding(t, checkIndex(t.Context(), conf), "索引 milvus", false, notThere, "连接不上", "端口")
	})
	t.Run("foreign collection", func(t *testing.T) {
		conf := conf
		conf.Index.Milvus.Address = given(t, "XIAOYUE_TEST_MILVUS", ".ci/with-milvus.sh")
		wantFinding(t, checkIndex(t.Context(), conf), "索引 milvus", true, "还没有建立")
		c, err := client.NewClient(t.Context(), client.Config{Address: conf.Index.Milvus.Address})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		schema := entity.NewSchema().WithName("doctor").WithDescription("of somebody else").
			WithField(entity.NewField().WithName("pk").WithDataType(entity.FieldTypeInt64).WithIsPrimaryKey(true)).
			WithField(entity.NewField().WithName("v").WithDataType(entity.FieldTypeFloatVector).WithDim(4))
		if err := c.CreateCollection(t.Context(), schema, 1); err != nil {
			t.Fatal(err)
		}
		defer c.DropCollection(t.Context(), "doctor")
		wantFinding(t, checkIndex(t.Context(), conf), "索引 milvus", false, "collection doctor", "别的程序", "prefix")
	})
	t.Run("silent", func(t *testing.T) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		conf := conf
		conf.Index.Milvus.Address = listener.Addr().String()
		wantFinding(t, checkIndex(t.Context(), conf), "索引 milvus", false, listener.Addr().String(), "连接不上")
	})
}

// TestDoctorOfAnotherModel changes the embedding model behind an index.
func TestDoctorOfAnotherModel(t *testing.T) {
	conf := modelFolder(t, servers{Embed: []server{embeddingServer(t, "one", 256, 0)}})
	wantFinding(t, checkIndex(t.Context(), conf), "索引 embedded", true, "已有向量")
	conf.Servers = servers{Embed: []server{embeddingServer(t, "two", 128, 0)}}
	wantFinding(t, checkIndex(t.Context(), conf), "索引 embedded", false, "建立时与现在的配置不同", "向量模型 one", "→ two", "维数 256 → 128", "后台重建")
}

// TestDoctorOfQueues leaves jobs that nobody works off, in the queue of the index and in another one.
func TestDoctorOfQueues(t *testing.T) {
	_, global := smallFolder(t)
	conf, err := configOf(t, "", global...)
	if err != nil {
		t.Fatal(err)
	}
	wantFinding(t, checkQueues(t.Context(), conf), "索引任务 index", true, "等待 0 个")
	elsewhere, err := conf.openCatalog(t.Context(), "pgvector-old", false)
	if err != nil {
		t.Fatal(err)
	}
	defer elsewhere.Close()
	if _, err := elsewhere.Subscribe(t.Context()); err != nil {
		t.Fatal(err)
	}
	own, err := conf.openCatalog(t.Context(), "index", false)
	if err != nil {
		t.Fatal(err)
	}
	defer own.Close()
	lead, err := own.Lead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	extra := t.TempDir()
	writeNotices(t, extra, 2)
	if code, _, errs := command(t, append(global, "ingest", "--source", "s", extra)...); code != 0 {
		t.Fatalf("ingest: exit %d: %s", code, errs)
	}
	wantFinding(t, checkQueues(t.Context(), conf), "索引任务 index", true, "有进程在处理")
	if err := lead.Close(); err != nil {
		t.Fatal(err)
	}
	found := checkQueues(t.Context(), conf)
	wantFinding(t, found, "索引任务 index", false, "没有进程在处理", "xiaoyue serve")
	wantFinding(t, found, "索引任务 pgvector-old", false, "不属于现在配置的索引", "xiaoyue index drop pgvector-old")
}
