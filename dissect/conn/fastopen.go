package conn

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/packet"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// TCP Fast Open (RFC 7413): the data of a SYN with MP_CAPABLE has no data sequence number; the first byte after it has the one
// that follows the initial one (RFC 8684 appendix B.2). Linux, the only implementation that was seen to do this, counts subflow
// sequence numbers from that byte too.

// holdSYNData keeps the payload of a SYN with MP_CAPABLE until it is known what became of it, see settleSYNData. It reports
// whether there is one.
func (t *Table) holdSYNData(s *sub, v *packetView) bool {
	if !s.master || v.Flags&(stream.SYN|stream.ACK) != stream.SYN {
		return false
	}
	t.hold(flowKey{stream: s.stream, flow: v.flow}, waiting{row: v.row, seq: v.Seq + 1, n: v.PayloadLen})
	return true
}

// AddCut takes a packet whose options the capture cut, so that none of MPTCP is left, of a stream that is not known for a subflow: the
// payload of a SYN is kept, as an MP_CAPABLE may have been cut.
func (t *Table) AddCut(p *packet.Packet, at *stream.Position, row uint32) {
	if p.Flags&(stream.SYN|stream.ACK) == stream.SYN && p.PayloadLen > 0 {
		t.hold(flowKey{stream: at.ID, flow: at.Flow}, waiting{row: row, seq: p.Seq + 1, n: p.PayloadLen})
	}
}

func (t *Table) hold(key flowKey, p waiting) {
	if t.synData == nil {
		t.synData = map[flowKey][]waiting{}
	}
	if list := t.synData[key]; len(list) < maxSYNData {
		t.synData[key] = append(list, p)
	}
}

// maxSYNData is how many SYNs with payload are remembered: one may be seen more than once.
const maxSYNData = 16

// settleSYNData decides what became of the payload of a SYN by next, the sequence number that its receiver waits for, or that its
// sender goes on with: the receiver took it, and it counts as regular TCP data, or it will be sent again.
func (t *Table) settleSYNData(s *sub, flow uint8, next uint32) {
	key := flowKey{stream: s.stream, flow: flow}
	early := t.synData[key]
	if len(early) == 0 {
		return
	}
	delete(t.synData, key)
	w := s.way(flow)
	if n := early[len(early)-1].n; s.master && w.exact && next == w.isn+1+n {
		b := s.space(flow).withoutDSN()
		b.synData = n
		for _, p := range early {
			t.noted(w, &b.fallback, b.fallback.lanes[0], bias+1-uint64(n), p.n, p.row)
		}
		w.isn, w.synDataTaken = w.isn+n, true
		t.settle(s, flow, w) // by other offsets
		return
	}
	for _, p := range early {
		if number := t.payload(s, flow, w, p); number != 0 {
			t.host.Cover(p.row, number)
		}
	}
}
