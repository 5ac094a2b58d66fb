package trace

import "github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"

// Piece is a part of a row's payload that one mapping covers: Len bytes from the payload's byte At on have the 64-bit data
// sequence numbers from DSN on, and the mapping's subflow sequence numbers from SSN on.
type Piece struct {
	At, Len uint32
	DSN     uint64
	SSN     uint32
}

// Pieces appends the parts of the row's payload that mappings cover, ascending by At. What no mapping covers is in none:
// of a connection that is plain TCP nothing is.
func (t *Trace) Pieces(row uint32, dst []Piece) []Piece {
	l, core, _ := t.place(row)
	n := t.length(l, row)
	if core.Part == 0 || n == 0 {
		return dst
	}
	seq := l.firstByte()
	member := t.conns.Member(core.Part, row)
	p := pieces{member: member, conns: t.conns, flow: l.flow(), row: row, seq: seq, n: n, dst: dst}
	if l.bits&bitCovered != 0 {
		p.add(l.mapping, 0)
	}
	if p.at == n || len(t.also.list) == 0 {
		return p.dst
	}
	var room [8]uint32
	more := t.also.of(row, room[:0], 0, new(int))
	for p.at < n && len(more) > 0 {
		p.next(more)
	}
	return p.dst
}

// pieces cuts one payload into pieces.
type pieces struct {
	member conn.Member
	conns  *conn.Table
	flow   uint8
	row    uint32
	seq    uint32 // raw, of the first byte
	n, at  uint32 // bytes in all, bytes done
	dst    []Piece
}

// reach is how many bytes a mapping covers from byte at on: 0 if it does not cover that one. ahead is how far it begins
// behind it.
func (p *pieces) reach(number, at uint32) (n, ahead uint32) {
	m := p.conns.Mapping(number)
	if m == nil {
		return 0, 0
	}
	dsn, ok := p.member.DSN(number, p.flow, p.row, p.seq+at)
	if !ok {
		return 0, 0
	}
	into := dsn - m.DSN()
	switch {
	case m.Length == 0: // infinite
		return p.n - at, 0
	case into < uint64(m.Length):
		return min(uint32(m.Length)-uint32(into), p.n-at), 0
	case -into < uint64(p.n-at):
		return 0, uint32(-into)
	}
	return 0, 0
}

// add makes a piece of what a mapping covers from byte at on.
func (p *pieces) add(number, at uint32) bool {
	n, _ := p.reach(number, at)
	if n == 0 {
		return false
	}
	m := p.conns.Mapping(number)
	dsn, _ := p.member.DSN(number, p.flow, p.row, p.seq+at)
	p.dst = append(p.dst, Piece{At: at, Len: n, DSN: dsn, SSN: m.SSN + uint32(dsn-m.DSN())})
	p.at = at + n
	return true
}

// next goes on with that one of further mappings which covers the next byte, the one that begins last, or the newest; or
// skips to where the next one begins.
func (p *pieces) next(more []uint32) {
	best, from, skip := uint32(0), uint32(0), p.n-p.at
	for _, number := range more {
		n, ahead := p.reach(number, p.at)
		switch m := p.conns.Mapping(number); {
		case n > 0 && (best == 0 || int32(m.SSN-from) >= 0):
			best, from = number, m.SSN
		case ahead > 0:
			skip = min(skip, ahead)
		}
	}
	if best == 0 || !p.add(best, p.at) {
		p.at += skip
	}
}
