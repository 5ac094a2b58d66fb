package analysis

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Window is a span of time, both ends included, in ns since the epoch.
type Window struct{ From, To int64 }

// Always is the window that holds every time.
func Always() Window { return Window{From: math.MinInt64, To: math.MaxInt64} }

// Scope is what a chart draws of a capture: a connection or one TCP stream, one direction or both, a part of its time.
type Scope struct {
	Trace  *trace.Trace
	Conn   *conn.Conn      // nil: the TCP stream Stream by itself
	Stream uint32          // tcp.stream, used if Conn is nil
	Dest   stream.Dest     // DestUnknown: both directions
	Skip   map[uint32]bool // TCP streams left out
	Window Window
	Keep   func(r *trace.Row) bool // packets to draw; nil: all
	Raw    bool                    // sequence numbers as they stand in the packets, not from the initial ones
	Bin    int64                   // ns a rate is taken over; 0: what suits the time drawn
}

// Heavier is the end that more payload travels to: the direction to draw where only one can be.
func (s *Scope) Heavier() stream.Dest {
	var bytes [3]uint64
	for _, d := range ConnDirections(stream.DestUnknown) {
		for _, l := range s.lanesToward(d) {
			bytes[d] += s.laneStream(&l).Toward[l.Dest].Bytes
		}
	}
	if bytes[stream.Client] > bytes[stream.Server] {
		return stream.Client
	}
	return stream.Server
}

// Lane is one direction of one TCP stream: what a series is made of.
type Lane struct {
	Stream  uint32
	Ordinal int         // of the subflow in its connection: the colour
	Towards stream.Dest // the end of the connection it travels to; of the TCP stream, where that is drawn by itself
	Dest    stream.Dest // the end of the TCP stream it travels to
	Flow    string      // "10.0.1.1:48990 → 10.0.1.2:5001"
}

// Name is the lane in a legend.
func (l *Lane) Name() string { return fmt.Sprintf("%d · %s", l.Stream, l.Flow) }

// Series starts a series of the lane: its name, colour and stroke.
func (l *Lane) Series(m display.Mark) display.Series {
	return display.Series{Name: l.Name(), Group: l.Ordinal, Dashed: l.Towards == stream.Client, Mark: m}
}

// Lanes are the directions to draw: those to the server first, the master first in each.
func (s *Scope) Lanes() []Lane {
	var lanes []Lane
	for _, towards := range ConnDirections(s.Dest) {
		lanes = append(lanes, s.lanesToward(towards)...)
	}
	return lanes
}

func (s *Scope) lanesToward(towards stream.Dest) []Lane {
	if s.Conn == nil {
		return []Lane{s.lane(s.Stream, s.ordinal(), towards, towards)}
	}
	var lanes []Lane
	for ordinal := range s.Conn.Subflows {
		part := &s.Conn.Subflows[ordinal]
		if !s.Skip[part.Stream] {
			lanes = append(lanes, s.lane(part.Stream, ordinal, towards, subflowToward(part, towards)))
		}
	}
	return lanes
}

func (s *Scope) lane(id uint32, ordinal int, towards, dest stream.Dest) Lane {
	return Lane{Stream: id, Ordinal: ordinal, Towards: towards, Dest: dest, Flow: flowName(&s.Trace.Streams[id], dest)}
}

// ordinal is that of the stream drawn by itself: a subflow has its colour there too, plain TCP the first one.
func (s *Scope) ordinal() int { return placeOf(s.Trace, s.Stream).ordinal }

// laneStream sums up a lane's subflow, both ways.
func (s *Scope) laneStream(l *Lane) *stream.Stream {
	if s.Conn == nil {
		return &s.Trace.Streams[l.Stream]
	}
	return s.Trace.SubflowStream(s.Conn, l.Ordinal)
}

// laneRows are the packets of a lane's subflow, both ways.
func (s *Scope) laneRows(l *Lane) []uint32 {
	if s.Conn == nil {
		return s.Trace.StreamRows(l.Stream)
	}
	return s.Trace.SubflowRows(s.Conn, l.Ordinal)
}

// rows are the packets of all streams to draw, in capture order.
func (s *Scope) rows() []uint32 {
	lanes := s.lanesToward(stream.Server)
	if len(lanes) == 1 {
		return s.laneRows(&lanes[0])
	}
	if len(s.Skip) == 0 {
		return s.Trace.ConnRows(s.Conn.ID)
	}
	var rows []uint32
	for i := range lanes {
		rows = append(rows, s.laneRows(&lanes[i])...)
	}
	slices.Sort(rows)
	return rows
}

// towards is the end that a packet travels to, as lanes have it.
func (s *Scope) towards(r *trace.Brief) stream.Dest {
	if s.Conn == nil {
		return r.Dest
	}
	return r.ConnDest
}

// shows says whether a packet is among those asked for, by time and by --where.
func (s *Scope) shows(r *trace.Row) bool {
	return r.Time >= s.Window.From && r.Time <= s.Window.To && (s.Keep == nil || s.Keep(r))
}

// showsBrief is shows for what is told in brief.
func (s *Scope) showsBrief(r *trace.Brief) bool {
	if r.Time < s.Window.From || r.Time > s.Window.To {
		return false
	}
	if s.Keep == nil {
		return true
	}
	var row trace.Row
	s.Trace.Row(int(r.ID-1), &row)
	return s.Keep(&row)
}

// x is the place of a time on the axis.
func (s *Scope) x(time int64) int64 { return time - s.Trace.Capture.First }

// title says what is drawn and of which connection.
func (s *Scope) title(what string) string {
	if s.Conn == nil {
		return fmt.Sprintf("%s · TCP stream %d", what, s.Stream)
	}
	return fmt.Sprintf("%s · connection %d", what, s.Conn.ID)
}

// chart starts a chart over time.
func (s *Scope) chart(what string, y display.Axis) *display.Chart {
	return &display.Chart{
		Title: s.title(what), Y: y,
		X: display.Axis{Label: "Time", Unit: display.Nanoseconds, Base: uint64(s.Trace.Capture.First), Moments: true},
	}
}

// cancelEvery is how many rows are read between two looks at the context.
const cancelEvery = 1 << 16

// each visits rows in order, every one of them, in time or not. The row is valid during the call.
func (s *Scope) each(ctx context.Context, rows []uint32, visit func(r *trace.Row)) error {
	var row trace.Row
	for i, at := range rows {
		if i%cancelEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		s.Trace.Row(int(at), &row)
		visit(&row)
	}
	return nil
}

// eachBrief is each for those who need no more than what a row tells in brief.
func (s *Scope) eachBrief(ctx context.Context, rows []uint32, visit func(r *trace.Brief)) error {
	var brief trace.Brief
	for i, at := range rows {
		if i%cancelEvery == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		s.Trace.Brief(at, &brief)
		visit(&brief)
	}
	return nil
}

// flowName writes where a direction comes from and goes to.
func flowName(s *stream.Stream, towards stream.Dest) string {
	if towards == stream.Client {
		return fmt.Sprintf("%s → %s", s.Server, s.Client)
	}
	return endpoints(s)
}
