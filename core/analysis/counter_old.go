package analysis

import (
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// lookBack is how many packets of its subflow are looked at before one that may be too old.
const lookBack = 256

// tooOld reports whether the receiver of a packet drops it, options and all, as its timestamp is older than one that came before
// (RFC 7323 section 5.3, PAWS): the network brought it late. A reset is not dropped, nor is the ack that was the last one told.
func (k *tally) tooOld(p *control) bool {
	row := p.packet - 1
	w := k.t.Wire(row)
	if !w.HasTS || w.Flags&stream.RST != 0 {
		return false
	}
	rows := k.t.StreamRows(k.t.StreamOf(row))
	at, _ := slices.BinarySearch(rows, row)
	newer, acked := false, w.Ack
	told, hasTold := uint32(0), false // by the receiver, of what it has
	for _, before := range rows[max(0, at-lookBack):at] {
		b := k.t.Wire(before)
		switch {
		case k.t.Dest(before) != k.t.Dest(row):
			if b.Flags&stream.ACK != 0 && (!hasTold || int32(b.Ack-told) > 0) {
				told, hasTold = b.Ack, true
			}
			continue
		case b.HasTS && int32(b.TSVal-w.TSVal) > 0 && hasTold && int32(b.Seq-told) <= 0: // what stands beyond a gap tells no timestamp
			newer = true
		}
		if int32(b.Ack-acked) > 0 && b.Flags&stream.ACK != 0 {
			acked = b.Ack
		}
	}
	return newer && (w.Len > 0 || w.Ack != acked)
}
