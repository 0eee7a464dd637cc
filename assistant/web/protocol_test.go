package web_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"
)

// TestProtocolExamples runs every ```chat block of docs/protocol.md on a real socket.
func TestProtocolExamples(t *testing.T) {
	for name, lines := range examples(t) {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(newServer(t))
			defer server.Close()
			p := &player{t: t, url: "ws" + strings.TrimPrefix(server.URL, "http") + "/v1/chat"}
			defer p.hangUp()
			for _, line := range lines {
				p.play(line)
			}
		})
	}
}

// examples returns the lines of the blocks by the heading above them.
func examples(t *testing.T) map[string][]string {
	t.Helper()
	f, err := os.Open("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	found := map[string][]string{}
	heading, inside := "", false
	for s := bufio.NewScanner(f); s.Scan(); {
		switch line := s.Text(); {
		case strings.HasPrefix(line, "## "):
			heading = line[3:]
		case line == "```chat":
			inside = true
		case line == "```":
			inside = false
		case inside:
			found[heading] = append(found[heading], line)
		}
	}
	if len(found) < 5 {
		t.Fatalf("only %d examples found in docs/protocol.md", len(found))
	}
	return found
}

// player is a client that follows an example.
type player struct {
	t            *testing.T
	url          string
	socket       *websocket.Conn
	conversation string
}

func (p *player) play(line string) {
	p.t.Helper()
	text := line
	if p.conversation != "" {
		text = strings.ReplaceAll(line, "$c", p.conversation)
	}
	if p.socket == nil {
		p.dial()
	}
	switch {
	case line == "--":
		p.hangUp()
	case strings.HasPrefix(text, "→ "):
		if err := p.socket.WriteMessage(websocket.TextMessage, []byte(text[len("→ "):])); err != nil {
			p.t.Fatalf("%s: %v", line, err)
		}
	case strings.HasPrefix(text, "← "):
		p.expect(text[len("← "):])
	default:
		p.t.Fatalf("line %q begins with neither → nor ← nor --", line)
	}
}

func (p *player) dial() {
	p.t.Helper()
	socket, _, err := websocket.DefaultDialer.DialContext(context.Background(), p.url, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	p.socket = socket
}

func (p *player) hangUp() {
	if p.socket != nil {
		p.socket.Close()
		p.socket = nil
	}
}

// expect reads one message. Fields that the example leaves out of an answer are not compared.
func (p *player) expect(want string) {
	p.t.Helper()
	var got map[string]any
	if err := p.socket.ReadJSON(&got); err != nil {
		p.t.Fatalf("%s: %v", want, err)
	}
	if p.conversation == "" {
		p.conversation, _ = got["conversation"].(string)
		want = strings.ReplaceAll(want, "$c", p.conversation)
	}
	var wanted map[string]any
	if err := json.Unmarshal([]byte(want), &wanted); err != nil {
		p.t.Fatalf("%s: %v", want, err)
	}
	if answer, ok := wanted["answer"].(map[string]any); ok {
		whole, _ := got["answer"].(map[string]any)
		part := map[string]any{}
		for key := range answer {
			part[key] = whole[key]
		}
		got["answer"] = part
	}
	for _, optional := range []string{"conversation", "turn"} {
		if _, ok := wanted[optional]; !ok && fmt.Sprint(got[optional]) == fmt.Sprint(map[string]any{"conversation": "", "turn": 0}[optional]) {
			delete(got, optional)
		}
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		p.t.Fatalf("(-want +got):\n%s", diff)
	}
}
