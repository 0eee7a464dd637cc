package web

import (
	"crypto/sha256"
	"embed"
	"fmt"
	"io/fs"
	"net/http"
)

// assets are the pages: the demo page, the chat widget, and the description of the API.
//
//go:embed assets
var assets embed.FS

// pages serves the embedded files. Browsers ask each time whether a file has changed, which its ETag
// answers: a new binary must not meet half of an old widget.
func (s *Server) pages() (http.Handler, error) {
	root, err := fs.Sub(assets, "assets")
	if err != nil {
		return nil, err
	}
	tags, err := etags(root)
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
		if tag := tags[r.URL.Path]; tag != "" {
			w.Header().Set("ETag", tag)
		}
		if s.allowedOrigin(r) {
			w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
		}
		files.ServeHTTP(w, r)
	}), nil
}

// etags returns the hashes of the files by their URL path.
func etags(root fs.FS) (map[string]string, error) {
	tags := map[string]string{}
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		tags["/"+name] = fmt.Sprintf(`"%x"`, sha256.Sum256(content))
		return nil
	})
	tags["/"] = tags["/index.html"]
	return tags, err
}
