package flat

// kernel computes the products of consecutive rows of codes with the levels of a query: one sum of
// u·level per element of dots. A row is len(levels)/2 bytes.
type kernel func(codes []byte, levels []int8, dots []int32)

// portable is the kernel for processors without one of their own, and the oracle of the others.
func portable(codes []byte, levels []int8, dots []int32) {
	stride := len(levels) / 2
	for r := range dots {
		row := codes[r*stride : (r+1)*stride]
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
		dots[r] = low + high
	}
}
