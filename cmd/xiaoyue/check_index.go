package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

func checkIndex(ctx context.Context, conf config) []finding {
	limit, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	place, err := conf.connect(conf.Index.Store, true, conf.logger(io.Discard, true))(limit)
	if err != nil {
		return []finding{indexFault(conf, err)}
	}
	defer place.Close()
	f, err := indexOf(limit, conf, place)
	if err != nil {
		return []finding{indexFault(conf, err)}
	}
	return []finding{f}
}

// checkQueues looks at the jobs of every place, and at who works them off.
func checkQueues(ctx context.Context, conf config) []finding {
	const part = "索引任务"
	own, err := conf.queue(conf.Index.Store)
	if err != nil {
		return []finding{{Part: part, Detail: sentence(err)}}
	}
	c, err := conf.openCatalog(ctx, own, true)
	if err != nil {
		return nil // the catalog's own finding says why
	}
	defer c.Close()
	queues, err := c.Queues(ctx)
	if err != nil {
		return []finding{{Part: part, Detail: sentence(err)}}
	}
	var found []finding
	for _, name := range slices.Sorted(maps.Keys(queues)) {
		if name != own {
			found = append(found, finding{
				Part: part + " " + name, Good: queues[name] == 0, Detail: fmt.Sprintf("等待 %d 个，不属于现在配置的索引", queues[name]),
				Remedy: "不再使用那个索引的，运行 xiaoyue index drop " + name,
			})
		}
	}
	f := finding{Part: part + " " + own, Good: true, Detail: fmt.Sprintf("等待 %d 个", queues[own])}
	led, err := c.Led(ctx)
	switch {
	case err != nil:
		f.Detail += "；看不出由谁处理：" + oneLine(err.Error())
	case led:
		f.Detail += "，有进程在处理"
	case queues[own] > 0:
		f.Good, f.Detail, f.Remedy = false, f.Detail+"，没有进程在处理", "请运行 xiaoyue serve 或 xiaoyue ingest"
	}
	return append(found, f)
}

// vectorPlace tells whether it can hold vectors; an index of words alone may need less.
type vectorPlace interface{ Ready(context.Context) error }

// indexOf looks at the version in use.
func indexOf(ctx context.Context, conf config, place retrieval.Store) (finding, error) {
	f := finding{Part: "索引 " + conf.Index.Store, Good: true}
	embedder, missing := conf.openEmbedder(ctx, conf.logger(io.Discard, true))
	if missing == nil {
		defer closeModel(embedder)
	}
	if r, ok := place.(vectorPlace); ok && (missing == nil || len(conf.Servers.Embed) > 0) {
		if err := r.Ready(ctx); err != nil {
			return f, err
		}
	}
	v, err := place.Open(ctx, retrieval.Stamp{})
	if errors.Is(err, kb.ErrNotFound) {
		return notInUse(ctx, f, place)
	}
	if err != nil {
		return f, err
	}
	defer v.Close()
	stats, err := v.Stats(ctx)
	if err != nil {
		return f, err
	}
	f.Detail = fmt.Sprintf("%d 段，其中 %d 段已有向量", stats.Passages, stats.Vectors)
	if missing != nil {
		return f, nil // the embedder's own finding says why
	}
	if now := stampOf(embedder); now != stats.Stamp {
		f.Good, f.Remedy = false, "运行 xiaoyue serve 或 xiaoyue ingest 会在后台重建，期间照常回答"
		f.Detail += "；建立时与现在的配置不同：" + differences(stats.Stamp, now)
	}
	return f, nil
}

// notInUse tells a place that holds nothing yet from one that holds versions of which none is in use.
func notInUse(ctx context.Context, f finding, place retrieval.Store) (finding, error) {
	list, err := place.Versions(ctx)
	if err != nil {
		return f, err
	}
	if len(list) == 0 {
		f.Detail = "还没有建立，首次 ingest 或 serve 时会建立"
		return f, nil
	}
	f.Good, f.Detail = false, fmt.Sprintf("有 %d 个版本，但没有一个启用（可能还没有填写完，或者启用的标记被删掉了）", len(list))
	f.Remedy = "运行 xiaoyue serve 或 xiaoyue ingest 会由目录库填写完并启用，期间回答只用目录库"
	return f, nil
}

// differences names the parts in which two stamps differ.
func differences(was, now retrieval.Stamp) string {
	var parts []string
	for _, d := range []struct{ name, was, now string }{
		{"向量模型", was.Embedder, now.Embedder},
		{"维数", fmt.Sprint(was.Dimension), fmt.Sprint(now.Dimension)},
		{"分词", fmt.Sprint(was.Segmenter), fmt.Sprint(now.Segmenter)},
		{"切分", fmt.Sprint(was.Splitter), fmt.Sprint(now.Splitter)},
	} {
		if d.was != d.now {
			parts = append(parts, fmt.Sprintf("%s %s → %s", d.name, cmp.Or(d.was, "无"), cmp.Or(d.now, "无")))
		}
	}
	return strings.Join(parts, "，")
}
