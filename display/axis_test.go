package display_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

func TestTicks(t *testing.T) {
	const noon = 1_700_049_600_000_000_000 // 2023-11-15 12:00:00 UTC
	for _, c := range []struct {
		axis   display.Axis
		lo, hi float64
		want   int
		labels string
		name   string
	}{
		{display.Axis{Label: "Time", Unit: display.Nanoseconds}, 0, 8e9, 5, "0 2 4 6 8", "Time (s)"},
		{display.Axis{Label: "Time", Unit: display.Nanoseconds}, 2.1e8, 4.9e8, 6, "250 300 350 400 450", "Time (ms)"},
		{display.Axis{Label: "Time", Unit: display.Nanoseconds, Base: noon, Moments: true}, 0, 36_003e9, 6, "0:00 2:00 4:00 6:00 8:00 10:00", "Time (h:mm)"},
		{display.Axis{Label: "Time", Unit: display.Nanoseconds, Base: noon, Moments: true}, 36_000e9, 36_050e9, 6, "10:00:00 10:00:10 10:00:20 10:00:30 10:00:40 10:00:50", "Time (h:mm:ss)"},
		{display.Axis{Label: "Time", Unit: display.Nanoseconds, Base: noon, Moments: true}, 36_000e9, 36_001e9, 4, "36_000.0 36_000.5 36_001.0", "Time (s)"},
		{display.Axis{Label: "Time", Unit: display.Nanoseconds, Base: noon, Moments: true}, 0, 30 * 86_400e9, 4, "0:00 192:00 384:00 576:00", "Time (h:mm)"},
		{display.Axis{Label: "Delay", Unit: display.Nanoseconds}, 0, 7200e9, 4, "0 2_000 4_000 6_000", "Delay (s)"},
		{display.Axis{Label: "Subflow", Names: strings.Fields("acks 0 1 2 3 4 5 6 7 8 9 10 11")}, 0, 12, 3, "acks 5 10", "Subflow"},
		{display.Axis{Label: "Subflow", Names: strings.Fields("acks 0 1 2")}, 0, 3, 3, "acks 0 1 2", "Subflow"},
		{display.Axis{Label: "DSN", Unit: display.SequenceNumber}, 0, 3.3e6, 5, "0 1 2 3", "DSN (MB)"},
		{display.Axis{Label: "Share", Unit: display.Ratio}, 0, 1, 4, "0 50 100", "Share (%)"},
		{display.Axis{Label: "Packets", Unit: display.Packets}, 0, 3, 10, "0 1 2 3", "Packets"},
		{display.Axis{Unit: display.None}, -1, 1, 4, "-1.0 -0.5 0.0 0.5 1.0", ""},
		{display.Axis{Unit: display.BitsPerSecond}, 0, 1.5e9, 4, "0.0 0.5 1.0 1.5", "Gbit/s"},
		{display.Axis{Label: "Time", Unit: display.Nanoseconds, Base: noon + 250_000_000, Moments: true, Absolute: true}, 0, 2e9, 5,
			"12:00:00.5 12:00:01.0 12:00:01.5 12:00:02.0", "Time (UTC, 2023-11-15)"},
		{display.Axis{Label: "Time", Unit: display.Nanoseconds, Base: noon + 1, Moments: true, Absolute: true}, 0, 3600e9, 4,
			"12:15:00 12:30:00 12:45:00 13:00:00", "Time (UTC, 2023-11-15)"},
		{display.Axis{Label: "DSN", Unit: display.SequenceNumber, Base: math.MaxUint64 - 10_000, Absolute: true}, 0, 8000, 2,
			"18_446_744_073_709_545_000", "DSN"},
		{display.Axis{Label: "Time", Unit: display.Nanoseconds}, 3e7, 4.2e9, 2, "2 4", "Time (s)"}, // a single tick is no scale
		{display.Axis{Label: "Subflow", Names: []string{"data acks", "0", "3"}}, -0.2, 1.5, 4, "data_acks 0", "Subflow"},
		{display.Axis{Label: "X"}, 5, 5, 3, "", "X"},
		{display.Axis{Label: "X"}, math.NaN(), 5, 3, "", "X"},
	} {
		ticks, name := c.axis.Ticks(c.lo, c.hi, c.want)
		var labels []string
		for _, tick := range ticks {
			labels = append(labels, strings.NewReplacer("\u2009", "_", " ", "_").Replace(tick.Label))
			if tick.At < c.lo || tick.At > c.hi*(1+1e-9) {
				t.Errorf("%s: tick %v is outside", c.name, tick.At)
			}
		}
		if got := strings.Join(labels, " "); got != c.labels || name != c.name {
			t.Errorf("got %q, %q; want %q, %q", got, name, c.labels, c.name)
		}
	}
}

// Of many lanes every so many have their name.
func TestManyLanes(t *testing.T) {
	axis := display.Axis{Names: make([]string, 1000)}
	if ticks, _ := axis.Ticks(0, 999, 7); len(ticks) < 3 || len(ticks) > 7 {
		t.Errorf("%d of 1000 lanes have a name", len(ticks))
	}
}

// A chart of a single instant has a window that can be read.
func TestSeen(t *testing.T) {
	c := display.Chart{X: display.Axis{Unit: display.Nanoseconds}}
	if got := c.Seen(display.Window{From: 7, To: 7}); got != (display.Window{From: 7 - 500_000, To: 7 + 500_000}) {
		t.Errorf("an instant is seen in %v", got)
	}
	if got := c.Seen(display.Window{From: 7, To: 8}); got != (display.Window{From: 7, To: 8}) {
		t.Errorf("a span is seen in %v", got)
	}
}

func TestRoundStep(t *testing.T) {
	for span := 1e-9; span < 1e18; span *= 1.37 {
		step := display.RoundStep(span, 6)
		mantissa := step / math.Pow(10, math.Floor(math.Log10(step)+1e-9))
		if n := span / step; n > 6*(1+1e-6) || n < 2.3 {
			t.Errorf("%v in %v parts", span, n)
		}
		if !slices.ContainsFunc([]float64{1, 2, 5}, func(m float64) bool { return math.Abs(m-mantissa) < 1e-6 }) {
			t.Errorf("%v is no round step", step)
		}
	}
}

func TestPadded(t *testing.T) {
	for _, c := range [][4]float64{{5, 5, 4, 6}, {0, 100, 0, 104}, {100, 200, 96, 204}, {-10, 10, -10.8, 10.8}, {2, 1, 0, 1}} {
		if lo, hi := display.Padded(c[0], c[1]); lo != c[2] || math.Abs(hi-c[3]) > 1e-9 {
			t.Errorf("%v…%v became %v…%v", c[0], c[1], lo, hi)
		}
	}
}
