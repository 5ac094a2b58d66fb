package analysis

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Stalls tell what held up the data of a connection: at the receiver, data that was missing before what had arrived; at
// the sender, a closed window, or an application that had nothing to send.
type Stalls struct {
	Conn    *conn.Conn
	Vantage Vantage
	Toward  [3]Delivery // by stream.Dest
}

// Delivery is what held up the data towards one end.
type Delivery struct {
	Reordering
	// Sight: the capture was made at the receiver, so that data arrives with the packet that carries it. Else it arrives
	// with the first ack or SACK block on its subflow that covers it: the way back is in every time, and so in no difference
	// but where ways back differ.
	Sight bool
	// Scaled: of one subflow at least it is known how large the receiver's window is. Else, as its scale was not captured, what
	// was limited by the window cannot be told from what the paths limited.
	Scaled bool
	// Lag is the time from the arrival of data in order to the data ack that covers it, by bytes, in ns.
	Lag Quantiles
	Pacing
}

// NewStalls reads a connection.
func NewStalls(ctx context.Context, t *trace.Trace, c *conn.Conn) (*Stalls, error) {
	openings := Openings(t, c)
	v := VantageOf(openings)
	s := &staller{trace: t, out: &Stalls{Conn: c, Vantage: v}}
	for _, d := range ConnDirections(stream.DestUnknown) {
		s.start(c, d, v, openings)
	}
	for i, row := range t.ConnRows(c.ID) {
		if i%cancelEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		s.packet(row)
	}
	for _, d := range ConnDirections(stream.DestUnknown) {
		s.ways[d].finish()
	}
	return s.out, nil
}

// staller makes Stalls.
type staller struct {
	trace *trace.Trace
	out   *Stalls
	ways  [3]*delivery
}

// delivery is the data towards one end, while it is read.
type delivery struct {
	trace      *trace.Trace
	out        *Delivery
	fallenBack bool
	plain      bool // all of it is plain TCP: offsets stand for data sequence numbers
	queue      queue
	lanes      []deliveryLane
	first      spans // data sequence numbers, with the row that carried them first
	pacer      pacer
	// What arrived in order and waits for a data ack: ascending.
	unacked []inOrder
	lag     []weighted
	pieces  []trace.Piece
	blocks  []trace.SACKBlock
}

// deliveryLane is the data towards one end on one subflow.
type deliveryLane struct {
	offsets counter
	sent    spans // offsets, with the row that carried them last and repeatedBit
	acked   uint64
	sacked  spans
}

// inOrder is data up to a number that arrived in order at a time.
type inOrder struct {
	upto, bytes uint64
	time        int64
}

func (s *staller) start(c *conn.Conn, d stream.Dest, v Vantage, openings []Opening) {
	out := &s.out.Toward[d]
	out.Sight = v.Near(d)
	out.Parts = make([][]Level, len(c.Subflows))
	w := &delivery{trace: s.trace, out: out, fallenBack: c.Fallback.Cause != conn.NoFallback, plain: true, lanes: make([]deliveryLane, len(c.Subflows))}
	w.queue = queue{out: &out.Reordering, expected: c.Toward[d].DSNMin, parts: make([]uint64, len(c.Subflows))}
	out.AtSender = v.Near(d.Other())
	w.pacer = pacer{out: &out.Pacing, turns: turns(c, openings, d), most: make([]uint32, len(c.Subflows))}
	for i := range w.lanes {
		out.Scaled = out.Scaled || scaled(s.trace, &c.Subflows[i], d)
		w.plain = w.plain && isPlain(s.trace, c, i, d)
	}
	if w.plain {
		w.queue.expected = 0
	}
	s.ways[d] = w
}

// scaled says whether it is known how the receiver of what travels to d scales its windows on a subflow (RFC 7323 section 2).
func scaled(t *trace.Trace, part *conn.Subflow, d stream.Dest) bool {
	s := &t.Streams[part.Stream]
	if subflowToward(part, d) == stream.Client {
		return s.ClientScale != -1
	}
	return s.ServerScale != -1
}

