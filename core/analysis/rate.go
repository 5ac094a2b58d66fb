package analysis

import (
	"context"
	"math"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Throughput draws how fast each direction of each stream carries TCP payload, retransmissions included, and the sum over
// all subflows: bits per second, over windows of Scope.Bin from the start of the capture on.
func Throughput(ctx context.Context, s *Scope) (*display.Chart, error) {
	chart, _, err := s.rates(ctx, "Throughput", func(r *trace.Brief, _ int) uint64 { return uint64(r.Len) })
	return chart, err
}

// Goodput draws how fast each direction of each subflow carries data that no subflow had carried before, their sum, and how
// fast data is acknowledged by DATA_ACKs: bits per second, over windows as in Throughput. Of a TCP stream by itself it is
// the payload that the stream had not carried before.
func Goodput(ctx context.Context, s *Scope) (*display.Chart, error) {
	var sent [3]spans
	var pieces []trace.Piece
	var seqs [3]counter
	chart, g, err := s.rates(ctx, "Goodput", func(r *trace.Brief, _ int) (fresh uint64) {
		if s.Conn == nil {
			from := seqs[r.Dest].wide(r.Seq)
			seqs[r.Dest].reach(from)
			return s.freshOf(&sent[r.Dest], from, uint64(r.Len))
		}
		pieces = s.Trace.Pieces(r.ID-1, pieces[:0])
		for _, p := range pieces {
			fresh += s.freshOf(&sent[r.ConnDest], p.DSN, uint64(p.Len))
		}
		return fresh
	})
	if err != nil || s.Conn == nil {
		return chart, err
	}
	for _, towards := range ConnDirections(s.Dest) {
		acked, err := s.acknowledged(ctx, g, towards)
		if err != nil {
			return nil, err
		}
		chart.Series = append(chart.Series, acked)
	}
	chart.Series = withValues(chart.Series)
	return chart, nil
}

// freshOf notes that bytes were sent and counts those that were not before.
func (s *Scope) freshOf(sent *spans, from, length uint64) (fresh uint64) {
	sent.fill(from, from+length, 0, func(from, to uint64, _ uint32, old bool) {
		if !old {
			fresh += to - from
		}
	})
	return fresh
}

// acknowledged is how fast data is acknowledged that travels to an end.
func (s *Scope) acknowledged(ctx context.Context, g *grid, towards stream.Dest) (display.Series, error) {
	acked := s.whole("acknowledged by data acks", towards)
	acked.Mark, acked.Thin = display.Line, true
	bytes := make([]uint64, g.n)
	err := s.follow(ctx, nil, towards, func(_ *progress, e *step) {
		if e.Newly > 0 && s.showsBrief(e.Brief) {
			if w := s.x(e.Time)/g.bin - g.first; w >= 0 && w < int64(g.n) {
				bytes[w] += e.Newly
			}
		}
	})
	return g.rate(acked, bytes), err
}

// rates draws a chart of what packets carry, as bytes tells it by packet and lane.
func (s *Scope) rates(ctx context.Context, what string, bytes func(r *trace.Brief, lane int) uint64) (*display.Chart, *grid, error) {
	lanes := s.Lanes()
	g, err := s.count(ctx, lanes, bytes)
	if err != nil {
		return nil, nil, err
	}
	chart := s.chart(what, display.Axis{Label: what, Unit: display.BitsPerSecond})
	chart.Subtitle = g.words()
	for i := 0; i < len(lanes); {
		first := i
		for ; i < len(lanes) && lanes[i].Towards == lanes[first].Towards; i++ {
			chart.Series = append(chart.Series, g.rate(lanes[i].Series(display.Line), g.bytes[i]))
		}
		if i-first > 1 {
			all := s.whole("all subflows", lanes[first].Towards)
			all.Mark = display.Line
			chart.Series = append(chart.Series, g.rate(all, sums(g.bytes[first:i], g.n)))
		}
	}
	chart.Series = withValues(chart.Series)
	return chart, g, nil
}

// sums adds up the bins of several lanes.
func sums(lanes [][]uint64, n int) []uint64 {
	all := make([]uint64, n)
	for _, bins := range lanes {
		for i, b := range bins {
			all[i] += b
		}
	}
	return all
}

// withValues leaves out series that are zero throughout: directions that carry nothing.
func withValues(series []display.Series) []display.Series {
	kept := series[:0]
	for _, s := range series {
		for _, y := range s.Y {
			if y != 0 && !math.IsNaN(y) {
				kept = append(kept, s)
				break
			}
		}
	}
	return kept
}

// grid is bytes by lane and window of time.
type grid struct {
	*Scope
	bin   int64 // ns
	first int64 // number of the first window, counted from the start of the capture
	n     int
	bytes [][]uint64 // by lane
}

// words says how wide the windows are.
func (g *grid) words() string {
	if g.n == 0 {
		return ""
	}
	return "windows of " + display.Scaled(float64(g.bin), display.Nanoseconds)
}

// mostWindows keeps a typing error from asking for gigabytes.
const mostWindows = 2_000_000

// count sums up bytes by lane and window. Windows between the first and the last packet are all there.
func (s *Scope) count(ctx context.Context, lanes []Lane, bytes func(r *trace.Brief, lane int) uint64) (*grid, error) {
	rows := s.rows()
	g := &grid{Scope: s}
	if first, last, any := s.extent(rows); any {
		g.layOut(first, last)
	}
	at := map[laneKey]int{}
	g.bytes = make([][]uint64, len(lanes))
	for i := range lanes {
		at[laneKey{lanes[i].Stream, lanes[i].Dest}] = i
		g.bytes[i] = make([]uint64, g.n)
	}
	err := s.eachBrief(ctx, rows, func(r *trace.Brief) {
		lane, ok := at[laneKey{r.Stream, r.Dest}]
		if !ok {
			return
		}
		n := bytes(r, lane)
		if n > 0 && s.showsBrief(r) {
			if w := s.x(r.Time)/g.bin - g.first; w >= 0 && w < int64(g.n) {
				g.bytes[lane][w] += n
			}
		}
	})
	return g, err
}

// laneKey finds the lane of a packet.
type laneKey struct {
	stream uint32
	dest   stream.Dest
}

// extent is the time of the first and the last packet in the window asked for.
func (s *Scope) extent(rows []uint32) (first, last int64, any bool) {
	for _, r := range rows {
		t := s.Trace.Time(r)
		if t < s.Window.From || t > s.Window.To {
			continue
		}
		if !any {
			first, last, any = t, t, true
		}
		first, last = min(first, t), max(last, t)
	}
	return first, last, any
}

// layOut chooses the windows: as asked for, or about a hundred of a round width.
func (g *grid) layOut(first, last int64) {
	g.bin = g.Bin
	if g.bin == 0 {
		g.bin = int64(max(display.RoundStep(float64(max(last-first, 1)), 100), 1e6))
	}
	g.bin = max(g.bin, (last-first)/mostWindows+1)
	g.first = g.x(first) / g.bin
	g.n = int(g.x(last)/g.bin-g.first) + 1
}

// rate fills a series with bits per second, each at the middle of its window.
func (g *grid) rate(s display.Series, bytes []uint64) display.Series {
	s.X, s.Y = make([]int64, g.n), make([]float64, g.n)
	for i, b := range bytes {
		s.X[i] = (g.first+int64(i))*g.bin + g.bin/2
		s.Y[i] = float64(b) * 8 * 1e9 / float64(g.bin)
	}
	return s
}

// Contribution draws, for each window of time, the share of each subflow in the payload that all of them carry one way.
// Where nothing is carried there is no share.
func Contribution(ctx context.Context, s *Scope) (*display.Chart, error) {
	lanes := s.Lanes()
	g, err := s.count(ctx, lanes, func(r *trace.Brief, _ int) uint64 { return uint64(r.Len) })
	if err != nil {
		return nil, err
	}
	chart := s.chart("Contribution of the subflows", display.Axis{Label: "Share", Unit: display.Ratio})
	chart.Subtitle = g.words()
	all := sums(g.bytes, g.n)
	for i := range lanes {
		p := lanes[i].Series(display.Stack)
		p.Bin = g.bin
		p.X, p.Y = make([]int64, g.n), make([]float64, g.n)
		for w, b := range g.bytes[i] {
			p.X[w] = (g.first + int64(w)) * g.bin
			if all[w] > 0 {
				p.Y[w] = float64(b) / float64(all[w])
			}
		}
		chart.Series = append(chart.Series, p)
	}
	chart.Series = withValues(chart.Series)
	return chart, nil
}
