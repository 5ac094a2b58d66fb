package trace

import "encoding/binary"

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
