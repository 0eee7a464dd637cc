package web_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"github.com/gorilla/websocket"

	"xiaoyue/kb"
)

// listener is one of the crowd, and what it has heard.
type listener struct {
	servers  [2]*httptest.Server
	random   *rand.Rand
	secret   string
	question string
	cancels  bool // wants to stop the answer somewhere
	breaks   bool // loses its connection again and again

	heard        []string
	conversation string
	seq          int
	over         bool
	code         string
}

// server is one of the replicas; a listener does not know which answers it.
func (l *listener) server() *httptest.Server { return l.servers[l.random.IntN(len(l.servers))] }

// hear takes one event, which must be the next of its own turn.
func (l *listener) hear(e kb.Event) error {
	if l.conversation == "" {
		l.conversation = e.Conversation
	}
	if e.Seq != l.seq+1 || e.Turn != 1 || e.Conversation != l.conversation {
		return fmt.Errorf("event %d of turn %d of %s (%s) after %d of %s", e.Seq, e.Turn, e.Conversation, e.Code, l.seq, l.conversation)
	}
	l.seq = e.Seq
	switch e.Type {
	case kb.EventDelta:
		l.heard = append(l.heard, e.Text)
	case kb.EventDone, kb.EventError:
		l.over, l.code = true, e.Code
	}
	return nil
}

// verdict compares what was heard with what the question asked for.
func (l *listener) verdict() error {
	want, code := theWords(l.question), ""
	if l.cancels {
		want, code = want[:min(len(l.heard), words)], "cancelled"
	}
	if !slices.Equal(l.heard, want) || l.code != code {
		return fmt.Errorf("heard %q, end %q; want %q, end %q", l.heard, l.code, want, code)
	}
	return nil
}

// patience is after how many events of a connection something happens.
func (l *listener) patience(wanted bool) int {
	if !wanted {
		return -1
	}
	return 2 + l.random.IntN(words/2) // start and a word at least
}

// bySocket asks over sockets.
func (l *listener) bySocket(ctx context.Context) error {
	stop := l.patience(l.cancels)
	for !l.over {
		socket, _, err := websocket.DefaultDialer.DialContext(ctx, "ws"+strings.TrimPrefix(l.server().URL, "http")+"/v1/chat", nil)
		if err != nil {
			return err
		}
		message := map[string]any{"v": 1, "type": "ask", "client": l.secret, "question": l.question}
		if l.conversation != "" {
			message = map[string]any{"v": 1, "type": "resume", "client": l.secret, "conversation": l.conversation, "turn": 1, "seq": l.seq}
		}
		if err := socket.WriteJSON(message); err != nil {
			return err
		}
		for left := l.patience(l.breaks); left != 0 && !l.over; left-- {
			var e kb.Event
			if err := socket.ReadJSON(&e); err != nil {
				return err
			}
			if err := l.hear(e); err != nil {
				return err
			}
			if stop--; stop == 0 {
				message := map[string]any{"v": 1, "type": "cancel", "client": l.secret, "conversation": l.conversation, "turn": 1}
				if err := socket.WriteJSON(message); err != nil {
					return err
				}
			}
		}
		socket.Close()
	}
	return l.verdict()
}

// byEvents asks over server-sent events.
func (l *listener) byEvents(ctx context.Context) error {
	stop := l.patience(l.cancels)
	for !l.over {
		method, path, body := "POST", "/v1/ask", map[string]any{"question": l.question}
		if l.conversation != "" {
			method, path, body = "GET", fmt.Sprintf("%s?after=%d", l.turn(), l.seq), nil
		}
		response, err := l.send(ctx, method, path, "text/event-stream", body)
		if err != nil {
			return err
		}
		left := l.patience(l.breaks)
		for data := range datas(response.Body) {
			var e kb.Event
			if err := json.Unmarshal(data, &e); err != nil {
				return err
			}
			if err := l.hear(e); err != nil {
				return err
			}
			if stop--; stop == 0 {
				stopped, err := l.send(ctx, "POST", l.turn()+"/cancel", "", nil)
				if err != nil {
					return err
				}
				stopped.Body.Close()
			}
			if left--; left == 0 {
				break
			}
		}
		response.Body.Close()
	}
	return l.verdict()
}

func (l *listener) turn() string { return "/v1/conversations/" + l.conversation + "/turns/1" }

// atOnce asks and waits for the whole.
func (l *listener) atOnce(ctx context.Context) error {
	response, err := l.send(ctx, "POST", "/v1/ask", "", map[string]any{"question": l.question})
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var a kb.Answer
	if err := json.NewDecoder(response.Body).Decode(&a); err != nil {
		return err
	}
	l.heard = strings.SplitAfter(strings.TrimSuffix(a.Text, " "), " ")
	l.heard[len(l.heard)-1] += " "
	return l.verdict()
}

// asModel asks as a client of OpenAI's API.
func (l *listener) asModel(ctx context.Context) error {
	response, err := l.send(ctx, "POST", "/v1/chat/completions", "", map[string]any{
		"model": "xiaoyue", "stream": true, "messages": []map[string]string{{"role": "user", "content": l.question}}})
	if err != nil {
		return err
	}
	defer response.Body.Close()
	for data := range datas(response.Body) {
		if l.over = string(data) == "[DONE]"; l.over {
			break
		}
		var chunk struct {
			Choices []struct{ Delta struct{ Content string } }
		}
		if err := json.Unmarshal(data, &chunk); err != nil {
			return err
		}
		if len(chunk.Choices) == 0 {
			return fmt.Errorf("chunk without choices: %s", data)
		}
		if word := chunk.Choices[0].Delta.Content; word != "" {
			l.heard = append(l.heard, word)
		}
	}
	if !l.over {
		return io.ErrUnexpectedEOF
	}
	return l.verdict()
}

func (l *listener) send(ctx context.Context, method, path, accept string, body any) (*http.Response, error) {
	payload, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	server := l.server()
	request, err := http.NewRequestWithContext(ctx, method, server.URL+path, bytes.NewReader(payload))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", accept)
	request.Header.Set("Xiaoyue-Client", l.secret)
	response, err := server.Client().Do(request)
	if err == nil && response.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: %s", method, path, response.Status)
	}
	return response, err
}

// datas yields the data lines of server-sent events.
func datas(r io.Reader) func(func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for lines := bufio.NewScanner(r); lines.Scan(); {
			if data, ok := bytes.CutPrefix(lines.Bytes(), []byte("data: ")); ok && !yield(data) {
				return
			}
		}
	}
}
