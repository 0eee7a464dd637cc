package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/milvus-io/milvus-sdk-go/v2/client"
	"github.com/milvus-io/milvus-sdk-go/v2/entity"
)

// ownMilvus is a Milvus of a test's own, that is killed, held and started again at its address.
type ownMilvus struct {
	t      *testing.T
	folder string
	cmd    *exec.Cmd
}

// start starts the server and waits until it is healthy; what was loaded is loaded again after that.
func (m *ownMilvus) start() {
	m.t.Helper()
	m.cmd = exec.Command(given(m.t, "XIAOYUE_TEST_MILVUS_BIN", ".ci/with-milvus.sh"), m.folder) // becomes the server
	if err := m.cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	eventually(m.t, "Milvus is healthy", func() bool {
		port, err := os.ReadFile(filepath.Join(m.folder, "metrics"))
		if err != nil {
			return false
		}
		reply, err := http.Get("http://127.0.0.1:" + string(port) + "/healthz")
		if err != nil {
			return false
		}
		reply.Body.Close()
		return reply.StatusCode == http.StatusOK
	})
}

func (m *ownMilvus) address() string {
	port, err := os.ReadFile(filepath.Join(m.folder, "port"))
	if err != nil {
		m.t.Fatal(err)
	}
	return "127.0.0.1:" + string(port)
}

func (m *ownMilvus) signal(s syscall.Signal) { _ = m.cmd.Process.Signal(s) }

func (m *ownMilvus) kill() {
	if m.cmd == nil {
		return
	}
	m.signal(syscall.SIGKILL)
	m.cmd.Wait()
	m.cmd = nil
}

func (m *ownMilvus) connections() int { return -1 }

// straight implements mortal.
func (m *ownMilvus) straight(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	c, err := client.NewClient(ctx, client.Config{Address: m.address()})
	if err != nil {
		return err
	}
	params, err := entity.NewIndexFlatSearchParam()
	if err == nil {
		question := entity.FloatVector(make([]float32, 256))
		question[0] = 1
		_, err = c.Search(ctx, "xiaoyue", nil, "", []string{"id"}, []entity.Vector{question}, "vector", entity.IP, 1, params)
	}
	return errors.Join(err, c.Close())
}

// TestMilvusDies is TestIndexServerDies with Milvus, which takes half a minute to come back.
func TestMilvusDies(t *testing.T) {
	if os.Getenv("XIAOYUE_FULL") == "" {
		t.Skip("left out: takes a minute and a half; XIAOYUE_FULL runs it")
	}
	given(t, "XIAOYUE_TEST_MILVUS_BIN", ".ci/with-milvus.sh")
	m := &ownMilvus{t: t, folder: t.TempDir()}
	t.Cleanup(m.kill)
	m.start()
	conf := sampleIn(t, indexConfig{Store: storeMilvus, Milvus: milvusConfig{Address: m.address()}})
	dies(t, m, conf, time.Second, time.Second) // it is away for much longer
}
