package main

import (
	"context"
	"os"
	"testing"
)

// TestMain lets the test binary be its own reader process, as the real binary is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "read-worker" {
		os.Exit(run(context.Background(), os.Args[1:], terminal{os.Stdin, os.Stdout, os.Stderr}))
	}
	os.Exit(m.Run())
}
