package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"time"

	"xiaoyue/ingest"
)

// poll is how often the memory of a busy child is looked at.
const poll = 20 * time.Millisecond

// child is one running process. Its methods are called by one goroutine at a time.
type child struct {
	opts   Options
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    io.ReadCloser
	stderr tail
	killed bool
}

// start runs a child and waits until it is ready.
func start(ctx context.Context, o Options) (*child, error) {
	c, err := spawn(o, true)
	if err != nil {
		c, err = spawn(o, false) // this system gives no namespaces
	}
	if err != nil {
		return nil, err
	}
	var ready []reading
	err = c.await(ctx, o.StartTimeout, func() error { return readFrame(c.out, o.OutputBytes, &ready) })
	if err != nil {
		c.kill()
		return nil, fmt.Errorf("%w%s", err, c.stderr.said())
	}
	return c, nil
}

func spawn(o Options, isolated bool) (*child, error) {
	c := &child{opts: o, cmd: exec.Command(o.Command[0], o.Command[1:]...)}
	c.cmd.Env = environment(o)
	c.cmd.Stderr = &c.stderr
	c.cmd.SysProcAttr = attributes(isolated)
	var err error
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if c.out, err = c.cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	return c, c.cmd.Start()
}

// read sends one request and waits for its answer. A *ingest.ReadError says that the file went
// over a bound and the child was killed.
func (c *child) read(ctx context.Context, req request) ([]ingest.FileReading, error) {
	var wire []reading
	err := c.await(ctx, c.opts.Timeout, func() error {
		if err := writeFrame(c.in, req); err != nil {
			return err
		}
		return readFrame(c.out, c.opts.OutputBytes, &wire)
	})
	if err == nil {
		return decode(wire), nil
	}
	c.kill()
	var fault *ingest.ReadError
	switch {
	case errors.As(err, &fault), ctx.Err() != nil:
		return nil, err
	case errors.Is(err, errFrame):
		return nil, &ingest.ReadError{Status: ingest.StatusTooLarge, Reason: "文件内容过多，请拆分成几个文件后再上传", Err: err}
	}
	return nil, &ingest.ReadError{
		Status: ingest.StatusDamaged,
		Reason: "文件使读取程序异常退出，请用 Office 或 WPS 打开后另存再上传",
		Err:    fmt.Errorf("%w%s", err, c.stderr.said()),
	}
}

// await runs f, an exchange with the child, and kills the child when it goes over a bound, which
// ends f.
func (c *child) await(ctx context.Context, limit time.Duration, f func() error) error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	clock := time.NewTimer(limit)
	defer clock.Stop()
	tick := time.NewTicker(poll)
	defer tick.Stop()
	var cause error
	for cause == nil {
		select {
		case err := <-done:
			return err
		case <-ctx.Done():
			cause = ctx.Err()
		case <-clock.C:
			cause = &ingest.ReadError{
				Status: ingest.StatusTimeout,
				Reason: fmt.Sprintf("读取超过 %v 仍未完成，已停止，请拆分成几个文件或另存后再上传", limit),
			}
		case <-tick.C:
			if resident(c.cmd.Process.Pid) > c.opts.MemoryBytes {
				cause = &ingest.ReadError{
					Status: ingest.StatusTooLarge,
					Reason: fmt.Sprintf("读取需要的内存超过 %d MB，已停止，请拆分成几个文件后再上传", c.opts.MemoryBytes>>20),
				}
			}
		}
	}
	c.kill()
	<-done
	return cause
}

// heavy says whether an idle child keeps more than half of the memory it may use.
func (c *child) heavy() bool {
	return resident(c.cmd.Process.Pid) > c.opts.MemoryBytes/2
}

func (c *child) dead() bool { return c.killed }

// kill ends the child with all that it may have started, and waits for it.
func (c *child) kill() {
	if c.killed {
		return
	}
	c.killed = true
	killGroup(c.cmd.Process)
	c.in.Close()
	// The exit status of a killed process says nothing that is not known.
	_ = c.cmd.Wait()
}

// tail keeps the last words of a child's standard error.
type tail struct {
	mu sync.Mutex
	b  []byte
}

// maxTail is enough for the head of a panic.
const maxTail = 4 << 10

// Write implements io.Writer. It keeps the first bytes, where a panic says its reason.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, p[:min(len(p), maxTail-len(t.b))]...)
	return len(p), nil
}

// said returns the words as the end of an error message.
func (t *tail) said() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s := bytes.TrimSpace(t.b); len(s) > 0 {
		return ": " + string(s)
	}
	return ""
}
