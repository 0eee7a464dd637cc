package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"xiaoyue/kb"
	"xiaoyue/kb/backup"
	"xiaoyue/kb/catalog"
)

func backupCommand(src *source, tty terminal) *cobra.Command {
	var job backupJob
	c := &cobra.Command{
		Use:   "backup [--check] FILE",
		Short: "备份：目录库和索引的向量写入一个文件，或核对一个备份文件",
		Long: `把目录库（文件、事项、问答记录）和索引里的向量备份到一个文件；服务可以照常运行，备份是同一时刻的状态。
FILE 是文件夹时，文件以当时的时间命名。写完并逐字节读回核对后，文件才得到它的名字。

备份里有市民的提问和回答，只有所有者可读（0600）：请像对待数据库一样保管，或用 --without-conversations 不带问答。
xiaoyue restore FILE 恢复到空的数据目录或空的 PostgreSQL 数据库，两种数据库之间可以互相搬迁。`,
		Args: exactlyOne("file"),
	}
	f := c.Flags()
	f.BoolVar(&job.check, "check", false, "check a backup without restoring it")
	f.BoolVar(&job.force, "force", false, "replace a file of that name")
	f.BoolVar(&job.withoutTalk, "without-conversations", false, "leave out what people asked: conversations, records, feedback")
	f.BoolVar(&job.withoutVectors, "without-vectors", false, "leave out the vectors: they are made again after restoring")
	asJSON := f.Bool("json", false, "print the result as one JSON object")
	c.RunE = func(c *cobra.Command, args []string) error {
		conf, err := src.read()
		if err != nil {
			return err
		}
		job.path = args[0]
		if job.check {
			return checkBackup(c.Context(), job.path, *asJSON, tty)
		}
		if info, err := os.Stat(job.path); err == nil && info.IsDir() {
			job.path = filepath.Join(job.path, "xiaoyue-"+time.Now().In(kb.Shanghai).Format("20060102-150405")+".tar")
		}
		m, err := conf.backup(c.Context(), job, tty)
		if err != nil {
			return err
		}
		return printBackup(tty, "已备份并核对", job.path, m, *asJSON)
	}
	return c
}

// backupJob is what to back up, and where.
type backupJob struct {
	path                                      string
	check, force, withoutTalk, withoutVectors bool
}

// The parts of a backup: each table of the catalog, and the vectors of each version of the index.
const (
	catalogParts = "catalog/"
	indexParts   = "index/"
)

// backup writes the catalog and the vectors of the index in use. An index that cannot be read now is no
// reason to have no backup of what only the catalog has: it is said and left out.
func (c config) backup(ctx context.Context, job backupJob, tty terminal) (backup.Manifest, error) {
	from, err := c.backedCatalog(ctx)
	if err != nil {
		return backup.Manifest{}, err
	}
	defer from.Close()
	w, err := backup.Create(job.path, &backup.Options{Overwrite: job.force, Program: programVersion()})
	if err != nil {
		return backup.Manifest{}, err
	}
	defer w.Close()
	var about catalog.Dumped
	err = from.Dump(ctx, !job.withoutTalk, func(d catalog.Dumped, t catalog.Table) error {
		about = d
		if err := w.Begin(catalogParts+t.Name, backup.Lines, t.Columns); err != nil {
			return err
		}
		for row, err := range t.Rows {
			if err != nil {
				return err
			}
			if err := w.Put(row); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return backup.Manifest{}, err
	}
	if !job.withoutVectors {
		if err := c.backUpVectors(ctx, from, w, tty); err != nil {
			return backup.Manifest{}, err
		}
	}
	return w.Commit(ctx, about)
}

// checkBackup reads a whole file and prints what it holds.
func checkBackup(ctx context.Context, path string, asJSON bool, tty terminal) error {
	r, err := backup.Open(ctx, path)
	if err != nil {
		return err
	}
	defer r.Close()
	return printBackup(tty, "备份完好", path, r.Manifest(), asJSON)
}

// holding is what a backup holds, as it is printed.
type holding struct {
	File          string           `json:"file"`
	Bytes         int64            `json:"bytes"`
	CreatedAt     time.Time        `json:"created_at"`
	Program       string           `json:"program"`
	Dialect       string           `json:"dialect"`
	Schema        int64            `json:"schema"`
	Conversations bool             `json:"conversations"`
	Rows          map[string]int64 `json:"rows"`    // by table
	Vectors       map[string]int64 `json:"vectors"` // by embedder
}

func printBackup(tty terminal, done, path string, m backup.Manifest, asJSON bool) error {
	h, err := holdingOf(path, m)
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(tty.out, h)
	}
	talk := fmt.Sprintf("对话 %d、问答记录 %d", h.Rows["conversations"], h.Rows["records"])
	if !h.Conversations {
		talk = "不含问答"
	}
	vectors := int64(0)
	for _, n := range h.Vectors {
		vectors += n
	}
	_, err = fmt.Fprintf(tty.out, "%s：%s（%.1f MB，%s，版本 %.40q）\n文件 %d（各版共 %d）、段落 %d、事项 %d、%s、向量 %d\n", done, h.File,
		float64(h.Bytes)/1e6, h.CreatedAt.In(kb.Shanghai).Format("2006-01-02 15:04:05"), h.Program,
		h.Rows["files"], h.Rows["documents"], h.Rows["passages"], h.Rows["items"], talk, vectors)
	return err
}

func holdingOf(path string, m backup.Manifest) (holding, error) {
	info, err := os.Stat(path)
	if err != nil {
		return holding{}, err
	}
	about, err := aboutCatalog(m)
	if err != nil {
		return holding{}, err
	}
	h := holding{
		File: path, Bytes: info.Size(), CreatedAt: m.CreatedAt, Program: m.Program, Dialect: about.Dialect, Schema: about.Schema,
		Conversations: about.Conversations, Rows: map[string]int64{}, Vectors: map[string]int64{},
	}
	for _, p := range m.Parts {
		if table, ok := strings.CutPrefix(p.Name, catalogParts); ok {
			h.Rows[table] = p.Records
			continue
		}
		stamp, err := stampOfPart(p)
		if err != nil {
			return holding{}, err
		}
		h.Vectors[stamp.Embedder] += p.Records
	}
	return h, nil
}

// aboutCatalog reads what the manifest says of the catalog.
func aboutCatalog(m backup.Manifest) (about catalog.Dumped, err error) {
	if err := json.Unmarshal(m.About, &about); err != nil {
		return about, fmt.Errorf("%w: what it says of the catalog: %w", backup.ErrDamaged, err)
	}
	return about, nil
}

// backedCatalog opens the catalog for reading beside whoever serves.
func (c config) backedCatalog(ctx context.Context) (*catalog.Catalog, error) {
	place, err := c.catalogPlace()
	if err != nil {
		return nil, err
	}
	place.ReadOnly = true
	from, err := catalog.Open(ctx, place)
	if errors.Is(err, kb.ErrNotFound) {
		return nil, fmt.Errorf("data folder %s is empty, there is nothing to back up: %w", c.Data, err)
	}
	return from, err
}

// programVersion is the version of this program, as far as its build noted it.
func programVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) > 12 {
			return s.Value[:12]
		}
	}
	return info.Main.Version
}
