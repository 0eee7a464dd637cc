package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	cd "github.com/chromedp/chromedp"

	"xiaoyue/kb"
)

// TestBrowserWaiting plays an answer that is queued first and wants the queue shown while it lasts, and
// the answer's notes, not the queue, when it is there.
func TestBrowserWaiting(t *testing.T) {
	if testing.Short() {
		t.Skip("left out: the quick tests need no browser")
	}
	demo, err := url.Parse(startDemo(t))
	if err != nil {
		t.Fatal(err)
	}
	seen := make(chan struct{})
	pages := httputil.NewSingleHostReverseProxy(demo)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/v1/chat":
			http.Error(w, "no upgrades here", http.StatusForbidden)
		case "/v1/ask":
			playQueued(w, r, seen)
		default:
			pages.ServeHTTP(w, r)
		}
	}))
	defer server.Close()
	ctx := browser(t, server.URL, 800, 600)
	waitForWidget(t, ctx)
	input := cd.JSPath(widget + `.querySelector("textarea")`)
	if err := cd.Do(ctx, cd.SendKeys(input, "补贴\r")); err != nil {
		t.Fatal(err)
	}
	answer := widget + `.querySelector(".log > .message.bot:last-child")`
	if _, err := cd.Run(ctx, cd.Poll[bool](answer+`?.innerText.includes("正在排队")`)); err != nil {
		t.Fatalf("the page does not show the queue: %v", err)
	}
	close(seen)
	if _, err := cd.Run(ctx, cd.Poll[bool](`!!`+answer+`.dataset.outcome`)); err != nil {
		t.Fatal(err)
	}
	text := evaluate[string](t, ctx, answer+`.innerText`)
	if strings.Contains(text, "排队") || !strings.Contains(text, "三万元") || strings.Count(text, "以窗口为准") != 1 {
		t.Errorf("the page shows %q", text)
	}
}

// playQueued sends a queue, waits until it has been seen, and then the answer.
func playQueued(w http.ResponseWriter, r *http.Request, seen <-chan struct{}) {
	w.Header().Set("Content-Type", "text/event-stream")
	send := func(seq int, e kb.Event) {
		e.V, e.Conversation, e.Turn, e.Seq = 1, "c", 1, seq
		body, _ := json.Marshal(e)
		fmt.Fprintf(w, "data: %s\n\n", body)
		_ = http.NewResponseController(w).Flush()
	}
	send(1, kb.Event{Type: kb.EventStart})
	send(2, kb.Event{Type: kb.EventNotice, Text: "正在排队，约需8秒"})
	select {
	case <-seen:
	case <-r.Context().Done():
		return
	}
	send(3, kb.Event{Type: kb.EventDelta, Text: "三万元"})
	send(4, kb.Event{Type: kb.EventNotice, Text: "以窗口为准"})
	send(5, kb.Event{Type: kb.EventDone, Answer: &kb.Answer{Outcome: kb.Answered, Text: "三万元", Notes: []string{"以窗口为准"}}})
}
