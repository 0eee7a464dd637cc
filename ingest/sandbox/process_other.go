//go:build !linux

package sandbox

import (
	"os"
	"syscall"
)

// attributes has nothing to offer on this system.
func attributes(bool) *syscall.SysProcAttr { return nil }

func killGroup(p *os.Process) {
	// The process may be gone already.
	_ = p.Kill()
}

// resident is unknown without /proc.
func resident(int) int64 { return 0 }
