package modeltest

import (
	"bytes"
	"fmt"
	"net/http"
	"time"
)

// Fault is what goes wrong with one request to a Server.
type Fault struct {
	Silence    time.Duration // before the first token, headers being sent, or before the error
	Status     int           // an error of this status in place of the answer
	RetryAfter string        // a header of that error
	Tokens     int           // of the answer that still come before Then strikes
	Then       Ending        // how the answer ends; zero: as it should
}

// Ending is how a broken answer ends.
type Ending string

// The endings.
const (
	HalfLine  Ending = "half a line"         // in the middle of one; the connection ends in good order
	EarlyEnd  Ending = "early end"           // between two of them
	Reset     Ending = "reset"               // the connection breaks
	Stall     Ending = "stall"               // silence, until the client leaves
	ErrorLine Ending = "error in the stream" // where a token should be, the 200 being said
	Garbage   Ending = "garbage"             // a line that is no JSON
	Oversize  Ending = "oversize"            // a line of 100 MiB
	Page      Ending = "page"                // a web page with status 200, as a captive gateway sends
)

// reply is the answer to one request, on which a fault may strike.
type reply struct {
	w      http.ResponseWriter
	r      *http.Request
	said   *speech
	media  string // of the answer
	fault  Fault
	tokens int
}

// begin says what comes before the first token. It returns false when that is the whole answer.
func (p *reply) begin() bool {
	if p.fault.Status != 0 {
		if rest(p.r.Context(), p.fault.Silence) == nil {
			p.refuse(p.fault.Status, "scripted fault")
		}
		return false
	}
	if p.fault.Then == Page {
		p.w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(p.w, "<!DOCTYPE html><title>Sign in</title>")
		return false
	}
	p.w.Header().Set("Content-Type", p.media)
	if p.fault.Silence <= 0 {
		return true
	}
	p.flush()
	return rest(p.r.Context(), p.fault.Silence) == nil
}

// refuse answers with an error as the server words it.
func (p *reply) refuse(status int, words string) {
	if p.fault.RetryAfter != "" {
		p.w.Header().Set("Retry-After", p.fault.RetryAfter)
	}
	p.w.Header().Set("Content-Type", "application/json")
	p.w.WriteHeader(status)
	_, _ = p.w.Write(encode(p.said.complain(status, words))) // the client may have left
}

// token says a piece of the answer, or lets the fault strike in its place. It returns false when the
// answer is over.
func (p *reply) token(content []byte) bool {
	if p.fault.Then == "" || p.tokens < p.fault.Tokens {
		p.tokens++
		_, err := p.w.Write(content)
		p.flush()
		return err == nil
	}
	p.strike(content)
	return false
}

func (p *reply) strike(content []byte) {
	var line []byte
	switch p.fault.Then {
	case HalfLine:
		line = content[:len(content)/2]
	case ErrorLine:
		line = p.said.line(p.said.complain(http.StatusInternalServerError, "out of memory"))
	case Garbage:
		line = []byte(p.said.before + "no JSON" + p.said.after)
	case Oversize:
		p.oversize()
	case Reset:
		p.flush()
		panic(http.ErrAbortHandler)
	case Stall:
		p.flush()
		<-p.r.Context().Done()
	}
	_, _ = p.w.Write(line) // the client may have left
}

func (p *reply) oversize() {
	fmt.Fprint(p.w, p.said.before, `{"x":"`)
	piece := bytes.Repeat([]byte("x"), 1<<20)
	for range 100 {
		if _, err := p.w.Write(piece); err != nil {
			return
		}
	}
}

func (p *reply) flush() { _ = http.NewResponseController(p.w).Flush() }
