package match

import (
	"cmp"
	"context"
	"slices"
	"sort"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Delivery is what one direction of a connection brought to the receiver, byte by byte: which packet brought it first,
// and when. Bytes are data sequence numbers (RFC 8684 section 3.3); of a connection that fell back, sequence numbers.
type Delivery struct {
	Pair   *ConnPair
	Dest   stream.Dest // the end of the MPTCP connection that it travels to
	Sender Capture     // the capture nearer to its sender

	p        *Pairing
	clock    *Clock
	conn     *conn.Conn // the sender's capture's
	flows    map[uint32]*Flow
	arrivals []landing // in order of arrival
	byFrom   []int32   // indices in arrivals, ascending by from
	longest  uint64
	first    []stretch // ascending, disjoint
	reached  []int64   // when all bytes up to the end of first[i] had come
	shortest map[*Flow]int64
}

// landing is a part of a packet that arrived.
type landing struct {
	from, to uint64
	at       int64 // the receiver's time, steps taken away
	sent     uint32
	known    bool // sent is a row of the sender's capture
	received uint32
}

// stretch is data that one landing brought first.
type stretch struct {
	from, to uint64
	by       int32
}

// Delivery follows the data of a connection one way. The clock serves to take steps of the receiver's clock away, and to
// tell why data was sent again.
func (p *Pairing) Delivery(ctx context.Context, pair *ConnPair, dest stream.Dest, clock *Clock) (*Delivery, error) {
	d := &Delivery{Pair: pair, Dest: dest, Sender: p.NearClient(pair), p: p, clock: clock, flows: map[uint32]*Flow{}, shortest: map[*Flow]int64{}}
	id := pair.A
	if dest == stream.Client {
		d.Sender = d.Sender.Other()
	}
	if d.Sender == B {
		id = pair.B
	}
	d.conn = p.Trace(d.Sender).ConnByID(id)
	for i := range d.conn.Subflows {
		part := &d.conn.Subflows[i]
		if f := p.flow(d.Sender, part.Stream, d.Sender); f != nil {
			d.flows[part.Stream] = f
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			d.land(f)
		}
	}
	d.order()
	return d, nil
}

// flow is the direction of a stream of one capture that is sent from a side, nil if the stream has no partner.
func (p *Pairing) flow(c Capture, id uint32, sender Capture) *Flow {
	i := p.index[c][id]
	if i == 0 {
		return nil
	}
	for k := range p.Flows[2*(i-1) : 2*i] {
		if f := &p.Flows[2*int(i-1)+k]; f.Sender == sender {
			return f
		}
	}
	return nil
}

// steady is a time of a capture without the steps of its clock.
func (c *Clock) steady(of Capture, row uint32, at int64) int64 {
	for i := range c.Steps {
		if s := &c.Steps[i]; s.Of == of && row >= s.Row {
			at -= s.Size
		}
	}
	return at
}

// land notes what the packets of a flow brought.
func (d *Delivery) land(f *Flow) {
	from, to := d.p.Trace(d.Sender), d.p.Trace(d.Sender.Other())
	fallen := d.conn.Fallback.Cause != conn.NoFallback
	var pieces []trace.Piece
	for _, h := range f.Hops {
		n := to.PayloadLen(h.Received)
		if n == 0 {
			continue
		}
		l := landing{at: d.clock.steady(d.Sender.Other(), h.Received, to.Time(h.Received)), sent: h.Sent, known: true, received: h.Received}
		pieces = from.Pieces(h.Sent, pieces[:0])
		if len(pieces) == 0 && fallen {
			seq, _ := from.SeqAck(h.Sent)
			pieces = append(pieces, trace.Piece{Len: from.PayloadLen(h.Sent), DSN: uint64(seq)})
		}
		lo, hi := uint32(0), from.PayloadLen(h.Sent)
		if n != hi {
			lo = to.Wire(h.Received).Seq - from.Wire(h.Sent).Seq - d.p.shift(f)
			hi = lo + n
		}
		for _, q := range pieces {
			d.add(l, q, lo, hi)
		}
	}
	for _, m := range f.Received {
		if m.Why != Missed || m.Bytes == 0 {
			continue
		}
		l := landing{at: d.clock.steady(d.Sender.Other(), m.Row, to.Time(m.Row)), received: m.Row}
		pieces = to.Pieces(m.Row, pieces[:0])
		for _, q := range pieces {
			d.add(l, q, 0, m.Bytes)
		}
	}
}

// shift is how much larger the receiver's sequence numbers are, where a middlebox changes them.
func (p *Pairing) shift(f *Flow) uint32 {
	x, y := &lane{}, &lane{}
	p.rebase(&p.Streams[f.Stream], f.Dest, x, y)
	if f.Sender == A {
		return y.isn - x.isn
	}
	return x.isn - y.isn
}

// add notes the part of a piece that lies between two offsets in its packet.
func (d *Delivery) add(l landing, q trace.Piece, lo, hi uint32) {
	from, to := max(q.At, lo), min(q.At+q.Len, hi)
	if int32(lo) < 0 || from >= to {
		return
	}
	l.from, l.to = q.DSN+uint64(from-q.At), q.DSN+uint64(to-q.At)
	d.longest = max(d.longest, l.to-l.from)
	d.arrivals = append(d.arrivals, l)
}

// order finds what came first.
func (d *Delivery) order() {
	slices.SortFunc(d.arrivals, func(a, b landing) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.received, b.received), cmp.Compare(a.from, b.from))
	})
	d.byFrom = make([]int32, len(d.arrivals))
	for i := range d.arrivals {
		d.byFrom[i] = int32(i)
		d.fill(int32(i))
	}
	slices.SortFunc(d.byFrom, func(a, b int32) int { return cmp.Compare(d.arrivals[a].from, d.arrivals[b].from) })
	d.reached = make([]int64, len(d.first))
	for i := range d.first {
		d.reached[i] = d.arrivals[d.first[i].by].at
		if i > 0 {
			d.reached[i] = max(d.reached[i], d.reached[i-1])
		}
	}
}

