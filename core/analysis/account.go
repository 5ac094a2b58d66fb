package analysis

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Account is what the packets of a connection carried, exact to the byte: every payload byte is in one of the sorts of
// Carried, judged in the order of the capture. Bytes are told apart by TCP sequence number on a subflow, and by data
// sequence number (RFC 8684 section 3.3) across subflows, so that a mapping that is repeated, or comes late, changes
// nothing. Bytes that are sent again under other data sequence numbers, as a mapping contradicts an earlier one, are other data.
type Account struct {
	Conn         *conn.Conn
	Parts        [3][]Carried  // by stream.Dest; index is the subflow's ordinal
	Resent       []Resent      // in order of capture
	Reinjections []Reinjection // in order of capture
}

// Carried sums up what one subflow carried one way, in bytes but for Packets.
type Carried struct {
	Packets uint64
	// Payload = Unique + Timeout + Fast + Spurious + Copies + Repeated + Reinjected + Unmapped.
	Payload uint64
	Unique  uint64 // data that no packet of the connection had carried before, plain TCP and a SYN's data included
	// Sent again on this subflow, by Cause.
	Timeout, Fast, Spurious, Copies uint64
	// Repeated is data that this subflow had carried before under other TCP sequence numbers: MPTCP sent it again, and
	// chose the same subflow.
	Repeated   uint64
	Reinjected uint64 // data that another subflow had carried before: reinjections given
	Unmapped   uint64 // without a mapping, and not data for certain as conn.Direction's Plain and Early are
	// Caused is data that this subflow carried first and another one reinjected. It is part of Unique.
	Caused uint64

	MPTCP   uint64 // MPTCP options
	Options uint64 // other TCP options, padding included
	Headers uint64 // IP headers and the 20 bytes of TCP's, without link layers and tunnels
}

// Retransmitted is what TCP sent again on the subflow, whatever made it do so.
func (c *Carried) Retransmitted() uint64 { return c.Timeout + c.Fast + c.Spurious }

// Wire is the size of all the IP packets.
func (c *Carried) Wire() uint64 { return c.Payload + c.MPTCP + c.Options + c.Headers }

func (c *Carried) add(o *Carried) {
	c.Packets += o.Packets
	c.Payload += o.Payload
	c.Unique += o.Unique
	c.Timeout += o.Timeout
	c.Fast += o.Fast
	c.Spurious += o.Spurious
	c.Copies += o.Copies
	c.Repeated += o.Repeated
	c.Reinjected += o.Reinjected
	c.Unmapped += o.Unmapped
	c.Caused += o.Caused
	c.MPTCP += o.MPTCP
	c.Options += o.Options
	c.Headers += o.Headers
}

// Total is what all subflows carried to an end of the connection.
func (a *Account) Total(d stream.Dest) (sum Carried) {
	for i := range a.Parts[d] {
		sum.add(&a.Parts[d][i])
	}
	return sum
}

// Reinjection is data that a segment carried after a segment of another subflow had.
type Reinjection struct {
	Row, Original uint32 // rows; Original is the first that carried the data
	By, Of        int    // ordinals of the subflows
	Dest          stream.Dest
	Bytes         uint64
	Delay         int64 // ns since the original
}

// NewAccount reads a connection.
func NewAccount(ctx context.Context, t *trace.Trace, c *conn.Conn) (*Account, error) {
	a := newAccountant(t, c)
	for i, row := range t.ConnRows(c.ID) {
		if i%cancelEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		a.packet(row)
	}
	return a.finish(), nil
}

// accountant makes an Account.
type accountant struct {
	trace *trace.Trace
	out   *Account
	lanes [3][]lane // as Account.Parts
	data  [3]spans  // data sequence numbers, with the row that carried them first
	// For one packet: what is old of its payload on the subflow, where its mappings are.
	old    []oldPart
	pieces []trace.Piece
	blocks []trace.SACKBlock
}

// lane is one direction of a subflow.
type lane struct {
	ordinal int
	dest    stream.Dest
	part    *Carried
	offsets counter
	sent    spans // offsets, with the row that carried them last and repeatedBit
	own     spans // data sequence numbers
	plain   bool  // carries plain TCP: data is counted by subflow sequence number
	recovery
}

// oldPart is a part of a payload that was sent before.
type oldPart struct {
	from, to uint64 // offsets
	row      uint32 // that carried it last
	again    bool   // not for the first time
}

// repeatedBit marks the row of a segment that was not the first to carry its bytes.
const repeatedBit = 1 << 31

func newAccountant(t *trace.Trace, c *conn.Conn) *accountant {
	a := &accountant{trace: t, out: &Account{Conn: c}}
	for _, d := range ConnDirections(stream.DestUnknown) {
		a.out.Parts[d] = make([]Carried, len(c.Subflows))
		a.lanes[d] = make([]lane, len(c.Subflows))
		for i := range c.Subflows {
			a.lanes[d][i] = lane{ordinal: i, dest: d, part: &a.out.Parts[d][i], plain: isPlain(t, c, i, d)}
		}
	}
	return a
}

// isPlain reports whether a subflow carries plain TCP one way: the connection fell back, and no payload is mapped.
func isPlain(t *trace.Trace, c *conn.Conn, ordinal int, d stream.Dest) bool {
	if c.Fallback.Cause == conn.NoFallback || c.Toward[d].Unmapped > 0 {
		return false
	}
	for _, row := range t.SubflowRows(c, ordinal) {
		if _, mapped := t.DSN(row); mapped && t.ConnDest(row) == d {
			return false
		}
	}
	return true
}

