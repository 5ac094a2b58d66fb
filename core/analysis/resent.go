package analysis

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Cause says why a segment was sent again on its subflow, as far as the capture shows.
type Cause uint8

// Causes. Each asks for evidence; without any the timer is left.
const (
	// Timeout: nothing said that the segment was lost: a retransmission timeout (RFC 6298) or a tail loss probe (RFC 8985
	// section 7).
	Timeout Cause = iota
	// Fast: the other end had acknowledged, or reported by SACK, a segment that was sent after it and only once (RFC 8985
	// section 6.2), or had sent three duplicate acks for it (RFC 5681 section 3.2).
	Fast
	// Spurious: it was not needed. The other end had acknowledged it before, or reported it as a duplicate (D-SACK, RFC
	// 2883), or acknowledged it with the timestamp of something sent before (Eifel, RFC 3522).
	Spurious
	// Copy: the same IP packet once more: the network or the capture doubled it, nobody sent it again.
	Copy
)

// String is the cause in a word.
func (c Cause) String() string {
	return [...]string{"timeout", "fast", "spurious", "copy"}[c&3]
}

// Evidence is what a cause rests on.
type Evidence uint8

// Evidences.
const (
	NoEvidence   Evidence = iota
	LaterArrived          // a segment sent later was acknowledged, or reported by SACK
	ThreeDupAcks          // three duplicate acks
	AckedBefore           // it was acknowledged before it was sent again
	DSACK                 // a D-SACK block reported it
	EarlierStamp          // the ack echoed an earlier timestamp
	SameIPPacket          // every number in the packet is the same
)

// String is the evidence in words, empty for NoEvidence.
func (e Evidence) String() string {
	return [...]string{"no sign of loss before it", "a later segment had arrived", "three duplicate acks", "it was acknowledged before",
		"reported as a duplicate (D-SACK)", "the ack echoes an earlier timestamp (Eifel)", "the same packet once more", ""}[e&7]
}

// Resent is a segment that carries bytes which its subflow has carried before.
type Resent struct {
	Row, Previous uint32 // rows; Previous carried the bytes last
	Ordinal       int    // of the subflow
	Dest          stream.Dest
	Bytes         uint64 // that were carried before
	Cause         Cause
	Evidence      Evidence
	from, to      uint64 // offsets
	stamp         uint32 // TSVal, valid iff stamped
	stamped       bool
}

// recovery is what the acks of one direction of a subflow told its sender.
type recovery struct {
	acked     uint64 // the highest ack, as an offset; 0 before the first
	sacked    spans
	delivered int64 // when the latest of the segments that arrived, and were sent once, was sent
	dups      int   // duplicate acks since acked grew
	list      []int // the lane's part of Account.Resent
	edge      []int // those that began where acked is, until they are acknowledged
}

// resent judges a segment with offsets [from, to) that carries bytes again: those of a.old.
func (a *accountant) resent(l *lane, row uint32, w *trace.Wire, from, to, remapped uint64) {
	r := Resent{Row: row, Previous: a.old[0].row, Ordinal: l.ordinal, Dest: l.dest, from: a.old[0].from,
		to: a.old[len(a.old)-1].to, stamp: w.TSVal, stamped: w.HasTS}
	before := int64(0)
	for _, o := range a.old {
		r.Bytes += o.to - o.from
		before = max(before, a.trace.Time(o.row))
	}
	if r.Bytes -= remapped; r.Bytes == 0 {
		return
	}
	switch {
	case len(a.old) == 1 && r.from == from && r.to == to && samePacket(a.trace.Wire(r.Previous), *w, a.trace.IsV6(row)):
		r.Cause, r.Evidence = Copy, SameIPPacket
	case l.acked >= r.to:
		r.Cause, r.Evidence = Spurious, AckedBefore
	case l.delivered > before:
		r.Cause, r.Evidence = Fast, LaterArrived
	case l.dups >= 3:
		r.Cause, r.Evidence = Fast, ThreeDupAcks
	}
	n := len(a.out.Resent)
	a.out.Resent = append(a.out.Resent, r)
	if r.Cause == Copy {
		return
	}
	l.list = append(l.list, n)
	if r.from <= l.acked && l.acked < r.to {
		l.edge = append(l.edge, n)
	}
}

