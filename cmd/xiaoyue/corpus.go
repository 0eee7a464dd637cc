package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"

	"xiaoyue/eval"
	"xiaoyue/inference"
	"xiaoyue/ingest"
	"xiaoyue/kb"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/indexer"
	"xiaoyue/retrieval/versions"
)

// retrievalRun is one call of eval retrieval.
type retrievalRun struct {
	corpus  string
	method  string
	store   string // of the index
	limit   int
	trec    string
	vectors string
	asJSON  bool
}

func (r retrievalRun) check() error {
	methods := []string{string(retrieval.MethodFused), string(retrieval.MethodLexical), string(retrieval.MethodDense)}
	switch info, err := os.Stat(r.corpus); {
	case r.corpus == "":
		return usagef("--corpus is missing: name a folder in BEIR layout (corpus.jsonl, queries.jsonl, qrels/test.tsv)")
	case err != nil:
		return usagef("--corpus: %v", err)
	case !info.IsDir():
		return usagef("--corpus %s: not a folder", r.corpus)
	case !slices.Contains(methods, r.method):
		return usagef("--pipeline %q: want default, bm25 or dense", r.method)
	case !slices.Contains(stores, r.store):
		return usagef("--store %q: want embedded, pgvector or milvus", r.store)
	case r.limit < 0:
		return usagef("--limit %d: want a positive number", r.limit)
	}
	return nil
}

func (r retrievalRun) do(ctx context.Context, conf config, tty terminal) error {
	corpus, err := eval.LoadBEIR(os.DirFS(r.corpus))
	if err != nil {
		return err
	}
	engine, err := r.engine(ctx, conf)
	if err != nil {
		return err
	}
	defer engine.Close()
	var bar *progress
	phase := ""
	report := func(name string, done, total int) {
		if bar == nil || name != phase {
			bar, phase = newProgress(tty.err, name), name
		}
		bar.at(done, total)
	}
	run, err := eval.Retrieval(ctx, corpus, engine, eval.RetrievalOptions{Limit: r.limit, Progress: report})
	if bar != nil {
		bar.end()
	}
	if err != nil {
		return err
	}
	if err := r.write(run); err != nil {
		return err
	}
	if r.asJSON {
		return printJSON(tty.out, run.Report)
	}
	printRetrieval(tty.out, run.Report)
	return nil
}

// write keeps the ranking and the refused questions where --run asks for it.
func (r retrievalRun) write(run eval.RetrievalRun) error {
	if r.trec == "" {
		return nil
	}
	ranking, err := os.Create(r.trec)
	if err != nil {
		return fmt.Errorf("write run: %w", err)
	}
	defer ranking.Close()
	if err := eval.WriteTREC(ranking, run.Answerable, "xiaoyue-"+r.method); err != nil {
		return err
	}
	refused, err := os.Create(r.trec + ".refused")
	if err != nil {
		return fmt.Errorf("write refused questions: %w", err)
	}
	defer refused.Close()
	return eval.WriteRefused(refused, run.Answerable, run.Unanswerable)
}

func printRetrieval(w io.Writer, r eval.RetrievalReport) {
	fmt.Fprintf(w, "文档 %d，段 %d，问题 %d\n", r.Documents, r.Passages, r.Queries)
	fmt.Fprintf(w, "hit@1 %.3f  hit@5 %.3f  hit@10 %.3f  MRR@10 %.3f  nDCG@10 %.3f\n", r.Hit1, r.Hit5, r.Hit10, r.MRR10, r.NDCG10)
	fmt.Fprintf(w, "recall@10 %.3f  recall@100 %.3f  拒答率 %.3f  误拒率 %.3f\n", r.Recall10, r.Recall100, r.RefusalRate, r.FalseRefusalRate)
	fmt.Fprintf(w, "每秒 %.1f 问  p50 %.1f ms  p99 %.1f ms  建索引 %.1f s\n", r.QPS, r.P50, r.P99, r.IndexSeconds)
}

// corpusEngine runs the production pipeline over a corpus: the same splitter, index and searcher as
// serve, in a temporary folder.
type corpusEngine struct {
	folder   string
	place    versions.Place
	index    retrieval.Version
	stamp    retrieval.Stamp
	embedder inference.Embedder // nil: lexical only
	cache    *eval.VectorCache  // nil: none
	passages memory
	searcher retrieval.Searcher
}

func (r retrievalRun) engine(ctx context.Context, conf config) (*corpusEngine, error) {
	e := &corpusEngine{passages: memory{}}
	if err := r.openEmbedder(ctx, conf, e); err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "xiaoyue-eval-")
	if err != nil {
		return nil, err
	}
	e.folder = folder
	if err := e.open(ctx, conf, r.store); err != nil {
		e.Close()
		return nil, err
	}
	e.searcher, err = retrieval.New(e.index, e.passages, &retrieval.Options{Embedder: e.embedder, Method: retrieval.Method(r.method)})
	if err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}

