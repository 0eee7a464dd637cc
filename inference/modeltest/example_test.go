package modeltest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"

	"xiaoyue/inference"
	"xiaoyue/inference/modeltest"
	"xiaoyue/inference/openai"
)

// A model server that breaks off in the middle of its first answer.
func ExampleServer() {
	server := &modeltest.Server{Chat: &modeltest.Scripted{
		Reply: func(inference.ChatRequest) string { return "到派出所办理。" },
	}}
	server.Meet(modeltest.Fault{Tokens: 3, Then: modeltest.Reset})
	web := httptest.NewServer(server)
	defer web.Close()

	model, err := openai.New(web.URL, "scripted", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 2 {
		for d, err := range model.Chat(context.Background(), inference.ChatRequest{}) {
			if errors.Is(err, inference.ErrUnavailable) {
				fmt.Print(" …unavailable")
			}
			fmt.Print(d.Text)
		}
		fmt.Println()
	}
	// Output:
	// 到派出 …unavailable
	// 到派出所办理。
}
