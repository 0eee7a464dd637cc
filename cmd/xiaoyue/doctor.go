package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/spf13/cobra"

	"xiaoyue/inference/bge"
	"xiaoyue/kb"
	"xiaoyue/kb/catalog"
	"xiaoyue/retrieval/embedded"
)

func doctorCommand(src *source, tty terminal) *cobra.Command {
	c := &cobra.Command{
		Use:   "doctor",
		Short: "体检：检查数据目录、索引、模型、磁盘和时钟，并说明怎么处理",
		Args:  noArgs,
	}
	asJSON := c.Flags().Bool("json", false, "one JSON object a line")
	c.RunE = func(c *cobra.Command, _ []string) error {
		conf, err := src.read()
		if err != nil {
			return err
		}
		sick := 0
		for _, check := range []func(context.Context, config) finding{checkClock, checkDisk, checkCatalog, checkIndex, checkModel, checkChat} {
			f := check(c.Context(), conf)
			if !f.Good {
				sick++
			}
			if err := f.print(tty, *asJSON); err != nil {
				return err
			}
		}
		if sick > 0 {
			return fmt.Errorf("%d 项需要处理，见上", sick)
		}
		return nil
	}
	return c
}

// finding is the result of one check. A missing optional part is good, with what it costs.
type finding struct {
	Part   string `json:"part"`
	Good   bool   `json:"good"`
	Detail string `json:"detail"`
	Remedy string `json:"remedy,omitempty"`
}

func (f finding) print(tty terminal, asJSON bool) error {
	if asJSON {
		return printJSON(tty.out, f)
	}
	mark := "✓"
	if !f.Good {
		mark = "✗"
	}
	line := fmt.Sprintf("%s %s：%s", mark, f.Part, f.Detail)
	if f.Remedy != "" {
		line += "。" + f.Remedy
	}
	_, err := fmt.Fprintln(tty.out, line)
	return err
}

// earliest is a day before which no clock of a running xiaoyue can be right.
var earliest = kb.MustDate("2026-01-01")

func checkClock(context.Context, config) finding {
	now := time.Now()
	f := finding{Part: "时钟", Good: !kb.DateOf(now).Before(earliest), Detail: now.In(kb.Shanghai).Format("2006-01-02 15:04:05") + " 北京时间"}
	if !f.Good {
		f.Remedy = "系统时间不对，请先校准，否则政策的有效期会判断错误"
	}
	return f
}

// wanted is how much room the data folder should have left.
const wanted = 1 << 30

func checkDisk(_ context.Context, conf config) finding {
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

func checkCatalog(ctx context.Context, conf config) finding {
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

func checkIndex(ctx context.Context, conf config) finding {
	e := &engine{conf: conf}
	if !exists(e.indexFolder()) {
		return finding{Part: "索引", Good: true, Detail: "还没有建立，首次 ingest 或 serve 时会建立"}
	}
	e.log = conf.logger(io.Discard, true)
	e.missing = map[string]error{}
	e.openModel()
	if c, ok := e.embedder.(interface{ Close() error }); ok {
		defer c.Close()
	}
	opts := &embedded.Options{ReadOnly: true}
	if e.embedder != nil {
		opts.Stamp = e.stamp()
	}
	x, err := embedded.Open(e.indexFolder(), opts)
	if err != nil {
		return finding{Part: "索引", Detail: sentence(err), Remedy: "运行 xiaoyue serve 会自动由目录库重建"}
	}
	defer x.Close()
	stats, err := x.Stats(ctx)
	if err != nil {
		return finding{Part: "索引", Detail: sentence(err)}
	}
	return finding{Part: "索引", Good: true, Detail: fmt.Sprintf("%d 段，其中 %d 段已有向量", stats.Passages, stats.Vectors)}
}

func checkModel(_ context.Context, conf config) finding {
	m, err := bge.Open(conf.Models, nil)
	if err != nil {
		return finding{
			Part: "向量模型", Good: true, Detail: "没有：检索以 lexical 方式进行（" + err.Error() + "）",
			Remedy: "要启用，请运行 make model，或把模型文件拷到 " + conf.Models,
		}
	}
	info := m.Info()
	return finding{Part: "向量模型", Good: true, Detail: fmt.Sprintf("%s，%d 维", info.Name, info.Dimension)}
}

func checkChat(ctx context.Context, conf config) finding {
	if conf.Chat.Ollama == "" {
		return finding{Part: "对话模型", Good: true, Detail: "未配置：回答由原文语句组成"}
	}
	model, err := conf.chatModel()
	if err == nil {
		err = probe(ctx, model)
	}
	if err != nil {
		return finding{Part: "对话模型", Detail: err.Error(), Remedy: "请检查 Ollama 是否在运行、模型是否已下载；此时回答由原文语句组成"}
	}
	return finding{Part: "对话模型", Good: true, Detail: model.Name() + " 可用"}
}