// fill gives a landing the bytes that none before it brought.
func (d *Delivery) fill(by int32) {
	l := &d.arrivals[by]
	at := l.from
	i := sort.Search(len(d.first), func(i int) bool { return d.first[i].to > at })
	for at < l.to {
		end := l.to
		if i < len(d.first) {
			end = min(end, max(d.first[i].from, at))
		}
		if end > at {
			d.first = slices.Insert(d.first, i, stretch{at, end, by})
			i++
		}
		if i < len(d.first) {
			at = max(end, d.first[i].to)
			i++
		} else {
			at = end
		}
		if end == l.to {
			return
		}
	}
}

// Carried is what one subflow brought one way.
type Carried struct {
	Ordinal int
	Sent    uint64 // payload that the sender's capture shows
	Arrived uint64 // payload that arrived, copies of it included
	First   uint64 // data that it was the first to bring: goodput
}

// Carried sums up each subflow of the connection, in the order of the sender's capture.
func (d *Delivery) Carried() []Carried {
	list := make([]Carried, len(d.conn.Subflows))
	t, u := d.p.Trace(d.Sender), d.p.Trace(d.Sender.Other())
	for i := range list {
		list[i].Ordinal = i
		part := &d.conn.Subflows[i]
		towards := d.Dest
		if part.Dest == stream.Client {
			towards = towards.Other()
		}
		list[i].Sent = t.SubflowStream(d.conn, i).Toward[towards].Bytes
		if f := d.flows[part.Stream]; f != nil {
			for _, h := range f.Hops {
				list[i].Arrived += uint64(u.PayloadLen(h.Received))
			}
			for _, m := range f.Received {
				list[i].Arrived += uint64(m.Bytes)
			}
		}
	}
	for _, s := range d.first {
		list[d.ordinal(&d.arrivals[s.by])].First += s.to - s.from
	}
	return list
}

// ordinal is that of the subflow which brought a landing, in the sender's capture.
func (d *Delivery) ordinal(l *landing) int {
	if l.known {
		return d.p.Trace(d.Sender).OrdinalOf(l.sent)
	}
	to := d.Sender.Other()
	i := d.p.index[to][d.p.Trace(to).StreamOf(l.received)]
	return d.p.Trace(d.Sender).OrdinalOf(d.p.Trace(d.Sender).StreamRows(d.p.Streams[i-1].In(d.Sender))[0])
}

// Conn is the connection in the sender's capture, which rows and ordinals refer to.
func (d *Delivery) Conn() *conn.Conn { return d.conn }

// Firsts visits the data in order of its numbers: so many bytes, brought first by a subflow at a time of the receiver's
// capture.
func (d *Delivery) Firsts(visit func(ordinal int, at int64, bytes uint64)) {
	for _, s := range d.first {
		l := &d.arrivals[s.by]
		visit(d.ordinal(l), l.at, s.to-s.from)
	}
}
