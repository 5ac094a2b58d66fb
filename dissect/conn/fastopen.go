package conn

import "github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"

// TCP Fast Open (RFC 7413): the data of a SYN with MP_CAPABLE has no data sequence number, the first byte after it has that
// behind the initial one (RFC 8684 appendix B.2). In subflow sequence numbers Linux, the only one seen to do it, counts from
// that byte too.

// opens notes the payload of a SYN that opens a connection. It tells whether there is one.
func (t *Table) opens(s *sub, v *packetView) bool {
	if !s.master || v.Flags&(stream.SYN|stream.ACK) != stream.SYN {
		return false
	}
	if t.early == nil {
		t.early = map[uint32][]waiting{}
	}
	if list := t.early[s.stream]; len(list) < maxEarly {
		t.early[s.stream] = append(list, waiting{row: v.row, seq: v.Seq + 1, n: v.PayloadLen})
	}
	return true
}

// maxEarly is how many SYNs with payload are remembered: one may be seen more than once.
const maxEarly = 16

// opened settles what became of the SYN's payload, next being the sequence number that its receiver waits for, or that comes
// next: it was taken, and counts as data of plain TCP, or it will come again.
func (t *Table) opened(s *sub, flow uint8, next uint32) {
	early := t.early[s.stream]
	if len(early) == 0 {
		return
	}
	delete(t.early, s.stream)
	w := s.way(flow)
	if n := early[len(early)-1].n; w.exact && next == w.isn+1+n {
		b := s.space(flow).apart()
		b.early = n
		for _, p := range early {
			t.noted(w, &b.plain, b.plain.lanes[0], bias+1-uint64(n), p.n, p.row)
		}
		w.isn, w.late = w.isn+n, true
		return
	}
	for _, p := range early {
		if number := t.payload(s, flow, w, p); number != 0 {
			t.host.Cover(p.row, number)
		}
	}
}
