package langchain

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/tmc/langchaingo/llms"

	"xiaoyue/inference"
	"xiaoyue/inference/internal/remote"
)

// conclude judges how a call ended and returns the last delta of a complete answer.
//
// v0.1.14 returns success where a stream is cut, canceled or out of time, so nothing is believed: an
// answer is complete if the model gives a reason for its end, if it counts the tokens of what it
// passed on, which servers do at the end only, or if the answer came in one piece.
func (s *stream) conclude(req inference.ChatRequest, response *llms.ContentResponse, err error) (last inference.Delta, _ error) {
	if err != nil {
		return last, typed(err)
	}
	if response == nil || len(response.Choices) == 0 || response.Choices[0] == nil {
		return last, remote.Malformed("the answer has no choices")
	}
	choice := response.Choices[0]
	stop, counts := stopReason(choice.StopReason), usage(choice.GenerationInfo)
	whole := s.said.Len() == 0 && choice.Content != ""
	switch counted := counts.Completion > 0 && choice.Content == s.said.String(); {
	case stop == refused:
		return last, &inference.Error{Kind: inference.ErrRefused, Detail: "the answer was withheld: " + choice.StopReason}
	case stop == "" && !whole && !counted:
		return last, &inference.Error{Kind: inference.ErrUnavailable, Detail: "the stream ended before the answer did"}
	case stop == "" && req.MaxTokens > 0 && counts.Completion >= req.MaxTokens:
		stop = inference.StopLength
	case stop == "":
		stop = inference.StopEnd
	}
	if whole {
		last.Text, last.Reasoning = s.thinking.Split(choice.Content)
	}
	text, thinking := s.thinking.Rest()
	last.Text, last.Reasoning, last.Stop, last.Usage = last.Text+text, last.Reasoning+thinking, stop, counts
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

// typed returns the fault that an error of langchaingo stands for. Most have lost their type on the
// way; what is left is a status code or a phrase in the text. A Wire keeps them whole.
func typed(err error) error {
	if whole, ok := errors.AsType[*inference.Error](err); ok {
		return whole
	}
	text := err.Error()
	if coded, ok := errors.AsType[*llms.Error](err); ok && kinds[coded.Code] != nil {
		return &inference.Error{Kind: kinds[coded.Code], Detail: text}
	}
	if found := statusText.FindStringSubmatch(text); found != nil {
		status, _ := strconv.Atoi(found[1])
		return &inference.Error{Kind: remote.ErrorBody(status, []byte(text)).Kind, Detail: text}
	}
	switch {
	case remote.TooLong(text):
		return &inference.Error{Kind: inference.ErrTooLong, Detail: text}
	case halfRead.MatchString(text):
		return remote.Malformed("%s", text)
	}
	return &inference.Error{Kind: inference.ErrUnavailable, Detail: text}
}

// kinds are the faults that langchaingo's own codes stand for.
var kinds = map[llms.ErrorCode]error{
	llms.ErrCodeRateLimit:           inference.ErrOverloaded,
	llms.ErrCodeQuotaExceeded:       inference.ErrOverloaded,
	llms.ErrCodeTokenLimit:          inference.ErrTooLong,
	llms.ErrCodeInvalidRequest:      inference.ErrRefused,
	llms.ErrCodeContentFilter:       inference.ErrRefused,
	llms.ErrCodeNotImplemented:      inference.ErrRefused,
	llms.ErrCodeAuthentication:      inference.ErrUnavailable,
	llms.ErrCodeResourceNotFound:    inference.ErrUnavailable,
	llms.ErrCodeProviderUnavailable: inference.ErrUnavailable,
	llms.ErrCodeTimeout:             inference.ErrUnavailable,
}

var (
	statusText = regexp.MustCompile(`status code:? (\d{3})`)
	halfRead   = regexp.MustCompile(`(?i)invalid character|cannot unmarshal|unexpected end of json|token too long`)
)
