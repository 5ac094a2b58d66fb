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
	if l.bits&bitAnnounced != 0 {
		p.own = t.announcedBy(l, row)
	}
	var room [8]uint32
	list := room[:0]
	if len(t.also.list) > 0 {
		list = t.also.of(row, list, 0, new(int))
	}
	if l.bits&bitCovered != 0 {
		p.add(l.mapping, list)
	}
	if len(list) > 0 && l.bits&bitCovered != 0 {
		list = append(list, l.mapping)
	}
	for p.at < n && len(list) > 0 {
		p.next(list)
	}
	return p.dst
}

// pieces cuts one payload into pieces.
type pieces struct {
	member conn.Member
	conns  *conn.Table
	flow   uint8
	row    uint32
	own    uint32 // mapping that the row announces, 0 if that is not known
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
	into := uint32(dsn - m.DSN()) // subflow sequence numbers wrap
	switch {
	case into != 0 && -into < p.n-at:
		return 0, -into
	case m.Length == 0: // infinite
		return p.n - at, 0
	case into < uint32(m.Length):
		return min(uint32(m.Length)-into, p.n-at), 0
	}
	return 0, 0
}

// add makes a piece of what a mapping covers from the next byte on, up to where one of a list begins that is preferred.
func (p *pieces) add(number uint32, list []uint32) {
	n, _ := p.reach(number, p.at)
	if n == 0 {
		return
	}
	for _, other := range list {
		if _, ahead := p.reach(other, p.at); ahead > 0 && ahead < n && p.preferred(other, number) {
			n = ahead
		}
	}
	m := p.conns.Mapping(number)
	dsn, _ := p.member.DSN(number, p.flow, p.row, p.seq+p.at)
	p.dst = append(p.dst, Piece{At: p.at, Len: n, DSN: dsn, SSN: m.SSN + uint32(dsn-m.DSN())})
	p.at += n
}

// preferred reports whether a mapping maps what another one of the row does, too: of those announced up to the row the last one does,
// else the first one that came.
func (p *pieces) preferred(number, other uint32) bool {
	a, b := p.conns.Mapping(number), p.conns.Mapping(other)
	in, out := number <= p.own || a.Row <= p.row, other <= p.own || b.Row <= p.row
	switch {
	case in != out:
		return in
	case !in:
		return number < other
	case a.Row <= p.row && b.Row <= p.row && a.Row != b.Row:
		return a.Row > b.Row
	}
	return number > other
}

// next goes on with the mapping that covers the next byte, or skips to where the next one begins.
func (p *pieces) next(list []uint32) {
	best, skip := uint32(0), p.n-p.at
	for _, number := range list {
		n, ahead := p.reach(number, p.at)
		switch {
		case n > 0 && (best == 0 || p.preferred(number, best)):
			best = number
		case ahead > 0:
			skip = min(skip, ahead)
		}
	}
	if best == 0 {
		p.at += skip
		return
	}
	p.add(best, list)
}
