package modeltest

import "encoding/json"

func (s *Server) tags() any {
	var models []any
	if s.Chat != nil {
		models = append(models, fields{"name": s.Chat.Name(), "model": s.Chat.Name(), "digest": "scripted"})
	}
	if s.Embedder != nil {
		info := s.Embedder.Info()
		models = append(models, fields{"name": info.Name, "model": info.Name, "digest": info.Digest})
	}
	return fields{"models": models}
}

// show describes a model as Ollama does; nil: there is none of that name.
func (s *Server) show(body []byte) any {
	var req struct{ Model string }
	if json.Unmarshal(body, &req) != nil {
		return nil
	}
	if s.Chat != nil && req.Model == s.Chat.Name() {
		return fields{"capabilities": []string{"completion"},
			"model_info": fields{"general.architecture": "llama", "llama.context_length": s.Chat.context()}}
	}
	if s.Embedder == nil || req.Model != s.Embedder.Info().Name {
		return nil
	}
	info := s.Embedder.Info()
	return fields{"capabilities": []string{"embedding"}, "model_info": fields{"general.architecture": "bert",
		"bert.context_length": info.MaxTokens, "bert.embedding_length": info.Dimension}}
}

// list names the models as vLLM does.
func (s *Server) list() any {
	var models []any
	if s.Chat != nil {
		models = append(models, fields{"id": s.Chat.Name(), "object": "model", "max_model_len": s.Chat.context()})
	}
	if s.Embedder != nil {
		info := s.Embedder.Info()
		models = append(models, fields{"id": info.Name, "object": "model", "max_model_len": info.MaxTokens})
	}
	return fields{"object": "list", "data": models}
}
