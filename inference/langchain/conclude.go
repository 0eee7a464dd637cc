package langchain

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/tmc/langchaingo/llms"

	"xiaoyue/inference"
)

// conclude judges how a call ended and returns the last delta of a complete answer.
//
// v0.1.14 returns success where a stream is cut, canceled or out of time, so nothing is believed: an
// answer is complete if the model gives a reason for its end, if it counts the tokens of what it
// passed on, which servers do at the end only, or if the answer came in one piece.
func (m *Model) conclude(ctx context.Context, req inference.ChatRequest, s *stream, response *llms.ContentResponse, err error) (inference.Delta, error) {
	if ctx.Err() != nil {
		return inference.Delta{}, ctx.Err()
	}
	if err != nil {
		return inference.Delta{}, m.typed(err)
	}
	if response == nil || len(response.Choices) == 0 || response.Choices[0] == nil {
		return inference.Delta{}, m.fault(inference.ErrMalformed, "the answer has no choices")
	}
	choice := response.Choices[0]
	last := inference.Delta{Stop: stopReason(choice.StopReason), Usage: usage(choice.GenerationInfo)}
	streamed := s.text.String()
	switch {
	case last.Stop == refused:
		return inference.Delta{}, m.fault(inference.ErrRefused, "the answer was withheld: "+choice.StopReason)
	case streamed == "":
		last.Text = choice.Content
	}
	if last.Stop == "" && choice.Content == streamed+last.Text && (last.Usage.Completion > 0 || last.Text != "") {
		last.Stop = inference.StopEnd
		if req.MaxTokens > 0 && last.Usage.Completion >= req.MaxTokens {
			last.Stop = inference.StopLength
		}
	}
	if last.Stop == "" {
		return inference.Delta{}, m.fault(inference.ErrUnavailable, "the stream ended before the answer did")
	}
	return last, nil
}

// refused is the reason of an answer that a filter has ended. It is never passed on.
const refused inference.StopReason = "refused"

// stopReason reads the several spellings of a reason; empty means none was given, or one of no answer.
func stopReason(s string) inference.StopReason {
	switch strings.ToLower(s) {
	case "stop", "end", "end_turn", "stop_sequence", "finishreasonstop", "eos", "complete":
		return inference.StopEnd
	case "length", "max_tokens", "finishreasonmaxtokens":
		return inference.StopLength
	case "content_filter", "safety", "finishreasonsafety", "refusal":
		return refused
	}
	return ""
}

// usage reads the several spellings of token counts.
func usage(info map[string]any) inference.Usage {
	return inference.Usage{
		Prompt:     count(info, "PromptTokens", "InputTokens", "prompt_tokens", "input_tokens"),
		Completion: count(info, "CompletionTokens", "OutputTokens", "completion_tokens", "output_tokens"),
	}
}

func count(info map[string]any, names ...string) int {
	for _, name := range names {
		switch n := info[name].(type) {
		case int:
			return n
		case int32:
			return int(n)
		case int64:
			return int(n)
		case float64:
			return int(n)
		}
	}
	return 0
}

func (m *Model) fault(kind error, detail string) error {
	return &inference.Error{Kind: kind, Model: m.name, Detail: shortened(detail)}
}

// shortened keeps an error from carrying a whole page.
func shortened(s string) string {
	const longest = 300
	if len(s) <= longest {
		return s
	}
	return strings.ToValidUTF8(s[:longest], "") + "…"
}

// typed returns the fault that an error of langchaingo stands for. Most have lost their type on the
// way; what is left is a status code or a phrase in the text. A Wire keeps them whole.
func (m *Model) typed(err error) error {
	var whole *inference.Error
	if errors.As(err, &whole) {
		return fmt.Errorf("langchaingo: %w", err)
	}
	var coded *llms.Error
	if errors.As(err, &coded) && kinds[coded.Code] != nil {
		return m.fault(kinds[coded.Code], err.Error())
	}
	status := 0
	if found := statusText.FindStringSubmatch(err.Error()); found != nil {
		status, _ = strconv.Atoi(found[1])
	}
	return m.fault(kind(status, err.Error()), err.Error())
}

// kinds are the faults that langchaingo's own codes stand for.
var kinds = map[llms.ErrorCode]error{
	llms.ErrCodeRateLimit:           inference.ErrOverloaded,
	llms.ErrCodeQuotaExceeded:       inference.ErrOverloaded,
	llms.ErrCodeTokenLimit:          inference.ErrTooLong,
	llms.ErrCodeAuthentication:      inference.ErrRefused,
	llms.ErrCodeInvalidRequest:      inference.ErrRefused,
	llms.ErrCodeContentFilter:       inference.ErrRefused,
	llms.ErrCodeNotImplemented:      inference.ErrRefused,
	llms.ErrCodeResourceNotFound:    inference.ErrUnavailable,
	llms.ErrCodeProviderUnavailable: inference.ErrUnavailable,
	llms.ErrCodeTimeout:             inference.ErrUnavailable,
}

var (
	statusText = regexp.MustCompile(`status code:? (\d{3})`)
	tooLong    = regexp.MustCompile(`(?i)context (length|size|window)|maximum context|too long|input_tokens`)
	halfRead   = regexp.MustCompile(`(?i)invalid character|cannot unmarshal|unexpected end of json|token too long`)
)

// kind is the fault that a status and its text stand for; status zero is none.
func kind(status int, text string) error {
	switch {
	case status == 0 && halfRead.MatchString(text):
		return inference.ErrMalformed
	case status == 429 || status == 503:
		return inference.ErrOverloaded
	case status < 500 && tooLong.MatchString(text):
		return inference.ErrTooLong
	case status == 404 || status == 408 || status >= 500 || status == 0:
		return inference.ErrUnavailable
	}
	return inference.ErrRefused
}
