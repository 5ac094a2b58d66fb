package analysis

import (
	"fmt"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// bareThird concludes on a third packet without an option, after a SYN/ACK that had one.
func (e *examination) bareThird(m *life) Finding {
	if m.third.hole > 0 {
		return find(StrippedHandshake, fmt.Sprintf("the client's first packet after the SYN/ACK has no option but %d NOPs in a row, which is what a box leaves that overwrites an option", m.third.hole),
			m.third.packet, m.answer.packet)
	}
	switch first, most, server := e.firstSegment(m); {
	case most-first >= leastRoom && most-first <= mostRoom:
		return find(StrippedHandshake, fmt.Sprintf("the client's packets after the SYN/ACK have no option, but room was left for one: its first segment has %d bytes where later ones have %d", first, most),
			e.c.Fallback.Packet, m.answer.packet)
	case first == most && first == server && first >= longSegment:
		return find(StrippedSYNACK, "the SYN/ACK leaves with MP_CAPABLE and the client goes on without, as one does that was answered without: its first segment is as long as the server's, which is plain TCP, so that no room was left for an option",
			e.c.Fallback.Packet, m.answer.packet)
	}
	return find(StrippedAfter, "the SYN/ACK leaves with MP_CAPABLE and the client's packets come without an option: it was answered without, or what it sends is stripped without a trace",
		e.c.Fallback.Packet, m.answer.packet)
}

// overtaken says whether the server's first data has no option, and what the capture has of the client behind the SYN/ACK begins with later
// data: its options came through, but MP_CAPABLE, in the packets before, came later or never.
func (e *examination) overtaken(m *life) bool {
	row := m.third.packet - 1
	if seq, _ := e.t.SeqAck(row); seq <= 1 || !m.third.option || e.t.Dest(e.c.Fallback.Packet-1) != stream.Client {
		return false
	}
	return !slices.ContainsFunc(e.t.Options(row, nil), func(o mptcp.Option) bool {
		return len(o) > 2 && o.Subtype() == mptcp.SubCapable
	})
}

// Room that MP_CAPABLE with data takes in a segment, in bytes, padded (RFC 8684 section 3.1); and from what length on a segment
// is taken for a full one, as stacks send them over all but the oddest links.
const (
	leastRoom   = 20
	mostRoom    = 28
	longSegment = 1200
)

// firstSegment is the length of the client's first segment with data, if what it has to send does not end with it, so that it
// was cut for want of room; that of its longest one; and that of the server's longest one.
func (e *examination) firstSegment(m *life) (first, most, server uint32) {
	var begin, next uint32
	sent := 0
	for _, row := range e.rowsOf(m) {
		n := e.t.PayloadLen(row)
		if e.t.Dest(row) != stream.Server {
			server = max(server, n)
			continue
		}
		if n == 0 {
			continue
		}
		seq, _ := e.t.SeqAck(row)
		if sent == 1 && seq == begin && n == first {
			continue // once more, or seen twice
		}
		switch sent++; sent {
		case 1:
			first, begin, next = n, seq, seq+n
		case 2:
			if seq != next {
				return 0, 0, 0
			}
		}
		most = max(most, n)
	}
	if sent < 2 {
		return 0, 0, 0
	}
	return first, most, server
}
