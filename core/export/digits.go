package export

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// Numbers are most of what a table of packets is: they are written eight digits at a time, where strconv writes two.

// The least numbers of more than eight and of more than sixteen digits.
const (
	nineDigits      = 1e8
	seventeenDigits = 1e16
)

// eight is the text of a number below 10⁸ with leading zeros, its first digit in the lowest byte, less the character '0'
// in every byte: halves of four digits, then of two, then of one, side by side in one word.
func eight(v uint32) uint64 {
	x := uint64(v/1e4) | uint64(v%1e4)<<32
	q := x * 10486 >> 20 & 0x7f_0000_007f // a hundredth of each half
	x = q | (x-q*100)<<16
	q = x * 103 >> 10 & 0x0f_000f_000f_000f // a tenth of each quarter
	return q | (x-q*10)<<8
}

// zeros is the character '0' in every byte.
const zeros = 0x3030303030303030

// lead is the text of a number below 10⁸ without leading zeros, and how many digits it has. The bytes behind them are of no
// meaning.
func lead(v uint32) (digits uint64, n int) {
	x := eight(v)
	skip := bits.TrailingZeros64(x|1<<63) &^ 7 // the last digit stays, whatever it is
	return (x | zeros) >> (skip & 63), 8 - skip/8
}

// room is how many bytes the text of a number may take while it is written.
const room = 24

// appendUint appends a number in decimal. Its first digits, those that remain when it is cut into eights from behind, are
// written as a whole word, over whose end the others are written.
func appendUint(dst []byte, v uint64) []byte {
	if v < 10 {
		return append(dst, '0'+byte(v))
	}
	start := len(dst)
	if cap(dst)-start < room {
		dst = slices.Grow(dst, room)
	}
	to := (*[room]byte)(dst[start : start+room])
	switch {
	case v < nineDigits:
		return dst[:start+first(to, uint32(v))]
	case v < seventeenDigits:
		n := first(to, uint32(v/nineDigits))
		binary.LittleEndian.PutUint64(to[n:], eight(uint32(v%nineDigits))|zeros)
		return dst[:start+n+8]
	}
	top, rest := v/seventeenDigits, v%seventeenDigits
	n := first(to, uint32(top))
	binary.LittleEndian.PutUint64(to[n:], eight(uint32(rest/nineDigits))|zeros)
	binary.LittleEndian.PutUint64(to[n+8:], eight(uint32(rest%nineDigits))|zeros)
	return dst[:start+n+16]
}

// first writes a number below 10⁸ without leading zeros, and says how many digits it has.
func first(to *[room]byte, v uint32) int {
	digits, n := lead(v)
	binary.LittleEndian.PutUint64(to[:], digits)
	return n
}

// appendNine appends a number below 10⁹ with leading zeros.
func appendNine(dst []byte, v uint32) []byte {
	dst = append(dst, '0'+byte(v/nineDigits))
	return binary.LittleEndian.AppendUint64(dst, eight(v%nineDigits)|zeros)
}
