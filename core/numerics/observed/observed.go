// Package observed makes a topology for package numerics out of a real connection: what its subflows were like, as a
// capture shows them.
//
//	o, err := observed.From(ctx, trace, connection, stream.Server, nil)
//	o.Topology, o.Limited, o.Notes
//
// Round trips are those from a segment to its ack; with a second capture, one-way delays are measured. A congestion window
// is not on the wire: the most bytes that a subflow had under way stand for it. The receive buffer is the largest window
// that the receiver advertised. Loss is the share of segments that had to be sent again; what is lost on a path that dies, and
// goes again over another, is not in it, and from a capture at the receiver little of it is seen.
package observed

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/match"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/numerics"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Observation is a topology and what was seen of its receive buffer. Times are ns.
type Observation struct {
	Topology *numerics.Topology
	Dest     stream.Dest
	// Scaled: a handshake was captured that says by what the receiver's windows are multiplied (RFC 7323 section 2.2). Without
	// one, nothing is known of the buffer, and Limited and Closed mean nothing.
	Scaled   bool
	Opening  int64  // window that the receiver advertised first, in bytes; the buffers of many systems grow
	Limited  int64  // time during which the receiver's window had no room for another segment
	Closed   int64  // time during which it was zero
	Active   int64  // time looked at
	Blocked  int64  // time during which the receiver held data that it could not deliver
	MaxQueue uint64 // bytes of such data, at most
	Notes    []string
}

// Sentence answers whether the receive buffer was large enough, by what was seen.
func (o *Observation) Sentence() string {
	receiver := "client"
	if o.Dest == stream.Server {
		receiver = "server"
	}
	if !o.Scaled {
		return "Whether the receive buffer of the " + receiver + " was large enough cannot be told: no handshake was captured, which would say by what windows are multiplied."
	}
	text := fmt.Sprintf("The %s advertised %s at first, at most %s. ", receiver, inBytes(o.Opening), inBytes(o.Topology.RecvBuffer))
	limited := o.Limited + o.Closed
	share := float64(limited) / float64(max(o.Active, 1))
	held := fmt.Sprintf("its window held the sender up for %s, %s of the time.", display.Scaled(float64(limited), display.Nanoseconds), display.Scaled(share, display.Ratio))
	switch {
	case limited == 0:
		return text + "That was enough: its window never held the sender up."
	case share < hardly:
		return text + "That was enough nearly all the time: " + held
	}
	return text + "That was too little: " + held
}

// hardly is the share of the time in which a window may hold the sender up without being called too little.
const hardly = 0.01

func inBytes(n int64) string { return display.Scaled(float64(n), display.Bytes) }

// spans is how many of the longest round trips a simulation covers: measured round trips have no cycle to speak of.
const spans = 20

// Span is a time to simulate, in µs.
func (o *Observation) Span() int64 {
	longest := int64(0)
	for i := range o.Topology.Subflows {
		longest = max(longest, o.Topology.Subflows[i].RTT())
	}
	return spans * longest
}

