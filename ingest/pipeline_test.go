package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"xiaoyue/kb"
)

// shelf is a catalog in memory.
type shelf struct {
	mu      sync.Mutex
	docs    map[string]kb.Document // by key
	items   []kb.ServiceItem
	regions []kb.Region
	notes   map[string]string
	puts    int
	fail    error
}

func (s *shelf) PutDocument(_ context.Context, d kb.Document, _ []kb.Passage) (kb.Document, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		return kb.Document{}, false, s.fail
	}
	changed := s.docs[d.Key].Hash != d.Hash
	s.docs[d.Key] = d
	s.puts++
	return d, changed, nil
}

func (s *shelf) Unchanged(_ context.Context, _, _, key, hash string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.docs[key].Hash == hash, nil
}

func (s *shelf) Keys(context.Context, string, string) ([]string, error) {
	var keys []string
	for k := range s.docs {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys, nil
}

func (s *shelf) Withdraw(_ context.Context, _, _ string, keys []string) error {
	for _, k := range keys {
		delete(s.docs, k)
	}
	return nil
}

func (s *shelf) PutItems(_ context.Context, items []kb.ServiceItem) error {
	s.items = append(s.items, items...)
	return nil
}

func (s *shelf) PutRegions(_ context.Context, regions []kb.Region) error {
	s.regions = append(s.regions, regions...)
	return nil
}

func (s *shelf) State(_ context.Context, name string) (string, error) {
	if v, ok := s.notes[name]; ok {
		return v, nil
	}
	return "", kb.ErrNotFound
}

func (s *shelf) SetState(_ context.Context, name, value string) error {
	s.notes[name] = value
	return nil
}

// plainFiles reads every file as text; names that begin with bad are damaged.
type plainFiles struct{}

func (plainFiles) Read(ctx context.Context, path string, _ Limits) ([]FileReading, error) {
	if strings.HasPrefix(filepath.Base(path), "bad") {
		return []FileReading{{Path: path, Err: &ReadError{Status: StatusDamaged, Reason: "文件已损坏"}}}, ctx.Err()
	}
	b, err := os.ReadFile(path)
	sum := sha256.Sum256(b)
	return []FileReading{{Path: path, Hash: hex.EncodeToString(sum[:]),
		Reading: TextReading(string(b))}}, err
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// steps runs a pipeline and returns what became of each file.
func steps(t *testing.T, p *Pipeline, paths ...string) []string {
	t.Helper()
	var got []string
	_, err := p.Run(t.Context(), paths, func(s Progress) {
		got = append(got, string(s.Change)+" "+filepath.Base(s.Report.Path)+" "+string(s.Report.Status))
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestPipeline(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"a.txt": "第一条 甲。", "b.txt": "第一条 乙。", "bad.txt": "x", "sub/c.txt": "第一条 丙。", ".hidden/d.txt": "x", "~$a.txt": "x",
		"secret.txt": "机密★5年\n关于演练的通知", "e1.txt": "e1", "e2.txt": "e2", "e3.txt": "e3"})
	cat := &shelf{docs: map[string]kb.Document{}}
	run := func(o Options) []string {
		o.Source, o.Workers = "bureau", 3
		return steps(t, New(cat, plainFiles{}, &o), dir)
	}
	tests := []struct {
		name   string
		change func()
		opts   Options
		want   []string
	}{
		{"first", func() {}, Options{}, []string{"added a.txt ok", "added b.txt ok", "refused bad.txt damaged", "added e1.txt ok", "added e2.txt ok",
			"added e3.txt ok", "refused secret.txt classified", "added c.txt ok"}},
		{"again", func() {}, Options{}, []string{"unchanged a.txt ok", "unchanged b.txt ok", "refused bad.txt damaged", "unchanged e1.txt ok",
			"unchanged e2.txt ok", "unchanged e3.txt ok", "refused secret.txt classified", "unchanged c.txt ok"}},
		{"changed and vanished", func() {
			write(t, dir, map[string]string{"a.txt": "第一条 甲甲。"})
			os.Remove(filepath.Join(dir, "b.txt"))
		}, Options{}, []string{"added a.txt ok", "refused bad.txt damaged", "unchanged e1.txt ok", "unchanged e2.txt ok", "unchanged e3.txt ok",
			"refused secret.txt classified", "unchanged c.txt ok", "withdrawn b.txt "}},
		{"too many vanished", func() {
			os.Remove(filepath.Join(dir, "e1.txt"))
			os.Remove(filepath.Join(dir, "e2.txt"))
		}, Options{}, []string{"unchanged a.txt ok", "refused bad.txt damaged", "unchanged e3.txt ok", "refused secret.txt classified", "unchanged c.txt ok"}},
		{"withdrawal wanted", func() {}, Options{Withdraw: true}, []string{"unchanged a.txt ok", "refused bad.txt damaged", "unchanged e3.txt ok",
			"refused secret.txt classified", "unchanged c.txt ok", "withdrawn e1.txt ", "withdrawn e2.txt "}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.change()
			if diff := cmp.Diff(tt.want, run(tt.opts)); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNothingIsWithdrawnFromAnEmptyOrMissingRoot(t *testing.T) {
	cat := &shelf{docs: map[string]kb.Document{"a.txt": {Hash: "1"}}}
	p := New(cat, plainFiles{}, &Options{Source: "bureau", Withdraw: true})
	steps(t, p, t.TempDir())
	if _, err := p.Run(t.Context(), []string{filepath.Join(t.TempDir(), "gone")}, nil); !errors.Is(err, kb.ErrNotFound) {
		t.Errorf("missing root: got %v, want ErrNotFound", err)
	}
	if len(cat.docs) != 1 {
		t.Errorf("documents were withdrawn")
	}
}

func TestPipelineStopsWithCatalogAndContext(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"a.txt": "一", "b.txt": "二", "c.txt": "三"})
	full := &shelf{docs: map[string]kb.Document{}, fail: kb.ErrFull}
	if _, err := New(full, plainFiles{}, nil).Run(t.Context(), []string{dir}, nil); !errors.Is(err, kb.ErrFull) {
		t.Errorf("full catalog: got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cat := &shelf{docs: map[string]kb.Document{}}
	_, err := New(cat, plainFiles{}, nil).Run(ctx, []string{dir}, func(Progress) { cancel() })
	if !errors.Is(err, context.Canceled) || cat.puts != 1 {
		t.Errorf("interrupted: got %v after %d documents", err, cat.puts)
	}
}

const item = `{"code":"1","base_code":"2","name":"n","department":"d","kind":"公共服务","service_for":["自然人"],"handling_kind":"即办件","visits":0,
"cross_region":"","region":"339900","validity":{"valid_from":"2025-01-01","valid_until":null},"conditions":[],"materials":[],"steps":[],"legal_days":null,
"promised_days":{"number":3,"unit":"工作日"},"fee":"不收费","windows":[],"telephone":"","complaint":"","legal":[],"result":"","version":1}`

func TestReadItems(t *testing.T) {
	good := strings.ReplaceAll(item, "\n", "")
	regions, err := kb.NewRegions(kb.Region{Code: kb.Nation, Name: "中国"}, kb.Region{Code: "339900", Name: "越州市", Parent: kb.Nation})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, text, want string }{
		{"good", good + "\n\n" + strings.Replace(good, `"code":"1"`, `"code":"2"`, 1), ""},
		{"repeated", good + "\n" + good, "第 2 行：code：1 与第 1 行重复"},
		{"missing", strings.Replace(good, `"fee":"不收费",`, "", 1), "第 1 行：fee：缺少这一项"},
		{"unknown", strings.Replace(good, `"fee"`, `"price":1,"fee"`, 1), `第 1 行：json: unknown field "price"`},
		{"type", strings.Replace(good, `"visits":0`, `"visits":"0"`, 1), "第 1 行：visits：应为 int，而不是 string"},
		{"unit", strings.Replace(good, "工作日", "日", 1), `第 1 行：service item 1: time limit 3 "日": want a number with 工作日 or 自然日`},
		{"region", strings.Replace(good, `"region":"339900"`, `"region":"1"`, 1), `第 1 行：region：没有代码为 "1" 的地区`},
		{"no object", "[]", "第 1 行：不是一个 JSON 对象"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			items, err := ReadItems(strings.NewReader(tt.text), ItemOptions{Tenant: kb.DefaultTenant, Regions: regions})
			fault := new(ReadError)
			switch {
			case tt.want == "" && (err != nil || len(items) != 2 || items[0].Tenant != kb.DefaultTenant):
				t.Errorf("got %d items, error %v", len(items), err)
			case tt.want != "" && (!errors.As(err, &fault) || !strings.HasPrefix(fault.Reason, tt.want)):
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestRecordsComeFirst(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"a.txt": "越州市民政局关于高龄津贴的通知", "items.jsonl": strings.ReplaceAll(item, "\n", ""),
		"regions.jsonl": `{"code":"100000","name":"中国","kind":"nation"}` + "\n" + `{"code":"339900","name":"越州市","parent":"100000","kind":"city"}`})
	cat := &shelf{docs: map[string]kb.Document{}, notes: map[string]string{}}
	got := steps(t, New(cat, plainFiles{}, nil), dir)
	again := steps(t, New(cat, plainFiles{}, nil), dir)
	if diff := cmp.Diff([]string{"unchanged regions.jsonl ok", "unchanged items.jsonl ok", "unchanged a.txt ok"}, again); diff != "" {
		t.Errorf("second run (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"added regions.jsonl ok", "added items.jsonl ok", "added a.txt ok"}, got); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	for _, d := range cat.docs {
		if d.Region != "339900" {
			t.Errorf("region %q of a text of 越州市", d.Region)
		}
	}
	if len(cat.items) != 2 || len(cat.regions) != 4 {
		t.Errorf("%d items, %d regions", len(cat.items), len(cat.regions))
	}
}
