package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"xiaoyue/assistant/chat"
	"xiaoyue/assistant/web"
	"xiaoyue/inference/limit"
	"xiaoyue/kb"
	"xiaoyue/retrieval/indexer"
)

// Times of the HTTP server. Answers stream, so that writing has no bound of its own here: web gives
// every write one.
const (
	headerTimeout   = 10 * time.Second
	readTimeout     = 30 * time.Second
	idleTimeout     = 2 * time.Minute
	shutdownTimeout = 10 * time.Second
	drainTime       = 50 * time.Second // for running answers, by default
	maxHeader       = 16 << 10
)

func serveCommand(src *source, tty terminal) *cobra.Command {
	c := &cobra.Command{
		Use:   "serve",
		Short: "服务：网页、接口和对话",
		Args:  noArgs,
	}
	listen := c.Flags().String("listen", "", "address, HOST:PORT (default 127.0.0.1:8080)")
	c.RunE = func(c *cobra.Command, _ []string) error {
		conf, err := src.read()
		if err != nil {
			return err
		}
		if *listen != "" {
			conf.Listen = *listen
		}
		return conf.serve(c.Context(), tty, nil)
	}
	return c
}

// serve opens the data folder and serves until the context ends. The port is taken before anything
// else, so that a taken one is known at once; prepare, where given, runs before the first request.
func (c config) serve(ctx context.Context, tty terminal, prepare func(context.Context, *engine) error) (err error) {
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w（端口可能已被占用：停止占用它的程序，或用 --listen 换一个）", c.Listen, err)
	}
	defer listener.Close()
	e, err := c.open(ctx, access{write: true}, tty)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	if prepare != nil {
		if err := prepare(ctx, e); err != nil {
			return err
		}
	}
	return e.serve(ctx, listener, tty)
}

// serve answers requests and keeps the index in step, until the context ends; then it lets running
// requests finish.
func (e *engine) serve(ctx context.Context, listener net.Listener, tty terminal) error {
	conversations := chat.New(e.guide, e.catalog, &chat.Options{Running: e.conf.Running, Logger: e.log})
	defer conversations.Close()
	handler, err := e.handler(conversations)
	if err != nil {
		return err
	}
	defer handler.Close()
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(e.log.Handler(), slog.LevelWarn),
	}
	defer server.Close()
	background, stop := context.WithCancel(ctx)
	var wait sync.WaitGroup
	wait.Go(func() { e.place.Run(background) })
	wait.Go(func() { e.keepIndexed(background, tty) })
	wait.Go(func() { e.keepPurged(background) })
	defer func() { stop(); wait.Wait() }()

	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	fmt.Fprintf(tty.out, "小越已就绪：http://%s （Ctrl+C 停止）\n", friendly(listener.Addr()))
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	fmt.Fprintln(tty.out, "正在停止；再按 Ctrl+C 立即结束")
	server.SetKeepAlivesEnabled(false)
	handler.Drain() // readers go on elsewhere
	e.letEnd(ctx, conversations)
	handler.Close() // the sockets, which Shutdown does not know
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	err = server.Shutdown(late)
	if errors.Is(err, context.DeadlineExceeded) { // slow clients, and who waits for an answer of another replica
		e.log.Warn("requests that still run are cut off", "after", shutdownTimeout)
		return nil
	}
	return err
}

// letEnd lets running answers end, and after the time allowed cancels what still runs.
func (e *engine) letEnd(ctx context.Context, conversations *chat.Conversations) {
	begun := time.Now()
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), cmp.Or(e.conf.Drain, drainTime))
	defer cancel()
	if err := conversations.Drain(bounded); err != nil {
		e.log.Warn("answers that still run are cancelled", "after", time.Since(begun).Round(time.Second))
	}
	conversations.Close()
}

func (e *engine) handler(conversations *chat.Conversations) (*web.Server, error) {
	tokens, err := e.conf.roles()
	if err != nil {
		return nil, err
	}
	proxies, err := e.conf.proxies()
	if err != nil {
		return nil, err
	}
	return web.New(web.Backend{
		Chat: conversations, Searcher: e.place, Knowledge: e.catalog, Regions: e.regions, Health: e.health,
	}, &web.Options{
		Home: e.home, Tokens: tokens, Origins: e.conf.Origins, Proxies: proxies, Suggestions: e.conf.Suggest, Logger: e.log,
	})
}

// leadPause is how often a replica looks whether the one that works off the jobs is gone.
const leadPause = 3 * time.Second

// keepIndexed runs the indexer while this process is the one that does, and shows how far embedding is.
func (e *engine) keepIndexed(ctx context.Context, tty terminal) {
	bar := newProgress(tty.err, "生成向量")
	defer bar.end()
	for {
		if e.lead != nil {
			x := e.newIndexer(func(p indexer.Progress) { bar.at(p.Embedded, p.Passages) })
			x.Run(ctx)
			if err := errors.Join(x.Close(), e.lead.Close()); err != nil {
				e.log.Warn("the indexer did not end cleanly", "err", err)
			}
			e.lead = nil
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(leadPause):
		}
		var err error
		if e.lead, err = e.catalog.Lead(ctx); err != nil && !errors.Is(err, kb.ErrLocked) && ctx.Err() == nil {
			e.log.Warn("nobody can be found to work off the jobs", "err", err)
		}
	}
}

// purgeEvery is how often conversations past their retention are deleted.
const purgeEvery = time.Hour

// keepPurged deletes what is past its retention.
func (e *engine) keepPurged(ctx context.Context) {
	ticker := time.NewTicker(purgeEvery)
	defer ticker.Stop()
	for {
		n, err := e.catalog.Purge(ctx, time.Now())
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			e.log.Error("conversations past their retention are not deleted", "err", err)
		case n > 0:
			e.log.Info("conversations past their retention are deleted", "count", n)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// health reports the parts for /readyz. Missing parts make answers plainer, and the server stays
// ready as long as it can answer.
func (e *engine) health(ctx context.Context) []web.Health {
	parts := []web.Health{{Part: "catalog", Ready: true}}
	if err := e.catalog.Healthy(ctx); err != nil {
		e.log.Error("catalog is not healthy", "err", err)
		parts[0] = web.Health{Part: "catalog", Detail: "目录库读不出来；原因请运行 xiaoyue doctor 查看"}
	}
	for _, part := range []string{kb.PartIndex, kb.PartEmbed} {
		h := web.Health{Part: part, Ready: true}
		if e.absent(part) != nil {
			h.Detail = "未启用，回答会简化；原因请运行 xiaoyue doctor 查看"
		}
		parts = append(parts, h)
	}
	if e.chat != nil {
		parts = append(parts, chatHealth(e.chat.Status()))
	}
	return parts
}

// chatHealth is ready whatever its servers do: without them the answer is put together from the evidence.
func chatHealth(s limit.Status) web.Health {
	h := web.Health{Part: kb.PartChat, Ready: true}
	usable := slices.ContainsFunc(s.Servers, func(one limit.ServerStatus) bool { return one.Health == limit.Healthy })
	switch {
	case !usable:
		h.Detail = "对话模型的服务器都不可用，回答由原文语句组成；原因请运行 xiaoyue doctor 查看"
	case s.Waiting > 0:
		h.Detail = fmt.Sprintf("%d 个问题在排队，预计等待 %.0f 秒", s.Waiting, s.Expected.Seconds())
	}
	return h
}

// friendly writes an address as a person would type it.
func friendly(a net.Addr) string {
	host, port, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	if ip := net.ParseIP(host); ip != nil && (ip.IsLoopback() || ip.IsUnspecified()) {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}
