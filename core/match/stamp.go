package match

import (
	"math"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Timestamps (RFC 7323) come from a clock that nobody sets: where a capture's times jump against the timestamps in its
// packets, it was the capture's clock that jumped.

// windowed is how many rows before and after a step are compared.
const windowed = 64

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

// tick is how many ns one unit of a flow's timestamps lasts, as the capture shows it, 0 if that cannot be told. It is
// close to a round number, but a virtual machine's timer may be off by several parts in a thousand.
func tick(t *trace.Trace, id uint32, towards stream.Dest) float64 {
	var first, last trace.Wire
	rows := t.StreamRows(id)
	for _, row := range rows {
		if w := t.Wire(row); w.HasTS && t.Dest(row) == towards {
			first = w
			break
		}
	}
	for i := len(rows) - 1; i >= 0; i-- {
		if w := t.Wire(rows[i]); w.HasTS && t.Dest(rows[i]) == towards {
			last = w
			break
		}
	}
	n := float64(last.TSVal - first.TSVal)
	if !first.HasTS || n < 100 || n > math.MaxInt32 {
		return 0
	}
	rate := float64(last.Time-first.Time) / n
	if rate < 0.9e3 || rate > 1.1e8 {
		return 0
	}
	return rate
}

// Numbers of the search for steps by timestamps.
const (
	few     = 12 // packets on either side
	minimum = 4  // of them at least
)

// stampedStep finds the largest jump of a capture's times against the timestamps of what its own host sent: those packets
// were not under way yet, so that no queue hides it. Steps that are known are taken away first.
func (e *estimator) stampedStep() (s Step, ok bool) {
	largest := legible
	for i := range e.p.Flows {
		f := &e.p.Flows[i]
		rows, at := e.stamps(f)
		for k := minimum; k+minimum <= len(at); k++ {
			before, behind := at[max(0, k-few):k], at[k:min(len(at), k+few)]
			size := slices.Min(behind) - slices.Min(before)
			if math.Abs(size) <= largest || spread(before) > math.Abs(size)/2 || spread(behind) > math.Abs(size)/2 {
				continue
			}
			largest, ok = math.Abs(size), true
			s = Step{Of: f.Sender, Row: rows[k], At: e.p.Trace(f.Sender).Time(rows[k]), Size: int64(math.Round(size))}
		}
	}
	return s, ok
}

// stamps gives the rows of a flow's hops with timestamps, and how much later each was sent than its timestamp says.
func (e *estimator) stamps(f *Flow) (rows []uint32, at []float64) {
	if len(f.Hops) < 2*minimum {
		return nil, nil
	}
	t, first := e.p.Trace(f.Sender), f.Hops[0].Sent
	unit := tick(t, t.StreamOf(first), t.Dest(first))
	if unit == 0 {
		return nil, nil
	}
	zero := t.Wire(first)
	numbers := counter{last: zero.TSVal}
	rows, at = make([]uint32, 0, len(f.Hops)), make([]float64, 0, len(f.Hops))
	for i, h := range f.Hops {
		if i > 0 && f.Hops[i-1].Sent == h.Sent {
			continue
		}
		w := t.Wire(h.Sent)
		if !w.HasTS {
			continue
		}
		v := float64(w.Time-zero.Time) - unit*float64(numbers.widen(w.TSVal))
		for i := range e.clock.Steps {
			if s := &e.clock.Steps[i]; s.Of == f.Sender && h.Sent >= s.Row {
				v -= float64(s.Size)
			}
		}
		rows, at = append(rows, h.Sent), append(at, v)
	}
	return rows, at
}

func spread(list []float64) float64 { return slices.Max(list) - slices.Min(list) }
