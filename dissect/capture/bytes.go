package capture

import (
	"encoding/binary"
	"math/bits"
)

// order reads the numbers of a file in the byte order of the machine that wrote it. A flag, not an interface: the
// calls are in the inner loop and must be inlined.
type order struct{ big bool }

func (o order) u16(b []byte) uint16 {
	if o.big {
		return binary.BigEndian.Uint16(b)
	}
	return binary.LittleEndian.Uint16(b)
}

func (o order) u32(b []byte) uint32 {
	if o.big {
		return binary.BigEndian.Uint32(b)
	}
	return binary.LittleEndian.Uint32(b)
}

func (o order) u64(b []byte) uint64 {
	if o.big {
		return binary.BigEndian.Uint64(b)
	}
	return binary.LittleEndian.Uint64(b)
}

// four reads four numbers.
func (o order) four(b []byte) (k, l, m, n uint32) {
	le := binary.LittleEndian
	lo, hi := le.Uint64(b), le.Uint64(b[8:16])
	k, l, m, n = uint32(lo), uint32(lo>>32), uint32(hi), uint32(hi>>32)
	if o.big {
		return bits.ReverseBytes32(k), bits.ReverseBytes32(l), bits.ReverseBytes32(m), bits.ReverseBytes32(n)
	}
	return k, l, m, n
}
