package main

import "encoding/binary"

// standard is what is shown of TCP's own options.
type standard struct{ mss, wscale, tsVal, tsEcr, sackLeft, sackRight string }

// TCP option kinds.
const (
	kindMSS       = 2
	kindWScale    = 3
	kindSACK      = 5
	kindTimestamp = 8
)

// standard shows one of TCP's own options. Of those that stand in a segment more than once the last one counts, as with Linux and
// Wireshark itself (RFC 9293 does not say). It is false if dissection was broken off.
func (v *visit) standard(kind byte, o *option) bool {
	own := &v.out.standard
	b := o.b[2:]
	switch {
	case kind == kindMSS && o.size == 4 && len(b) == 2:
		v.put(&own.mss, decimal(uint64(binary.BigEndian.Uint16(b))))
	case kind == kindWScale && o.size == 3 && len(b) == 1:
		v.put(&own.wscale, decimal(uint64(b[0])))
		v.scale = int8(min(b[0], 14))
	case kind == kindTimestamp && o.size == 10 && len(b) >= 4:
		echo := "" // cut
		if len(b) == 8 {
			echo = decimal(uint64(binary.BigEndian.Uint32(b[4:])))
		}
		v.put(&own.tsVal, decimal(uint64(binary.BigEndian.Uint32(b))))
		v.put(&own.tsEcr, echo)
	case kind == kindSACK:
		return v.sack(o, b)
	}
	return len(o.b) == o.size
}

// sack shows a SACK option. One that is too short for a block breaks the dissection off, if the first block so far, or none, looks
// like a D-SACK: its edges are looked for in this option.
func (v *visit) sack(o *option, b []byte) bool {
	base := v.s.base
	whole := len(o.b) == o.size
	if whole && v.lacks(anyLength) {
		b = b[:len(b)/8*8]
	}
	left, right := edges(b, base)
	v.put(&v.out.standard.sackLeft, left)
	v.put(&v.out.standard.sackRight, right)
	for ; len(b) >= 8 && v.blocks < len(v.lefts); b = b[8:] {
		v.lefts[v.blocks], v.rights[v.blocks] = binary.BigEndian.Uint32(b)-base, binary.BigEndian.Uint32(b[4:])-base
		v.blocks++
	}
	return whole && (o.size >= 10 || v.lacks(brokenOff) || !v.duplicateBlock())
}

// duplicateBlock tells whether the first SACK block is of data that was acked, or lies within the second one (RFC 2883).
func (v *visit) duplicateBlock() bool {
	within := v.blocks > 1 && int32(v.lefts[1]-v.rights[0]) < 0 && int32(v.rights[1]-v.rights[0]) >= 0
	return int32(v.rights[0]-v.s.acked) <= 0 || within
}

// put shows a text, beside those of the options before it or in their place.
func (v *visit) put(to *string, text string) {
	switch {
	case v.lacks(everyOption) || *to == "":
		*to = text
	case text != "":
		*to += "," + text
	}
}

// edges are the blocks of a SACK option, relative to base: the last one may lack its right edge.
func edges(b []byte, base uint32) (left, right string) {
	for ; len(b) >= 4; b = b[min(8, len(b)):] {
		left = list(left, binary.BigEndian.Uint32(b)-base)
		if len(b) >= 8 {
			right = list(right, binary.BigEndian.Uint32(b[4:])-base)
		}
	}
	return left, right
}
