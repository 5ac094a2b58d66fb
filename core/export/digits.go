package export

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// Numbers are most of what a table of packets is: they are written eight digits at a time, where strconv writes two.

// powers are the powers of ten.
var powers = [...]uint64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19}

// digits is how many digits a number has.
func digits(v uint64) int {
	n := bits.Len64(v|1) * 1233 >> 12 // log10(2) is 1233/4096, nearly
	if v|1 >= powers[n] {
		n++
	}
	return n
}

// eight is the text of a number below 10⁸ with leading zeros, its first digit in the lowest byte: halves of four digits,
// then of two, then of one, side by side in one word.
func eight(v uint32) uint64 {
	x := uint64(v/1e4) | uint64(v%1e4)<<32
	q := x * 10486 >> 20 & 0x7f_0000_007f // a hundredth of each half
	x = q | (x-q*100)<<16
	q = x * 103 >> 10 & 0x0f_000f_000f_000f // a tenth of each quarter
	x = q | (x-q*10)<<8
	return x | 0x3030303030303030
}

// appendUint appends a number in decimal.
func appendUint(dst []byte, v uint64) []byte {
	if v < 10 {
		return append(dst, '0'+byte(v))
	}
	start, n := len(dst), digits(v)
	dst = slices.Grow(dst, 32)
	room := dst[start : start+32]
	if v < 1e8 {
		binary.LittleEndian.PutUint64(room, eight(uint32(v))>>(8*(8-n)))
		return dst[:start+n]
	}
	top, low := v/1e8, uint32(v%1e8)
	at := n - 8
	binary.LittleEndian.PutUint64(room[at:], eight(low))
	if top >= 1e8 {
		low, top = uint32(top%1e8), top/1e8
		at -= 8
		binary.LittleEndian.PutUint64(room[at:], eight(low))
	}
	first := eight(uint32(top)) >> (8 * (8 - at))
	for i := range at {
		room[i] = byte(first >> (8 * i))
	}
	return dst[:start+n]
}

// appendNine appends a number below 10⁹ with leading zeros.
func appendNine(dst []byte, v uint32) []byte {
	dst = append(dst, '0'+byte(v/1e8))
	return binary.LittleEndian.AppendUint64(dst, eight(v%1e8))
}
