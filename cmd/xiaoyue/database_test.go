package main

import (
	"context"
	"errors"
	"fmt"
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

	"xiaoyue/kb"
	"xiaoyue/retrieval"
	"xiaoyue/retrieval/pgvector"
)

// database is a PostgreSQL of a test's own, that is killed, held and started again at its address.
type database struct {
	t       *testing.T
	folder  string // of the data, by default below a new one
	address string // HOST:PORT
	as      *syscall.Credential
	cmd     *exec.Cmd // nil: not running
}

// ownDatabase makes a server in a folder, without starting it.
func ownDatabase(t *testing.T) *database {
	t.Helper()
	given(t, "XIAOYUE_TEST_POSTGRES_BIN", ".ci/with-postgres.sh")
	folder, err := os.MkdirTemp("", "xiaoyue-postgres") // t.TempDir lies where the server's user cannot look
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	d := &database{t: t, folder: folder, address: reserve(t)}
	if name := os.Getenv("XIAOYUE_TEST_POSTGRES_USER"); name != "" {
		d.become(name)
	}
	out, err := d.command("initdb", "-D", d.data(), "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync").CombinedOutput()
	if err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	t.Cleanup(d.kill)
	return d
}

// given returns a variable that the scripts of .ci set. Without it a test is left out, in CI it fails.
func given(t *testing.T, variable, script string) string {
	t.Helper()
	value := os.Getenv(variable)
	if value == "" && os.Getenv("CI") != "" && !testing.Short() {
		t.Fatalf("%s is not set: run the tests under %s", variable, script)
	}
	if value == "" {
		t.Skipf("left out: %s is not set, %s sets it", variable, script)
	}
	return value
}

func (d *database) data() string { return filepath.Join(d.folder, "data") }

func (d *database) dsn() string {
	return "postgres://postgres@" + d.address + "/postgres?sslmode=disable"
}

func (d *database) become(name string) {
	u, err := user.Lookup(name)
	if err != nil {
		d.t.Fatal(err)
	}
	uid, _ := strconv.Atoi(u.Uid) // numbers on every system that has the server
	gid, _ := strconv.Atoi(u.Gid)
	if err := os.Chown(d.folder, uid, gid); err != nil {
		d.t.Fatal(err)
	}
	d.as = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

func (d *database) command(name string, args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(os.Getenv("XIAOYUE_TEST_POSTGRES_BIN"), name), args...)
	c.Dir, c.SysProcAttr = d.folder, &syscall.SysProcAttr{Credential: d.as}
	return c
}

// start starts the server and waits until it answers. It may refuse for a moment: as long as processes
// of a killed one are still ending.
func (d *database) start() {
	d.t.Helper()
	_, port, _ := strings.Cut(d.address, ":")
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if d.cmd == nil {
			d.cmd = d.command("postgres", "-D", d.data(), "-p", port, "-c", "listen_addresses=127.0.0.1",
				"-c", "unix_socket_directories=", "-c", "shared_buffers=64MB")
			if err := d.cmd.Start(); err != nil {
				d.t.Fatal(err)
			}
		}
		conn, err := pgx.Connect(d.t.Context(), d.dsn())
		if err == nil {
			_, err = conn.Exec(d.t.Context(), "create extension if not exists vector") // as an administrator does
			conn.Close(d.t.Context())
		}
		if err == nil {
			return
		}
		if ended, _ := syscall.Wait4(d.cmd.Process.Pid, nil, syscall.WNOHANG, nil); ended != 0 {
			d.cmd = nil
		}
	}
	d.t.Fatal("the database server does not start")
}

// signal reaches the server and all that it has started.
func (d *database) signal(s syscall.Signal) {
	pid := d.cmd.Process.Pid
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	_ = syscall.Kill(pid, s)
	for child := range strings.FieldsSeq(string(children)) {
		if n, err := strconv.Atoi(child); err == nil {
			_ = syscall.Kill(n, s) // one that has ended meanwhile is no fault
		}
	}
}

// kill ends everything at once, as a failing machine does.
func (d *database) kill() {
	if d.cmd == nil {
		return
	}
	d.signal(syscall.SIGKILL)
	d.cmd.Wait()
	d.cmd = nil
}

// connections is how many clients the server has, the one that asks left out.
func (d *database) connections() (n int) {
	d.t.Helper()
	query(d.t, d.dsn(), &n, "select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()")
	return n
}

// query asks a database for one value.
func query(t *testing.T, dsn string, value any, sql string, args ...any) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if err := conn.QueryRow(t.Context(), sql, args...).Scan(value); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// execute runs statements in a database.
func execute(t *testing.T, dsn string, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	for _, sql := range statements {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

// freshDatabase makes an empty database on the server of the tests.
func freshDatabase(t *testing.T) (dsn string) {
	t.Helper()
	server := given(t, "XIAOYUE_TEST_POSTGRES", ".ci/with-postgres.sh")
	name := fmt.Sprintf("deployment%d", time.Now().UnixNano())
	execute(t, server, "create database "+name)
	dsn = strings.Replace(server, "/postgres?", "/"+name+"?", 1)
	execute(t, dsn, "create extension vector")
	t.Cleanup(func() {
		conn, err := pgx.Connect(context.Background(), server)
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close(context.Background())
		if _, err := conn.Exec(context.Background(), "drop database "+name+" with (force)"); err != nil {
			t.Error(err)
		}
	})
	return dsn
}

// straight implements mortal.
func (d *database) straight(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	store, err := pgvector.Open(ctx, pgvector.Options{DSN: d.dsn()})
	if err != nil {
		return err
	}
	return errors.Join(searched(ctx, store), store.Close())
}

// searched searches the version in use of a store, which newEmbedding made.
func searched(ctx context.Context, store retrieval.Store) error {
	v, err := store.Open(ctx, retrieval.Stamp{})
	if err != nil {
		return err
	}
	question := make([]float32, 256)
	question[0] = 1
	_, err = v.Search(ctx, retrieval.Request{Text: "补贴", Vector: question, Limit: 1,
		Scope: kb.Scope{Tenant: kb.DefaultTenant, Access: []kb.Access{kb.AccessPublic}}})
	return errors.Join(err, v.Close())
}
