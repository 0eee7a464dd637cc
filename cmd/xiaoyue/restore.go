package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/spf13/cobra"

	"xiaoyue/kb/backup"
	"xiaoyue/kb/catalog"
)

func restoreCommand(src *source, tty terminal) *cobra.Command {
	var job restoreJob
	c := &cobra.Command{
		Use:   "restore FILE",
		Short: "恢复：把备份文件恢复到空的数据目录或空的数据库",
		Long: `先核对整个备份文件，再把目录库恢复到 --data 的文件夹或配置的 PostgreSQL 数据库，最后把向量写入配置的索引。
只恢复到空处，从不覆盖：已有目录库时请换一个数据目录或数据库。中断的恢复不会留下半个目录库，可以重新运行。
从 SQLite 备份可以恢复到 PostgreSQL，反过来也可以。`,
		Args: exactlyOne("file"),
	}
	c.Flags().BoolVar(&job.onlyIndex, "only-index", false, "leave the catalog that is there as it is, and put the backup's vectors into the index")
	c.Flags().BoolVar(&job.withoutVectors, "without-vectors", false, "restore the catalog only: the vectors are made again")
	c.RunE = func(c *cobra.Command, args []string) error {
		if job.onlyIndex && job.withoutVectors {
			return usagef("--only-index and --without-vectors together leave nothing to restore")
		}
		conf, err := src.read()
		if err != nil {
			return err
		}
		job.path = args[0]
		return conf.restore(c.Context(), job, tty)
	}
	return c
}

// restoreJob is what to restore.
type restoreJob struct {
	path                      string
	onlyIndex, withoutVectors bool
}

// restore checks a backup and restores it to where the configuration says.
func (c config) restore(ctx context.Context, job restoreJob, tty terminal) error {
	r, err := backup.Open(ctx, job.path)
	if err != nil {
		return err
	}
	defer r.Close()
	h, err := holdingOf(job.path, r.Manifest())
	if err != nil {
		return err
	}
	place, err := c.catalogPlace()
	if err == nil {
		place.Queue, err = c.queue(c.Index.Store)
	}
	if err != nil {
		return err
	}
	if !job.onlyIndex {
		rows, err := catalog.Load(ctx, place, h.Schema, tablesOf(ctx, r))
		if err != nil {
			return err
		}
		fmt.Fprintf(tty.out, "目录库已恢复并核对：文件 %d、段落 %d、事项 %d、问答记录 %d\n", rows["files"], rows["passages"], rows["items"], rows["records"])
	}
	if job.withoutVectors {
		return nil
	}
	n, err := c.restoreVectors(ctx, place, r, tty)
	if err != nil {
		return fmt.Errorf("目录库没有问题，向量没有全部写入索引：可以直接 serve（会重新生成），或再次运行 xiaoyue restore --only-index %s：%w", job.path, err)
	}
	fmt.Fprintf(tty.out, "索引已恢复：向量 %d 个；其余由 xiaoyue serve 在后台生成\n", n)
	return nil
}

// restoreVectors is the second half of a restore. Nobody else may work on the index meanwhile.
func (c config) restoreVectors(ctx context.Context, place catalog.Options, r *backup.Reader, tty terminal) (n int, err error) {
	into, err := catalog.Open(ctx, place)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, into.Close()) }()
	lead, err := into.Lead(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, lead.Close()) }()
	store, err := c.backedIndex(ctx, false)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return refill{from: r, into: into, queue: place.Queue, store: store, tty: tty}.run(ctx)
}

// tablesOf yields the tables of a backup.
func tablesOf(ctx context.Context, r *backup.Reader) iter.Seq2[catalog.Table, error] {
	return func(yield func(catalog.Table, error) bool) {
		for _, p := range r.Manifest().Parts {
			name, ok := strings.CutPrefix(p.Name, catalogParts)
			if !ok {
				continue
			}
			t := catalog.Table{Name: name, Rows: r.Records(ctx, p.Name)}
			err := json.Unmarshal(p.About, &t.Columns)
			if err != nil {
				err = fmt.Errorf("%w: part %s: %w", backup.ErrDamaged, p.Name, err)
			}
			if !yield(t, err) {
				return
			}
		}
	}
}
