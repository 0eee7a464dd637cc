package langchain_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/tmc/langchaingo/chains"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/schema"

	"xiaoyue/inference/langchain"
	"xiaoyue/kb"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/embedded"
	"xiaoyue/retrieval/segment"
)

// evidence offers our search to langchain, in the scope of the public.
type evidence struct {
	search retrieval.Searcher
	words  retrieval.Passages
}

var public = kb.Scope{Tenant: kb.DefaultTenant, Access: []kb.Access{kb.AccessPublic}}

func (e evidence) Search(ctx context.Context, question string, limit int) ([]langchain.Passage, error) {
	result, err := e.search.Search(ctx, retrieval.Query{Text: question, Scope: public, Limit: limit})
	if err != nil || !result.Answers {
		return nil, err
	}
	var found []langchain.Passage
	for _, hit := range result.Hits {
		passages, err := e.words.Passages(ctx, []string{hit.PassageID})
		if err != nil {
			return nil, err
		}
		for _, p := range passages {
			found = append(found, langchain.Passage{
				Text: p.Text, Score: hit.Score, Metadata: map[string]any{"document": p.DocID, "clause": p.Clause},
			})
		}
	}
	return found, nil
}

// shelf is a catalog in memory.
type shelf map[string]kb.Passage

func (s shelf) Passages(_ context.Context, ids []string) (found []kb.Passage, _ error) {
	for _, id := range ids {
		if p, ok := s[id]; ok {
			found = append(found, p)
		}
	}
	return found, nil
}

// stock indexes four clauses.
func stock(folder string) (*embedded.Index, shelf, error) {
	index, err := embedded.Open(folder, &embedded.Options{Stamp: retrieval.Stamp{Segmenter: segment.Version}})
	if err != nil {
		return nil, nil, err
	}
	words := shelf{}
	var entries []retrieval.Entry
	for i, text := range []string{
		"硕士毕业生来本市就业的，给予生活补贴每年一万元。",
		"申请生活补贴须提交学历证书和劳动合同。",
		"具有合法稳定住所的，可以申请落户。",
		"机动车驾驶证有效期满前九十日内换领。",
	} {
		p := kb.Passage{ID: fmt.Sprint("p", i), DocID: "人才办法", Clause: []string{"第一条", "第二条", "第三条", "第四条"}[i], Text: text,
			Attributes: kb.Attributes{Tenant: kb.DefaultTenant, Access: kb.AccessPublic}}
		words[p.ID] = p
		entries = append(entries, retrieval.Entry{ID: p.ID, DocID: p.DocID, Text: p.Text, Attributes: p.Attributes})
	}
	return index, words, index.Put(context.Background(), entries)
}

func Example() {
	folder, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	index, words, err := stock(folder)
	if err != nil {
		log.Fatal(err)
	}
	defer index.Close()
	pipeline, err := retrieval.New(index, words, nil)
	if err != nil {
		log.Fatal(err)
	}

	retriever := langchain.NewRetriever(evidence{pipeline, words}, 3)
	chain := chains.NewRetrievalQAFromLLM(quoter{}, retriever)
	chain.ReturnSourceDocuments = true
	answer, err := chains.Call(context.Background(), chain, map[string]any{"query": "硕士毕业生的生活补贴每年多少钱？"})
	if err != nil {
		log.Fatal(err)
	}
	source := answer["source_documents"].([]schema.Document)[0]
	fmt.Println(answer["text"])
	fmt.Println(source.Metadata["document"], source.Metadata["clause"])
	// Output:
	// 硕士毕业生来本市就业的，给予生活补贴每年一万元。
	// 人才办法 第一条
}

// quoter is a model that answers with the first line of its prompt that names an amount.
type quoter struct{}

func (q quoter) GenerateContent(_ context.Context, messages []llms.MessageContent, _ ...llms.CallOption) (*llms.ContentResponse, error) {
	answer := "不知道"
	for _, m := range messages {
		for _, part := range m.Parts {
			for line := range strings.Lines(part.(llms.TextContent).Text) {
				if strings.Contains(line, "元") && answer == "不知道" {
					answer = strings.TrimSpace(line)
				}
			}
		}
	}
	return &llms.ContentResponse{Choices: []*llms.ContentChoice{{Content: answer}}}, nil
}

func (q quoter) Call(ctx context.Context, prompt string, options ...llms.CallOption) (string, error) {
	return llms.GenerateFromSinglePrompt(ctx, q, prompt, options...)
}
