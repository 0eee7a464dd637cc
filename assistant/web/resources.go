package web

import (
	"fmt"
	"net/http"
	"strconv"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// maxSearch bounds the hits of one search.
const maxSearch = 50

// search answers GET /v1/search?q=…&region=…&as_of=…&zone=…&audience=…&limit=….
func (s *Server) search(w http.ResponseWriter, r *http.Request) error {
	caller, err := s.caller(r)
	if err != nil {
		return err
	}
	query, err := s.query(r, caller)
	if err != nil {
		return err
	}
	result, err := s.backend.Searcher.Search(r.Context(), query)
	if err != nil {
		return fmt.Errorf("search: %w", err)
	}
	rows, err := retrieval.Rows(r.Context(), s.backend.Knowledge, result.Hits)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, map[string]any{
		"hits": rows, "mode": result.Mode, "degraded": append([]string{}, result.Degraded...), "answerable": result.Answerable,
	})
}

func (s *Server) query(r *http.Request, caller kb.Caller) (retrieval.Query, error) {
	form := r.URL.Query()
	asOf, err := kb.ParseDate(form.Get("as_of"))
	if err != nil {
		return retrieval.Query{}, badRequest("as_of 应为 YYYY-MM-DD 形式的日期。")
	}
	turn, err := s.turn(question{
		Question: form.Get("q"), AsOf: asOf, Region: form.Get("region"),
		Zone: form.Get("zone"), Audience: form.Get("audience"),
	}, caller)
	if err != nil {
		return retrieval.Query{}, err
	}
	scope, err := turn.Scope(s.backend.Regions, kb.DateOf(s.opts.Now()))
	if err != nil {
		return retrieval.Query{}, err
	}
	limit := 10
	if given := form.Get("limit"); given != "" {
		if limit, err = strconv.Atoi(given); err != nil || limit < 1 || limit > maxSearch {
			return retrieval.Query{}, badRequest(fmt.Sprintf("limit 应为1到%d的整数。", maxSearch))
		}
	}
	return retrieval.Query{Text: turn.Question, Limit: limit, Scope: scope}, nil
}

// item answers GET /v1/items/{code}.
func (s *Server) item(w http.ResponseWriter, r *http.Request) error {
	caller, err := s.caller(r)
	if err != nil {
		return err
	}
	item, err := s.backend.Knowledge.Item(r.Context(), caller.Tenant, r.PathValue("code"))
	if err != nil {
		return fmt.Errorf("item %s: %w", r.PathValue("code"), err)
	}
	if !readable(caller, item.Attributes) {
		return kb.ErrNotFound
	}
	return writeJSON(w, http.StatusOK, item)
}

// document answers GET /v1/documents/{id}?version=N, the latest version by default.
func (s *Server) document(w http.ResponseWriter, r *http.Request) error {
	caller, err := s.caller(r)
	if err != nil {
		return err
	}
	version := 0
	if given := r.URL.Query().Get("version"); given != "" {
		if version, err = strconv.Atoi(given); err != nil || version < 1 {
			return badRequest("version 应为正整数。")
		}
	}
	document, err := s.backend.Knowledge.Document(r.Context(), caller.Tenant, r.PathValue("id"), version)
	if err != nil {
		return fmt.Errorf("document %s: %w", r.PathValue("id"), err)
	}
	if !readable(caller, document.Attributes) {
		return kb.ErrNotFound
	}
	if len(caller.Roles) == 0 {
		document.Source, document.Key, document.Hash = "", "", "" // where it lies is the bureau's own business
	}
	return writeJSON(w, http.StatusOK, document)
}

// readable hides what the caller may not read as if it were not there.
func readable(caller kb.Caller, a kb.Attributes) bool {
	return kb.Scope{Tenant: caller.Tenant, Access: caller.Readable()}.Admits(a)
}

// feedback answers POST /v1/feedback.
func (s *Server) feedback(w http.ResponseWriter, r *http.Request) error {
	caller, err := s.caller(r)
	if err != nil {
		return err
	}
	var f kb.Feedback
	if err := readJSON(r.Body, &f); err != nil {
		return err
	}
	switch {
	case f.TraceID == "":
		return badRequest("缺少 trace_id。")
	case f.Thumb < -1 || f.Thumb > 1 || f.Level < 0 || f.Level > 5 || f.Thumb == 0 && f.Level == 0:
		return badRequest("请给出 thumb（1或-1）或 level（5非常满意至1非常不满意）。")
	}
	f.CreatedAt = s.opts.Now()
	if err := s.backend.Knowledge.PutFeedback(r.Context(), caller.Tenant, f); err != nil {
		return fmt.Errorf("feedback on %s: %w", f.TraceID, err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// setting answers GET /v1/setting: what the widget needs to begin.
func (s *Server) setting(w http.ResponseWriter, _ *http.Request) error {
	type place struct {
		Code string `json:"code"`
		Name string `json:"name"`
	}
	var places []place
	if home, ok := s.backend.Regions.Lookup(s.opts.Home); ok {
		places = append(places, place{home.Code, home.Name})
		for _, child := range s.backend.Regions.Children(home.Code) {
			if child.Kind == kb.RegionDistrict {
				places = append(places, place{child.Code, child.Name})
			}
		}
	}
	return writeJSON(w, http.StatusOK, map[string]any{
		"regions": places, "suggestions": s.opts.Suggestions, "max_question": maxQuestion,
	})
}