// open makes a version in a place of its own, which nobody else looks at.
func (e *corpusEngine) open(ctx context.Context, conf config, store string) (err error) {
	if err := conf.checkStore(store); err != nil {
		return err
	}
	conf.Data = e.folder
	if store == storeMilvus { // an old one has its words in the folder
		conf.Catalog = catalogConfig{}
	}
	conf.Index.Pgvector.Schema, conf.Index.Milvus.Prefix = "xiaoyue_eval", "xiaoyue_eval"
	if e.place, err = conf.connect(store, false, slog.New(slog.DiscardHandler))(ctx); err != nil {
		return err
	}
	e.stamp = stampOf(e.embedder)
	e.stamp.Splitter += "/" + rand.Text() // beside other measurements
	e.index, err = e.place.Create(ctx, e.stamp)
	return err
}

func (r retrievalRun) openEmbedder(ctx context.Context, conf config, e *corpusEngine) error {
	method := retrieval.Method(r.method)
	if method == retrieval.MethodLexical {
		return nil
	}
	model, err := conf.openEmbedder(ctx, conf.logger(io.Discard, true))
	if err != nil {
		return fmt.Errorf("pipeline %s: %w", method, err)
	}
	e.embedder = model
	if r.vectors == "" {
		return nil
	}
	if e.cache, err = eval.OpenVectorCache(r.vectors, model); err != nil {
		return err
	}
	e.embedder = e.cache
	return nil
}

// Index implements eval.Engine.
func (e *corpusEngine) Index(ctx context.Context, documents []eval.Document, progress eval.Progress) (int, error) {
	const batch = 256
	var waiting []retrieval.Entry
	for i, d := range documents {
		_, passages := ingest.FromText(d.ID, d.Title, d.Text)
		for _, p := range passages {
			p.Tenant, p.Access = kb.DefaultTenant, kb.AccessPublic
			e.passages[p.ID] = p
			waiting = append(waiting, indexer.EntryOf(p))
		}
		if len(waiting) < batch && i < len(documents)-1 {
			continue
		}
		if err := e.put(ctx, waiting); err != nil {
			return 0, err
		}
		waiting = waiting[:0]
		if progress != nil {
			progress("建立索引", i+1, len(documents))
		}
	}
	return len(e.passages), nil
}

func (e *corpusEngine) put(ctx context.Context, entries []retrieval.Entry) error {
	if e.embedder != nil && len(entries) > 0 {
		texts := make([]string, len(entries))
		for i, entry := range entries {
			texts[i] = e.passages[entry.ID].IndexText()
		}
		vectors, err := e.embedder.Embed(ctx, texts, inference.EmbedPassage)
		if err != nil {
			return err
		}
		for i := range entries {
			entries[i].Vector = vectors[i]
		}
	}
	return e.index.Put(ctx, entries)
}

// Search implements eval.Engine: passages are asked for until they come from enough documents.
func (e *corpusEngine) Search(ctx context.Context, question string, depth int) (eval.Found, error) {
	scope := kb.Scope{Tenant: kb.DefaultTenant, Access: []kb.Access{kb.AccessPublic}}
	result, err := e.searcher.Search(ctx, retrieval.Query{Text: question, Scope: scope, Limit: passagesPerDocument * depth})
	if err != nil {
		return eval.Found{}, err
	}
	found := eval.Found{Refused: !result.Answers}
	seen := map[string]bool{}
	for _, h := range result.Hits {
		if !seen[h.DocID] && len(found.Documents) < depth {
			seen[h.DocID] = true
			found.Documents = append(found.Documents, eval.Ranked{ID: h.DocID, Score: h.Score})
		}
	}
	return found, nil
}

// passagesPerDocument is how many passages are asked for per document wanted.
const passagesPerDocument = 10

// Close removes the index of the measurement, with its place where no other measurement is in it, and the
// temporary folder.
func (e *corpusEngine) Close() {
	if e.cache != nil {
		e.cache.Close()
	}
	if e.index != nil {
		e.index.Close()
		if err := e.place.Drop(context.Background(), e.stamp); err != nil {
			slog.Warn("the index of the measurement stays behind", "version", e.stamp.Key(), "err", err)
		}
	}
	if r, ok := e.place.(interface{ Remove(context.Context) error }); ok {
		if err := r.Remove(context.Background()); err != nil {
			slog.Warn("the place of the measurement stays behind", "err", err)
		}
	}
	if e.place != nil {
		e.place.Close()
	}
	os.RemoveAll(e.folder)
}

// memory gives the words of passages from memory.
type memory map[string]kb.Passage

// Passages implements retrieval.Passages.
func (m memory) Passages(_ context.Context, ids []string) ([]kb.Passage, error) {
	found := make([]kb.Passage, 0, len(ids))
	for _, id := range ids {
		if p, ok := m[id]; ok {
			found = append(found, p)
		}
	}
	return found, nil
}
