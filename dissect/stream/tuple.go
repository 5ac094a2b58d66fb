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

// tuple is a 4-tuple in canonical order, ready for comparing and hashing: the smaller end first.
type tuple struct {
	aHi, aLo, bHi, bLo uint64
	ports              uint32 // port of a in the high half
}

// order makes the tuple of a packet, and tells which end sent it: 0 for the tuple's first, 1 for its second.
func order(p *packet.Packet) (t tuple, flow uint8) {
	t.aHi, t.aLo = binary.BigEndian.Uint64(p.Src[:8]), binary.BigEndian.Uint64(p.Src[8:])
	t.bHi, t.bLo = binary.BigEndian.Uint64(p.Dst[:8]), binary.BigEndian.Uint64(p.Dst[8:])
	sp, dp := p.SrcPort, p.DstPort
	if before(&t, sp, dp) {
		t.ports = uint32(sp)<<16 | uint32(dp)
		return t, 0
	}
	t.aHi, t.aLo, t.bHi, t.bLo = t.bHi, t.bLo, t.aHi, t.aLo
	t.ports = uint32(dp)<<16 | uint32(sp)
	return t, 1
}

// before reports whether the end a, with its port, comes first. Equal ends (a host that talks to itself from a port to
// the same port) do.
func before(t *tuple, portA, portB uint16) bool {
	if t.aHi != t.bHi {
		return t.aHi < t.bHi
	}
	if t.aLo != t.bLo {
		return t.aLo < t.bLo
	}
	return portA <= portB
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
	x := fold(t.aLo^s[0], t.bLo^s[1])
	x ^= fold(t.aHi^s[2], t.bHi^s[3])
	x = fold(x^uint64(t.ports), s[1]|1)
	return uint32(x >> 32)
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

// find returns the slot that holds the tuple, or the empty one where it belongs.
func (l *lookup) find(t *tuple, same func(id uint32, t *tuple) bool) *slot {
	h := l.seeds.hash(t)
	mask := uint32(len(l.slots) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		s := &l.slots[i]
		if s.id == 0 {
			s.hash = h
			return s
		}
		if s.hash == h && same(s.id-1, t) {
			return s
		}
	}
}

// set fills a slot that find returned. It may move all slots.
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