// From observes a connection towards an end; DestUnknown is the end that more data travelled to. pairing, if set, has the
// trace as its capture A.
func From(ctx context.Context, t *trace.Trace, c *conn.Conn, dest stream.Dest, pairing *match.Pairing) (*Observation, error) {
	if dest == stream.DestUnknown {
		dest = stream.Server
		if c.Toward[stream.Client].Bytes > c.Toward[stream.Server].Bytes {
			dest = stream.Client
		}
	}
	trips, err := analysis.NewTrips(ctx, t, c)
	if err != nil {
		return nil, err
	}
	account, err := analysis.NewAccount(ctx, t, c)
	if err != nil {
		return nil, err
	}
	stalls, err := analysis.NewStalls(ctx, t, c)
	if err != nil {
		return nil, err
	}
	o := &Observation{Dest: dest, Topology: &numerics.Topology{Name: fmt.Sprintf("connection %d to the %s", c.ID, dest), Form: numerics.Form2016}}
	d := &stalls.Toward[dest]
	o.Limited, o.Closed, o.Active = d.Time[analysis.WindowLimited], d.Time[analysis.ZeroWindow], d.Pacing.Active()
	o.Blocked, o.MaxQueue = d.Blocked, d.MaxQueue
	var delays map[uint32][2]int64
	if pairing != nil {
		delays = oneWay(pairing)
	}
	openings := analysis.Openings(t, c)
	near := analysis.VantageOf(openings).Near(dest)
	for i := range c.Subflows {
		q := trips.Quantiles(analysis.SegmentAck, dest, i)
		if near { // the answer alone would be measured
			q = handshake(&openings[i])
		}
		o.subflow(t, c, i, q, account, delays)
	}
	if len(o.Topology.Subflows) == 0 {
		return nil, fmt.Errorf("no subflow of connection %d carried data to the %s whose round trip could be measured", c.ID, dest)
	}
	o.Topology.SendBuffer = o.Topology.RecvBuffer
	o.note(near, pairing != nil)
	return o, nil
}

// note says what the figures are, which are measured where the data arrives, or between two captures.
func (o *Observation) note(near, paired bool) {
	o.Notes = append(o.Notes, "a window is estimated by the most that its subflow had under way, the receive buffer by the largest window advertised, loss by the segments that the subflow had to send again (the kernel's RetransSegs has those that were not needed too, and SYNs and FINs)")
	if near {
		o.Notes = append(o.Notes, "the capture was made where the data arrives: round trips are those of the handshakes, and what was under way is not what the sender saw")
	}
	if !paired {
		o.Notes = append(o.Notes, "one-way delays are taken for halves of the round trip (--with CAPTURE, made at the other end, measures them)")
	}
}

// handshake is the one round trip that a handshake shows.
func handshake(o *analysis.Opening) (q analysis.Quantiles) {
	if rtt := o.RTT(); rtt > 0 {
		q = analysis.Quantiles{Count: 1, Min: rtt, Median: rtt, P90: rtt, P95: rtt, P99: rtt, Max: rtt, Mean: float64(rtt)}
	}
	return q
}

// subflow adds what is seen of a subflow.
func (o *Observation) subflow(t *trace.Trace, c *conn.Conn, ordinal int, q analysis.Quantiles, account *analysis.Account, delays map[uint32][2]int64) {
	part := &c.Subflows[ordinal]
	f := watch(t, t.SubflowRows(c, ordinal), o.Dest)
	if scaled(t, part, o.Dest) {
		o.Topology.RecvBuffer, o.Scaled = max(o.Topology.RecvBuffer, f.window), true
		o.Opening = cmp.Or(o.Opening, f.opening)
	}
	if q.Count == 0 || f.most == 0 {
		if f.most > 0 {
			o.Notes = append(o.Notes, fmt.Sprintf("subflow %d (tcp.stream %d) is left out: its round trip could not be measured", ordinal, part.Stream))
		}
		return
	}
	s := numerics.Subflow{Name: fmt.Sprintf("subflow%d", ordinal), MSS: f.mss}
	s.Cwnd = max(1, (f.most+f.mss/2)/f.mss)
	rtt := max(q.Median/1000, 1)
	s.MinRTT = max(q.Min/1000, 1)
	s.Fowd, s.Bowd = rtt/2, rtt-rtt/2
	if d, known := delays[part.Stream]; known {
		toward := 0
		if part.Dest != o.Dest {
			toward = 1
		}
		s.Fowd, s.Bowd = max(d[toward]/1000, 0), max(d[1-toward]/1000, 0)
		if s.RTT() == 0 {
			s.Bowd = 1
		}
	}
	s.Var = max(0, (q.P90-q.Median)/1000)
	s.Loss = math.Round(1e4*float64(lost(t, account, o.Dest, ordinal, f.mss))/float64(f.segments)) / 100
	o.Topology.Subflows = append(o.Topology.Subflows, s)
}