// samePacket reports whether two segments are one IP packet: nothing differs, and there is something that would.
func samePacket(p, q trace.Wire, v6 bool) bool {
	p.Time = q.Time
	return p == q && (q.HasTS || !v6 && q.Print != 0)
}

// ack takes in what a packet tells the sender of a lane.
func (a *accountant) ack(l *lane, row uint32, w *trace.Wire) {
	if l.offsets.top == 0 {
		return
	}
	ack := l.offsets.wide(w.Ack)
	switch {
	case ack > l.acked:
		if l.acked != 0 {
			a.arrived(l, l.acked, ack)
		}
		l.acked, l.dups = ack, 0
		a.eifel(l, w)
	case ack == l.acked && a.trace.Analysis(row)&stream.DuplicateAck != 0:
		l.dups++
	}
	a.blocks = a.trace.SACK(row, a.blocks[:0])
	if len(a.blocks) > 0 {
		a.sack(l, row, w, ack)
	}
}

// sack takes in SACK blocks.
func (a *accountant) sack(l *lane, row uint32, w *trace.Wire, ack uint64) {
	_, relative := a.trace.SeqAck(row)
	base := w.Ack - relative
	for i, b := range a.blocks {
		from := l.offsets.wide(b.Start + base)
		to := from + uint64(b.End-b.Start)
		if b.End-b.Start > 1<<30 {
			continue // no block
		}
		if i == 0 && isDuplicate(a.blocks, to, ack) {
			a.duplicate(l, from, to)
			continue
		}
		l.sacked.fill(from, to, 0, func(from, to uint64, _ uint32, old bool) {
			if !old {
				a.arrived(l, from, to)
			}
		})
	}
}

// isDuplicate reports whether the first block, which ends at an offset, reports a duplicate (RFC 2883 section 4): it is
// acknowledged, or part of the second one.
func isDuplicate(blocks []trace.SACKBlock, end, ack uint64) bool {
	return end <= ack || len(blocks) > 1 && within(blocks[0], blocks[1])
}

// within reports whether a block lies in another one.
func within(b, other trace.SACKBlock) bool {
	return int32(b.Start-other.Start) >= 0 && int32(other.End-b.End) >= 0
}

// arrived notes that the other end has bytes.
func (a *accountant) arrived(l *lane, from, to uint64) {
	l.sent.each(from, to, func(_, _ uint64, value uint32) {
		if value&repeatedBit == 0 {
			l.delivered = max(l.delivered, a.trace.Time(value))
		}
	})
}

// maxResent is how many retransmissions are looked at for the one that a D-SACK block reports.
const maxResent = 1024

// duplicate takes in a D-SACK block: the latest segments that carried its bytes again were not needed.
func (a *accountant) duplicate(l *lane, from, to uint64) {
	for i := len(l.list) - 1; i >= max(0, len(l.list)-maxResent) && from < to; i-- {
		r := &a.out.Resent[l.list[i]]
		if r.to <= from || r.from >= to || r.Evidence == DSACK {
			continue
		}
		r.Cause, r.Evidence = Spurious, DSACK
		if r.from <= from { // most blocks report one segment
			from = r.to
		} else {
			to = r.from
		}
	}
}

// eifel asks whether segments sent again where the ack stood were what the ack answers: its timestamp tells.
func (a *accountant) eifel(l *lane, w *trace.Wire) {
	keep := l.edge[:0]
	for _, n := range l.edge {
		r := &a.out.Resent[n]
		if l.acked < r.to {
			keep = append(keep, n)
			continue
		}
		if r.Cause != Spurious && r.stamped && w.HasTS && w.TSEcr != 0 && int32(w.TSEcr-r.stamp) < 0 {
			r.Cause, r.Evidence = Spurious, EarlierStamp
		}
	}
	l.edge = keep
}
