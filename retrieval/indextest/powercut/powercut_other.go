//go:build !linux

package powercut

import "testing"

// Disk is a mounted file system.
type Disk struct{}

// New skips the test: loop devices are Linux's.
func New(t testing.TB, _ int) *Disk {
	t.Skip("a disk whose power can be cut needs Linux")
	return nil
}

// Dir is the folder where the disk is mounted.
func (*Disk) Dir() string { return "" }

// Cut cuts the power and switches it on again.
func (*Disk) Cut() {}
