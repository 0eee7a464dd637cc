// Package powercut is a disk for tests whose power can be cut: after a cut it holds what had reached
// the medium and nothing else, so that a program that forgot to synchronise loses what it promised.
//
// The disk is an ext4 file system in an image file on a loop device without cache. Its journal is
// committed by nothing but synchronising, and what the kernel holds back is lost with the cut, as with
// real power. It does not tear sectors nor reorder what was synchronised.
package powercut

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// commit is after how many seconds the file system writes by itself: longer than any test.
const commit = "commit=1000"

// Disk is a mounted file system.
type Disk struct {
	t     testing.TB
	image string // what the medium holds
	dir   string // where it is mounted
	cuts  int
}

// New returns an empty disk of so many megabytes, gone again after the test. A machine without the
// right to mount or without its programs skips the test, in CI it fails it.
func New(t testing.TB, megabytes int) *Disk {
	t.Helper()
	if err := missing(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("a disk whose power can be cut: %v", err)
		}
		t.Skipf("a disk whose power can be cut: %v", err)
	}
	folder := t.TempDir()
	d := &Disk{t: t, image: filepath.Join(folder, "image"), dir: filepath.Join(folder, "disk")}
	d.must(os.Mkdir(d.dir, 0o700))
	d.must(os.WriteFile(d.image, nil, 0o600))
	d.must(os.Truncate(d.image, int64(megabytes)<<20))
	d.run("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", d.image)
	t.Cleanup(d.unmount)
	d.mount()
	return d
}

// missing says what a disk needs and this machine lacks.
func missing() error {
	if os.Geteuid() != 0 {
		return errors.New("needs root")
	}
	for _, name := range []string{"losetup", "mkfs.ext4", "mount"} {
		if _, err := exec.LookPath(name); err != nil {
			return err
		}
	}
	return nil
}

// Dir is the folder where the disk is mounted; it is the same after a cut.
func (d *Disk) Dir() string { return d.dir }

// Cut cuts the power and switches it on again. Whoever writes to the disk must have been killed before.
func (d *Disk) Cut() {
	d.t.Helper()
	d.cuts++
	survived := fmt.Sprintf("%s.%d", d.image, d.cuts)
	d.run("cp", "--sparse=always", d.image, survived) // before unmounting writes what was held back
	d.unmount()
	d.must(os.Rename(survived, d.image))
	d.mount()
}

// mount attaches the image to a loop device, which is detached by itself when the disk is unmounted.
func (d *Disk) mount() {
	d.t.Helper()
	device := strings.TrimSpace(d.run("losetup", "--direct-io=on", "--show", "-f", d.image))
	defer d.run("losetup", "-d", device)
	d.must(unix.Mount(device, d.dir, "ext4", unix.MS_NOATIME, commit))
}

func (d *Disk) unmount() {
	d.t.Helper()
	if err := unix.Unmount(d.dir, 0); err != nil && !errors.Is(err, unix.EINVAL) {
		d.t.Errorf("unmount %s: %v", d.dir, err)
		unix.Unmount(d.dir, unix.MNT_DETACH) // rather than leave it behind
	}
}

func (d *Disk) run(name string, args ...string) string {
	d.t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		d.t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func (d *Disk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}
