package display_test

import (
	"math"
	"math/rand"
	"slices"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

func TestReduceKeepsWhatFits(t *testing.T) {
	c := &display.Chart{Series: []display.Series{walk(rand.New(rand.NewSource(1)), display.Line, 100, 0.1)}}
	got, detail := display.Reduce(c, display.Window{}, 500)
	if len(got.Series[0].X) != 100 || detail.Points != 100 || detail.Marks != 100 || got.Series[0].Count != nil {
		t.Errorf("a small chart was changed: %+v", detail)
	}
}

// Every column of pixels of a reduced line has the lowest and the highest value that the whole line has there.
func TestReduceKeepsExtremesOfLines(t *testing.T) {
	for seed := range int64(30) {
		r := rand.New(rand.NewSource(seed))
		mark := []display.Mark{display.Line, display.Steps, display.Dots}[seed%3]
		s := walk(r, mark, 20_000+r.Intn(20_000), []float64{0, 0.02, 0.9}[r.Intn(3)])
		c := &display.Chart{Series: []display.Series{s}}
		width := 100 + r.Intn(400)
		got, detail := display.Reduce(c, display.Window{}, width)
		reduced := &got.Series[0]
		if n := reduced.Len(); n > 20*width || n != detail.Marks {
			t.Fatalf("seed %d: %d marks for %d columns", seed, n, width)
		}
		lo, hi, _ := c.Range(0)
		if l, h, _ := got.Range(0); l != lo || h != hi {
			t.Errorf("seed %d: range %v…%v became %v…%v", seed, lo, hi, l, h)
		}
		comparePoints(t, &s, reduced)
		// Reduction reckons with its own columns of at least this many pixels; looser ones must agree.
		coarse := width / 8
		want, have := bands(&s, detail.Window, coarse), bands(reduced, detail.Window, coarse)
		for i := range want {
			tolerance := 0.15 * (hi - lo)
			if want[i].n > 0 && (have[i].n == 0 || math.Abs(want[i].lo-have[i].lo) > tolerance || math.Abs(want[i].hi-have[i].hi) > tolerance) {
				t.Errorf("seed %d: column %d: %+v became %+v", seed, i, want[i], have[i])
			}
		}
	}
}

type band struct {
	lo, hi float64
	n      int
}

func bands(s *display.Series, w display.Window, n int) []band {
	out := make([]band, n)
	for i, x := range s.X[:s.Len()] {
		if math.IsNaN(s.Y[i]) {
			continue
		}
		b := &out[min(int(float64(x-w.From)/float64(w.To-w.From)*float64(n)), n-1)]
		if b.n == 0 {
			b.lo, b.hi = s.Y[i], s.Y[i]
		}
		b.lo, b.hi, b.n = min(b.lo, s.Y[i]), max(b.hi, s.Y[i]), b.n+1
	}
	return out
}

// comparePoints demands that every point of the reduction is a point of the series, in order.
func comparePoints(t *testing.T, whole, reduced *display.Series) {
	t.Helper()
	for k, id := range reduced.Frame {
		i := int(id)
		same := whole.Y[i] == reduced.Y[k] || math.IsNaN(whole.Y[i]) && math.IsNaN(reduced.Y[k])
		if whole.X[i] != reduced.X[k] || !same || (k > 0 && reduced.Frame[k-1] >= id) {
			t.Fatalf("point %d of the reduction is not packet %d of the series", k, id)
		}
	}
}

func TestReduceKeepsGaps(t *testing.T) {
	const n = 100_000
	s := display.Series{Mark: display.Line}
	for i := range int64(n) {
		s.X, s.Y = append(s.X, i), append(s.Y, float64(i%100))
	}
	for i := 40_000; i < 60_000; i++ {
		s.Y[i] = math.NaN()
	}
	got, _ := display.Reduce(&display.Chart{Series: []display.Series{s}}, display.Window{}, 200)
	r := &got.Series[0]
	at := slices.IndexFunc(r.Y, math.IsNaN)
	if at < 1 || r.X[at-1] != 39_999 || r.X[at+1] != 60_000 {
		t.Errorf("the gap is lost: NaN at %d", at)
	}
}

// The bytes that joined segments cover in a column are those that the segments covered.
func TestReduceJoinsSegments(t *testing.T) {
	const n = 50_000
	s := display.Series{Mark: display.Segments}
	for i := range int64(n) {
		y := float64(i) * 1000
		if i%10_000 == 5000 {
			continue // a hole
		}
		s.X, s.Y, s.Y2 = append(s.X, i*10), append(s.Y, y), append(s.Y2, y+1000)
		s.Frame = append(s.Frame, uint32(i))
	}
	got, detail := display.Reduce(&display.Chart{Series: []display.Series{s}}, display.Window{}, 400)
	r := &got.Series[0]
	if detail.Marks > 400+5 {
		t.Errorf("%d marks in 400 columns with 5 holes", detail.Marks)
	}
	covered, points := 0.0, 0
	for i := range r.X {
		covered += r.Y2[i] - r.Y[i]
		points += r.Points(i)
	}
	if covered != float64(s.Len())*1000 || points != s.Len() {
		t.Errorf("%v bytes of %d points, want %d", covered, points, s.Len())
	}
}

func TestReduceClustersEvents(t *testing.T) {
	s := display.Series{Mark: display.Event}
	count := map[string]int{}
	r := rand.New(rand.NewSource(7))
	for i := range int64(30_000) {
		label := []string{"SYN", "FIN", "RST"}[r.Intn(3)]
		count[label]++
		s.X, s.Y, s.Labels = append(s.X, i*int64(r.Intn(9))), append(s.Y, r.Float64()), append(s.Labels, label)
	}
	got, detail := display.Reduce(&display.Chart{Series: []display.Series{s}}, display.Window{}, 300)
	if detail.Marks > 8*300 || detail.Points != 30_000 {
		t.Errorf("%+v", detail)
	}
	for i := range got.Series[0].X {
		count[got.Series[0].Label(i)] -= got.Series[0].Points(i)
	}
	for label, n := range count {
		if n != 0 {
			t.Errorf("%d %s are lost", n, label)
		}
	}
}

func TestReduceManyLabels(t *testing.T) {
	s := display.Series{Mark: display.Event}
	for i := range int64(1000) {
		s.X, s.Y = append(s.X, i), append(s.Y, 1)
		s.Labels = append(s.Labels, string(rune('a'+i)))
	}
	got, _ := display.Reduce(&display.Chart{Series: []display.Series{s}}, display.Window{}, 1)
	r, total := &got.Series[0], 0
	for i := range r.X {
		total += r.Points(i)
	}
	if r.Len() > 8 || total != 1000 {
		t.Errorf("%d marks of %d points", r.Len(), total)
	}
}

func TestReduceWindow(t *testing.T) {
	s := walk(rand.New(rand.NewSource(3)), display.Steps, 1000, 0)
	c := &display.Chart{Series: []display.Series{s}}
	w := display.Window{From: s.X[400] + 1, To: s.X[500]}
	got, detail := display.Reduce(c, w, 500)
	r := &got.Series[0]
	if r.X[0] != s.X[400] || r.X[len(r.X)-1] != s.X[501] || detail.Points != 100 {
		t.Errorf("window %v shows %d…%d, %d points", w, r.X[0], r.X[len(r.X)-1], detail.Points)
	}
}

func TestReduceOddCharts(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	long := func(y func(i int) float64, x func(i int) int64) display.Series {
		s := display.Series{}
		for i := range 5000 {
			s.X, s.Y, s.Y2 = append(s.X, x(i)), append(s.Y, y(i)), append(s.Y2, y(i))
			s.Labels = append(s.Labels, "SYN")
		}
		return s
	}
	series := map[string]display.Series{
		"empty":      {},
		"one":        {X: []int64{5}, Y: []float64{1}, Y2: []float64{2}},
		"one NaN":    {X: []int64{5}, Y: []float64{nan}, Y2: []float64{2}},
		"short Y":    {X: []int64{5, 6}, Y: []float64{1}},
		"all NaN":    long(func(int) float64 { return nan }, func(i int) int64 { return int64(i) }),
		"infinite":   long(func(i int) float64 { return []float64{inf, -inf, 1}[i%3] }, func(i int) int64 { return int64(i) }),
		"one place":  long(func(int) float64 { return 3 }, func(int) int64 { return 7 }),
		"full range": long(func(i int) float64 { return float64(i) }, func(i int) int64 { return []int64{math.MinInt64, math.MaxInt64, 0}[i%3] }),
		"backwards":  long(func(i int) float64 { return float64(i) }, func(i int) int64 { return -int64(i) }),
	}
	windows := []display.Window{{}, {From: 10, To: 3}, {From: math.MinInt64, To: math.MaxInt64}, {From: 7, To: 7}}
	for name, s := range series {
		for mark := display.Line; mark <= display.Stroke; mark++ {
			for _, w := range windows {
				s.Mark = mark
				got, detail := display.Reduce(&display.Chart{Series: []display.Series{s}}, w, 10)
				if n := got.Series[0].Len(); n != detail.Marks || n > 5000 {
					t.Errorf("%s, mark %d, window %v: %d marks, %+v", name, mark, w, n, detail)
				}
			}
		}
	}
	if _, detail := display.Reduce(&display.Chart{}, display.Window{}, 0); detail.Marks != 0 {
		t.Error("a chart without series has marks")
	}
}

func TestReduceStackKeepsX(t *testing.T) {
	var series []display.Series
	for range 3 {
		s := display.Series{Mark: display.Stack}
		for i := range int64(20_000) {
			s.X, s.Y = append(s.X, i), append(s.Y, 1.0/3)
		}
		series = append(series, s)
	}
	got, _ := display.Reduce(&display.Chart{Series: series}, display.Window{}, 100)
	if !slices.Equal(got.Series[0].X, got.Series[2].X) || len(got.Series[0].X) != 100 {
		t.Error("stacked areas no longer share X")
	}
}

func BenchmarkReduceMillion(b *testing.B) {
	for _, mark := range []struct {
		name string
		mark display.Mark
	}{{"line", display.Line}, {"dots", display.Dots}, {"segments", display.Segments}} {
		s := walk(rand.New(rand.NewSource(1)), mark.mark, 1_000_000, 0)
		c := &display.Chart{Series: []display.Series{s}}
		b.Run(mark.name, func(b *testing.B) {
			for range b.N {
				display.Reduce(c, display.Window{}, 1200)
			}
		})
	}
}
