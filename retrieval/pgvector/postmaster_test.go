package pgvector

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// postmaster is a PostgreSQL of a test's own, which may be killed.
type postmaster struct {
	t       *testing.T
	bin     string
	folder  string
	port    int
	as      *syscall.Credential // nil: whoever we are
	process *exec.Cmd           // nil: not running
	ended   <-chan error        // tells its end
}

// startPostmaster makes a server, or skips where its programs are not there.
func startPostmaster(t *testing.T) *postmaster {
	t.Helper()
	server(t)
	bin := os.Getenv("XIAOYUE_TEST_POSTGRES_BIN")
	if why := "XIAOYUE_TEST_POSTGRES_BIN is not set: run the tests under .ci/with-postgres.sh"; bin == "" {
		if os.Getenv("CI") != "" && !testing.Short() {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	folder, err := os.MkdirTemp("", "xiaoyue-postgres")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	p := &postmaster{t: t, bin: bin, folder: folder, port: freePort(t)}
	p.become(os.Getenv("XIAOYUE_TEST_POSTGRES_USER"))
	p.run("initdb", "-D", p.data(), "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
	p.start()
	t.Cleanup(p.kill)
	return p
}

func (p *postmaster) data() string { return filepath.Join(p.folder, "data") }

func (p *postmaster) dsn() string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", p.port)
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// become gives the folder to a user; the server refuses to run as root.
func (p *postmaster) become(name string) {
	if name == "" {
		return
	}
	u, err := user.Lookup(name)
	if err != nil {
		p.t.Fatal(err)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	if err := os.Chown(p.folder, uid, gid); err != nil {
		p.t.Fatal(err)
	}
	p.as = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

func (p *postmaster) command(name string, args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(p.bin, name), args...)
	c.Dir = p.folder
	c.SysProcAttr = &syscall.SysProcAttr{Credential: p.as}
	return c
}

func (p *postmaster) run(name string, args ...string) {
	p.t.Helper()
	if out, err := p.command(name, args...).CombinedOutput(); err != nil {
		p.t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// start starts the server and waits until it answers. What a killed one left behind is tidied away by
// the server itself, which gives up at once as long as a process of the killed one is still ending.
func (p *postmaster) start() {
	p.t.Helper()
	log := p.folder + ".log"
	p.t.Cleanup(func() { os.Remove(log) })
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		ended := p.launch(log)
		for !p.answers() {
			select {
			case <-ended:
				p.process = nil
			case <-time.After(20 * time.Millisecond):
			}
			if p.process == nil {
				break
			}
		}
		if p.process != nil {
			return
		}
	}
	said, _ := os.ReadFile(log)
	p.t.Fatalf("the server does not start:\n%s", said)
}

// launch starts the server's process; the channel tells its end.
func (p *postmaster) launch(logTo string) <-chan error {
	p.t.Helper()
	p.process = p.command("postgres", "-D", p.data(), "-p", strconv.Itoa(p.port), "-c", "listen_addresses=127.0.0.1",
		"-c", "unix_socket_directories=", "-c", "shared_buffers=64MB")
	log, err := os.OpenFile(logTo, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		p.t.Fatal(err)
	}
	defer log.Close()
	p.process.Stdout, p.process.Stderr = log, log
	if err := p.process.Start(); err != nil {
		p.t.Fatal(err)
	}
	process, ended := p.process, make(chan error, 1)
	p.ended = ended
	go func() { ended <- process.Wait() }()
	return ended
}

func (p *postmaster) answers() bool {
	conn, err := pgx.Connect(context.Background(), p.dsn())
	if err != nil {
		return false
	}
	conn.Close(context.Background())
	return true
}

// kill kills the server with all of its processes at once, as a failing machine does.
func (p *postmaster) kill() {
	if p.process == nil {
		return
	}
	pid := p.process.Process.Pid
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	p.process.Process.Kill()
	for child := range strings.FieldsSeq(string(children)) {
		if n, err := strconv.Atoi(child); err == nil {
			syscall.Kill(n, syscall.SIGKILL)
		}
	}
	<-p.ended
	p.process = nil
}
