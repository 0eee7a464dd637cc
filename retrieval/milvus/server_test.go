package milvus

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"xiaoyue/kb"
	"xiaoyue/retrieval"
)

// process is a server that a test kills and starts again.
type process struct {
	t      *testing.T
	script string
	folder string
	cmd    *exec.Cmd
}

// ownServer starts a server of the test's own.
func ownServer(t *testing.T) *process {
	t.Helper()
	p := &process{t: t, script: need(t, "XIAOYUE_TEST_MILVUS_BIN"), folder: t.TempDir()}
	t.Cleanup(p.kill)
	p.start()
	return p
}

func (p *process) start() {
	p.t.Helper()
	log, err := os.OpenFile(filepath.Join(p.folder, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		p.t.Fatal(err)
	}
	defer log.Close()
	p.cmd = exec.Command(p.script, p.folder) // becomes the server
	p.cmd.Stdout, p.cmd.Stderr = log, log
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.until(2*time.Minute, "the server is healthy", func(ctx context.Context) error {
		port, err := os.ReadFile(filepath.Join(p.folder, "metrics"))
		if err != nil {
			return err
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1:"+string(port)+"/healthz", nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return fmt.Errorf("health: %s", resp.Status)
		}
		return nil
	})
}

// kill ends the server as a power switch does.
func (p *process) kill() {
	if p.cmd == nil {
		return
	}
	p.cmd.Process.Kill()
	p.cmd.Wait()
	p.cmd = nil
}

func (p *process) address() string {
	port, err := os.ReadFile(filepath.Join(p.folder, "port"))
	if err != nil {
		p.t.Fatal(err)
	}
	return "127.0.0.1:" + string(port)
}

// until waits until f succeeds, and returns how long that took.
func (p *process) until(limit time.Duration, what string, f func(context.Context) error) time.Duration {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), limit)
	defer cancel()
	began := time.Now()
	for tick := time.NewTicker(100 * time.Millisecond); ; {
		err := f(ctx)
		if err == nil {
			return time.Since(began)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			p.t.Fatalf("%s: %v", what, err)
		}
	}
}

// question finds whatever is there.
func question(dimension int) retrieval.Request {
	v := make([]float32, dimension)
	v[0] = 1
	return retrieval.Request{Text: "查询", Vector: v, Limit: 10,
		Scope: kb.Scope{Tenant: kb.DefaultTenant, Access: []kb.Access{kb.AccessPublic}}}
}

func passage(id, text string, vector []float32) retrieval.Entry {
	return retrieval.Entry{ID: id, DocID: "d", Text: text, Vector: vector,
		Attributes: kb.Attributes{Tenant: kb.DefaultTenant, Access: kb.AccessPublic}}
}
