package openai

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"xiaoyue/inference"
)

// read is the whole of a stream.
func read(r io.Reader) (text string, last inference.Delta, err error) {
	s := stream{events: newEvents(r)}
	for {
		d, err := s.next()
		text += d.Text
		if err != nil || d.Stop != "" {
			return text, d, err
		}
	}
}

// Whatever a server sends, in whatever pieces, the stream ends, says the same, and is complete only
// where the server said so.
func FuzzStream(f *testing.F) {
	f.Add([]byte("data: {\"choices\":[{\"delta\":{\"content\":\"<think>好</think>\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"))
	f.Add([]byte("data: {\"error\":{\"message\":\"x\",\"code\":503}}\r\n\r\n"))
	f.Add([]byte(":\n\ndata\ndata:\ndata: [DONE]"))
	f.Fuzz(func(t *testing.T, sent []byte) {
		text, last, err := read(bytes.NewReader(sent))
		slowText, slowLast, slowErr := read(iotest.OneByteReader(bytes.NewReader(sent)))
		if text != slowText || last != slowLast || (err == nil) != (slowErr == nil) {
			t.Errorf("%q %+v %v in one piece, %q %+v %v byte by byte", text, last, err, slowText, slowLast, slowErr)
		}
		if err == nil && !bytes.Contains(bytes.ToLower(sent), []byte("finish_reason")) && !bytes.Contains(sent, []byte(`\u`)) {
			t.Errorf("complete without a finish_reason: %q", text)
		}
	})
}

// BenchmarkStream is the cost of a token between the socket and the reader of the deltas.
func BenchmarkStream(b *testing.B) {
	const tokens = 1000
	token := `data: {"id":"chatcmpl-b6852b1e31a679d8","object":"chat.completion.chunk","created":1795451731,"model":"smollm2",` +
		`"choices":[{"index":0,"delta":{"content":"补贴"},"logprobs":null,"finish_reason":null,"token_ids":null}]}` + "\n\n"
	sent := strings.Repeat(token, tokens) + `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\ndata: [DONE]\n\n"
	b.SetBytes(int64(len(sent)))
	b.ReportAllocs()
	for b.Loop() {
		s := stream{events: newEvents(strings.NewReader(sent))}
		for {
			d, err := s.next()
			if err != nil {
				b.Fatal(err)
			}
			if d.Stop != "" {
				break
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/tokens, "ns/token")
}
