// Package eval measures what the system does: retrieval over BEIR folders, answers over sample
// questions, forecasts and warnings over public benchmarks, with every metric defined once beside
// its formula.
//
// It measures through small interfaces of its own and wires nothing: cmd connects it to the
// pipeline that also serves people. It changes no knowledge.
package eval

// Progress is told how far a long run is. It may be nil, and is called from one goroutine.
type Progress func(phase string, done, total int)

func (p Progress) report(phase string, done, total int) {
	if p != nil {
		p(phase, done, total)
	}
}
