package main

import (
	"os"
	"testing"
)

// asProgram makes the test binary behave as xiaoyue itself, for tests that kill it.
const asProgram = "XIAOYUE_TEST_AS_PROGRAM"

// TestMain lets the test binary be its own reader process and its own victim.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "read-worker" || os.Getenv(asProgram) != "" {
		os.Exit(program(os.Args[1:]))
	}
	os.Exit(m.Run())
}
