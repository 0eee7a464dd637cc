package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"xiaoyue/kb"
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
	queue, err := conf.queue(conf.Index.Store)
	if err != nil {
		return finding{Part: "目录库", Detail: sentence(err)}
	}
	c, err := conf.openCatalog(ctx, queue, true)
	if err != nil {
		f := finding{Part: "目录库", Detail: sentence(err), Remedy: "没有数据时先运行 xiaoyue ingest 或 xiaoyue demo"}
		if conf.Catalog.Postgres != "" {
			f.Remedy = "请检查 PostgreSQL 的地址、账号和 password_file；还没有建表的，先运行 xiaoyue serve 或 xiaoyue ingest"
		}
		return f
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
