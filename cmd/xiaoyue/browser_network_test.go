package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	cd "github.com/chromedp/chromedp"

	"xiaoyue/kb"
)

// keyQuestion has an answer with an amount, a citation and a card.
const keyQuestion = "硕士毕业来越州工作，生活补贴有多少？要带什么材料？"

// TestBrowserNetwork asks through networks and pages as citizens have them: a connection that breaks,
// a gateway without sockets, and the page of a bureau that embeds the widget.
func TestBrowserNetwork(t *testing.T) {
	if testing.Short() {
		t.Skip("left out: the quick tests need no browser")
	}
	var demo string
	bureau := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><script type="module" src="%s/widget.js"></script><xiaoyue-chat></xiaoyue-chat>`, demo)
	}))
	defer bureau.Close()
	file := filepath.Join(t.TempDir(), "xiaoyue.yaml")
	if err := os.WriteFile(file, []byte("origins: ["+bureau.URL+"]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XIAOYUE_CONFIG", file)
	demo = startDemo(t)
	t.Run("broken connection", func(t *testing.T) { breakConnection(t, demo) })
	t.Run("replicas that stop", func(t *testing.T) { restartUnderPage(t, demo) })
	t.Run("no sockets", func(t *testing.T) { refuseSockets(t, demo) })
	t.Run("no sockets and a broken stream", func(t *testing.T) { breakStream(t, demo) })
	t.Run("erasure", func(t *testing.T) { eraseOwn(t, demo) })
	t.Run("page of another origin", func(t *testing.T) {
		ctx := browser(t, bureau.URL, 800, 600)
		waitForWidget(t, ctx)
		if text := askPage(t, ctx, keyQuestion); !strings.Contains(text, "1500元") {
			t.Errorf("answer lacks the amount: %s", text)
		}
		if color := evaluate[string](t, ctx, `getComputedStyle(`+widget+`.querySelector("header")).backgroundColor`); color != "rgb(11, 92, 173)" {
			t.Errorf("header is %s: the widget's style sheet is not applied", color)
		}
	})
}

func waitForWidget(t *testing.T, ctx context.Context) {
	t.Helper()
	if _, err := cd.Run(ctx, cd.Poll[bool](`!!document.querySelector("xiaoyue-chat")?.shadowRoot?.querySelector("textarea")`)); err != nil {
		t.Fatalf("widget does not load: %v", err)
	}
}

// spy keeps every message that a socket of the page receives, and how many came before the second
// socket.
const spy = `(() => {
	const Plain = window.WebSocket;
	window.sockets = window.before = 0;
	window.events = [];
	window.WebSocket = class extends Plain {
		constructor(url) {
			super(url);
			if (window.sockets++ === 1) window.before = window.events.length;
			this.addEventListener("message", (m) => window.events.push(JSON.parse(m.data)));
		}
	};
	return true;
})()`

// breakConnection cuts the first socket in the middle of an event and wants every event once.
func breakConnection(t *testing.T, demo string) {
	proxy := newProxy(t, demo, proxyOptions{cutAfter: 1500})
	ctx := browser(t, proxy, 1280, 900)
	waitForWidget(t, ctx)
	evaluate[bool](t, ctx, spy)
	askPage(t, ctx, keyQuestion)
	if n := evaluate[int](t, ctx, `window.sockets`); n != 2 {
		t.Errorf("page opened %d sockets, want a second one after the first broke", n)
	}
	if n := evaluate[int](t, ctx, `window.before`); n < 2 {
		t.Errorf("the socket broke after %d events, not in the middle of the answer", n)
	}
	events := evaluate[[]kb.Event](t, ctx, `window.events`)
	var text strings.Builder
	for i, e := range events {
		if e.Seq != i+1 || e.Turn != 1 {
			t.Errorf("event %d is %s, turn %d, seq %d: lost or repeated", i+1, e.Type, e.Turn, e.Seq)
		}
		if e.Type == kb.EventDelta {
			text.WriteString(e.Text)
		}
	}
	last := events[len(events)-1]
	if last.Type != kb.EventDone || last.Answer.Text != text.String() {
		t.Fatalf("the last event is %s; the parts are %q", last.Type, text.String())
	}
	if n := evaluate[int](t, ctx, widget+`.querySelectorAll(".message.bot .card").length`); n != 1 {
		t.Errorf("page shows %d cards, want 1", n)
	}
	if !evaluate[bool](t, ctx, widget+`.querySelector(".state").hidden`) {
		t.Error("page still says that the network is interrupted")
	}
}

// refuseSockets lets only plain requests through.
func refuseSockets(t *testing.T, demo string) {
	ctx := browser(t, newProxy(t, demo, proxyOptions{noSockets: true}), 800, 600)
	waitForWidget(t, ctx)
	for range 2 { // the second question goes the plain way at once
		if text := askPage(t, ctx, keyQuestion); !strings.Contains(text, "1500元") {
			t.Errorf("answer lacks the amount: %s", text)
		}
	}
	if state := evaluate[string](t, ctx, widget+`.querySelector(".state").textContent`); !strings.Contains(state, "普通方式") {
		t.Errorf("page says %q about the network", state)
	}
}

// breakStream cuts the first plain answer in its middle and wants the rest of the same answer.
func breakStream(t *testing.T, demo string) {
	ctx := browser(t, newProxy(t, demo, proxyOptions{noSockets: true, cutStream: 1500}), 800, 600)
	waitForWidget(t, ctx)
	if text := askPage(t, ctx, keyQuestion); !strings.Contains(text, "1500元") || strings.Contains(text, "中断") {
		t.Errorf("after the cut the page shows: %s", text)
	}
	if n := evaluate[int](t, ctx, widget+`.querySelectorAll(".message.bot .card").length`); n != 1 {
		t.Errorf("page shows %d cards, want 1", n)
	}
	const resumed = `performance.getEntriesByType("resource").some((e) => /conversations\/[^/]+\/turns\/1\?after=[1-9]/.test(e.name))`
	if !evaluate[bool](t, ctx, resumed) {
		t.Error("page has not asked for the rest of the answer")
	}
}

// eraseOwn asks, erases, and asks the server for what it should have forgotten.
func eraseOwn(t *testing.T, demo string) {
	ctx := browser(t, demo, 800, 600)
	waitForWidget(t, ctx)
	evaluate[bool](t, ctx, spy)
	askPage(t, ctx, keyQuestion)
	const secret = `JSON.parse(sessionStorage.getItem("xiaoyue-chat")).client`
	client := evaluate[string](t, ctx, secret)
	conversation := evaluate[string](t, ctx, `window.events[0].conversation`)
	read := func() int {
		request, err := http.NewRequestWithContext(t.Context(), "GET", demo+"/v1/conversations/"+conversation+"/turns/1", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Xiaoyue-Client", client)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		return response.StatusCode
	}
	before := read()
	evaluate[bool](t, ctx, widget+`.querySelector(".erase").click() === undefined`)
	if _, err := cd.Run(ctx, cd.Poll[bool](widget+`.querySelector(".state").textContent.includes("已经删除")`)); err != nil {
		t.Fatalf("widget does not say that it has erased: %v", err)
	}
	if after := read(); before != http.StatusOK || after != http.StatusNotFound {
		t.Errorf("the answer was read with status %d before and %d after erasure", before, after)
	}
	if evaluate[string](t, ctx, secret) == client {
		t.Error("the widget keeps its secret")
	}
}

// proxyOptions say how a network between browser and server misbehaves.
type proxyOptions struct {
	noSockets bool // refuse upgrades, as some gateways do
	cutAfter  int  // bytes that the first socket sends before it breaks, 0: it does not break
	cutStream int  // the same of the first plain answer
}

// newProxy starts a proxy before the server and returns its address.
func newProxy(t *testing.T, target string, opts proxyOptions) string {
	t.Helper()
	to, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	forward := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.Host = r.In.Host
	}}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if opts.noSockets && r.URL.Path == "/v1/chat" {
			http.Error(w, "no upgrades here", http.StatusForbidden)
			return
		}
		if opts.cutStream > 0 && r.URL.Path == "/v1/ask" {
			w = &cuttingWriter{ResponseWriter: w, left: opts.cutStream}
		}
		forward.ServeHTTP(w, r)
	}))
	if opts.cutAfter > 0 {
		server.Listener = &cuttingListener{Listener: server.Listener, after: opts.cutAfter}
	}
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}

// cuttingWriter breaks a reply after some bytes.
type cuttingWriter struct {
	http.ResponseWriter
	left int
}

func (w *cuttingWriter) Write(b []byte) (int, error) {
	n, err := w.ResponseWriter.Write(b[:min(len(b), w.left)])
	if w.left -= n; w.left > 0 || err != nil {
		return n, err
	}
	_ = http.NewResponseController(w.ResponseWriter).Flush()
	time.Sleep(time.Second) // a browser drops what it has not read when the connection breaks
	panic(http.ErrAbortHandler)
}

// cuttingListener breaks the first connection that becomes a socket.
type cuttingListener struct {
	net.Listener
	after int
	cut   atomic.Bool
}

func (l *cuttingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return &cuttingConn{Conn: conn, listener: l}, err
}

type cuttingConn struct {
	net.Conn
	listener *cuttingListener
	doomed   bool
	left     int
}

var errCut = errors.New("cut")

func (c *cuttingConn) Write(b []byte) (int, error) {
	if bytes.HasPrefix(b, []byte("HTTP/1.1 101 ")) && c.listener.cut.CompareAndSwap(false, true) {
		c.doomed, c.left = true, c.listener.after
	}
	if !c.doomed {
		return c.Conn.Write(b)
	}
	n, err := c.Conn.Write(b[:min(len(b), c.left)])
	if c.left -= n; c.left > 0 || err != nil {
		return n, err
	}
	return n, errors.Join(errCut, c.Conn.Close())
}
