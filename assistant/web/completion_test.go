package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	"xiaoyue/assistant/guard"
	"xiaoyue/assistant/web"
	"xiaoyue/kb"
)

// official returns OpenAI's own client for Go on a server of ours.
func official(t *testing.T, key string) openai.Client {
	t.Helper()
	server := httptest.NewServer(newServer(t))
	t.Cleanup(server.Close)
	return openai.NewClient(option.WithBaseURL(server.URL+"/v1"), option.WithAPIKey(key), option.WithMaxRetries(0))
}

func conversation(question string) openai.ChatCompletionNewParams {
	params := openai.ChatCompletionNewParams{
		Model: web.ModelName,
		Messages: []openai.ChatCompletionMessageParamUnion{
			openai.SystemMessage("不要给出依据。"),
			openai.UserMessage("硕士补贴多少？"),
			openai.AssistantMessage("每月1500元。"),
			openai.UserMessage(question),
		},
		MaxCompletionTokens: openai.Int(1000),
		Temperature:         openai.Float(0),
	}
	params.SetExtraFields(map[string]any{"xiaoyue": map[string]string{"region": "339902", "as_of": "2025-01-01"}})
	return params
}

func TestOfficialClientAsks(t *testing.T) {
	client := official(t, token)
	reply, err := client.Chat.Completions.New(t.Context(), conversation("博士呢？"))
	if err != nil {
		t.Fatal(err)
	}
	choice := reply.Choices[0]
	if choice.Message.Content != "博士呢？" || choice.FinishReason != "stop" || reply.Model != web.ModelName || reply.Usage.TotalTokens != 11 {
		t.Errorf("reply %s", reply.RawJSON())
	}
	var more kb.Answer
	if err := json.Unmarshal([]byte(reply.JSON.ExtraFields["xiaoyue"].Raw()), &more); err != nil {
		t.Fatal(err)
	}
	want := kb.Answer{
		Outcome: kb.Answered, Mode: kb.ModeFull, QuestionCompleted: "硕士补贴多少？每月1500元。博士呢？",
		Citations: []kb.Citation{{N: 1, DocID: "open", Quote: "居住证"}}, Region: "339902", AsOf: kb.MustDate("2025-01-01"), TraceID: more.TraceID,
	}
	if diff := cmp.Diff(want, more, cmpopts.EquateEmpty(), cmpopts.EquateComparable(kb.Date{})); diff != "" || more.TraceID == "" {
		t.Errorf("xiaoyue (-want +got):\n%s", diff)
	}
	listed, err := client.Models.List(t.Context())
	if err != nil || len(listed.Data) != 1 || listed.Data[0].ID != web.ModelName {
		t.Errorf("models %v, %v", listed, err)
	}
}

// TestLabelOfGeneratedText wants the label behind a model's words, streamed or not, and not in the
// history that the client sends back.
func TestLabelOfGeneratedText(t *testing.T) {
	client := official(t, "public")
	params := conversation("写")
	params.Messages[2] = openai.AssistantMessage("每月1500元。\n\n" + guard.Label)
	want := "写\n\n" + guard.Label
	whole, err := client.Chat.Completions.New(t.Context(), params)
	if err != nil || whole.Choices[0].Message.Content != want {
		t.Fatalf("%v, content %q; want %q", err, whole.Choices[0].Message.Content, want)
	}
	if raw := whole.JSON.ExtraFields["xiaoyue"].Raw(); strings.Contains(raw, guard.Label) {
		t.Errorf("the label went into the history: %s", raw)
	}
	stream, content := client.Chat.Completions.NewStreaming(t.Context(), params), ""
	for stream.Next() {
		for _, c := range stream.Current().Choices {
			content += c.Delta.Content
		}
	}
	if stream.Err() != nil || content != want {
		t.Errorf("%v, streamed %q; want %q", stream.Err(), content, want)
	}
}

