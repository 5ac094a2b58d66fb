package stream

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
	"net/netip"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/packet"
)

// Endpoint is one end of a stream.
type Endpoint struct {
	Addr packet.Addr
	Port uint16
}

// AddrPort is the endpoint as the standard library has it.
func (e *Endpoint) AddrPort(v6 bool) netip.AddrPort {
	return netip.AddrPortFrom(e.Addr.Netip(v6), e.Port)
}

// tuple is a 4-tuple in canonical order, ready for comparing and hashing: the smaller end first. Addresses are two words
// each, as they lie in memory; which end is the smaller has no meaning.
type tuple struct {
	aHi, aLo, bHi, bLo uint64
	ports              uint64 // port of a above the 16 bits of that of b
}

// set makes t the tuple of a packet, and tells which end sent it: 0 for the tuple's first, 1 for its second. Equal ends
// (a host that talks to itself from a port to the same port) count as the first.
func (t *tuple) set(p *packet.Packet) (flow uint8) {
	le := binary.LittleEndian
	sHi, sLo := le.Uint64(p.Src[:8]), le.Uint64(p.Src[8:])
	dHi, dLo := le.Uint64(p.Dst[:8]), le.Uint64(p.Dst[8:])
	sp, dp := uint64(p.SrcPort), uint64(p.DstPort)
	if sLo < dLo || sLo == dLo && (sHi < dHi || sHi == dHi && sp <= dp) {
		t.aHi, t.aLo, t.bHi, t.bLo, t.ports = sHi, sLo, dHi, dLo, sp<<16|dp
		return 0
	}
	t.aHi, t.aLo, t.bHi, t.bLo, t.ports = dHi, dLo, sHi, sLo, dp<<16|sp
	return 1
}

// is reports whether two tuples are the same, the parts that differ most first.
func (t *tuple) is(o *tuple) bool {
	return t.ports == o.ports && t.aLo == o.aLo && t.bLo == o.bLo && t.aHi == o.aHi && t.bHi == o.bHi
}

// end is the first or the second end.
func (t *tuple) end(i uint8) (e Endpoint) {
	hi, lo, port := t.aHi, t.aLo, t.ports>>16
	if i != 0 {
		hi, lo, port = t.bHi, t.bLo, t.ports
	}
	binary.LittleEndian.PutUint64(e.Addr[:8], hi)
	binary.LittleEndian.PutUint64(e.Addr[8:], lo)
	e.Port = uint16(port)
	return e
}

// seeds keep a crafted capture from choosing tuples that collide.
type seeds [4]uint64

func newSeeds() (s seeds) {
	for i := range s {
		s[i] = maphash.String(maphash.MakeSeed(), "tuple")
	}
	return s
}

func (s *seeds) hash(t *tuple) uint32 {
	x := fold(t.aLo^s[0], t.bLo^s[1]) ^ fold(t.aHi^s[2], t.bHi^s[3])
	return uint32(fold(x^t.ports, s[1]|1) >> 32)
}

func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

// slot is an entry of the hash table: a stream's number plus 1, or 0 if it is empty.
type slot struct {
	hash uint32
	id   uint32
}

// lookup maps 4-tuples to the newest stream on them: open addressing, linear probing, at most half full.
type lookup struct {
	slots []slot
	used  int
	seeds seeds
}

const minSlots = 64

func newLookup() lookup {
	return lookup{slots: make([]slot, minSlots), seeds: newSeeds()}
}

// set fills a slot that Table.slot returned. It may move all slots.
func (l *lookup) set(s *slot, id uint32) {
	if s.id == 0 {
		l.used++
	}
	s.id = id + 1
	if 2*l.used <= len(l.slots) {
		return
	}
	old := l.slots
	l.slots = make([]slot, 2*len(old))
	mask := uint32(len(l.slots) - 1)
	for _, s := range old {
		if s.id == 0 {
			continue
		}
		i := s.hash & mask
		for l.slots[i].id != 0 {
			i = (i + 1) & mask
		}
		l.slots[i] = s
	}
}
