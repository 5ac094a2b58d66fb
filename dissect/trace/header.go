package trace

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/packet"
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
	number := t.announcedBy(l, row)
	if m := t.conns.Mapping(number); m != nil && m.Checksum != 0 {
		n += 2
	}
	return n
}