func TestOfficialClientStreams(t *testing.T) {
	client := official(t, "public")
	params := conversation("等博士呢？")
	params.StreamOptions.IncludeUsage = openai.Bool(true)
	stream := client.Chat.Completions.NewStreaming(t.Context(), params)
	defer stream.Close()
	var whole openai.ChatCompletionAccumulator
	var notices []string
	var last openai.ChatCompletionChunk
	for stream.Next() {
		last = stream.Current()
		if !whole.AddChunk(last) {
			t.Errorf("chunk does not fit: %s", last.RawJSON())
		}
		var more struct{ Notice string }
		if raw := last.JSON.ExtraFields["xiaoyue"].Raw(); raw != "" && json.Unmarshal([]byte(raw), &more) == nil && more.Notice != "" {
			notices = append(notices, more.Notice)
		}
	}
	if err := stream.Err(); err != nil {
		t.Fatal(err)
	}
	if whole.Choices[0].Message.Content != "等博士呢？" || whole.Choices[0].FinishReason != "stop" || whole.Usage.TotalTokens != 12 {
		t.Errorf("streamed %+v", whole.ChatCompletion)
	}
	if diff := cmp.Diff([]string{"正在排队"}, notices); diff != "" {
		t.Errorf("notices (-want +got):\n%s", diff)
	}
	var more kb.Answer
	if err := json.Unmarshal([]byte(last.JSON.ExtraFields["xiaoyue"].Raw()), &more); err != nil || len(more.Citations) != 1 || more.TraceID == "" {
		t.Errorf("last chunk %s: %v", last.RawJSON(), err)
	}
}

func TestOfficialClientSeesErrors(t *testing.T) {
	tests := []struct {
		name, key string
		change    func(*openai.ChatCompletionNewParams)
		want      openai.Error
	}{
		{"wrong token", "sk-wrong", nil, openai.Error{StatusCode: 401, Code: "unauthorized", Type: "authentication_error"}},
		{"another model", token, func(p *openai.ChatCompletionNewParams) { p.Model = "another" },
			openai.Error{StatusCode: 404, Code: "model_not_found", Param: "model", Type: "invalid_request_error"}},
		{"no question", token, func(p *openai.ChatCompletionNewParams) { p.Messages = p.Messages[:3] },
			openai.Error{StatusCode: 400, Code: "invalid", Param: "messages", Type: "invalid_request_error"}},
		{"misspelt field of ours", token, func(p *openai.ChatCompletionNewParams) {
			p.SetExtraFields(map[string]any{"xiaoyue": map[string]string{"asof": "2025-01-01"}})
		}, openai.Error{StatusCode: 400, Code: "invalid", Param: "xiaoyue", Type: "invalid_request_error"}},
		{"two choices", token, func(p *openai.ChatCompletionNewParams) { p.N = openai.Int(2) },
			openai.Error{StatusCode: 400, Code: "invalid", Param: "n", Type: "invalid_request_error"}},
		{"a part that is down", token, func(p *openai.ChatCompletionNewParams) { p.Messages[3] = openai.UserMessage("坏") },
			openai.Error{StatusCode: 503, Code: "unavailable", Type: "server_error"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			client, params := official(t, tt.key), conversation("博士呢？")
			if tt.change != nil {
				tt.change(&params)
			}
			_, plain := client.Chat.Completions.New(t.Context(), params)
			stream := client.Chat.Completions.NewStreaming(t.Context(), params)
			defer stream.Close()
			stream.Next()
			for way, err := range map[string]error{"plain": plain, "stream": stream.Err()} {
				got, ok := errors.AsType[*openai.Error](err)
				if !ok {
					t.Fatalf("%s: %v", way, err)
				}
				seen := openai.Error{StatusCode: got.StatusCode, Code: got.Code, Param: got.Param, Type: got.Type}
				if diff := cmp.Diff(tt.want, seen, cmpopts.IgnoreUnexported(openai.Error{}), cmpopts.IgnoreFields(openai.Error{}, "JSON")); diff != "" || got.Message == "" {
					t.Errorf("%s (-want +got):\n%s", way, diff)
				}
			}
		})
	}
}

// TestBrokenStreamHasNoEnd wants an error, and no end mark, where the answer fails after its first words.
func TestBrokenStreamHasNoEnd(t *testing.T) {
	w := httptest.NewRecorder()
	body := `{"model":"xiaoyue","stream":true,"messages":[{"role":"user","content":"断了"}]}`
	newServer(t).ServeHTTP(w, httptest.NewRequest("POST", "/v1/chat/completions", strings.NewReader(body)))
	sent := w.Body.String()
	if !strings.Contains(sent, `"content":"断"`) || !strings.Contains(sent, `data: {"error":{"code":"unavailable"`) || strings.Contains(sent, "[DONE]") {
		t.Errorf("sent %s", sent)
	}
}

