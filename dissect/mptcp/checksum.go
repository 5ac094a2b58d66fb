package mptcp

import (
	"encoding/binary"
	"math/bits"
)

// Checksum computes a DSS checksum (RFC 8684 section 3.3): the Internet checksum (RFC 1071) over a pseudo header and the
// mapped payload. The payload may come in pieces of any length, in any order, from any number of segments.
//
//	c := mptcp.NewChecksum(dsn, ssn, length)
//	c.AddAt(0, first)
//	c.AddAt(len(first), second)
//	ok := c.Matches(dss.Checksum)
type Checksum struct {
	sum uint64 // one's complement sum of 64-bit words
}

// NewChecksum starts the checksum of a mapping. dsn is the full 64-bit data sequence number, also where the wire carries
// 32 bits; ssn and length are the mapping's own, so length counts a DATA_FIN. The pseudo header is
//
//	| data sequence number (8) | subflow sequence number (4) | data-level length (2) | zeroes (2) |
func NewChecksum(dsn uint64, ssn uint32, length uint16) Checksum {
	sum, carry := bits.Add64(dsn, uint64(ssn)<<32|uint64(length)<<16, 0)
	return Checksum{sum: sum + carry}
}

// Raise puts another upper half into the data sequence number: to for from.
func (c *Checksum) Raise(from, to uint32) {
	sum, carry := bits.Add64(c.sum, ^(uint64(from) << 32), 0)
	sum = addCarry(sum, carry)
	sum, carry = bits.Add64(sum, uint64(to)<<32, 0)
	c.sum = sum + carry
}

// AddAt adds payload bytes whose first is at the given offset in the mapping. Only the offset's parity matters, as the sum
// does not depend on the order; adding a byte twice is the caller's mistake.
func (c *Checksum) AddAt(offset int, p []byte) {
	s := sum64(p)
	if offset&1 != 0 {
		s = bits.RotateLeft64(s, 8) // swaps the bytes of every 16-bit word, as far as a sum is concerned
	}
	sum, carry := bits.Add64(c.sum, s, 0)
	c.sum = sum + carry
}

// Sum is the checksum to be sent.
func (c *Checksum) Sum() uint16 { return ^fold(c.sum) }

// Matches reports whether a received checksum is right: with it, the sum is all ones (RFC 1071 section 1). That accepts
// both forms that zero has in one's complement.
func (c *Checksum) Matches(received uint16) bool {
	s := uint32(fold(c.sum)) + uint32(received)
	return s == 0xffff || s == 2*0xffff
}

// sum64 is the one's complement sum of p in 64-bit big-endian words, the last filled up with zeroes. It is added up as the bytes lie
// in memory of most machines: the sum of swapped words is the swapped sum (RFC 1071 section 2).
func sum64(p []byte) uint64 {
	var sum, carry uint64
	le := binary.LittleEndian
	for len(p) >= 32 {
		b := (*[32]byte)(p)
		sum, carry = bits.Add64(sum, le.Uint64(b[0:]), 0)
		sum, carry = bits.Add64(sum, le.Uint64(b[8:]), carry)
		sum, carry = bits.Add64(sum, le.Uint64(b[16:]), carry)
		sum, carry = bits.Add64(sum, le.Uint64(b[24:]), carry)
		sum = addCarry(sum, carry)
		p = p[32:]
	}
	for len(p) > 0 {
		var word [8]byte
		p = p[copy(word[:], p):]
		sum, carry = bits.Add64(sum, le.Uint64(word[:]), 0)
		sum = addCarry(sum, carry)
	}
	return bits.ReverseBytes64(sum)
}

// addCarry adds the carry of a one's complement sum: all ones and a carry are zero and one more.
func addCarry(sum, carry uint64) uint64 {
	sum, carry = bits.Add64(sum, carry, 0)
	return sum + carry
}

// fold brings a 64-bit one's complement sum down to 16 bits.
func fold(s uint64) uint16 {
	s = s>>32 + s&0xffffffff
	s = s>>32 + s&0xffffffff
	s = s>>16 + s&0xffff
	s = s>>16 + s&0xffff
	return uint16(s)
}
