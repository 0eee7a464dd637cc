package limit

import "time"

// pace is how long a request occupies a server: a moving average of what was seen lately.
type pace struct{ mean time.Duration }

const (
	firstPace  = 5 * time.Second // before anything was seen
	paceWeight = 0.2             // of the newest sample
)

func (p *pace) add(took time.Duration) {
	if p.mean == 0 {
		p.mean = took
		return
	}
	p.mean += time.Duration(paceWeight * float64(took-p.mean))
}

// wait is how long it takes until a request with that many ahead of it has a server, where that
// many are served at once: one of them is free every mean/slots.
func (p *pace) wait(ahead, slots int) time.Duration {
	mean := p.mean
	if mean == 0 {
		mean = firstPace
	}
	return mean * time.Duration(ahead+1) / time.Duration(max(1, slots))
}

// changed reports whether somebody who was told one waiting time, or none, should be told the other.
func changed(told, now time.Duration) bool {
	return told == 0 || (told-now).Abs() >= max(time.Second, told/5)
}

// budget bounds the retries to a share of the requests, so that servers that fail under load are not
// given more of it (the token bucket of gRPC's retry throttling, proposal A6). The first few are
// free, or a failing server could not be left while there are few requests.
type budget struct{ spent float64 }

const (
	retryShare = 0.2
	freeRetry  = 10
)

func (b *budget) request() { b.spent = max(0, b.spent-retryShare) }

// retry takes one retry out of the budget and reports whether there was one.
func (b *budget) retry() bool {
	if b.spent+1 > freeRetry {
		return false
	}
	b.spent++
	return true
}
