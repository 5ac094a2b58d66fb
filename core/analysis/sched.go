package analysis

import (
	"cmp"
	"context"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Schedule is how the sender of one direction spread its data over the subflows. What is sent again is no choice of where
// data goes first: a choice is a segment that carries data for the first time.
type Schedule struct {
	Dest     stream.Dest
	AtSender bool     // the capture was made there: else choices are seen as they pass
	Choices  []Choice // in the order of their data
	Paths    []Path   // by ordinal
	Runs     []Run    // of choices, see Run
	Switches uint64   // runs but the first
	// Redundant is data that a second subflow carried, too, before an ack could have told of a loss: within the connection's
	// smallest round trip.
	Redundant uint64
	Bytes     uint64 // data in all
	Guess     Guess
}

// Choice is a segment with new data, and what the paths were like when it was sent.
type Choice struct {
	Row     uint32
	Time    int64 // ns since the epoch
	DSN     uint64
	Bytes   uint64
	Ordinal int
	// Of each subflow by ordinal, where it could carry data.
	Usable []PathState
}

// PathState is what a subflow was like at a choice.
type PathState struct {
	Ordinal  int
	Backup   bool
	RTT      int64  // smoothed (RFC 6298 section 2), ns; 0 before the first measurement
	InFlight uint64 // bytes sent on it and not acknowledged, as seen at the capture
	Room     bool   // less is in flight than was lately: its window is not what keeps data from it
}

// Run is choices on one subflow whose data follows each other.
type Run struct {
	Ordinal  int
	Segments uint64
	Bytes    uint64
}

// Path sums up the choices of a subflow.
type Path struct {
	Ordinal   int
	Choices   uint64
	Bytes     uint64
	Runs      uint64
	RunBytes  Quantiles // of its runs
	RTT       Quantiles // smoothed, at its choices, ns
	InFlight  Quantiles // at its choices, bytes
	AsBackup  uint64    // data given to it while it was a backup, and a regular subflow could have carried it
	WasBackup bool      // it was a backup at some time
}

// NewSchedule reads a connection, one direction.
func NewSchedule(ctx context.Context, t *trace.Trace, c *conn.Conn, d stream.Dest) (*Schedule, error) {
	openings := Openings(t, c)
	trips, err := NewTrips(ctx, t, c)
	if err != nil {
		return nil, err
	}
	s := newScheduler(t, c, d, openings, trips)
	for i, row := range t.ConnRows(c.ID) {
		if i%cancelEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		s.packet(row)
	}
	return s.finish(), nil
}

// scheduler follows the choices of one direction.
type scheduler struct {
	trace  *trace.Trace
	conn   *conn.Conn
	out    *Schedule
	paths  []pathMeter
	data   spans // data sequence numbers, with the row that carried them first
	twice  spans // those counted as redundant
	rtt    int64 // the smallest of the handshakes
	pieces []trace.Piece
}

// pathMeter follows one subflow.
type pathMeter struct {
	state   PathState
	from    int64 // when it can carry data; Never where that was not captured
	over    bool  // FIN or RST was sent
	offsets counter
	acked   uint64
	moved   int64  // when acked grew, or data was sent with nothing in flight
	trips   []Trip // not yet used, in order of the acks
	peaks   []peak // the most in flight lately, falling
}

// peak is bytes in flight at a time.
type peak struct {
	time  int64
	bytes uint64
}

// lately is how long the most bytes in flight count as what a path can hold: some round trips.
const lately = int64(2e9)

func newScheduler(t *trace.Trace, c *conn.Conn, d stream.Dest, openings []Opening, trips *Trips) *scheduler {
	s := &scheduler{trace: t, conn: c, rtt: HandshakeRTT(openings), paths: make([]pathMeter, len(c.Subflows))}
	s.out = &Schedule{Dest: d, AtSender: VantageOf(openings).Near(d.Other()), Paths: make([]Path, len(c.Subflows))}
	for i := range s.paths {
		p, o := &s.paths[i], &openings[i]
		s.out.Paths[i].Ordinal, p.state.Ordinal = i, i
		p.state.RTT = o.RTT()
		p.trips = trips.Samples[SegmentAck][d][i]
		p.from = o.ACK
		if !c.Subflows[i].Master && c.Subflows[i].Dest == d {
			p.from = o.Confirmed // the opener waits for the fourth packet (RFC 8684 section 3.2)
		}
		p.state.Backup = joinedAsBackup(t, c, i)
	}
	return s
}

// joinedAsBackup reports whether either end asked for a backup in the subflow's handshake.
func joinedAsBackup(t *trace.Trace, c *conn.Conn, ordinal int) bool {
	var r trace.Row
	for _, row := range t.SubflowRows(c, ordinal) {
		if t.Flags(row)&stream.SYN == 0 {
			return false
		}
		t.Row(int(row), &r)
		for _, o := range r.Options {
			if j, _ := mptcp.ParseJoin(o); o.Subtype() == mptcp.SubJoin && j.Backup {
				return true
			}
		}
	}
	return false
}

func (s *scheduler) packet(row uint32) {
	d, ordinal := s.trace.ConnDest(row), s.trace.OrdinalOf(row)
	p := &s.paths[ordinal]
	w := s.trace.Wire(row)
	if s.trace.MPTCPLen(row) > 0 {
		s.priority(p, row)
	}
	if d == s.out.Dest && w.Len > 0 {
		s.sent(p, row, &w)
	}
	if d == s.out.Dest.Other() && w.Flags&(stream.ACK|stream.RST) == stream.ACK && p.offsets.top != 0 {
		if ack := p.offsets.wide(w.Ack); ack > p.acked {
			p.acked, p.moved = ack, w.Time
		}
	}
	for len(p.trips) > 0 && p.trips[0].Ack <= row {
		p.state.RTT = smooth(p.state.RTT, p.trips[0].Value)
		p.trips = p.trips[1:]
	}
	if w.Flags&stream.RST != 0 || w.Flags&stream.FIN != 0 && d == s.out.Dest {
		p.over = true
	}
}

// smooth is the smoothed round trip after another measurement (RFC 6298 section 2).
func smooth(rtt, sample int64) int64 {
	if rtt == 0 {
		return sample
	}
	return rtt + (sample-rtt)/8
}

// priority takes in an MP_PRIO: what the receiver of the data asks for, or the sender tells of itself.
func (s *scheduler) priority(p *pathMeter, row uint32) {
	var r trace.Row
	s.trace.Row(int(row), &r)
	for _, o := range r.Options {
		if o.Subtype() != mptcp.SubPrio {
			continue
		}
		if m, f := mptcp.ParsePrio(o, s.conn.Version); f == mptcp.NoFault || f == mptcp.ReservedBits {
			p.state.Backup = m.Backup
		}
	}
}

// sent takes in a payload.
func (s *scheduler) sent(p *pathMeter, row uint32, w *trace.Wire) {
	s.pieces = s.trace.Pieces(row, s.pieces[:0])
	for _, piece := range s.pieces {
		s.data.fill(piece.DSN, piece.DSN+uint64(piece.Len), row, func(from, to uint64, first uint32, old bool) {
			switch {
			case !old:
				s.choose(p, row, w.Time, from, to)
			case s.trace.OrdinalOf(first) != p.state.Ordinal && w.Time-s.trace.Time(first) <= s.rtt:
				s.twice.fill(from, to, 0, func(from, to uint64, _ uint32, old bool) {
					if !old {
						s.out.Redundant += to - from
					}
				})
			}
		})
	}
	seq := w.Seq
	if w.Flags&stream.SYN != 0 {
		seq++
	}
	from := p.offsets.wide(seq)
	if p.acked == 0 {
		p.acked = from
	}
	if p.inFlight() == 0 {
		p.moved = w.Time
	}
	p.offsets.reach(from + uint64(w.Len))
	p.note(w.Time)
}

// inFlight is what was sent and not acknowledged.
func (p *pathMeter) inFlight() uint64 { return p.offsets.top - min(p.acked, p.offsets.top) }

// note remembers the bytes in flight.
func (p *pathMeter) note(time int64) {
	bytes := p.inFlight()
	for len(p.peaks) > 0 && p.peaks[len(p.peaks)-1].bytes <= bytes {
		p.peaks = p.peaks[:len(p.peaks)-1]
	}
	p.peaks = append(p.peaks, peak{time, bytes})
}

// most is the most bytes in flight lately.
func (p *pathMeter) most(time int64) uint64 {
	for len(p.peaks) > 1 && p.peaks[0].time < time-lately {
		p.peaks = p.peaks[1:]
	}
	if len(p.peaks) == 0 {
		return 0
	}
	return p.peaks[0].bytes
}

// silent reports whether the other end has not acknowledged for long what is in flight: a sender gives such a subflow nothing.
func (p *pathMeter) silent(time int64) bool {
	return p.inFlight() > 0 && time-p.moved > 3*p.state.RTT+200e6
}

// choose notes where new data goes.
func (s *scheduler) choose(chosen *pathMeter, row uint32, time int64, from, to uint64) {
	c := Choice{Row: row, Time: time, DSN: from, Bytes: to - from, Ordinal: chosen.state.Ordinal}
	for i := range s.paths {
		p := &s.paths[i]
		if p != chosen && (p.over || p.from == Never || p.from > time || p.silent(time)) {
			continue
		}
		state := p.state
		state.InFlight = p.inFlight()
		state.Room = state.InFlight == 0 || state.InFlight+(to-from) <= p.most(time)*9/10
		c.Usable = append(c.Usable, state)
	}
	s.out.Choices = append(s.out.Choices, c)
}

// finish sums up.
func (s *scheduler) finish() *Schedule {
	out := s.out
	slices.SortStableFunc(out.Choices, func(a, b Choice) int { return cmp.Compare(int64(a.DSN-b.DSN), 0) })
	rtt, flight, runs := make([][]int64, len(s.paths)), make([][]int64, len(s.paths)), make([][]int64, len(s.paths))
	for i := range out.Choices {
		c := &out.Choices[i]
		out.add(c)
		for _, p := range c.Usable {
			if p.Ordinal == c.Ordinal {
				rtt[p.Ordinal] = append(rtt[p.Ordinal], p.RTT)
				flight[p.Ordinal] = append(flight[p.Ordinal], int64(p.InFlight))
			}
		}
	}
	for _, r := range out.Runs {
		runs[r.Ordinal] = append(runs[r.Ordinal], int64(r.Bytes))
	}
	for i := range out.Paths {
		p := &out.Paths[i]
		p.RTT, p.InFlight, p.RunBytes, p.Runs = quantiles(rtt[i]), quantiles(flight[i]), quantiles(runs[i]), uint64(len(runs[i]))
	}
	out.Switches = uint64(max(len(out.Runs), 1) - 1)
	out.Guess = out.guess()
	return out
}

// add counts a choice, in the order of the data.
func (s *Schedule) add(c *Choice) {
	p := &s.Paths[c.Ordinal]
	p.Choices++
	p.Bytes += c.Bytes
	s.Bytes += c.Bytes
	if n := len(s.Runs); n == 0 || s.Runs[n-1].Ordinal != c.Ordinal {
		s.Runs = append(s.Runs, Run{Ordinal: c.Ordinal})
	}
	r := &s.Runs[len(s.Runs)-1]
	r.Segments++
	r.Bytes += c.Bytes
	own, regular := false, false
	for _, u := range c.Usable {
		if u.Ordinal == c.Ordinal {
			own = u.Backup
		} else if !u.Backup {
			regular = true
		}
		if u.Backup {
			s.Paths[u.Ordinal].WasBackup = true
		}
	}
	if own && regular {
		p.AsBackup += c.Bytes
	}
}
