package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"xiaoyue/retrieval"
	"xiaoyue/retrieval/indexer"
	"xiaoyue/retrieval/versions"
)

func indexCommand(src *source, tty terminal) *cobra.Command {
	c := &cobra.Command{
		Use:   "index",
		Short: "索引：列出（list）、搬迁（copy）、重建（rebuild）、删除（drop）",
		Args:  noArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	one := func(use, short string, args cobra.PositionalArgs, f func(context.Context, config, []string) error) *cobra.Command {
		return &cobra.Command{Use: use, Short: short, Args: args, RunE: func(c *cobra.Command, args []string) error {
			conf, err := src.read()
			if err != nil {
				return err
			}
			return f(c.Context(), conf, args)
		}}
	}
	var to string
	move := one("copy --to embedded|pgvector|milvus", "把正在使用的索引连同向量复制到另一种存储，服务照常运行", noArgs,
		func(ctx context.Context, conf config, _ []string) error {
			if to == conf.Index.Store {
				return usagef("--to %s: the index is there already; name another store", to)
			}
			if err := conf.checkStore(to); err != nil {
				return err
			}
			return conf.copyIndex(ctx, to, tty)
		})
	move.Flags().StringVar(&to, "to", "", "embedded, pgvector or milvus")
	c.AddCommand(move,
		one("list", "列出各处的索引版本和等待的任务", noArgs,
			func(ctx context.Context, conf config, _ []string) error { return conf.listIndexes(ctx, tty) }),
		one("rebuild", "由目录库重新填写正在使用的索引，已有的向量保留", noArgs,
			func(ctx context.Context, conf config, _ []string) error { return conf.rebuildIndex(ctx, tty) }),
		one("drop KEY|QUEUE", "删除一个不再使用的索引版本，或停掉一个没有人处理的队列", exactlyOne("key or queue"),
			func(ctx context.Context, conf config, args []string) error { return conf.dropIndex(ctx, args[0], tty) }))
	return c
}

// described are the stores that the configuration describes.
func (c config) described() []string {
	return slices.DeleteFunc(slices.Clone(stores), func(s string) bool {
		return c.checkStore(s) != nil || s == storeEmbedded && !exists(c.indexFolder())
	})
}

// listIndexes prints the versions of every place, and the queues.
func (c config) listIndexes(ctx context.Context, tty terminal) error {
	for _, store := range c.described() {
		if err := c.listPlace(ctx, store, tty); err != nil {
			fmt.Fprintf(tty.out, "%s\t%s\n", store, sentence(err))
		}
	}
	cat, err := c.openCatalog(ctx, "", true)
	if err != nil {
		return err
	}
	defer cat.Close()
	queues, err := cat.Queues(ctx)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(queues)) {
		fmt.Fprintf(tty.out, "队列 %s\t等待 %d\n", name, queues[name])
	}
	return nil
}

func (c config) listPlace(ctx context.Context, store string, tty terminal) error {
	limit, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	place, err := c.connect(store, true, c.logger(tty.err, true))(limit)
	if err != nil {
		return err
	}
	defer place.Close()
	list, err := place.Versions(limit)
	if err != nil {
		return err
	}
	for _, info := range list {
		fmt.Fprintf(tty.out, "%s\t%s\n", store, describe(limit, place, info))
	}
	return nil
}

func describe(ctx context.Context, place versions.Place, info retrieval.VersionInfo) string {
	line := fmt.Sprintf("%s\t%s\t%d 维", info.Stamp.Key(), info.Stamp.Embedder, info.Stamp.Dimension)
	if info.InUse {
		line += "\t使用中"
	}
	v, err := place.Open(ctx, info.Stamp)
	if err != nil {
		return line + "\t" + sentence(err)
	}
	defer v.Close()
	stats, err := v.Stats(ctx)
	if err != nil {
		return line + "\t" + sentence(err)
	}
	return fmt.Sprintf("%s\t%d 段\t%d 向量", line, stats.Passages, stats.Vectors)
}

// rebuildIndex has the version in use filled once more: by the server that runs, or else at once.
func (c config) rebuildIndex(ctx context.Context, tty terminal) (err error) {
	e, err := c.open(ctx, access{write: true, shared: true}, tty)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	stamp, err := e.inUse(ctx)
	if err != nil {
		return err
	}
	if err := indexer.Renew(ctx, e.catalog, e.queue, stamp); err != nil {
		return err
	}
	if e.lead == nil {
		fmt.Fprintln(tty.err, "正在运行的小越会重新填写索引。")
		return nil
	}
	return e.drain(ctx, tty)
}

// inUse returns the stamp of the version in use, also where another process has the folder.
func (e *engine) inUse(ctx context.Context) (retrieval.Stamp, error) {
	place, err := e.conf.connect(e.conf.Index.Store, true, e.log)(ctx)
	if err != nil {
		return retrieval.Stamp{}, err
	}
	defer place.Close()
	list, err := place.Versions(ctx)
	if err != nil {
		return retrieval.Stamp{}, err
	}
	if len(list) == 0 || !list[0].InUse {
		return retrieval.Stamp{}, errors.New("no version of the index is in use yet; xiaoyue serve makes one")
	}
	return list[0].Stamp, nil
}

// dropIndex drops the version of a key wherever it is, or takes a queue off the register.
func (c config) dropIndex(ctx context.Context, name string, tty terminal) error {
	own, err := c.queue(c.Index.Store)
	if err != nil {
		return err
	}
	cat, err := c.openCatalog(ctx, own, false)
	if err != nil {
		return err
	}
	defer cat.Close()
	queues, err := cat.Queues(ctx)
	if err != nil {
		return err
	}
	if _, ok := queues[name]; ok {
		if err := cat.Unsubscribe(ctx, name); err != nil {
			return err
		}
		_, err := fmt.Fprintf(tty.out, "队列 %s 已停掉；它后面的索引不再更新，可以删除\n", name)
		return err
	}
	var errs []error
	for _, store := range c.described() {
		found, err := c.dropVersion(ctx, store, name)
		if found && err == nil {
			_, err := fmt.Fprintf(tty.out, "已从 %s 删除版本 %s\n", store, name)
			return err
		}
		if errs = append(errs, err); found {
			break
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return usagef("%q is neither a version nor a queue; see xiaoyue index list", name)
}

func (c config) dropVersion(ctx context.Context, store, key string) (found bool, err error) {
	limit, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	place, err := c.connect(store, false, slog.New(slog.DiscardHandler))(limit)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, place.Close()) }()
	list, err := place.Versions(ctx)
	if err != nil {
		return false, err
	}
	for _, v := range list {
		if v.Stamp.Key() == key {
			return true, place.Drop(ctx, v.Stamp)
		}
	}
	return false, nil
}
