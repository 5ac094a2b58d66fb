package conn

import "github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"

// TCP Fast Open (RFC 7413): the data of a SYN with MP_CAPABLE has no data sequence number, the first byte after it has that
// behind the initial one (RFC 8684 appendix B.2). In subflow sequence numbers Linux, the only one seen to do it, counts from
// that byte too.

// opens notes the payload of the SYN that opens a connection. It tells whether there is one.
func (s *sub) opens(v *packetView) bool {
	if !s.master || v.Flags&(stream.SYN|stream.ACK) != stream.SYN {
		return false
	}
	s.early = v.PayloadLen
	return true
}

// opened settles what became of the SYN's payload, next being the sequence number that its receiver waits for, or that comes
// next: it was taken, and counts as data of plain TCP, or it will come again.
func (t *Table) opened(s *sub, flow uint8, next uint32) {
	n := s.early
	if n == 0 {
		return
	}
	s.early = 0
	w := s.way(flow)
	if !w.exact || next != w.isn+1+n {
		t.payload(s, flow, w, waiting{row: s.synRow, seq: w.isn + 1, n: n})
		return
	}
	sp := s.space(flow).apart()
	t.noted(w, sp, sp.lanes[0], bias+1-uint64(n), n, s.synRow)
	w.isn, w.late = w.isn+n, true
}
