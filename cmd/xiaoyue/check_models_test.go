package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

// TestRemedies lets doctor meet servers that do not answer as they should: it says what to do.
func TestRemedies(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status int
		body   string
		key    string
		says   string
	}{
		{"wrong key", 401, `{"error":"Unauthorized"}`, "", "密钥不对"},
		{"forbidden", 403, `{"error":"Forbidden"}`, "", "密钥不对"},
		{"no key file", 200, "", filepath.Join(t.TempDir(), "key"), "密钥文件"},
		{"busy", 503, `{"error":"busy"}`, "", "服务器正忙"},
		{"another model", 200, `{"data":[{"id":"other"}]}`, "", "--served-model-name"},
		{"login page", 200, "<html>", "", "登录页"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if strings.HasPrefix(tt.body, "{") {
					w.Header().Set("Content-Type", "application/json")
				}
				w.WriteHeader(tt.status)
				io.WriteString(w, tt.body)
			}))
			defer web.Close()
			f := chatOf(t.Context(), server{OpenAI: web.URL, Model: "m", KeyFile: tt.key})
			if f.Good || !strings.Contains(f.Remedy, tt.says) {
				t.Errorf("%+v; want a remedy that says %q", f, tt.says)
			}
		})
	}
}
