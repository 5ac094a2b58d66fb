package analysis

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// contradicted is the packet with a mapping that contradicts an earlier one for the same bytes, for which the end that it came to reset
// the subflow (RFC 8684 section 3.3.1), 0 if there is none: Linux says MP_TCPRST with reason 1 then, and no other end knows why.
func contradicted(t *trace.Trace, l *life) (packet uint32) {
	o := &l.refusal
	if !o.seen() || o.reason != mptcpSpecific || !l.up() {
		return 0
	}
	for i := range t.Issues {
		x := &t.Issues[i]
		if x.Stream != int64(l.stream.ID) || x.Packet == 0 || x.Packet >= o.packet || x.What != conn.MappingChanged.What() {
			continue
		}
		if row := x.Packet - 1; t.Dest(row) == o.from && o.time-t.Time(row) < lateReset {
			packet = x.Packet
		}
	}
	return packet
}

// clashes counts the subflows that an end reset for such a mapping.
func (k *tally) clashes(to stream.Dest) (n uint64) {
	for i := range k.lives {
		l := &k.lives[i]
		if l.refusal.from == to == (k.c.Subflows[i].Dest == stream.Server) && contradicted(k.t, l) != 0 {
			n++
		}
	}
	return n
}
