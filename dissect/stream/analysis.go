package stream

import "github.com/mptcpanalyzer/mptcpanalyzer/dissect/packet"

// Analysis is a set of tcp.analysis.* flags, with the definitions of Wireshark 4.0.17 at its default preferences.
type Analysis uint16

// The flags. Names are those of Wireshark's fields.
const (
	AckLostSegment         Analysis = 1 << iota // acks data that was not captured
	DuplicateAck                                // same ack, sequence number and window as before, no data
	FastRetransmission                          // follows two duplicate acks of its number within 20 ms
	KeepAlive                                   // 0 or 1 byte, one before the next expected number
	KeepAliveAck                                // answers a keep-alive
	LostSegment                                 // a segment before this one was not captured
	OutOfOrder                                  // comes late by less than the handshake's round trip
	Retransmission                              // does not advance the sequence number; set with the fast and spurious ones too
	ReusedPorts                                 // opens a new stream on a known 4-tuple
	SpuriousRetransmission                      // was acked already
	WindowFull                                  // fills the receiver's window
	WindowUpdate                                // same ack, new window
	ZeroWindow                                  // advertises no window
	ZeroWindowProbe                             // one byte into a zero window
	ZeroWindowProbeAck                          // answers it
)

// analysisNames are the fields after "tcp.analysis.", in the order of the flags.
var analysisNames = [...]string{"ack_lost_segment", "duplicate_ack", "fast_retransmission", "keep_alive",
	"keep_alive_ack", "lost_segment", "out_of_order", "retransmission", "reused_ports", "spurious_retransmission",
	"window_full", "window_update", "zero_window", "zero_window_probe", "zero_window_probe_ack"}

