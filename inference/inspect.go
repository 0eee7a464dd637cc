package inference

import "context"

// ModelInfo is what a server says of a model that it serves.
type ModelInfo struct {
	Name      string
	Digest    string // of the weights; empty where the server tells none
	Context   int    // tokens of prompt and answer together, as the server is run; zero: not told
	Dimension int    // of the vectors of an embedding model; zero: not told, or no such model
}

// Inspector is a back end that can say what it serves. Inspect asks the server, which answers
// without loading the model; a server that does not have the model is ErrUnavailable, while one that
// does not tell what it has is believed.
type Inspector interface {
	Inspect(ctx context.Context) (ModelInfo, error)
}
