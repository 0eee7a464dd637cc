package web

import "net/http"

// healthz says that the process serves requests, nothing more.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

// readyz says whether answers can be given, with the state of every part.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) error {
	parts, status := []Health{}, http.StatusOK
	if s.backend.Health != nil {
		parts = s.backend.Health(r.Context())
	}
	if s.sockets.closing.Err() != nil {
		parts = append(parts, Health{Part: "server", Detail: "正在停止，不再接受新的问题"})
	}
	for _, p := range parts {
		if !p.Ready {
			status = http.StatusServiceUnavailable
		}
	}
	return writeJSON(w, status, map[string][]Health{"parts": parts})
}
