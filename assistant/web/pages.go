package web

import (
	"embed"
	"io/fs"
	"net/http"
)

// assets are the pages: the demo page, the chat widget, and the description of the API.
//
//go:embed assets
var assets embed.FS

// pages serves the embedded files. They change with the binary only, so that an ETag by build would
// do; browsers are asked to revalidate, which costs little on a local network.
func (s *Server) pages() (http.Handler, error) {
	root, err := fs.Sub(assets, "assets")
	if err != nil {
		return nil, err
	}
	files := http.FileServerFS(root)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "只能读取页面", http.StatusMethodNotAllowed)
			return
		}
		w.Header().Set("Cache-Control", "no-cache")
		if s.allowedOrigin(r) {
			w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
		}
		files.ServeHTTP(w, r)
	}), nil
}
