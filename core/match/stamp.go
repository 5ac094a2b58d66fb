package match

import (
	"math"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Timestamps (RFC 7323) come from a clock that nobody sets: where a capture's times jump against the timestamps in its
// packets, it was the capture's clock that jumped.

// windowed is how many rows before and after a step are compared.
const windowed = 400

// legible is the smallest step that timestamps, which usually count milliseconds, can show.
const legible = 2.5e6

// jumps says by how much a capture's times jump at a row against the timestamps of the packets around.
func (p *Pairing) jumps(of Capture, row uint32) (size float64, ok bool) {
	t := p.Trace(of)
	type flow struct {
		id      uint32
		towards stream.Dest
	}
	before, behind := map[flow]float64{}, map[flow]float64{}
	ticks := map[flow]float64{}
	from, to := max(int64(row)-windowed, 0), min(int64(row)+windowed, int64(t.Len()))
	for i := uint32(from); i < uint32(to); i++ {
		w := t.Wire(i)
		if !w.HasTS {
			continue
		}
		f := flow{t.StreamOf(i), t.Dest(i)}
		if _, known := ticks[f]; !known {
			ticks[f] = tick(t, f.id, f.towards)
		}
		if ticks[f] == 0 {
			continue
		}
		base := t.Wire(t.StreamRows(f.id)[0]).Time
		v := float64(w.Time-base) - ticks[f]*float64(w.TSVal)
		m := before
		if i >= row {
			m = behind
		}
		if least, seen := m[f]; !seen || v < least {
			m[f] = v
		}
	}
	var all []float64
	for f, v := range before {
		if w, seen := behind[f]; seen {
			all = append(all, w-v)
		}
	}
	if len(all) == 0 {
		return 0, false
	}
	return median(all), true
}

// tick is how many ns one unit of a flow's timestamps lasts, 0 if that cannot be told. Rates in use are round.
func tick(t *trace.Trace, id uint32, towards stream.Dest) float64 {
	var first, last trace.Wire
	for _, row := range t.StreamRows(id) {
		w := t.Wire(row)
		if !w.HasTS || t.Dest(row) != towards {
			continue
		}
		if !first.HasTS {
			first = w
		}
		last = w
	}
	n := float64(last.TSVal - first.TSVal)
	if !first.HasTS || n < 100 || n > math.MaxInt32 {
		return 0
	}
	rate := float64(last.Time-first.Time) / n
	for _, round := range []float64{1e3, 1e6, 4e6, 1e7, 1e8} {
		if rate > round*0.97 && rate < round*1.03 {
			return round
		}
	}
	return 0
}