// scaled says whether it is known by what the windows of an end of the connection are multiplied on a subflow.
func scaled(t *trace.Trace, part *conn.Subflow, dest stream.Dest) bool {
	s := &t.Streams[part.Stream]
	if part.Dest == dest {
		return s.ServerScale != -1
	}
	return s.ClientScale != -1
}

// lost counts the segments that a subflow sent again, but for those whose bytes had arrived: the sender's kernel counts these
// too, and SYNs and FINs.
func lost(t *trace.Trace, account *analysis.Account, dest stream.Dest, ordinal int, mss int64) (n int64) {
	for i := range account.Resent {
		r := &account.Resent[i]
		if r.Dest == dest && r.Ordinal == ordinal && (r.Cause == analysis.Timeout || r.Cause == analysis.Fast) {
			n += segments(t.PayloadLen(r.Row), mss)
		}
	}
	return n
}

// segments is how many segments a packet stands for, which is several where offload glued them.
func segments(payload uint32, mss int64) int64 {
	return max(1, (int64(payload)+mss-1)/mss)
}

// flow is what one direction of a stream was like.
type flow struct {
	most   int64 // bytes under way, at most
	mss    int64 // the payload that most segments had
	window int64 // the largest that the receiver advertised
	// opening is the first window after the SYN.
	opening int64
	// segments are those with data, those sent again included.
	segments int64
}

// largestSegment is the most that a segment holds on the wire; what is larger was glued by offload.
const (
	largestSegment = 8960
	usualSegment   = 1460
)

// watch follows a subflow's packets.
func watch(t *trace.Trace, rows []uint32, dest stream.Dest) (f flow) {
	var next, una uint32
	sizes := map[uint32]int{}
	started := false
	for _, row := range rows {
		seq, ack := t.SeqAck(row)
		if t.ConnDest(row) != dest {
			if t.Flags(row)&(stream.SYN|stream.RST) == 0 {
				f.window = max(f.window, int64(t.Window(row)))
				f.opening = cmp.Or(f.opening, int64(t.Window(row)))
			}
			if t.Flags(row)&stream.ACK != 0 && started && int32(ack-una) > 0 {
				una = ack
			}
			continue
		}
		n := t.PayloadLen(row)
		if n == 0 {
			continue
		}
		if !started {
			next, una, started = seq, seq, true
		}
		if int32(seq+n-next) > 0 {
			next = seq + n
		}
		f.most = max(f.most, int64(int32(next-una)))
		if n <= largestSegment {
			sizes[n]++
		}
	}
	f.mss = usualSegment
	best := 0
	for size, count := range sizes {
		if count > best || count == best && int64(size) > f.mss {
			f.mss, best = int64(size), count
		}
	}
	for _, row := range rows {
		if n := t.PayloadLen(row); n > 0 && t.ConnDest(row) == dest {
			f.segments += segments(n, f.mss)
		}
	}
	return f
}

// oneWay measures the one-way delays of the streams of capture A, half of their packets being quicker: to the stream's
// server, and to its client.
func oneWay(p *match.Pairing) map[uint32][2]int64 {
	clock := p.Clock(match.A, match.Given{})
	delays := map[uint32][2]int64{}
	for i := range p.Flows {
		f := &p.Flows[i]
		if len(f.Hops) == 0 {
			continue
		}
		var values []int64
		for _, h := range f.Hops {
			values = append(values, p.Delay(clock, f, h))
		}
		slices.Sort(values)
		id := p.Streams[f.Stream].A
		d := delays[id]
		if f.Dest == stream.Client {
			d[1] = values[len(values)/2]
		} else {
			d[0] = values[len(values)/2]
		}
		delays[id] = d
	}
	return delays
}
