package trace

import (
	"encoding/binary"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/packet"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// The form of a row's headers is their lengths, in one byte, and the option kinds. There are few forms in a capture; a row
// has the number of its own. Lengths: TCP's in the low four bits, in words of 4 bytes as on the wire, IPv4's likewise in
// the high ones; IPv6's there as 8-byte units beyond the 40 bytes that it has at least. rareIP stands for a length that
// is in store.ipHeaders.
const rareIP = 15

// head is the lengths of a packet's headers.
func (s *store) head(p *packet.Packet, row uint32) uint8 {
	ip := p.IPHeader / 4
	if p.V6 {
		ip = (p.IPHeader - 40) / 8
	}
	tcp := p.HeaderLen / 4
	if ip >= rareIP || p.V6 && (p.IPHeader-40)%8 != 0 {
		setRare(&s.ipHeaders, row, p.IPHeader)
		return rareIP<<4 | tcp
	}
	return uint8(ip)<<4 | tcp
}

// form is that of a row's headers.
func (s *store) form(l *line, row uint32) string {
	if l.kinds == overflow {
		return s.moreKinds[row]
	}
	return s.kinds[l.kinds]
}

// Headers is the length of the row's innermost IP header, extension headers included, and of its TCP header, options
// included, as stated, in bytes. Link layers and tunnels are not counted.
func (t *Trace) Headers(row uint32) (ip, tcp uint32) {
	l, core, _ := t.place(row)
	head := t.form(l, row)[0]
	ip, tcp = uint32(head>>4), 4*uint32(head&15)
	switch {
	case ip == rareIP:
		return uint32(t.ipHeaders[row]), tcp
	case core.V6:
		return 40 + 8*ip, tcp
	}
	return 4 * ip, tcp
}

// MPTCPLen is how many bytes the row's MPTCP options have, as they state it.
func (t *Trace) MPTCPLen(row uint32) (n uint32) {
	l := t.line(row)
	switch {
	case l.bits&bitPlain != 0:
		return t.plainLen(l, row)
	case l.flags&flagExtra == 0:
		return 0
	}
	o := t.extra.of(row)
	if len(o) == 0 {
		return 0
	}
	left := o[0]
	for o = o[1:]; left > 0; left-- {
		n += uint32(o[2])
		o = o[1+o[0]:]
	}
	return n
}

// plainLen is the length of a DSS option that can be put together again.
func (t *Trace) plainLen(l *line, row uint32) uint32 {
	n := uint32(mptcp.DSSLength(l.bits))
	if l.bits&bitAnnounced == 0 {
		return n
	}
	number := l.mapping
	if other, ok := t.announced[row]; ok {
		number = other
	}
	if m := t.conns.Mapping(number); m != nil && m.Checksum != 0 {
		n += 2
	}
	return n
}

// SACKBlock is one block of a SACK option (RFC 2018 section 3), in sequence numbers relative as Row.Ack is: what the other
// end sent. End is one past the last byte.
type SACKBlock struct{ Start, End uint32 }

func (s *store) keepSACK(row uint32, blocks []byte) {
	to := s.sacks.add(row, 1+len(blocks))
	to[0] = uint8(len(blocks) / 8)
	copy(to[1:], blocks)
}

// SACK appends the blocks of the row's SACK option to dst, in the order of the option: a first block at or below the ack,
// or within the second one, reports a duplicate (D-SACK, RFC 2883 section 4).
func (t *Trace) SACK(row uint32, dst []SACKBlock) []SACKBlock {
	if t.sacks.n == 0 {
		return dst
	}
	o := t.sacks.of(row)
	if len(o) == 0 {
		return dst
	}
	l, core, id := t.place(row)
	to := 1 - l.flow()
	base := core.Base[to]
	if core.Rebased {
		base = t.streams.Base(id, to, row)
	}
	n := o[0]
	for o = o[1:]; n > 0; n-- {
		dst = append(dst, SACKBlock{Start: binary.BigEndian.Uint32(o) - base, End: binary.BigEndian.Uint32(o[4:]) - base})
		o = o[8:]
	}
	return dst
}

// DataFIN reports whether the row carries a DATA_FIN in its first DSS.
func (t *Trace) DataFIN(row uint32) bool {
	return t.line(row).bits&dssFIN != 0
}

// Piece is a part of a row's payload that one mapping covers: Len bytes from the payload's byte At on have the 64-bit data
// sequence numbers from DSN on.
type Piece struct {
	At, Len uint32
	DSN     uint64
}

// Pieces appends the parts of the row's payload that mappings cover, ascending by At. What no mapping covers is in none:
// of a connection that is plain TCP nothing is.
func (t *Trace) Pieces(row uint32, dst []Piece) []Piece {
	l, core, _ := t.place(row)
	n := t.length(l, row)
	if core.Part == 0 || n == 0 {
		return dst
	}
	seq := l.seq
	if l.flags&stream.SYN != 0 {
		seq++
	}
	member := t.conns.Member(core.Part)
	p := pieces{member: member, conns: t.conns, flow: l.flow(), row: row, seq: seq, n: n, dst: dst}
	if l.bits&bitCovered != 0 {
		p.add(l.mapping, 0)
	}
	if p.at == n || len(t.also.list) == 0 {
		return p.dst
	}
	var room [8]uint32
	more := t.also.of(row, room[:0], 0, new(int))
	for p.at < n && len(more) > 0 {
		p.next(more)
	}
	return p.dst
}

// pieces cuts one payload into pieces.
type pieces struct {
	member conn.Member
	conns  *conn.Table
	flow   uint8
	row    uint32
	seq    uint32 // raw, of the first byte
	n, at  uint32 // bytes in all, bytes done
	dst    []Piece
}

// reach is how many bytes a mapping covers from byte at on: 0 if it does not cover that one. ahead is how far it begins
// behind it.
func (p *pieces) reach(number, at uint32) (n, ahead uint32) {
	m := p.conns.Mapping(number)
	if m == nil {
		return 0, 0
	}
	dsn, ok := p.member.DSN(number, p.flow, p.row, p.seq+at)
	if !ok {
		return 0, 0
	}
	into := dsn - m.DSN()
	switch {
	case m.Length == 0: // infinite
		return p.n - at, 0
	case into < uint64(m.Length):
		return min(uint32(m.Length)-uint32(into), p.n-at), 0
	case -into < uint64(p.n-at):
		return 0, uint32(-into)
	}
	return 0, 0
}

// add makes a piece of what a mapping covers from byte at on.
func (p *pieces) add(number, at uint32) bool {
	n, _ := p.reach(number, at)
	if n == 0 {
		return false
	}
	dsn, _ := p.member.DSN(number, p.flow, p.row, p.seq+at)
	p.dst = append(p.dst, Piece{At: at, Len: n, DSN: dsn})
	p.at = at + n
	return true
}

// next goes on with that one of further mappings which covers the next byte, the one that begins last, or the newest; or
// skips to where the next one begins.
func (p *pieces) next(more []uint32) {
	best, from, skip := uint32(0), uint32(0), p.n-p.at
	for _, number := range more {
		n, ahead := p.reach(number, p.at)
		switch m := p.conns.Mapping(number); {
		case n > 0 && (best == 0 || int32(m.SSN-from) >= 0):
			best, from = number, m.SSN
		case ahead > 0:
			skip = min(skip, ahead)
		}
	}
	if best == 0 || !p.add(best, p.at) {
		p.at += skip
	}
}

// IsV6 reports whether the row's segment came over IPv6.
func (t *Trace) IsV6(row uint32) bool {
	return t.streams.Core(t.StreamOf(row)).V6
}

// OrdinalOf is the ordinal of the row's subflow in its connection, 0 if its stream is no subflow.
func (t *Trace) OrdinalOf(row uint32) int {
	core := t.streams.Core(t.StreamOf(row))
	if core.Part == 0 {
		return 0
	}
	return t.conns.Member(core.Part).Ordinal()
}
