package trace

import "github.com/mptcpanalyzer/mptcpanalyzer/dissect/packet"

// Wire is what a row's segment had on the wire, to tell it again in a capture that another host made: addresses and ports
// are left out, as a NAT changes them, and no number is relative or scaled, as the other capture may lack the handshake.
type Wire struct {
	Time         int64 // ns since the epoch
	Seq, Ack     uint32
	Len          uint32 // payload bytes
	TSVal, TSEcr uint32 // valid iff HasTS
	Flags        uint16 // 12 bits
	Window       uint16
	HasTS        bool
	// Print tells segments apart that are equal in all of the above: the lower half of the IPv4 identification, or where
	// there is none (IPv6, or a host that leaves it 0) a hash of the SACK blocks.
	Print uint8
}

// Wire reads what row had on the wire. It panics if the row is out of range, as a slice does.
func (t *Trace) Wire(row uint32) Wire {
	l := t.line(row)
	w := Wire{Time: l.time(), Seq: l.seq, Ack: l.ack, Len: t.length(l, row), Flags: l.flags & tcpFlags,
		Window: l.window, Print: l.print}
	if w.HasTS = l.flags&flagTS != 0; w.HasTS {
		w.TSVal, w.TSEcr = l.tsVal, l.tsEcr
	}
	return w
}

// printOf is the packet's Wire.Print.
func printOf(p *packet.Packet) uint8 {
	if p.IPID != 0 {
		return uint8(p.IPID)
	}
	h := uint32(0)
	for _, c := range p.SACK {
		h = h*31 + uint32(c)
	}
	return uint8(h ^ h>>8 ^ h>>16)
}
