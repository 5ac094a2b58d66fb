package display

import (
	"math"
	"math/rand"
	"strings"
	"testing"
)

// Whole numbers come back from a logarithmic axis as they went, and keep their order.
func TestLogOffset(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for range 100_000 {
		n := math.Trunc(math.Exp(r.Float64() * math.Log(1e11)))
		if got := LogValue(float64(LogOffset(n))); got != n {
			t.Fatalf("%.0f is %.3f", n, got)
		}
		if LogOffset(n) >= LogOffset(n+1) {
			t.Fatalf("%.0f is not before the next number", n)
		}
	}
	if LogOffset(1) != 0 || LogOffset(1000) != 3*Decade {
		t.Errorf("1 at %d, 1000 at %d", LogOffset(1), LogOffset(1000))
	}
}

func TestLogTicks(t *testing.T) {
	a := Axis{Label: "Delay", Unit: Nanoseconds, Log: true}
	for _, c := range []struct {
		lo, hi float64 // ns
		want   int
		labels string
	}{
		{1e3, 2e9, 8, "1 µs, 10 µs, 100 µs, 1 ms, 10 ms, 100 ms, 1 s"},
		{1e3, 2e9, 3, "1 µs, 1 ms, 1 s"},
		{9e5, 6e7, 8, "1 ms, 2 ms, 5 ms, 10 ms, 20 ms, 50 ms"},
		{1e6, 3e6, 4, "1 ms, 1.5 ms, 2 ms, 2.5 ms, 3 ms"},
		{1e11, 2e13, 8, "100 s, 200 s, 500 s, 1 000 s, 2 000 s, 5 000 s, 10 000 s, 20 000 s"},
	} {
		ticks, name := a.Ticks(float64(LogOffset(c.lo)), float64(LogOffset(c.hi)), c.want)
		var labels []string
		for _, tick := range ticks {
			labels = append(labels, tick.Label)
		}
		if got := strings.Join(labels, ", "); got != c.labels || name != "Delay" {
			t.Errorf("%g to %g ns: %s; %q", c.lo, c.hi, got, name)
		}
	}
}

// What accompanies does not flatten what it accompanies, unless that is all there is.
func TestAside(t *testing.T) {
	line := func(aside bool, y ...float64) Series {
		s := Series{Name: "line", Mark: Steps, Aside: aside, Y: y}
		for i := range y {
			s.X = append(s.X, int64(i))
		}
		return s
	}
	for name, c := range map[string]struct {
		series []Series
		lo, hi float64
		cut    int
	}{
		"near":     {[]Series{line(false, 0, 100), line(true, 20, 150)}, 0, 150, 0},
		"far":      {[]Series{line(false, 0, 100), line(true, 20, 151)}, 0, 100, 1},
		"alone":    {[]Series{line(true, 20, 151)}, 20, 151, 0},
		"below":    {[]Series{line(false, 1000, 1100), line(true, 0, 1100)}, 1000, 1100, 0},
		"no value": {[]Series{line(false, 0, 100), line(true, math.NaN(), math.Inf(1))}, 0, 100, 0},
	} {
		chart := &Chart{Series: c.series}
		lo, hi, ok := chart.Range(0)
		if names, _ := chart.CutOff(); !ok || lo != c.lo || hi != c.hi || len(names) != c.cut {
			t.Errorf("%s: %v to %v, %v; cut off: %v", name, lo, hi, ok, names)
		}
	}
}
