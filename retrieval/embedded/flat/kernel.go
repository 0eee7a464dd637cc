package flat

// kernels are the inner loops, in the fastest form that this processor runs.
type kernels struct {
	sieve siever
	dots  dotter
}

// dotter computes the products of rows of codes with the levels of a query: one sum of u·level for
// each of rows, without its last ahead. A row is len(levels)/2 bytes.
type dotter func(codes []byte, levels []int8, rows []uint32, dots []int32)

// portableDots is for processors without a kernel of their own, and the oracle of the others.
func portableDots(codes []byte, levels []int8, rows []uint32, dots []int32) {
	stride := len(levels) / 2
	for at, r := range rows[:len(rows)-ahead] {
		row := codes[int(r)*stride:][:stride]
		var low, high int32
		for at := 0; at < len(row); at += halfLane {
			part := row[at : at+halfLane : at+halfLane]
			first := levels[2*at : 2*at+halfLane : 2*at+halfLane]
			second := levels[2*at+halfLane : 2*at+lane : 2*at+lane]
			for i, b := range part {
				low += int32(b&15) * int32(first[i])
				high += int32(b>>4) * int32(second[i])
			}
		}
		dots[at] = low + high
	}
}
