package analysis

import (
	"fmt"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// silence is a handover away from a subflow that died without a word: no FIN, no reset, no REMOVE_ADDR.
type silence struct {
	Handover
	packet  uint32 // the first that is never acknowledged; or the last that came, where the capture was made at the receiver
	arrives bool   // so it was
	bytes   uint64 // never acknowledged; or that another subflow had to bring instead, at least: what came in its turn tells nothing
	later   int64  // ns from the packet to the one with which the other subflow carries on
}

// leastSilence is for how long nothing must come back, or come, for a subflow to be called silent, in ns: a sender without an ack
// sends again within the second (RFC 6298 section 2). Where acks took long, it takes twice as long as the longest one.
const leastSilence = 500_000_000

// silencesOf tells which subflows died, each once, of those that others took over from: one that had nothing to send leaves nothing
// that was never acknowledged.
func (e *examination) silences() (list []silence) {
	if len(e.lives) < 2 || !slices.ContainsFunc(e.lives, func(l life) bool { return e.hushed(l.ordinal) }) {
		return nil
	}
	for _, h := range handovers(e.t, e.c) {
		if !h.final || slices.ContainsFunc(list, func(s silence) bool { return s.From == h.From }) {
			continue
		}
		if s, ok := e.dies(&h); ok {
			list = append(list, s)
		}
	}
	return list
}

// hushed says whether one end's packets on a subflow end long before the connection's data: those that do not are not looked at closely.
func (e *examination) hushed(ordinal int) bool {
	var heard [3]bool
	rows := e.t.SubflowRows(e.c, ordinal)
	for i := len(rows) - 1; i >= 0; i-- {
		row := rows[i]
		if e.ends[0].time-e.t.Time(row) >= leastSilence {
			return true
		}
		if e.t.Flags(row)&(stream.FIN|stream.RST) == 0 || e.t.PayloadLen(row) > 0 {
			heard[e.t.Dest(row)] = true
		}
		if heard[stream.Client] && heard[stream.Server] {
			return false
		}
	}
	return len(rows) > 0
}

// dies says whether the subflow that stopped carrying data fell silent.
func (e *examination) dies(h *Handover) (silence, bool) {
	w := watch{to: subflowToward(&e.c.Subflows[h.From], h.To)}
	for _, row := range e.t.SubflowRows(e.c, h.From) {
		w.take(e.t, row)
	}
	s := silence{Handover: *h, packet: w.came + 1, arrives: true}
	since := w.cameAt
	if first := w.unanswered(); first >= 0 {
		s.packet, s.arrives, s.bytes = w.sent[first].row+1, false, w.seqs.top-w.acked
		if since = w.sent[first].time; w.heardAt-since < leastSilence { // else only one way died: what comes back acknowledges no more
			since = max(since, w.heardAt)
		}
		if !w.hasAck {
			return s, false // the way back was not captured
		}
	} else {
		alone := []absence{{from: h.From, packet: h.Packet}}
		if instead(e.t, e.c, h.To, alone); alone[0].bytes == 0 {
			return s, false
		}
		s.bytes = alone[0].bytes
	}
	s.later = max(e.t.Time(h.First-1)-e.t.Time(s.packet-1), 0)
	least := max(leastSilence, 2*w.longest)
	if w.closed != 0 && w.closed < since+least || e.takenBack(h.From, since+least, stream.DestUnknown) {
		return s, false
	}
	return s, h.Time+h.Silent-since >= least
}

// watch follows what a subflow carries one way and what comes back.
type watch struct {
	to      stream.Dest
	seqs    counter
	sent    []sentAt
	waiting int    // index of the first of these without an ack
	acked   uint64 // the highest ack
	hasAck  bool
	longest int64  // from a segment to its ack
	heardAt int64  // when the receiver's last packet was seen
	came    uint32 // row of the sender's last packet
	cameAt  int64
	closed  int64 // the first FIN or RST
}

// sentAt is a segment that was sent up to an offset.
type sentAt struct {
	row    uint32
	time   int64
	upto   uint64
	length uint32
	stale  bool // its ack came after a standstill
}

// take takes in the subflow's next packet.
func (w *watch) take(t *trace.Trace, row uint32) {
	p := t.Wire(row)
	if p.Flags&(stream.FIN|stream.RST) != 0 && w.closed == 0 {
		w.closed = p.Time
	}
	if t.Dest(row) == w.to {
		if p.Flags&(stream.FIN|stream.RST) == 0 || p.Len > 0 {
			w.came, w.cameAt = row, p.Time
		}
		if to := w.seqs.wide(p.Seq) + uint64(p.Len); p.Len > 0 && to > w.seqs.top {
			w.seqs.reach(to)
			w.sent = append(w.sent, sentAt{row: row, time: p.Time, upto: to, length: p.Len})
		}
		return
	}
	w.heardAt = p.Time
	if p.Flags&(stream.ACK|stream.SYN|stream.RST) != stream.ACK || len(w.sent) == 0 {
		return
	}
	w.acked, w.hasAck = max(w.acked, w.seqs.wide(p.Ack)), true
	for ; w.waiting < len(w.sent) && w.sent[w.waiting].upto <= w.acked; w.waiting++ {
		if !w.sent[w.waiting].stale {
			w.longest = max(w.longest, p.Time-w.sent[w.waiting].time)
		}
	}
}

// unanswered is the index of the first segment that was never acknowledged, -1 if all were.
func (w *watch) unanswered() int {
	if w.waiting == len(w.sent) {
		return -1
	}
	return w.waiting
}

// absence is a time in which a subflow brings nothing, after a packet and before another one if that is not 0.
type absence struct {
	from           int // ordinal
	packet, before uint32
	bytes          uint64 // brought instead
}

// instead counts the bytes that other subflows brought in each of several absences, in the order of their first packets, and that stand
// before what they had brought by then: another one had had them, and they did not come.
func instead(t *trace.Trace, c *conn.Conn, to stream.Dest, list []absence) {
	var seen spans
	tops := make([]uint64, len(c.Subflows))
	var now []*absence
	for _, row := range t.ConnRows(c.ID) {
		for len(list) > 0 && list[0].packet < row+1 {
			now, list = append(now, &list[0]), list[1:]
		}
		dsn, ok := t.DSN(row)
		n := uint64(t.PayloadLen(row))
		if !ok || n == 0 || t.ConnDest(row) != to {
			continue
		}
		now = slices.DeleteFunc(now, func(a *absence) bool { return a.before != 0 && row+1 >= a.before })
		if len(now) == 0 && len(list) == 0 {
			return
		}
		by := t.OrdinalOf(row)
		back := tops[by] != 0 && int64(dsn-tops[by]) < 0
		seen.fill(dsn, dsn+n, 0, func(from, to uint64, _ uint32, old bool) {
			for _, a := range now {
				if back && !old && by != a.from {
					a.bytes += to - from
				}
			}
		})
		if tops[by] == 0 || int64(dsn+n-tops[by]) > 0 {
			tops[by] = dsn + n
		}
	}
}

// text says what shows the silence, in the middle of a sentence.
func (s *silence) text(t *trace.Trace, c *conn.Conn) string {
	who, next := s.To.Other().End(), c.Subflows[s.Next].Stream
	amount := display.Scaled(float64(s.bytes), display.Bytes)
	if s.arrives {
		return fmt.Sprintf("nothing from the %s comes on it after %s; subflow %d goes on (packet %d), and brings what was missing, %s or more", who,
			packetName(t, s.packet), next, s.First, amount)
	}
	return fmt.Sprintf("what the %s sends on it from %s on is never acknowledged (%s); subflow %d takes over %s later (packet %d)", who,
		packetName(t, s.packet), amount, next, spanText(s.later), s.First)
}
