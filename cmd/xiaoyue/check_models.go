package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"xiaoyue/inference"
)

// inspectTimeout bounds what a server is asked about a model; it need not load it for that.
const inspectTimeout = 10 * time.Second

// checkEmbedder looks at the embedding servers, or at the model in the process.
func checkEmbedder(ctx context.Context, conf config) []finding {
	const part = "向量模型"
	if len(conf.Servers.Embed) == 0 {
		model, err := conf.openEmbedder(ctx, nil)
		if err != nil {
			return []finding{{
				Part: part, Good: true, Detail: "没有：检索以 lexical 方式进行（" + err.Error() + "）",
				Remedy: "要启用，请运行 make model，或把模型文件拷到 " + conf.Models,
			}}
		}
		info := model.Info()
		return []finding{{Part: part, Good: true, Detail: fmt.Sprintf("%s，%d 维，在本进程内", info.Name, info.Dimension)}}
	}
	var (
		found []finding
		first inference.EmbedderInfo
	)
	for _, one := range conf.Servers.Embed {
		f, info := embedderOf(ctx, one)
		f.Part = part + " " + one.name()
		if f.Good && first.Dimension > 0 && info != first {
			f.Good, f.Remedy = false, "同一用途的几台服务器必须装同一个模型，否则向量不能混用"
			f.Detail += fmt.Sprintf("，与前一台（%s，%d 维）不同", first.Name, first.Dimension)
		}
		if f.Good && first.Dimension == 0 {
			first = info
		}
		found = append(found, f)
	}
	return found
}

func embedderOf(ctx context.Context, one server) (finding, inference.EmbedderInfo) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	model, err := one.embedder(ctx)
	if err == nil {
		_, err = model.Embed(ctx, []string{"人才补贴"}, inference.EmbedQuestion)
	}
	if err != nil {
		return unreachable(one, err), inference.EmbedderInfo{}
	}
	info := model.Info()
	return finding{Good: true, Detail: fmt.Sprintf("可用，%d 维，最长 %d 个词元", info.Dimension, info.MaxTokens)}, info
}

// checkChat looks at every chat server: whether it has the model, with what context, and whether it answers.
func checkChat(ctx context.Context, conf config) []finding {
	const part = "对话模型"
	if len(conf.Servers.Chat) == 0 {
		return []finding{{Part: part, Good: true, Detail: "未配置：回答由原文语句组成"}}
	}
	var found []finding
	for _, one := range conf.Servers.Chat {
		f := chatOf(ctx, one)
		f.Part = part + " " + one.name()
		if !f.Good {
			f.Remedy += "；此时回答由原文语句组成"
		}
		found = append(found, f)
	}
	return found
}

// leastContext is how many tokens a prompt with its evidence and the answer need.
const leastContext = 4096

func chatOf(ctx context.Context, one server) finding {
	model, err := one.chat()
	if err != nil {
		return unreachable(one, err)
	}
	info, err := inspect(ctx, model)
	if err != nil {
		return unreachable(one, err)
	}
	began := time.Now()
	if err := probe(ctx, model); err != nil {
		return unreachable(one, err)
	}
	f := finding{Good: true, Detail: fmt.Sprintf("可用，%.1f 秒答完一句问候", time.Since(began).Seconds())}
	if info.Context > 0 {
		f.Detail += fmt.Sprintf("，上下文 %d 个词元", info.Context)
	}
	if info.Digest != "" {
		f.Detail += "，权重 " + info.Digest[:min(12, len(info.Digest))]
	}
	if info.Context > 0 && info.Context < leastContext {
		f.Good, f.Remedy = false, fmt.Sprintf("上下文太短，依据放不下：请把服务器的上下文设为至少 %d（vLLM 的 --max-model-len，Ollama 配置里的 context）", leastContext)
	}
	return f
}

// checkReranker looks at the rerank servers.
func checkReranker(ctx context.Context, conf config) []finding {
	var found []finding
	for _, one := range conf.Servers.Rerank {
		f := rerankerOf(ctx, one)
		f.Part = "重排模型 " + one.name()
		found = append(found, f)
	}
	return found
}

func rerankerOf(ctx context.Context, one server) finding {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	model, err := one.reranker()
	if err != nil {
		return unreachable(one, err)
	}
	scores, err := model.Rerank(ctx, "租房补贴多少", []string{"天气晴。", "租房补贴每月900元。"})
	if err != nil {
		return unreachable(one, err)
	}
	f := finding{Good: true, Detail: "可用"}
	if len(scores) == 2 && scores[1] <= scores[0] {
		f.Good, f.Detail = false, "能应答，但把不相关的排在了前面"
		f.Remedy = "请确认这台服务器装的是重排模型"
	}
	return f
}

func inspect(ctx context.Context, model any) (inference.ModelInfo, error) {
	ctx, cancel := context.WithTimeout(ctx, inspectTimeout)
	defer cancel()
	i, ok := model.(inference.Inspector)
	if !ok {
		return inference.ModelInfo{}, nil
	}
	return i.Inspect(ctx)
}

// unreachable is the finding of a server that does not answer as it should, with what to do about it.
func unreachable(one server, err error) finding {
	f := finding{Detail: err.Error()}
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		f.Remedy = "密钥文件读不出来：请检查 key_file 和它的权限"
	case strings.Contains(f.Detail, "HTTP 401"), strings.Contains(f.Detail, "HTTP 403"):
		f.Remedy = "缺少密钥，或者密钥不对：请检查 key_file（或 XIAOYUE_KEY_FILE）"
	case errors.Is(err, context.DeadlineExceeded):
		f.Remedy = "服务器没有按时应答：请查看它的日志和负载"
	case errors.Is(err, inference.ErrOverloaded):
		f.Remedy = "服务器正忙：请稍后再试，或增加服务器"
	case errors.Is(err, inference.ErrRefused):
		f.Remedy = "服务器拒绝了请求：请核对模型的用途（对话、向量、重排）"
	case errors.Is(err, inference.ErrMalformed):
		f.Remedy = "应答不是模型服务器的格式：请核对地址，地址后面也许是网关的登录页"
	case one.Ollama != "":
		f.Remedy = "请检查地址和 Ollama 是否在运行；缺模型时在那台机器上运行 ollama pull " + one.Model
	default:
		f.Remedy = "请检查地址和服务是否在运行；模型名须与服务器 /v1/models 所列一致（vLLM 的 --served-model-name）"
	}
	return f
}
