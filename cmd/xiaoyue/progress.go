package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows how far long work has come: a bar on a terminal, a line now and then otherwise.
type progress struct {
	what string
	out  io.Writer

	mu   sync.Mutex // guards bar and said
	bar  *progressbar.ProgressBar
	said time.Time
}

// sayEvery is the pause between lines where there is no terminal.
const sayEvery = 5 * time.Second

func newProgress(out io.Writer, what string) *progress {
	p := &progress{what: what, out: out, said: time.Now()}
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.bar = progressbar.NewOptions(-1, progressbar.OptionSetWriter(out), progressbar.OptionSetDescription(what),
			progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond))
	}
	return p
}

// at says that done of total is done; total 0 means that nobody knows it yet.
func (p *progress) at(done, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.bar != nil:
		if total > 0 {
			p.bar.ChangeMax(total)
		}
		_ = p.bar.Set(done)
	case time.Since(p.said) >= sayEvery || done == total && total > 0:
		p.said = time.Now()
		fmt.Fprintf(p.out, "%s %d/%d\n", p.what, done, total)
	}
}

// end leaves the terminal clean.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
