package analysis

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// progress follows what travels one way, packet by packet: how far it was sent, how far it is acknowledged, how far the
// receiver lets the sender go. Numbers count from the initial sequence number: that of a TCP stream, or the initial data
// sequence number of a connection, whose acks are DATA_ACKs and whose window counts from there (RFC 8684 section 3.3.4).
type progress struct {
	high uint64 // one past the highest byte sent
	una  uint64 // the cumulative ack
	edge uint64 // the highest number that the receiver has allowed, one past the last byte

	sending, acking, open bool // high, una, edge are known
	trace                 *trace.Trace
	base                  numbers
	towards               stream.Dest
	pieces                []trace.Piece
}

// numbers makes numbers relative: of a lane, which wrap at 2³², or of a connection's data.
type numbers struct {
	lane *Lane   // nil: data sequence numbers
	zero uint64  // the number that is 0: the initial one; of the lane or the connection
	seqs counter // of a lane
}

// step is what one packet does. From and To are set where it carries bytes of the direction, Ack where it acknowledges.
type step struct {
	*trace.Brief
	Sent, Acks bool
	From, To   uint64
	Fresh      uint64 // bytes past all that were sent before
	Ack        uint64
	Newly      uint64 // acknowledged for the first time
	Window     uint64 // that it advertises
	First      bool   // the first ack of all
}

// numbersOf are the numbers of a lane, or of a connection's data one way.
func (s *Scope) numbersOf(lane *Lane, towards stream.Dest) numbers {
	if lane != nil {
		st := s.laneStream(lane)
		isn := st.ClientISN
		if lane.Dest == stream.Client {
			isn = st.ServerISN
		}
		return numbers{lane: lane, zero: uint64(isn)}
	}
	return numbers{zero: dataZero(s.Conn, towards)}
}

// dataZero is the initial data sequence number of what travels to an end, or the lowest seen where no key tells it.
func dataZero(c *conn.Conn, towards stream.Dest) uint64 {
	if sender := c.End(towards.Other()); sender.HasKey {
		return sender.IDSN
	}
	return c.Toward[towards].DSNMin
}

// wide turns a relative TCP number into one that does not wrap; below zero it is above half.
func (n *numbers) wide(seq uint32) uint64 { return n.seqs.wide(seq) - bias }

// half is where signed differences of 64-bit numbers turn over.
const half = 1 << 63

// follow visits the packets of one direction and of the acks that answer them: of a lane, or with nil of the connection.
func (s *Scope) follow(ctx context.Context, lane *Lane, towards stream.Dest, visit func(p *progress, e *step)) error {
	p := &progress{trace: s.Trace, base: s.numbersOf(lane, towards), towards: towards}
	rows := s.connRows
	if lane != nil {
		rows = func() []uint32 { return s.laneRows(lane) }
	}
	var e step
	return s.eachBrief(ctx, rows(), func(r *trace.Brief) {
		e = step{Brief: r}
		if lane != nil {
			p.segment(&e)
		} else {
			p.data(&e)
		}
		visit(p, &e)
	})
}

// connRows are the packets of a whole connection, skipped subflows and all: what they carry counts.
func (s *Scope) connRows() []uint32 { return s.Trace.ConnRows(s.Conn.ID) }

// segment reads a packet of a TCP stream.
func (p *progress) segment(e *step) {
	n := &p.base
	switch {
	case e.NoLen:
	case e.Dest == n.lane.Dest:
		length := uint64(e.Len)
		if e.Flags&stream.SYN != 0 {
			length++
		}
		if e.Flags&stream.FIN != 0 {
			length++
		}
		if e.From = n.wide(e.Seq); length > 0 && e.From < half {
			p.sent(e, length)
			n.seqs.reach(e.To + bias)
		}
	case e.Flags&stream.ACK != 0 && e.Flags&stream.RST == 0:
		if e.Ack = n.wide(e.Brief.Ack); e.Ack < half {
			p.acked(e)
			n.seqs.reach(e.Ack + bias)
		}
	}
}

// data reads a packet of a connection.
func (p *progress) data(e *step) {
	if e.ConnDest != p.towards {
		if e.HasDACK {
			e.Ack = e.DACK - p.base.zero
			p.acked(e)
		}
		return
	}
	if e.Len == 0 {
		return
	}
	p.pieces = p.trace.Pieces(e.ID-1, p.pieces[:0])
	if len(p.pieces) == 0 {
		return
	}
	e.From = p.pieces[0].DSN - p.base.zero
	end, last := e.From, &p.pieces[len(p.pieces)-1]
	for i := range p.pieces {
		end = max(end, p.pieces[i].DSN-p.base.zero+uint64(p.pieces[i].Len))
	}
	if end < half && last.DSN-p.base.zero < half {
		p.sent(e, end-e.From)
	}
}

func (p *progress) sent(e *step, length uint64) {
	e.Sent, e.To = true, e.From+length
	switch {
	case !p.sending:
		e.Fresh, p.high, p.sending = length, e.To, true
	case e.To > p.high:
		e.Fresh, p.high = e.To-max(p.high, e.From), e.To
	}
}

func (p *progress) acked(e *step) {
	if e.Ack >= half {
		return
	}
	e.Acks, e.First, e.Window = true, !p.acking, uint64(e.Brief.Window)
	if p.acking && e.Ack > p.una {
		e.Newly = e.Ack - p.una
	}
	if !p.acking || e.Ack > p.una {
		p.una, p.acking = e.Ack, true
	}
	if edge := e.Ack + e.Window; !p.open || edge > p.edge {
		p.edge, p.open = edge, true
	}
}

// flight is how many bytes are sent and not acknowledged.
func (p *progress) flight() (n uint64, known bool) {
	if !p.sending || !p.acking {
		return 0, false
	}
	if p.una >= p.high {
		return 0, true
	}
	return p.high - p.una, true
}
