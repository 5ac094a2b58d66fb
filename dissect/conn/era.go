package conn

import (
	"maps"
	"math"
	"slices"
	"sort"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// A SYN with another initial number opens a new stream between the same ports. Where it was not captured, the packets of the next
// connection seem to be of the stream: its SYN/ACK tells another number and another key, and the packet that ends its handshake
// shows it was no stray. From there on the stream is another subflow, of a connection of its own, and so are the SYN/ACKs.

// era is the part of a stream that is a subflow of its own: its SYN/ACKs, and what comes from a row on.
type era struct {
	row      uint32
	sub      *sub
	synACK   []uint32            // rows
	before   [2]stream.Direction // what the flows had carried
	first    [2]int64            // when each began
	answered bool                // a SYN/ACK was captured
	fin, rst bool                // what was seen of it when the next one began
}

// stray is a SYN/ACK with another number and another key than those of the stream's, and where it was repeated.
type stray struct {
	rows []uint32
	time int64 // of the first
	seq  uint32
	key  mptcp.Key
	flow uint8
}

// era is the subflow that a packet with MP_CAPABLE belongs to on a stream that was s so far, where a SYN/ACK told another number.
func (t *Table) era(s *sub, v *packetView, m *mptcp.Capable) *sub {
	if n := t.another(s, v, m); n != nil {
		return n
	}
	if n := t.begins(s, v, m); n != nil {
		return n
	}
	return s
}

// noteStray notes a SYN/ACK that may be another connection's. It is false if it is none.
func (t *Table) noteStray(s *sub, v *packetView, m *mptcp.Capable) bool {
	isn, known := t.isn(s, v.flow, v.row)
	if v.Flags&(stream.SYN|stream.ACK) != stream.SYN|stream.ACK || !m.HasSender || !known || isn == v.Seq {
		return false
	}
	if e := &s.conn.end[s.sender(v.flow)]; !e.HasKey || e.Key == m.Sender {
		return false
	}
	if s.ways[v.flow] == nil {
		s.newWay(v.flow).fix(isn)
	}
	if t.strays == nil {
		t.strays = map[uint32]stray{}
	}
	b := t.strays[s.stream]
	if b.seq != v.Seq || b.key != m.Sender || b.flow != v.flow || len(b.rows) >= maxSYNACKs {
		t.dropStray(&b)
		b = stray{time: v.Time, seq: v.Seq, key: m.Sender, flow: v.flow}
	}
	b.rows = append(b.rows, v.row)
	t.strays[s.stream] = b
	return true
}

// dropStray says of SYN/ACKs that nothing came of them.
func (t *Table) dropStray(b *stray) {
	for _, row := range b.rows {
		t.host.Issue(KeyChanged, row)
	}
}

// dropStrays does so in the end.
func (t *Table) dropStrays() {
	for _, id := range slices.Sorted(maps.Keys(t.strays)) {
		b := t.strays[id]
		t.dropStray(&b)
	}
}

// maxSYNACKs bounds the repetitions that are remembered.
const maxSYNACKs = 16

// another returns the subflow that begins with a stray SYN/ACK, if MP_CAPABLE ends its handshake: it shows that key, and comes from
// another client than the stream's, by its key and its number. A connection that is known came late, and begins nothing.
func (t *Table) another(s *sub, v *packetView, m *mptcp.Capable) *sub {
	b, found := t.strays[s.stream]
	if !found || v.flow == b.flow || v.Flags&(stream.SYN|stream.ACK) != stream.ACK || !m.HasReceiver || m.Receiver != b.key {
		return nil
	}
	if e := &s.conn.end[s.sender(v.flow)]; e.HasKey && e.Key == m.Sender {
		return nil
	}
	if t.opens(s, v.flow, v.row, v.Seq) {
		return nil
	}
	token, _ := m.Receiver.Derive(m.Version)
	if o, known := t.tokens[token]; known && !o.conn.orphan {
		return nil
	}
	return t.openEra(s, v, &b, s.era > 0 || s.core.SYN[b.flow])
}

// isn is the initial sequence number of a flow as it was before a row.
func (t *Table) isn(s *sub, flow uint8, row uint32) (isn uint32, known bool) {
	if w := s.ways[flow]; w != nil {
		return w.isn, w.exact
	}
	return t.streams.Base(s.stream, flow, max(row, 1)-1), s.core.SYN[flow]
}

// begins returns the subflow that begins with a SYN/ACK, if the stream was a subflow of a connection whose handshake was not captured,
// and its number is far from those of that: it is no SYN/ACK that came late.
func (t *Table) begins(s *sub, v *packetView, m *mptcp.Capable) *sub {
	c := s.conn
	if v.Flags&(stream.SYN|stream.ACK) != stream.SYN|stream.ACK || !m.HasSender || !s.dss[0] && !s.dss[1] ||
		c.end[stream.Client].HasKey || c.end[stream.Server].HasKey || t.opens(s, 1-v.flow, v.row, v.Ack) {
		return nil
	}
	from, _, moved := t.streams.Before(s.stream, v.flow, v.row)
	if by := int32(v.Seq - from); !moved || -farNumber < by && by < farNumber {
		return nil
	}
	return t.openEra(s, v, &stray{rows: []uint32{v.row}, time: v.Time, seq: v.Seq, flow: v.flow}, false)
}

// farNumber is how far from each other no two segments of a connection are that were captured out of order.
const farNumber = 1 << 24

// opens reports whether a flow's first byte, behind data of the SYN perhaps, has that number, by the SYN that is known.
func (t *Table) opens(s *sub, flow uint8, row, seq uint32) bool {
	isn, known := t.isn(s, flow, row)
	return known && seq-1-isn < 1<<16
}

// openEra makes the stream of s another subflow, the first of a new connection, that stray SYN/ACKs begin. answered says whether a
// SYN/ACK of s was captured.
func (t *Table) openEra(s *sub, v *packetView, b *stray, answered bool) *sub {
	delete(t.strays, s.stream)
	for flow := range uint8(2) {
		delete(t.early, flowKey{stream: s.stream, flow: flow})
		delete(t.synData, flowKey{stream: s.stream, flow: flow})
	}
	n := t.newSub(s.stream, s.core, b.time, b.rows[0])
	n.wire = s.wire
	if b.flow == s.core.Client {
		n.dest = stream.Client
	}
	t.enrol(n, t.newConn())
	n.newWay(1 - b.flow)
	n.newWay(b.flow).fix(b.seq)
	if t.eras == nil {
		t.eras = map[uint32][]era{}
	}
	if len(t.eras[s.stream]) == 0 {
		t.eras[s.stream] = []era{{sub: s, answered: answered}}
	}
	last := &t.eras[s.stream][s.era]
	last.fin, last.rst = s.core.Ended()
	s.core.Begin(v.Flags)
	n.era = s.era + 1
	first := [2]int64{v.Time, v.Time}
	first[b.flow] = b.time
	t.eras[s.stream] = append(t.eras[s.stream], era{row: v.row, sub: n, synACK: b.rows, before: t.sentBefore(s, v, b), first: first, answered: true})
	t.host.Issue(AnotherConn, b.rows[0])
	return n
}

// sentBefore is what the flows of a stream had carried before another connection began on it.
func (t *Table) sentBefore(s *sub, v *packetView, b *stray) (sent [2]stream.Direction) {
	_, sent, _ = t.streams.Before(s.stream, b.flow, b.rows[0])
	for flow := range uint8(2) {
		d := t.streams.Sent(s.stream, flow)
		if flow == b.flow {
			d.Packets -= uint64(len(b.rows))
		} else if flow == v.flow {
			d.Packets, d.Bytes = d.Packets-1, d.Bytes-uint64(v.PayloadLen)
		}
		if d.Packets != sent[flow].Packets { // some came in between
			sent[flow] = d
		}
	}
	return sent
}

// at is the subflow that the stream of s is in a row.
func (t *Table) at(s *sub, row uint32) *sub {
	list := t.eras[s.stream]
	if len(list) == 0 {
		return s
	}
	next := sort.Search(len(list), func(i int) bool { return list[i].row > row })
	if next < len(list) && slices.Contains(list[next].synACK, row) {
		next++
	}
	return list[next-1].sub
}

// sent is what a flow of a subflow carried.
func (t *Table) sent(s *sub, flow uint8) stream.Direction {
	d, list := t.streams.Sent(s.stream, flow), t.eras[s.stream]
	if next := int(s.era) + 1; next < len(list) {
		d = list[next].before[flow]
	}
	if s.era > 0 {
		b := &list[s.era].before[flow]
		d.Packets, d.Bytes, d.First = d.Packets-b.Packets, d.Bytes-b.Bytes, list[s.era].first[flow]
	}
	return d
}

// Part is a subflow whose TCP stream is several subflows, one after the other: what of the stream is its own.
type Part struct {
	Toward               [3]stream.Direction // indexed by Dest: the end of the stream that packets travel to
	ClientISN, ServerISN uint32              // raw initial sequence numbers
	SYN, SYNACK          bool                // was the SYN, the SYN/ACK captured
	FIN, RST             bool                // any in either direction
	from, to             uint32              // it has the rows of the stream from one to before another,
	more                 []uint32            // these of those before,
	less                 []uint32            // and none of these
}

// Stream is the subflow's stream as if it were its alone; window scales are those of the whole. A subflow without a Part has it alone.
func (p *Part) Stream(whole *stream.Stream) *stream.Stream {
	if p == nil {
		return whole
	}
	own := *whole
	own.Toward, own.ClientISN, own.ServerISN = p.Toward, p.ClientISN, p.ServerISN
	own.SYN, own.SYNACK, own.FIN, own.RST = p.SYN, p.SYNACK, p.FIN, p.RST
	return &own
}

// Rows are those of the subflow among the rows of its stream, in the same order. Do not change them.
func (p *Part) Rows(stream []uint32) []uint32 {
	if p == nil {
		return stream
	}
	from, _ := slices.BinarySearch(stream, p.from)
	to, _ := slices.BinarySearch(stream, p.to)
	rows := append(make([]uint32, 0, len(p.more)+to-from), p.more...)
	for _, row := range stream[from:to] {
		if !slices.Contains(p.less, row) {
			rows = append(rows, row)
		}
	}
	return rows
}

// wasReset reports whether an RST was seen on a subflow.
func (t *Table) wasReset(s *sub) bool {
	if list := t.eras[s.stream]; int(s.era)+1 < len(list) {
		return list[s.era].rst
	}
	_, rst := s.core.Ended()
	return rst
}

// part is what a subflow has of its stream, once all is settled; nil if all of it.
func (t *Table) part(s *sub) *Part {
	list := t.eras[s.stream]
	if len(list) == 0 {
		return nil
	}
	e := &list[s.era]
	before, _ := slices.BinarySearch(e.synACK, e.row)
	p := &Part{SYN: s.era == 0 && s.core.Pure[s.core.Client], SYNACK: e.answered, FIN: e.fin, RST: e.rst}
	p.from, p.to, p.more = e.row, math.MaxUint32, e.synACK[:before]
	if next := int(s.era) + 1; next < len(list) {
		p.to, p.less = list[next].row, list[next].synACK
	} else {
		p.FIN, p.RST = s.core.Ended()
	}
	client := s.core.Client
	p.Toward[stream.Server], p.Toward[stream.Client] = t.sent(s, client), t.sent(s, 1-client)
	p.ClientISN, _ = t.isn(s, client, e.row)
	p.ServerISN, _ = t.isn(s, 1-client, e.row)
	return p
}