// turns are the times from the place of the capture to the sender of what travels to d, and back, as each subflow's handshake
// showed them; 0 where it did not.
func turns(c *conn.Conn, openings []Opening, d stream.Dest) []turn {
	list := make([]turn, len(openings))
	for i, o := range openings {
		shown := between(o.SYNACK, o.ACK)
		if c.Subflows[i].Dest != d { // the sender answered the SYN
			shown = between(o.LastSYN, o.SYNACK)
		}
		list[i].base = max(shown, 0)
	}
	return list
}

func (s *staller) packet(row uint32) {
	d, ordinal := s.trace.ConnDest(row), s.trace.OrdinalOf(row)
	wire := s.trace.Wire(row)
	if wire.Len > 0 {
		s.ways[d].sent(ordinal, row, &wire)
	}
	if wire.Flags&(stream.ACK|stream.RST|stream.SYN) == stream.ACK {
		s.ways[d.Other()].acknowledged(ordinal, row, &wire)
	}
}

// sent takes in a payload towards the end.
func (w *delivery) sent(ordinal int, row uint32, wire *trace.Wire) {
	l := &w.lanes[ordinal]
	seq := wire.Seq
	if wire.Flags&stream.SYN != 0 {
		seq++
	}
	from := l.offsets.wide(seq)
	to := from + uint64(wire.Len)
	late := from < l.offsets.top
	l.offsets.reach(to)
	once(&l.sent, from, to, row)
	a := coming{wire.Time, row, ordinal}
	w.eachPiece(l, row, seq, from, to, func(x, y uint64) {
		w.first.fill(x, y, row, func(uint64, uint64, uint32, bool) {})
		w.pacer.sent(ordinal, wire, y, wire.Len)
		if w.out.Sight {
			hole := SlowPath
			if late {
				hole = Lost
			}
			w.arrive(a, x, y, func(uint64) brought { return brought{ordinal, ordinal, hole} })
		}
	})
}

// eachPiece calls use with the data sequence numbers of a part of a row's payload.
func (w *delivery) eachPiece(l *deliveryLane, row, seq uint32, from, to uint64, use func(from, to uint64)) {
	if !w.plain {
		w.pieces = piecesOf(w.trace, w.pieces, row, seq, from, to, use)
		return
	}
	if w.queue.expected == 0 {
		w.queue.expected = from
	}
	use(from, to)
}

// arrive gives data to the queue, and notes what is in order.
func (w *delivery) arrive(a coming, from, to uint64, who func(uint64) brought) {
	before := w.queue.expected
	w.queue.arrive(a, from, to, who)
	w.inOrder(before, a.time)
}

func (w *delivery) inOrder(before uint64, time int64) {
	if w.queue.expected != before {
		w.unacked = append(w.unacked, inOrder{w.queue.expected, w.queue.expected - before, time})
	}
}

// acknowledged takes in what a packet of the end acknowledges.
func (w *delivery) acknowledged(ordinal int, row uint32, wire *trace.Wire) {
	l := &w.lanes[ordinal]
	a := coming{wire.Time, row, ordinal}
	if l.offsets.top != 0 {
		ack := l.offsets.wide(wire.Ack)
		if !w.out.Sight {
			w.selected(l, a, wire, ack)
			w.covered(l, a, max(l.acked, l.first()), ack)
		}
		l.acked = max(l.acked, ack)
		if w.plain {
			w.dataAck(a, ack)
		}
	}
	if w.plain {
		return // data acks would be of other numbers
	}
	if dack, ok := w.trace.DACK(row); ok {
		w.dataAck(a, dack)
	} else if w.fallenBack && w.out.Bytes > 0 {
		w.dataAck(a, w.queue.expected) // TCP's ack is all there is
	}
}

