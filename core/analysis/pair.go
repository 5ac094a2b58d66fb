package analysis

import (
	"fmt"
	"math"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/match"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Pair is two captures brought together, with what is asked about: a connection, a TCP stream, or neither. Streams,
// connections and ordinals that are shown are those of the first capture.
type Pair struct {
	*match.Pairing
	Names  [2]string // of the captures
	Near   match.Capture
	Clock  *match.Clock
	Conn   *match.ConnPair   // nil: no connection
	Stream *match.StreamPair // nil: no single stream
	Dest   stream.Dest
	Skip   map[uint32]bool // TCP streams left out
}

// PairLane is one direction of a stream that both captures have.
type PairLane struct {
	Lane
	*match.Flow
}

// connection is the connection asked about, in the first capture; nil if there is none.
func (p *Pair) connection() *conn.Conn {
	if p.Conn == nil {
		return nil
	}
	return p.A.ConnByID(p.Conn.A)
}

// scope is what is asked about, in the first capture.
func (p *Pair) scope() *Scope {
	s := &Scope{Trace: p.A, Conn: p.connection(), Dest: p.Dest, Skip: p.Skip, Window: Always()}
	if p.Stream != nil {
		s.Stream = p.Stream.A
	}
	return s
}

// Lanes are the directions asked about: those to the server first.
func (p *Pair) Lanes() []PairLane {
	var list []PairLane
	if p.Conn == nil && p.Stream == nil {
		for i := range p.Flows {
			f := &p.Flows[i]
			s := &Scope{Trace: p.A, Stream: p.Streams[f.Stream].A}
			list = append(list, PairLane{s.lane(s.Stream, s.ordinal(), f.Dest, f.Dest), f})
		}
		return list
	}
	for _, l := range p.scope().Lanes() {
		if f := p.flow(&l); f != nil {
			list = append(list, PairLane{l, f})
		}
	}
	return list
}

func (p *Pair) flow(l *Lane) *match.Flow {
	s := p.StreamOf(match.A, l.Stream)
	if s == nil {
		return nil
	}
	for i := range p.Flows {
		if f := &p.Flows[i]; &p.Streams[f.Stream] == s && f.Dest == l.Dest {
			return f
		}
	}
	return nil
}

// Words say what is paired, why, and which capture is the client's.
func (p *Pair) Words() string {
	near := fmt.Sprintf("%s was captured nearer to the client.", p.Names[p.Near])
	if p.Guess {
		near = fmt.Sprintf("Nothing tells which capture is the client's: %s is taken for it.", p.Names[p.Near])
	}
	switch {
	case p.Conn != nil:
		return fmt.Sprintf("Connection %d of %s is connection %d of %s (%s). %s", p.Conn.A, p.Names[0], p.Conn.B, p.Names[1], strongest(&p.Conn.Candidate), near)
	case p.Stream != nil:
		return fmt.Sprintf("TCP stream %d of %s is stream %d of %s (%s). %s", p.Stream.A, p.Names[0], p.Stream.B, p.Names[1], strongest(&p.Stream.Candidate), near)
	}
	return fmt.Sprintf("%s and %s have %s and %s in common. %s", p.Names[0], p.Names[1], display.Count(len(p.Conns), "connection"), display.Count(len(p.Streams), "TCP stream"), near)
}

// strongest names what speaks most for a pair.
func strongest(c *match.Candidate) string {
	best := match.Reason{What: "nothing else fits"}
	for _, r := range c.Reasons {
		if r.Points > best.Points {
			best = r
		}
	}
	return best.What
}

// ClockWords say how far the clocks are apart, and what that rests on; empty where times are as captured.
func (p *Pair) ClockWords() string {
	c := p.Clock
	other := p.Names[c.Base.Other()]
	switch c.Method {
	case match.NoClock:
		return ""
	case match.OneWay:
		return "Packets of one direction only are in both captures: the clocks cannot be compared, and delays are as captured (--offset says what is known)."
	}
	way, size := "ahead", c.Offset
	if size < 0 {
		way, size = "behind", -size
	}
	s := fmt.Sprintf("Delays are corrected by the clocks: that of %s is %s %s", other, display.Scaled(float64(size), display.Nanoseconds), way)
	if c.HasLow && c.HasHigh {
		s += fmt.Sprintf(" (for certain between %s and %s)", signed(c.Low), signed(c.High))
	}
	s += fmt.Sprintf(", and %s.", driftWords(c.Drift))
	for i := range c.Steps {
		s += " " + p.stepWords(&c.Steps[i])
	}
	if c.Method == match.Envelope {
		s += " The offset is right if the shortest delays there and back are equal; --no-clock shows times as captured."
	}
	if c.Bent > 0 {
		s += fmt.Sprintf(" The clocks do not run evenly: some packets contradict this by %s.", display.Scaled(float64(c.Bent), display.Nanoseconds))
	}
	return s
}

func signed(ns int64) string {
	if ns < 0 {
		return "−" + display.Scaled(float64(-ns), display.Nanoseconds)
	}
	return display.Scaled(float64(ns), display.Nanoseconds)
}

func driftWords(drift float64) string {
	ppm := drift * 1e6
	if math.Abs(ppm) < 0.05 {
		return "keeps pace"
	}
	if ppm < 0 {
		return fmt.Sprintf("loses %.1f ppm", -ppm)
	}
	return fmt.Sprintf("gains %.1f ppm", ppm)
}

func (p *Pair) stepWords(s *match.Step) string {
	way, size := "ahead", s.Size
	if size < 0 {
		way, size = "back", -size
	}
	at := s.At - p.Trace(s.Of).Capture.First
	return fmt.Sprintf("The clock of %s jumps %s %s at %s (packet %d).", p.Names[s.Of], display.Scaled(float64(size), display.Nanoseconds), way,
		display.Scaled(float64(at), display.Nanoseconds), s.Row+1)
}

// laneDest and laneStream are the columns about a lane.
func laneDest[T any](lane func(T) *Lane) field[T] {
	return field[T]{display.Column{Key: "dest", Head: "Towards", Doc: "the end that the packets travel to"}, func(_ *trace.Trace, item T) display.Value {
		return display.Str(lane(item).Towards.String())
	}}
}

func laneStream[T any](lane func(T) *Lane) field[T] {
	return field[T]{id("tcpstream", "Subflow", "tcp.stream in the first of the two captures"), func(_ *trace.Trace, item T) display.Value {
		l := lane(item)
		return display.Subflow(l.Ordinal, uint64(l.Stream))
	}}
}

// candidateRow is a row of the ranking of streams or connections.
type candidateRow struct {
	match.Candidate
	ends string
}

// StreamCandidates ranks the TCP streams of b that may be a stream of a.
func StreamCandidates(a, b *trace.Trace, of uint32, trim, limit int) *display.Table {
	list := candidateTable(match.RankStreams(a, b, of), trim, limit, func(id uint32) string { return endpoints(&b.Streams[id]) })
	list.Name, list.Title = "candidates", fmt.Sprintf("TCP stream %d, %s, in the other capture", of, endpoints(&a.Streams[of]))
	list.Columns[0].Key, list.Columns[0].Head = "tcpstream", "Stream"
	return list
}

// ConnCandidates ranks the connections of b that may be a connection of a.
func ConnCandidates(a, b *trace.Trace, of *conn.Conn, trim, limit int) *display.Table {
	list := candidateTable(match.RankConns(a, b, of.ID), trim, limit, func(id uint32) string {
		c := b.ConnByID(id)
		return endpoints(&b.Streams[c.Subflows[0].Stream])
	})
	list.Name, list.Title = "candidates", fmt.Sprintf("Connection %d in the other capture", of.ID)
	list.Columns[0].Key, list.Columns[0].Head = "mptcpstream", "Connection"
	return list
}

func candidateTable(all []match.Candidate, trim, limit int, ends func(id uint32) string) *display.Table {
	var rows []candidateRow
	for _, c := range all {
		if c.Score >= trim && len(rows) < limit {
			rows = append(rows, candidateRow{c, ends(c.ID)})
		}
	}
	list := table(nil, candidateFields, len(rows), func(row int) candidateRow { return rows[row] })
	list.Empty = "nothing there resembles it"
	return list
}

var candidateFields = []field[candidateRow]{
	{id("id", "Id", "its number in the other capture"), func(_ *trace.Trace, r candidateRow) display.Value { return display.Uint(uint64(r.ID)) }},
	{display.Column{Key: "score", Head: "Score", Doc: "points for and against: 10 for an equal address or port, 100 for an initial sequence number, 200 for both keys", Exact: true}, func(_ *trace.Trace, r candidateRow) display.Value {
		return display.Int(int64(r.Score))
	}},
	{display.Column{Key: "certain", Head: "Certain", Doc: "keys or both initial sequence numbers agree"}, func(_ *trace.Trace, r candidateRow) display.Value { return display.Bool(r.Certain) }},
	{display.Column{Key: "ends", Head: "Client → server", Doc: "its ends there"}, func(_ *trace.Trace, r candidateRow) display.Value { return display.Str(r.ends) }},
	{display.Column{Key: "reasons", Head: "Reasons", Wide: true, Doc: "what agrees and what does not"}, func(_ *trace.Trace, r candidateRow) display.Value {
		var all []string
		for _, reason := range r.Reasons {
			all = append(all, fmt.Sprintf("%s %+d", reason.What, reason.Points))
		}
		return display.Str(strings.Join(all, ", "))
	}},
}

// SubflowPairs lists the subflows of a connection with those of the other capture.
func SubflowPairs(p *Pair) *display.Table {
	of := p.connection()
	type row struct {
		ordinal int
		pair    *match.StreamPair
	}
	var rows []row
	for i := range of.Subflows {
		rows = append(rows, row{i, p.StreamOf(match.A, of.Subflows[i].Stream)})
	}
	fields := []field[row]{
		{id("tcpstream", "Subflow", "tcp.stream here"), func(_ *trace.Trace, r row) display.Value { return subflowChip(of, r.ordinal) }},
		{display.Column{Key: "ends", Head: "Client → server", Doc: "its ends here"}, func(_ *trace.Trace, r row) display.Value {
			return display.Str(endpoints(&p.A.Streams[of.Subflows[r.ordinal].Stream]))
		}},
		{id("tcpstream_other", "There", "tcp.stream in the other capture"), func(_ *trace.Trace, r row) display.Value {
			if r.pair == nil {
				return display.Value{}
			}
			return display.Uint(uint64(r.pair.B))
		}},
		{display.Column{Key: "ends_other", Head: "Client → server there", Doc: "its ends there"}, func(_ *trace.Trace, r row) display.Value {
			if r.pair == nil {
				return display.Value{}
			}
			return display.Str(endpoints(&p.B.Streams[r.pair.B]))
		}},
		{display.Column{Key: "score", Head: "Score", Doc: "points for it", Exact: true}, func(_ *trace.Trace, r row) display.Value {
			if r.pair == nil {
				return display.Value{}
			}
			return display.Int(int64(r.pair.Score))
		}},
	}
	list := table(p.A, fields, len(rows), func(i int) row { return rows[i] })
	list.Name, list.Title = "subflow_pairs", "Its subflows"
	return list
}
