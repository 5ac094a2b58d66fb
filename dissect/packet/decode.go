package packet

import (
	"encoding/binary"
)

// maxDepth is how many encapsulations are followed. Real stacks have two or three; a limit keeps crafted ones cheap.
const maxDepth = 16

// Decode reads the frame in data, captured on a link of that LINKTYPE_ number (www.tcpdump.org/linktypes.html), into p.
// length is the frame's original length on the wire. It sets every field of p that its Kind makes meaningful and none
// of those the caller sets. Views in p point into data.
func Decode(p *Packet, link uint32, data []byte, length uint32) {
	if !DecodeUsual(p, link, data, length) {
		p.Kind, p.Faults, p.Tunnel, p.depth, p.Usual = Undecodable, 0, NoTunnel, 0, NotUsual
		p.general(link, data, int(length))
	}
}

// DecodeUsual is Decode for a frame of the usual kind, see Packet.Usual. It is false if the frame is not one: Decode is for it then.
func DecodeUsual(p *Packet, link uint32, data []byte, length uint32) bool {
	if link == linkEthernet && len(data) >= 16 {
		if kind := be32(data[12:]); kind>>16 != etherVLAN {
			return p.usual(kind, data, int(length))
		}
	}
	return p.usualOn(link, data, int(length))
}

// general decodes whatever frame.
func (p *Packet) general(link uint32, data []byte, wire int) {
	if wire < len(data) {
		wire = len(data)
		p.Faults = CapturedLength
	}
	p.link(link, layer{b: data, wire: wire})
}

// layer is what is left of a frame from some header on: the captured bytes, and how many there were on the wire (at least
// as many). It is four words, the most that the compiler keeps in registers.
type layer struct {
	b    []byte
	wire int
}

// skip moves past a header of n bytes that was found whole.
func (l layer) skip(n int) layer { return layer{b: l.b[n:], wire: l.wire - n} }

// clip ends the layer after n bytes of the wire, where the header before it says it ends.
func (l layer) clip(n int) layer {
	return layer{b: l.b[:min(n, len(l.b))], wire: n}
}

// need reports whether the layer's first n bytes were captured. If not it sets Kind: Truncated where the frame had
// them, Undecodable where it is too short itself.
func (p *Packet) need(l layer, n int) bool {
	if len(l.b) >= n {
		return true
	}
	if l.wire >= n {
		p.Kind = Truncated
	}
	return false
}

// enter notes a tunnel, and reports whether it may be followed.
func (p *Packet) enter(t Tunnel) bool {
	if p.Tunnel == NoTunnel {
		p.Tunnel = t
	}
	p.depth++
	if p.depth > maxDepth {
		p.Faults |= TooDeep
		return false
	}
	return true
}

func be16(b []byte) uint16 { return binary.BigEndian.Uint16(b) }
func be32(b []byte) uint32 { return binary.BigEndian.Uint32(b) }
