package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	cd "github.com/chromedp/chromedp"
	"github.com/gorilla/websocket"

	"xiaoyue/kb"
)

// restarting stands before a server and passes its first sockets off as those of replicas that are about to stop: one
// refuses the question, the next one closes after a few events of its answer.
type restarting struct {
	target  string // its host and port
	sockets atomic.Int32
	closed  atomic.Int32 // how many were told to come again
	upgrade websocket.Upgrader
}

const eventsBeforeClose = 3

func newRestarting(t *testing.T, target string) (*restarting, string) {
	t.Helper()
	to, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	r := &restarting{target: to.Host, upgrade: websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}}
	forward := httputil.NewSingleHostReverseProxy(to)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path != "/v1/chat" {
			forward.ServeHTTP(w, req)
			return
		}
		if err := r.relay(w, req); err != nil && t.Context().Err() == nil {
			t.Logf("socket: %v", err)
		}
	}))
	t.Cleanup(web.Close)
	return r, web.URL
}

// relay passes a socket on, in both directions, until one of its ends leaves.
func (r *restarting) relay(w http.ResponseWriter, req *http.Request) error {
	page, err := r.upgrade.Upgrade(w, req, nil)
	if err != nil {
		return err
	}
	defer page.Close()
	n := r.sockets.Add(1)
	if n == 1 {
		if _, _, err := page.ReadMessage(); err != nil {
			return err
		}
		return page.WriteJSON(kb.Event{V: 1, Type: kb.EventError, Code: "restarting", Text: "服务正在更新，请稍后重新连接。"})
	}
	server, response, err := websocket.DefaultDialer.DialContext(req.Context(), "ws://"+r.target+"/v1/chat", nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	defer server.Close()
	go func() {
		defer server.Close()
		for pass(page, server) == nil {
		}
	}()
	for passed := 0; ; passed++ {
		if n == 2 && passed == eventsBeforeClose {
			r.closed.Add(1)
			return page.WriteControl(websocket.CloseMessage,
				websocket.FormatCloseMessage(websocket.CloseServiceRestart, "connect again and resume"), time.Now().Add(time.Second))
		}
		if err := pass(server, page); err != nil {
			return err
		}
	}
}

// pass passes one message on.
func pass(from, to *websocket.Conn) error {
	kind, content, err := from.NextReader()
	if err != nil {
		return err
	}
	out, err := to.NextWriter(kind)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, content); err != nil {
		return err
	}
	return out.Close()
}

// restartUnderPage asks while one replica after the other stops, and wants every event once.
func restartUnderPage(t *testing.T, demo string) {
	r, address := newRestarting(t, demo)
	ctx := browser(t, address, 800, 600)
	waitForWidget(t, ctx)
	evaluate[bool](t, ctx, spy)
	if text := askPage(t, ctx, keyQuestion); !strings.Contains(text, "1500元") || strings.Contains(text, "更新") {
		t.Errorf("the page shows %s", text)
	}
	if n, closed := r.sockets.Load(), r.closed.Load(); n != 3 || closed != 1 {
		t.Errorf("page opened %d sockets, of which %d were closed with 1012; want 3 and 1", n, closed)
	}
	seq := 0
	for _, e := range evaluate[[]kb.Event](t, ctx, `window.events`) {
		if e.Seq == 0 && e.Code == "restarting" && seq == 0 {
			continue
		}
		if seq++; e.Seq != seq || e.Turn != 1 {
			t.Errorf("event %d is %s, turn %d, seq %d: lost or repeated", seq, e.Type, e.Turn, e.Seq)
		}
	}
	if seq <= eventsBeforeClose {
		t.Errorf("the answer has %d events: none after the socket was closed", seq)
	}
	if _, err := cd.Run(ctx, cd.Poll[bool](widget+`.querySelector(".state").hidden`)); err != nil {
		t.Errorf("page still says that the network is interrupted: %v", err)
	}
}
