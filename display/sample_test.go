package display_test

import (
	"math"
	"math/rand"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// walk makes an ascending series of n points that wander, with a share of gaps.
func walk(r *rand.Rand, mark display.Mark, n int, gaps float64) display.Series {
	s := display.Series{Mark: mark, X: make([]int64, n), Y: make([]float64, n)}
	x, y := int64(0), 0.0
	for i := range n {
		x += r.Int63n(2000)
		y += r.NormFloat64()
		s.X[i], s.Y[i] = x, y
		if r.Float64() < gaps {
			s.Y[i] = math.NaN()
		}
		s.Frame = append(s.Frame, uint32(i))
	}
	if mark == display.Segments {
		s.Y2 = make([]float64, n)
		for i := range s.Y {
			s.Y2[i] = s.Y[i] + 1400
		}
	}
	return s
}
