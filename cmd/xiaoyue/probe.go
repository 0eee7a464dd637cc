package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"xiaoyue/inference"
)

// probeTimeout bounds the question that doctor puts to a chat model; loading one takes time.
const probeTimeout = 60 * time.Second

// probe asks a chat model for one word.
func probe(ctx context.Context, model inference.ChatModel) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	request := inference.ChatRequest{Messages: []inference.Message{{Role: inference.User, Text: "你好"}}, MaxTokens: 8}
	for delta, err := range model.Chat(ctx, request) {
		if err != nil {
			return err
		}
		if delta.Stop != "" {
			return nil
		}
	}
	return errors.New("model sent nothing")
}

// freeBytes returns the room left on the file system of a folder.
func freeBytes(folder string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(folder, &s); err != nil {
		return 0, fmt.Errorf("free space of %s: %w", folder, err)
	}
	return s.Bavail * uint64(s.Bsize), nil
}