// first is the first offset of the lane.
func (l *deliveryLane) first() uint64 {
	if low, _, ok := l.sent.tree.Min(); ok {
		return low
	}
	return l.sent.last.from
}

// covered lets the bytes with offsets [from, to) arrive, that an ack or a SACK block covers.
func (w *delivery) covered(l *deliveryLane, a coming, from, to uint64) {
	if from >= to {
		return
	}
	var parts []rangeAt
	l.sent.each(from, to, func(from, to uint64, value uint32) { parts = append(parts, rangeAt{from, rangeEnd{to, value}}) })
	for _, p := range parts {
		row := p.value &^ repeatedBit
		seq := w.trace.Wire(row).Seq
		if w.trace.Flags(row)&stream.SYN != 0 {
			seq++
		}
		w.eachPiece(l, row, seq, p.from, p.to, func(x, y uint64) {
			w.arrive(a, x, y, func(dsn uint64) brought { return w.who(a.ordinal, dsn, p.value&repeatedBit != 0) })
		})
	}
}

// who says what brought a byte that a subflow acknowledges.
func (w *delivery) who(by int, dsn uint64, again bool) brought {
	b := brought{by, by, SlowPath}
	w.first.each(dsn, dsn+1, func(_, _ uint64, row uint32) { b.of = w.trace.OrdinalOf(row) })
	switch {
	case b.of != by:
		b.hole = Rescued
	case again:
		b.hole = Lost
	}
	return b
}

// selected takes in SACK blocks.
func (w *delivery) selected(l *deliveryLane, a coming, wire *trace.Wire, ack uint64) {
	w.blocks = w.trace.SACK(a.row, w.blocks[:0])
	if len(w.blocks) == 0 {
		return
	}
	_, relative := w.trace.SeqAck(a.row)
	base := wire.Ack - relative
	for i, b := range w.blocks {
		from := l.offsets.wide(b.Start + base)
		to := from + uint64(b.End-b.Start)
		if b.End-b.Start > 1<<30 || i == 0 && isDuplicate(w.blocks, to, ack) {
			continue
		}
		var fresh []rangeAt
		l.sacked.fill(from, to, 0, func(from, to uint64, _ uint32, old bool) {
			if !old {
				fresh = append(fresh, rangeAt{from, rangeEnd{to: to}})
			}
		})
		for _, f := range fresh {
			w.covered(l, a, f.from, f.to)
		}
	}
}

// dataAck takes in a data ack. It may come before the acks of the subflows that brought the data.
func (w *delivery) dataAck(a coming, dack uint64) {
	if w.out.Bytes > 0 && int64(dack-w.queue.expected) > 0 {
		w.told(a, dack)
	}
	for len(w.unacked) > 0 && int64(w.unacked[0].upto-dack) <= 0 {
		w.lag = append(w.lag, weighted{a.time - w.unacked[0].time, w.unacked[0].bytes})
		w.unacked = w.unacked[1:]
	}
	wire := w.trace.Wire(a.row)
	w.pacer.acknowledged(a.ordinal, &wire, dack, w.trace.Window(a.row))
}

// told lets everything below a data ack arrive: what the capture shows on its way, and what it does not.
func (w *delivery) told(a coming, dack uint64) {
	var parts []rangeAt
	w.first.each(w.queue.expected, dack, func(from, to uint64, row uint32) { parts = append(parts, rangeAt{from, rangeEnd{to, row}}) })
	for _, p := range parts {
		by := w.trace.OrdinalOf(p.value)
		w.arrive(coming{a.time, a.row, by}, p.from, p.to, func(dsn uint64) brought { return w.who(by, dsn, false) })
	}
	before := w.queue.expected
	w.queue.skip(a, dack, func(uint64) brought { return brought{-1, -1, Unseen} })
	w.inOrder(before, a.time)
}

func (w *delivery) finish() {
	w.queue.finish()
	w.pacer.finish()
	w.out.Lag = weightedQuantiles(w.lag)
}