// packet accounts for one packet.
func (a *accountant) packet(row uint32) {
	d, ordinal := a.trace.ConnDest(row), a.trace.OrdinalOf(row)
	l := &a.lanes[d][ordinal]
	ip, tcp := a.trace.Headers(row)
	mptcp := min(a.trace.MPTCPLen(row), max(tcp, 20)-20)
	l.part.Packets++
	l.part.MPTCP += uint64(mptcp)
	l.part.Options += uint64(max(tcp, 20) - 20 - mptcp)
	l.part.Headers += uint64(ip + min(tcp, 20))
	w := a.trace.Wire(row)
	if w.Len > 0 {
		a.carry(l, row, &w)
	}
	if w.Flags&(stream.ACK|stream.RST) == stream.ACK {
		a.ack(&a.lanes[d.Other()][ordinal], row, &w)
	}
}

// carry accounts for a payload.
func (a *accountant) carry(l *lane, row uint32, w *trace.Wire) {
	l.part.Payload += uint64(w.Len)
	seq := w.Seq
	if w.Flags&stream.SYN != 0 {
		seq++ // the SYN has the first number
	}
	from := l.offsets.wide(seq)
	to := from + uint64(w.Len)
	l.offsets.reach(to)
	a.old = a.old[:0]
	l.sent.replace(from, to, row, func(from, to uint64, value uint32) {
		a.old = append(a.old, oldPart{from, to, value &^ repeatedBit, value&repeatedBit != 0})
	})
	at := from
	for i := 0; i < len(a.old); {
		o := a.old[i]
		for i++; i < len(a.old) && a.old[i].from == o.to; i++ { // as one: else parts would get smaller and smaller
			o.to = a.old[i].to
		}
		if at < o.from {
			a.fresh(l, row, from, at, o.from)
		}
		l.sent.replace(o.from, o.to, row|repeatedBit, func(uint64, uint64, uint32) {})
		at = o.to
	}
	if at < to {
		a.fresh(l, row, from, at, to)
	}
	if len(a.old) > 0 {
		a.resent(l, row, w, from, to, a.remapped(l, row, from))
	}
}

// remapped accounts for what the subflow carried before by TCP sequence number, but not by data sequence number, as a mapping
// contradicts an earlier one: it is other data. It gives the number of such bytes.
func (a *accountant) remapped(l *lane, row uint32, start uint64) (n uint64) {
	if l.plain {
		return 0
	}
	a.pieces = a.trace.Pieces(row, a.pieces[:0])
	for _, o := range a.old {
		inPieces(a.pieces, start, o.from, o.to, func(from, to uint64) {
			l.own.fill(from, to, 0, func(from, to uint64, _ uint32, old bool) {
				if !old {
					n += to - from
					a.other(l, row, from, to)
				}
			})
		})
	}
	return n
}

// fresh accounts for the bytes with offsets [from, to) of a payload that begins at offset start, which the subflow has
// not carried before.
func (a *accountant) fresh(l *lane, row uint32, start, from, to uint64) {
	if l.plain {
		a.mapped(l, row, from, to)
		return
	}
	a.pieces = a.trace.Pieces(row, a.pieces[:0])
	left := to - from
	inPieces(a.pieces, start, from, to, func(from, to uint64) {
		a.mapped(l, row, from, to)
		left -= to - from
	})
	only := len(a.out.Conn.Subflows) == 1 // what no mapping covers is data too
	if only || a.trace.Wire(row).Flags&stream.SYN != 0 && a.out.Conn.Toward[l.dest].Early > 0 {
		l.part.Unique += left
		return
	}
	l.part.Unmapped += left
}

// mapped accounts for data sequence numbers [from, to) whose bytes the subflow has not carried under their TCP sequence
// numbers before.
func (a *accountant) mapped(l *lane, row uint32, from, to uint64) {
	l.own.fill(from, to, 0, func(from, to uint64, _ uint32, old bool) {
		if old {
			l.part.Repeated += to - from
		} else {
			a.other(l, row, from, to)
		}
	})
}

// other accounts for data sequence numbers [from, to) that the subflow has not carried before.
func (a *accountant) other(l *lane, row uint32, from, to uint64) {
	a.data[l.dest].fill(from, to, row, func(from, to uint64, original uint32, old bool) {
		if old {
			a.reinjected(l, row, original, to-from)
		} else {
			l.part.Unique += to - from
		}
	})
}

// reinjected accounts for bytes that another subflow carried first.
func (a *accountant) reinjected(l *lane, row, original uint32, n uint64) {
	of := a.trace.OrdinalOf(original)
	l.part.Reinjected += n
	a.lanes[l.dest][of].part.Caused += n
	list := a.out.Reinjections
	if k := len(list) - 1; k >= 0 && list[k].Row == row && list[k].Original == original {
		list[k].Bytes += n
		return
	}
	a.out.Reinjections = append(list, Reinjection{Row: row, Original: original, By: l.ordinal, Of: of, Dest: l.dest, Bytes: n,
		Delay: a.trace.Time(row) - a.trace.Time(original)})
}

// finish adds up what had to wait for evidence.
func (a *accountant) finish() *Account {
	for i := range a.out.Resent {
		r := &a.out.Resent[i]
		part := &a.out.Parts[r.Dest][r.Ordinal]
		switch r.Cause {
		case Copy:
			part.Copies += r.Bytes
		case Spurious:
			part.Spurious += r.Bytes
		case Fast:
			part.Fast += r.Bytes
		default:
			part.Timeout += r.Bytes
		}
	}
	return a.out
}
