package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"xiaoyue/kb"
	"xiaoyue/kb/catalog"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/embedded"
)

// earliest is a day before which no clock of a running xiaoyue can be right.
var earliest = kb.MustDate("2026-01-01")

func checkClock(context.Context, config) []finding {
	now := time.Now()
	f := finding{Part: "时钟", Good: !kb.DateOf(now).Before(earliest), Detail: now.In(kb.Shanghai).Format("2006-01-02 15:04:05") + " 北京时间"}
	if !f.Good {
		f.Remedy = "系统时间不对，请先校准，否则政策的有效期会判断错误"
	}
	return []finding{f}
}

// wanted is how much room the data folder should have left.
const wanted = 1 << 30

func checkDisk(_ context.Context, conf config) []finding { return []finding{diskOf(conf)} }

func diskOf(conf config) finding {
	free, err := freeBytes(conf.Data)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return finding{Part: "磁盘", Good: true, Detail: "数据目录 " + conf.Data + " 还没有建立"}
	case err != nil:
		return finding{Part: "磁盘", Detail: err.Error(), Remedy: "请检查数据目录的权限"}
	case free < wanted:
		return finding{Part: "磁盘", Detail: fmt.Sprintf("只剩 %d MB", free>>20), Remedy: "请腾出空间，建议至少 1 GB"}
	}
	return finding{Part: "磁盘", Good: true, Detail: fmt.Sprintf("剩余 %d MB", free>>20)}
}

func checkCatalog(ctx context.Context, conf config) []finding { return []finding{catalogOf(ctx, conf)} }

func catalogOf(ctx context.Context, conf config) finding {
	c, err := catalog.Open(ctx, catalog.Options{Dir: conf.Data, ReadOnly: true})
	if err != nil {
		return finding{Part: "目录库", Detail: sentence(err), Remedy: "没有数据时先运行 xiaoyue ingest 或 xiaoyue demo"}
	}
	defer c.Close()
	if err := errors.Join(c.Healthy(ctx), c.Check(ctx)); err != nil {
		return finding{Part: "目录库", Detail: sentence(err), Remedy: "请从备份恢复，或换一个数据目录重新 ingest"}
	}
	waiting, err := c.Jobs(ctx)
	if err != nil {
		return finding{Part: "目录库", Detail: sentence(err)}
	}
	return finding{Part: "目录库", Good: true, Detail: fmt.Sprintf("完好，待建索引的任务 %d 个", waiting)}
}

func checkIndex(ctx context.Context, conf config) []finding { return []finding{indexOf(ctx, conf)} }

func indexOf(ctx context.Context, conf config) finding {
	e := &engine{conf: conf, log: conf.logger(io.Discard, true)}
	if !exists(e.indexFolder()) {
		return finding{Part: "索引", Good: true, Detail: "还没有建立，首次 ingest 或 serve 时会建立"}
	}
	x, err := embedded.Open(e.indexFolder(), &embedded.Options{ReadOnly: true})
	if err != nil {
		return finding{Part: "索引", Detail: sentence(err), Remedy: "运行 xiaoyue serve 会自动由目录库重建"}
	}
	defer x.Close()
	stats, err := x.Stats(ctx)
	if err != nil {
		return finding{Part: "索引", Detail: sentence(err)}
	}
	f := finding{Part: "索引", Good: true, Detail: fmt.Sprintf("%d 段，其中 %d 段已有向量", stats.Passages, stats.Vectors)}
	embedder, err := conf.openEmbedder(ctx, e.log)
	if err != nil {
		return f // the embedder's own finding says why
	}
	defer closeModel(embedder)
	if now := stampOf(embedder); now != stats.Stamp {
		f.Good, f.Remedy = false, "运行 xiaoyue serve 或 xiaoyue ingest 会在后台重建，期间照常回答"
		f.Detail += "；建立时与现在的配置不同：" + differences(stats.Stamp, now)
	}
	return f
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
