package web

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"xiaoyue/kb"
)

// ModelName is how clients of OpenAI's API name 小越.
const ModelName = "xiaoyue"

// Limits of a request in OpenAI's shape, which brings the whole conversation each time.
const (
	maxCompletion = 256 << 10 // bytes
	maxEarlier    = 4000      // characters that are read of an earlier answer
)

// completionRequest is what is read of a request in OpenAI's shape. Other fields are let pass: they
// tune models, and nothing here is tuned by the asker. xiaoyue is ours and read strictly.
type completionRequest struct {
	Model         string              `json:"model"`
	Messages      []completionMessage `json:"messages"`
	Stream        bool                `json:"stream"`
	StreamOptions struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options"`
	N              int    `json:"n"`
	User           string `json:"user"`
	ResponseFormat struct {
		Type string `json:"type"`
	} `json:"response_format"`
	Xiaoyue json.RawMessage `json:"xiaoyue"`
}

// completionMessage is one message; Content is a string, a list of parts, or null.
type completionMessage struct {
	Role    string          `json:"role"`
	Content json.RawMessage `json:"content"`
}

// readCompletion decodes a request of bounded size and refuses what it asks for and cannot get.
func readCompletion(r io.Reader) (completionRequest, error) {
	var asked completionRequest
	body, err := io.ReadAll(io.LimitReader(r, maxCompletion+1))
	switch {
	case err != nil:
		return asked, badRequest("请求没有完整送达。")
	case len(body) > maxCompletion:
		return asked, &fault{reply: reply{"too_large", "请求过大，请减少历史消息。"}, status: http.StatusRequestEntityTooLarge, param: "messages"}
	}
	if err := json.Unmarshal(body, &asked); err != nil {
		return asked, badRequest("请求不是所要求的JSON：" + err.Error())
	}
	switch format := asked.ResponseFormat.Type; {
	case asked.Model != ModelName && asked.Model != "":
		return asked, &fault{reply: reply{"model_not_found", "没有这个模型，可用的模型是 " + ModelName + "。"}, status: http.StatusNotFound, param: "model"}
	case asked.N > 1:
		return asked, badField("n", "一次只给出一个回答，n 应为1。")
	case format != "" && format != "text":
		return asked, badField("response_format", "回答只有文字形式，response_format 应为 text。")
	}
	return asked, nil
}

// question makes a question of our own of the request: the last user message is asked, what was said
// before is its history. System and developer messages are left out: what 小越 may say is not for
// callers to set.
func (r completionRequest) question() (question, error) {
	said := slices.DeleteFunc(slices.Clone(r.Messages), func(m completionMessage) bool { return m.Role != "user" && m.Role != "assistant" })
	if len(said) == 0 || said[len(said)-1].Role != "user" {
		return question{}, badField("messages", "最后一条消息应为 user 的问题。")
	}
	last := said[len(said)-1]
	text, ok := last.text()
	if !ok {
		return question{}, badField("messages", "消息只支持文字。")
	}
	q := question{Question: text, History: exchanges(said[:len(said)-1])}
	var where struct {
		AsOf     kb.Date `json:"as_of"`
		Region   string  `json:"region"`
		Zone     string  `json:"zone"`
		Audience string  `json:"audience"`
	}
	if len(r.Xiaoyue) > 0 {
		if err := readJSON(strings.NewReader(string(r.Xiaoyue)), &where); err != nil {
			return question{}, badField("xiaoyue", classify(err).Message)
		}
	}
	q.AsOf, q.Region, q.Zone, q.Audience = where.AsOf, where.Region, where.Zone, where.Audience
	return q, nil
}

// exchanges pairs earlier messages, at most the last maxHistory pairs. Pictures and the like among
// them are passed over.
func exchanges(said []completionMessage) (all []kb.Exchange) {
	for _, m := range said {
		text, _ := m.text()
		open := len(all) > 0 && all[len(all)-1].Answer == ""
		switch {
		case m.Role == "user":
			all = append(all, kb.Exchange{Question: cut(text, maxQuestion)})
		case open:
			all[len(all)-1].Answer = cut(strings.TrimSuffix(text, labelLine), maxEarlier)
		}
	}
	return all[max(0, len(all)-maxHistory):]
}

func cut(text string, runes int) string {
	if utf8.RuneCountInString(text) <= runes {
		return text
	}
	return string([]rune(text)[:runes])
}

// text returns the words of a message, and whether it holds nothing else.
func (m completionMessage) text() (string, bool) {
	var whole *string
	if len(m.Content) == 0 || json.Unmarshal(m.Content, &whole) == nil {
		if whole == nil {
			return "", true
		}
		return *whole, true
	}
	var parts []struct {
		Type string `json:"type"`
		Text string `json:"text"`
	}
	if json.Unmarshal(m.Content, &parts) != nil {
		return "", false
	}
	var words []string
	for _, p := range parts {
		if p.Type == "text" {
			words = append(words, p.Text)
		}
	}
	return strings.Join(words, "\n"), len(words) == len(parts)
}
