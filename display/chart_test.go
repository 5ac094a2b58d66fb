package display_test

import (
	"math"
	"slices"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

func TestRange(t *testing.T) {
	gap := math.NaN()
	for _, test := range []struct {
		name   string
		series []display.Series
		lo, hi float64
	}{
		{"lines, without gaps", []display.Series{{X: []int64{0, 1, 2}, Y: []float64{5, gap, 7}}}, 5, 7},
		{"segments, with their ends", []display.Series{{Mark: display.Segments, X: []int64{0, 1}, Y: []float64{5, 6}, Y2: []float64{9, 8}}}, 5, 9},
		{"bars, from zero", []display.Series{{Mark: display.Bars, X: []int64{0}, Y: []float64{5}}}, 0, 5},
		{"areas, added up", []display.Series{
			{Mark: display.Stack, X: []int64{0, 1}, Y: []float64{5, 1}}, {Mark: display.Stack, X: []int64{0, 1}, Y: []float64{2, gap}},
		}, 0, 7},
		{"another panel's", []display.Series{{X: []int64{0}, Y: []float64{5}}, {Panel: 1, X: []int64{0}, Y: []float64{9}}}, 5, 5},
	} {
		c := display.Chart{Series: test.series}
		if lo, hi, ok := c.Range(0); !ok || lo != test.lo || hi != test.hi {
			t.Errorf("%s: %v to %v, %v; want %v to %v", test.name, lo, hi, ok, test.lo, test.hi)
		}
	}
	if _, _, ok := (&display.Chart{Series: []display.Series{{X: []int64{0}, Y: []float64{gap}}}}).Range(0); ok {
		t.Error("a gap alone has a range")
	}
}

// TestReduceKeepsPeaks holds that the highest bar of every column stays.
func TestReduceKeepsPeaks(t *testing.T) {
	s := display.Series{Mark: display.Bars}
	for i := range int64(40_000) {
		y := 1.0
		if i%1000 == 500 {
			y = 9
		}
		s.X, s.Y = append(s.X, i), append(s.Y, y)
	}
	got, detail := display.Reduce(&display.Chart{Series: []display.Series{s}}, display.Window{}, 100)
	if peaks := len(slices.DeleteFunc(slices.Clone(got.Series[0].Y), func(y float64) bool { return y != 9 })); peaks != 40 || detail.Marks > 800 {
		t.Errorf("%d of 40 peaks, %d marks", peaks, detail.Marks)
	}
}
