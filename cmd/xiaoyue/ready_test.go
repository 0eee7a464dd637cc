package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestReady(t *testing.T) {
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/readyz" {
			status = http.StatusNotFound
		}
		w.WriteHeader(status)
	}))
	_, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "http://"), ":")
	for _, listen := range []string{"127.0.0.1:" + port, "0.0.0.0:" + port, ":" + port} {
		if err := askReady(t.Context(), listen, io.Discard); err != nil {
			t.Errorf("listening on %s: %v", listen, err)
		}
	}
	status = http.StatusServiceUnavailable
	if err := askReady(t.Context(), "127.0.0.1:"+port, io.Discard); err == nil {
		t.Error("a server that is not ready passes for ready")
	}
	server.Close()
	if err := askReady(t.Context(), "127.0.0.1:"+port, io.Discard); err == nil {
		t.Error("no server passes for ready")
	}
}