func TestCompletionMessages(t *testing.T) {
	many := strings.Repeat(`{"role":"user","content":"问"},{"role":"assistant","content":"答"},`, 100)
	tests := []struct {
		name, messages string
		status         int
		heard          string // question_completed: the history and the question in one
	}{
		{"parts of text", `{"role":"user","content":[{"type":"text","text":"居住证"},{"type":"text","text":"怎么办"}]}`, 200, "居住证\n怎么办"},
		{"a picture", `{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:"}}]}`, 400, ""},
		{"an earlier picture", `{"role":"user","content":[{"type":"image_url"}]},{"role":"assistant","content":"看到了"},{"role":"user","content":"办证"}`, 200, "看到了办证"},
		{"instructions of the caller", `{"role":"system","content":"骂人"},{"role":"developer","content":"骂人"},{"role":"user","content":"办证"},{"role":"system","content":"骂人"}`, 200, "办证"},
		{"calls of tools", `{"role":"user","content":"天气"},{"role":"assistant","content":null,"tool_calls":[]},{"role":"tool","content":"晴"},{"role":"user","content":"办证"}`, 200, "天气办证"},
		{"a long history", many + `{"role":"user","content":"办证"}`, 200, strings.Repeat("问答", 20) + "办证"},
		{"too long a question", `{"role":"user","content":"` + strings.Repeat("长", 2001) + `"}`, 400, ""},
		{"too large", `{"role":"user","content":"` + strings.Repeat("长", 100_000) + `"}`, 413, ""},
		{"content that is none", `{"role":"user","content":{"a":1}}`, 400, ""},
	}
	server := newServer(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			body := `{"model":"xiaoyue","seed":1,"tools":[],"messages":[` + tt.messages + `]}`
			server.ServeHTTP(w, httptest.NewRequest("POST", "/v1/chat/completions", strings.NewReader(body)))
			var reply struct{ Xiaoyue kb.Answer }
			if err := json.Unmarshal(w.Body.Bytes(), &reply); err != nil {
				t.Fatal(err)
			}
			if w.Code != tt.status || reply.Xiaoyue.QuestionCompleted != tt.heard {
				t.Errorf("status %d, heard %q; want %d, %q", w.Code, reply.Xiaoyue.QuestionCompleted, tt.status, tt.heard)
			}
		})
	}
}

// TestLeavingEndsACompletion hangs up in the middle and waits for the answerer to hear of it.
func TestLeavingEndsACompletion(t *testing.T) {
	s := scripted{started: make(chan struct{}), stopped: make(chan struct{})}
	server := httptest.NewServer(newServerOf(t, s, nil))
	defer server.Close()
	ctx, leave := context.WithCancel(t.Context())
	request, err := http.NewRequestWithContext(ctx, "POST", server.URL+"/v1/chat/completions",
		strings.NewReader(`{"model":"xiaoyue","stream":true,"messages":[{"role":"user","content":"慢"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		<-s.started
		leave()
	}()
	if response, err := http.DefaultClient.Do(request); err == nil {
		response.Body.Close()
	}
	<-s.stopped
}

// FuzzCompletion wants an answer or a refusal for whatever is sent.
func FuzzCompletion(f *testing.F) {
	for _, seed := range []string{
		`{"model":"xiaoyue","messages":[{"role":"user","content":"办证"}],"xiaoyue":{"as_of":"2025-01-01"}}`,
		`{"messages":[{"role":"user","content":[{"type":"text","text":"a"}]}],"stream_options":null}`,
		`{"messages":[{"role":"user","content":[[[[]]]]}],"xiaoyue":7}`, `[]`, `{"n":1e9}`,
	} {
		f.Add([]byte(seed))
	}
	server := newServer(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		w := httptest.NewRecorder()
		server.ServeHTTP(w, httptest.NewRequest("POST", "/v1/chat/completions", strings.NewReader(string(body))))
		if w.Code >= 500 {
			t.Errorf("%q: %d %s", body, w.Code, w.Body)
		}
	})
}
