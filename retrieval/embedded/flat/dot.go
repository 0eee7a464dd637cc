package flat

// portableDot is Dot for processors without a kernel of their own. Eight sums run side by side, which is as
// fast as plain Go gets.
func portableDot(a, b []float32) float32 {
	const width = 8
	b = b[:len(a)]
	var s [width]float32
	i := 0
	for ; i+width <= len(a); i += width {
		x, y := a[i:i+width:i+width], b[i:i+width:i+width]
		s[0] += x[0] * y[0]
		s[1] += x[1] * y[1]
		s[2] += x[2] * y[2]
		s[3] += x[3] * y[3]
		s[4] += x[4] * y[4]
		s[5] += x[5] * y[5]
		s[6] += x[6] * y[6]
		s[7] += x[7] * y[7]
	}
	for ; i < len(a); i++ {
		s[0] += a[i] * b[i]
	}
	return (s[0] + s[1]) + (s[2] + s[3]) + ((s[4] + s[5]) + (s[6] + s[7]))
}
