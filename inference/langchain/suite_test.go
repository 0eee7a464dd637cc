package langchain_test

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/openai"

	"xiaoyue/inference"
	"xiaoyue/inference/langchain"
	"xiaoyue/inference/modeltest"
)

const contextLength = 2048

// obedient is a model that follows a schema told in words, which langchaingo leaves as the only way.
func obedient(req inference.ChatRequest) string {
	req.Schema = nil
	if _, schema, told := strings.Cut(modeltest.Echo(req), "JSON schema: "); told {
		req.Schema = json.RawMessage(schema)
	}
	return modeltest.Echo(req)
}

// inspected is a model beside what its server says of it, for which langchaingo has no words.
type inspected struct{ inference.ChatModel }

func (i inspected) Inspect(ctx context.Context) (inference.ModelInfo, error) {
	return inference.ModelInfo{Name: i.Name(), Context: contextLength}, ctx.Err()
}

// The suite of models, with the real clients of langchaingo. Declared: they read no thinking.
func TestSuite(t *testing.T) {
	for _, client := range clients {
		open := func(t *testing.T, name string) inference.ChatModel {
			web := httptest.NewServer(&modeltest.Server{Chat: &modeltest.Scripted{
				Label: "m", Context: 4 * contextLength, Pace: time.Millisecond, Reply: obedient, // a schema takes its room
			}})
			t.Cleanup(web.Close)
			address := web.URL
			if client.name == "openai" {
				address += "/v1"
			}
			model, err := client.open(address, name, &langchain.Wire{Model: name})
			if err != nil {
				t.Fatal(err)
			}
			return langchain.New(model, name, &langchain.Options{Call: []llms.CallOption{openai.WithLegacyMaxTokensField()}})
		}
		t.Run(client.name, func(t *testing.T) {
			modeltest.RunChat(t, modeltest.Chat{
				New:     func(t *testing.T) inference.ChatModel { return inspected{open(t, "m")} },
				Missing: func(t *testing.T) inference.ChatModel { return open(t, "nobody") },
				Context: contextLength,
			})
		})
	}
}
