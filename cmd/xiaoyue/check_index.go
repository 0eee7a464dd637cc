package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
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

// indexFault says what to do about a place of an index that fails.
func indexFault(conf config, err error) finding {
	f := finding{Part: "索引 " + conf.Index.Store, Detail: sentence(err)}
	switch {
	case errors.Is(err, retrieval.ErrCorrupt), errors.Is(err, retrieval.ErrStamp):
		f.Remedy = "运行 xiaoyue serve 会自动由目录库重建"
	case conf.Index.Store != storeEmbedded && away(err):
		f.Remedy = "请检查地址和服务器是否在运行；此时回答只用目录库"
	}
	return f
}

// indexOf looks at the version in use.
func indexOf(ctx context.Context, conf config, place retrieval.Store) (finding, error) {
	f := finding{Part: "索引 " + conf.Index.Store, Good: true}
	v, err := place.Open(ctx, retrieval.Stamp{})
	if errors.Is(err, kb.ErrNotFound) {
		f.Detail = "还没有建立，首次 ingest 或 serve 时会建立"
		return f, nil
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
	embedder, err := conf.openEmbedder(ctx, conf.logger(io.Discard, true))
	if err != nil {
		return f, nil // the embedder's own finding says why
	}
	defer closeModel(embedder)
	if now := stampOf(embedder); now != stats.Stamp {
		f.Good, f.Remedy = false, "运行 xiaoyue serve 或 xiaoyue ingest 会在后台重建，期间照常回答"
		f.Detail += "；建立时与现在的配置不同：" + differences(stats.Stamp, now)
	}
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
