package analysis

import (
	"math"
	"math/rand"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// delays are values over many decades, some of them not above 0.
func delays(n int) (*display.Chart, []float64) {
	r := rand.New(rand.NewSource(7))
	s := display.Series{Name: "delays", Mark: display.Dots}
	for i := range n {
		v := math.Round(math.Exp(r.Float64()*18)) * float64(1-i%10/9*2)
		s.X, s.Y = append(s.X, int64(i)), append(s.Y, v)
	}
	s.Y[0] = 0
	return &display.Chart{Y: display.Axis{Label: "Delay", Unit: display.Nanoseconds}, Series: []display.Series{s}}, s.Y
}

// Every bin of a histogram holds the values that lie in it, counted one by one, on either axis, however bins are asked for.
func TestHistogram(t *testing.T) {
	for _, shape := range []Shape{{Form: Histogram}, {Form: Histogram, Bins: 17}, {Form: Histogram, Log: true}, {Form: Histogram, Log: true, Bins: 9}} {
		c, values := delays(5000)
		got, err := Distribution(c, shape)
		if err != nil {
			t.Fatal(err)
		}
		bars := got.Series[0]
		counted := 0.0
		for i, x := range bars.X {
			want := 0.0
			for _, v := range values {
				place := v
				if shape.Log {
					if v <= 0 {
						continue
					}
					place = float64(display.LogOffset(v))
				}
				if place >= float64(x) && place < float64(x+bars.Bin) {
					want++
				}
			}
			if bars.Y[i] != want {
				t.Errorf("%+v: bin %d has %v values, not %v", shape, i, bars.Y[i], want)
			}
			counted += want
		}
		left := 0
		for _, v := range values {
			if shape.Log && v <= 0 {
				left++
			}
		}
		if int(counted)+left != len(values) || shape.Bins > 0 && len(bars.X) != shape.Bins || len(bars.X) > defaultBins+1 {
			t.Errorf("%+v: %v of %d values in %d bins", shape, counted, len(values), len(bars.X))
		}
		if told := strings.Contains(strings.Join(got.Notes, " "), "of 0 or less"); told != (left > 0) {
			t.Errorf("%+v: notes %q", shape, got.Notes)
		}
	}
}

// Bins that nobody asked for begin at round values.
func TestRoundBins(t *testing.T) {
	c, _ := delays(1000)
	for log, want := range map[bool]string{false: " in bins of ", true: " bins a decade"} {
		got, err := Distribution(c, Shape{Form: Histogram, Log: log})
		if err != nil || !strings.Contains(got.Subtitle, want) {
			t.Fatalf("%v: %s", err, got.Subtitle)
		}
		bars := got.Series[0]
		if step := math.Pow(10, math.Floor(math.Log10(float64(bars.Bin)))); bars.X[0]%bars.Bin != 0 || !log && math.Mod(float64(bars.Bin), step) != 0 {
			t.Errorf("bins of %d from %d on", bars.Bin, bars.X[0])
		}
	}
}

// The share of a value on a logarithmic axis is that among the values above 0, and each stands at its place.
func TestLogCumulative(t *testing.T) {
	c, values := delays(999)
	got, err := Distribution(c, Shape{Form: Cumulative, Log: true})
	if err != nil {
		t.Fatal(err)
	}
	s := got.Series[0]
	for i, x := range s.X {
		v, upTo, all := display.LogValue(float64(x)), 0.0, 0.0
		for _, other := range values {
			if other > 0 {
				all++
			}
			if other > 0 && other <= v {
				upTo++
			}
		}
		if s.Y[i] != upTo/all {
			t.Fatalf("%v of the values are up to %v ns, not %v", upTo/all, v, s.Y[i])
		}
	}
}