// Names lists the flags of the set by their names in Wireshark, without "tcp.analysis.".
func (a Analysis) Names() []string {
	var names []string
	for i, name := range analysisNames {
		if a&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// state is what only adding packets needs: three lines of a processor's cache, of which a usual packet needs the first two.
type state struct {
	flow      [2]flow
	synTime   int64    // of the last SYN
	firstRTT  int64    // from there to the first ack
	first     [2]int64 // by flow, time of the earliest packet
	synACKRow [2]uint32
	sawSYNACK [2]bool
	_         [22]byte
}

// flow is one direction of a stream, named by its sender. A nextSeq or maxAcked of 0 is "not known", as in Wireshark. It is a
// line of a processor's cache.
type flow struct {
	nextTime    int64  // when nextSeq was reached
	ackTime     int64  // of the last packet
	last        int64  // time of the latest packet
	bytes       uint64 // of payload
	packets     uint32
	nextSeq     uint32
	lastAck     uint32
	maxAcked    uint32 // end of what was captured without a hole
	window      uint32 // unscaled, of the last packet
	dups        int32  // duplicate acks in a row; -1: see acked
	lastFlags   Analysis
	ops         uint8 // Core.Ops at the last packet
	beforeFirst bool  // no ack since the SYN: the window is not scaled yet
	measured    bool  // state.firstRTT is known
	_           [3]byte
}

func (s *state) init() {
	s.flow[0].window, s.flow[1].window = ^uint32(0), ^uint32(0)
}

// sum takes a packet into the sums of its flow.
func (s *state) sum(flow uint8, p *packet.Packet) {
	f := &s.flow[flow&1]
	f.packets++
	f.bytes += uint64(p.PayloadLen)
	if p.Time >= f.last && f.packets > 1 {
		f.last = p.Time
		return
	}
	s.outOfOrder(flow&1, p.Time)
}

// Begin says that the packets so far, which had no time of their own and were added with 0, came at time.
func (t *Table) Begin(time int64) {
	for id := range t.n {
		s := t.state(id)
		if s.synTime != 0 || s.flow[0].packets+s.flow[1].packets == 0 {
			continue
		}
		for i := range s.flow {
			f := &s.flow[i]
			f.nextTime, f.ackTime, f.last, s.first[i] = time, time, time, time
		}
	}
}

// outOfOrder takes in the time of the first packet of a flow, or of one that is earlier than one before it: a capture need
// not be in order of time.
func (s *state) outOfOrder(flow uint8, time int64) {
	f := &s.flow[flow]
	if f.packets == 1 {
		s.first[flow], f.last = time, time
	}
	s.first[flow], f.last = min(s.first[flow], time), max(f.last, time)
}

// direction is what a flow comes to.
func (s *state) direction(flow uint8) Direction {
	f := &s.flow[flow]
	return Direction{Packets: uint64(f.packets), Bytes: f.bytes, First: s.first[flow], Last: f.last}
}

// segment is what the analysis looks at of one packet.
type segment struct {
	time     int64
	seq, ack uint32
	len      uint32
	window   uint32
	flags    uint16
}

// Analyze gives the flags of a packet, once, after Add. A duplicate ack right after the connection has shown a new option
// subtype (Core.Ops) may only carry options (RFC 8684 section 4) and is not flagged.
func (t *Table) Analyze(at *Position, p *packet.Packet) Analysis {
	s, c := at.state, at.core
	if p.Faults&(packet.FirstFragment|packet.TCPLength|packet.TCPHeader) != 0 {
		return 0
	}
	var ops uint8
	if c.Ops != nil {
		ops = *c.Ops
	}
	var g segment // field by field: a literal is put together elsewhere and copied, which costs more than all that follows
	g.time, g.seq, g.ack, g.len, g.window, g.flags = p.Time, p.Seq, p.Ack, p.PayloadLen, uint32(p.Window), p.Flags
	fwd, rev := &s.flow[at.Flow], &s.flow[1-at.Flow]
	var a Analysis
	if at.Reused {
		a = ReusedPorts
	}
	if !at.New && p.Flags&(SYN|ACK) == SYN {
		fwd.nextSeq = fwd.maxAcked
	}
	a = fwd.classify(rev, &g, a, c.Scale[1-at.Flow], ops)
	a = fwd.acked(rev, &g, a)
	a = fwd.repeats(rev, &g, a, s.firstRTT)
	fwd.advance(&g, a, ops)
	s.handshake(fwd, &g)
	if a&(FastRetransmission|SpuriousRetransmission) != 0 {
		a |= Retransmission
	}
	return a
}

// next does all of Add and Analyze for the usual segment of a position that is easy: the next one of its flow, with a window, which
// acks what was captured, and more than the one before it if it has no payload. Such a one may fill the window, nothing else. It is
// false, and nothing has changed, if the segment is not of that kind.
func (at *Position) next(p *packet.Packet) (a Analysis, ok bool) {
	s, c, flow := at.state, at.core, at.Flow&1
	fwd, rev := &s.flow[flow], &s.flow[1-flow]
	seq, ack, n, time := p.Seq, p.Ack, p.PayloadLen, p.Time
	if seq != fwd.nextSeq || seq == 0 || p.Window == 0 || p.Flags&ACK == 0 || time < fwd.last ||
		rev.maxAcked != 0 && after(ack, rev.maxAcked) {
		return 0, false
	}
	if n <= 1 {
		if n == 1 || ack == fwd.lastAck {
			return 0, false
		}
	} else {
		end := seq + n
		if rev.lastAck != 0 && !after(end, rev.lastAck) {
			return 0, false
		}
		if scale := c.Scale[1-flow]; scale != -1 && end == rev.lastAck+rev.edge(scale) {
			a = WindowFull
		}
		fwd.nextSeq, fwd.nextTime = end, time
		fwd.bytes += uint64(n)
	}
	if seq == fwd.maxAcked || fwd.maxAcked == 0 {
		fwd.maxAcked = seq + n
	}
	if ack != fwd.lastAck {
		fwd.dups, fwd.lastAck = 0, ack
	}
	fwd.packets++
	fwd.window, fwd.ackTime, fwd.last, fwd.lastFlags, fwd.ops = uint32(p.Window), time, time, a, 0
	if c.Ops != nil {
		fwd.ops = *c.Ops
	}
	fwd.beforeFirst = false
	if !fwd.measured {
		s.measure(flow, time)
	}
	return a, true
}

// controls are the flags that make a segment none of several kinds.
const controls = SYN | FIN | RST

// classify finds probes, keep-alives, window changes and duplicate acks, in Wireshark's order. revScale is the scale of
// the windows that the other end advertises.
func (fwd *flow) classify(rev *flow, g *segment, a Analysis, revScale int8, ops uint8) Analysis {
	if g.len == 1 && g.seq == fwd.nextSeq && rev.window == 0 {
		return a | ZeroWindowProbe
	}
	plain := g.flags&controls == 0
	if g.window == 0 && plain {
		a |= ZeroWindow
	}
	if fwd.nextSeq != 0 && after(g.seq, fwd.nextSeq) && g.flags&RST == 0 {
		a |= LostSegment
	}
	if g.len <= 1 && g.seq == fwd.nextSeq-1 && plain {
		a |= KeepAlive
	}
	if g.len > 0 {
		if plain && revScale != -1 && g.seq+g.len == rev.lastAck+rev.edge(revScale) {
			a |= WindowFull
		}
		return a
	}
	if !plain || g.seq != fwd.nextSeq || g.ack != fwd.lastAck {
		return a
	}
	switch {
	case g.window != 0 && g.window != fwd.window:
		a |= WindowUpdate
	case g.window != fwd.window:
	case g.window != 0 && rev.lastFlags&KeepAlive != 0:
		a |= KeepAliveAck
	case g.window == 0 && rev.lastFlags&ZeroWindowProbe != 0:
		a |= ZeroWindowProbeAck
	case g.window != 0 && ops == fwd.ops:
		a |= DuplicateAck
		fwd.dups = max(fwd.dups, 0) + 1
	}
	return a
}

// edge is the advertised window in bytes.
func (fwd *flow) edge(scale int8) uint32 {
	if fwd.beforeFirst || scale < 0 {
		return fwd.window
	}
	return fwd.window << scale
}

// acked resets the count of duplicate acks, and finds acks of what was not captured.
func (fwd *flow) acked(rev *flow, g *segment, a Analysis) Analysis {
	if g.ack != fwd.lastAck {
		fwd.dups = 0
	}
	if rev.maxAcked == 0 || !after(g.ack, rev.maxAcked) || g.flags&ACK == 0 {
		return a
	}
	if after(rev.nextSeq, rev.maxAcked) {
		rev.maxAcked = rev.nextSeq
		return a | AckLostSegment
	}
	if rev.dups == 0 {
		a |= AckLostSegment
	}
	rev.dups = -1 // tells this loss once
	return a
}

// Wireshark's limits of time, in ns, for what comes behind its turn: since the ack for a fast retransmission, and, where the handshake
// tells no round trip, since the segment behind it for one that is only out of order.
const (
	fastWithin       = 20_000_000
	outOfOrderWithin = 3_000_000
)

// repeats finds out why a segment does not advance the sequence number.
func (fwd *flow) repeats(rev *flow, g *segment, a Analysis, firstRTT int64) Analysis {
	if g.len == 0 && g.flags&(SYN|FIN) == 0 || a&KeepAlive != 0 {
		return a
	}
	repeated := fwd.nextSeq != 0 && after(fwd.nextSeq, g.seq)
	if g.len > 1 && fwd.nextSeq-1 == g.seq {
		repeated = false // follows a window probe
	}
	if g.len > 0 && rev.lastAck != 0 && !after(g.seq+g.len, rev.lastAck) {
		return a | SpuriousRetransmission
	}
	if !repeated {
		return a
	}
	if rev.dups >= 2 && rev.lastAck == g.seq && uint64(g.time-rev.ackTime) < fastWithin {
		return a | FastRetransmission
	}
	limit := uint64(outOfOrderWithin)
	if firstRTT != 0 {
		limit = uint64(firstRTT)
	}
	if uint64(g.time-fwd.nextTime) < limit && fwd.nextSeq != g.end() {
		return a | OutOfOrder
	}
	return a | Retransmission
}

// end is the sequence number after the segment; SYN and FIN count.
func (g *segment) end() uint32 {
	if g.flags&(SYN|FIN) != 0 {
		return g.seq + g.len + 1
	}
	return g.seq + g.len
}

// advance takes the segment for the last one seen.
func (fwd *flow) advance(g *segment, a Analysis, ops uint8) {
	probe := a&ZeroWindowProbe != 0
	if end := g.end(); !probe && (fwd.nextSeq == 0 || after(end, fwd.nextSeq)) {
		fwd.nextSeq, fwd.nextTime = end, g.time
	}
	if !probe && (fwd.maxAcked == 0 || g.seq == fwd.maxAcked) {
		fwd.maxAcked = fwd.nextSeq
	}
	fwd.window, fwd.lastAck, fwd.ackTime = g.window, g.ack, g.time
	fwd.lastFlags, fwd.ops = a, ops
}

// handshake measures the round trip of the handshake, and notes when windows begin to be scaled.
func (s *state) handshake(fwd *flow, g *segment) {
	if g.flags&SYN != 0 {
		fwd.beforeFirst = true
		if g.flags&ACK == 0 {
			s.synTime = g.time
		}
		return
	}
	if g.flags&ACK == 0 {
		return
	}
	fwd.beforeFirst = false
	if s.synTime != 0 && s.firstRTT == 0 {
		s.firstRTT = g.time - s.synTime
	}
}

// measure does so for an ack of a flow.
func (s *state) measure(flow uint8, time int64) {
	if s.firstRTT == 0 && s.synTime != 0 {
		s.firstRTT = time - s.synTime
	}
	s.flow[flow].measured = s.firstRTT != 0
}

// after reports whether a comes after b, modulo 2³².
func after(a, b uint32) bool { return int32(a-b) > 0 }
