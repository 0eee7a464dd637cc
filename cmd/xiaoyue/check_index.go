package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/pgvector"
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

// faults of a place of an index, with what to do about each. The first match wins.
var indexRemedies = []struct {
	is     func(error) bool
	remedy string
}{
	{is(pgvector.ErrExtension), "请在数据库服务器上安装 pgvector 0.8.0 或更新版本，并由超级用户执行 CREATE EXTENSION vector（已有旧版时 ALTER EXTENSION vector UPDATE）"},
	{is(kb.ErrSchema), "索引的表由更新版本的小越写入：请使用对应版本"},
	{is(retrieval.ErrForeign), "这个名字下存放着别的程序的数据：请在配置里换一个 schema 或 prefix，或先移走它"},
	{is(retrieval.ErrCorrupt), "运行 xiaoyue serve 会自动由目录库重建"},
	{is(retrieval.ErrStamp), "运行 xiaoyue serve 会自动由目录库重建"},
	{is(kb.ErrFull), "存储已满：请腾出空间，已确认写入的内容不会丢失"},
	{is(kb.ErrLocked), "另一个小越正在使用这个索引目录：请先停止它"},
	{is(fs.ErrPermission), "目录或文件没有读写权限，或者磁盘是只读的：请检查权限和挂载方式"},
	{is(fs.ErrNotExist), "密码文件读不出来：请检查 password_file"},
	{refusedPassword, "用户名或密码不对：请检查 user 和 password_file"},
	{away, "请检查地址、网络和服务器是否在运行；刚重启的 Milvus 要半分钟才装载好集合。此时回答只用目录库，恢复后自动接上"},
	{is(kb.ErrInvalid), "配置与这台服务器不合：请核对 index 下的各项"},
}

func is(sentinel error) func(error) bool {
	return func(err error) bool { return errors.Is(err, sentinel) }
}

// refusedPassword reports what PostgreSQL (class 28) and Milvus say to a wrong user or password.
func refusedPassword(err error) bool {
	text := strings.ToLower(err.Error())
	return strings.Contains(text, "sqlstate 28") || strings.Contains(text, "auth check failure") ||
		strings.Contains(text, "unauthenticated") || strings.Contains(text, "password authentication failed")
}

// indexFault says what to do about a place of an index that fails.
func indexFault(conf config, err error) finding {
	f := finding{Part: "索引 " + conf.Index.Store, Detail: oneLine(err.Error())}
	for _, r := range indexRemedies {
		if r.is(err) {
			f.Remedy = r.remedy
			return f
		}
	}
	return f
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
