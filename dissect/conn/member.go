package conn

import "github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"

// Mapping is the mapping of that number, nil if there is none or if it was forgotten (see NewTable).
func (t *Table) Mapping(number uint32) *Mapping { return t.maps.at(number) }

// Member is what a row of a subflow needs of its connection. It may be taken at any time.
type Member struct {
	s *sub
	t *Table
}

// Member is the membership of a stream in a row, by its Core.Part, which must not be 0.
func (t *Table) Member(part, row uint32) Member {
	s := t.subs[part-1]
	if t.eras != nil {
		s = t.at(s, row)
	}
	return Member{s: s, t: t}
}

// Several reports whether the stream of that Core.Part is several subflows, one after the other.
func (t *Table) Several(part uint32) bool {
	return t.eras != nil && part != 0 && t.subs[part-1].era > 0
}

// ConnID is the connection's id. It is final after Finish; ok is false while there is none yet.
func (m Member) ConnID() (id uint32, ok bool) {
	if m.t.tokens == nil {
		return m.s.conn.id, true
	}
	if f := m.s.conn.first(64); f != nil {
		return f.id, true
	}
	return 0, false
}

// Index is the connection's number in the order of appearance, whether it has an id or not.
func (m Member) Index() uint32 { return m.s.conn.index }

// Ordinal is the subflow's in Conn.Subflows, after Conns was called; in order of appearance before that.
func (m Member) Ordinal() int {
	if m.t.done == nil {
		return int(m.s.ordinal)
	}
	return int(m.s.place)
}

// Master reports whether the subflow carried MP_CAPABLE so far, as the initial one does.
func (m Member) Master() bool { return m.s.master }

// Toward is the end of the connection that packets of a flow travel to.
func (m Member) Toward(flow uint8) stream.Dest { return m.s.toward(flow) }

// IDSN is the initial data sequence number of the sender of a flow.
func (m Member) IDSN(flow uint8) (idsn uint64, ok bool) {
	e := &m.s.conn.end[m.s.sender(flow)]
	return e.IDSN, e.HasKey
}

// End is what an end of the connection has told of itself so far. Do not change it.
func (m Member) End(d stream.Dest) *Endpoint { return &m.s.conn.end[d] }

// Whole reports whether the upper half of the numbers of what a flow sends is known.
func (m Member) Whole(flow uint8) bool {
	sp := m.s.conn.spaces[m.s.toward(flow)]
	return sp != nil && sp.known
}

// Near is the last data sequence number that was told of what travels to an end, if the upper half of it is known.
func (m Member) Near(to stream.Dest) (dsn uint64, ok bool) {
	sp := m.s.conn.spaces[to]
	if sp == nil || !sp.known {
		return 0, false
	}
	return sp.ref, true
}

// DSN is the data sequence number of the byte at a TCP sequence number of a row of a flow, by a mapping.
func (m Member) DSN(number uint32, flow uint8, row, seq uint32) (dsn uint64, ok bool) {
	w, v := m.s.ways[flow], m.t.maps.at(number)
	if w == nil || v == nil {
		return 0, false
	}
	return v.number(seq, isnAt(w.isn, m.t.replacedBefore(m.s, flow), row)), true
}

// number is the data sequence number of the byte at a TCP sequence number, by the initial one.
func (m *Mapping) number(seq, isn uint32) uint64 { return m.DSN() + uint64(seq-isn-m.SSN) }

// DACK completes the lower half of a data ack that a flow sent.
func (m Member) DACK(flow uint8, row, low uint32) uint64 {
	w := m.s.ways[flow]
	if w == nil {
		return uint64(low)
	}
	return uint64(w.upper(row))<<32 | uint64(low)
}

// Completion is what completes the numbers of very many rows of a flow, once nothing is added to the table any more.
type Completion struct {
	Upper    uint32 // half of the data acks, if Steady
	Steady   bool   // it is the same for all of them
	mapped   bool
	isn      uint32
	replaced []replacedISN
}

// Completion is that of the rows of a flow.
func (m Member) Completion(flow uint8) Completion {
	w := m.s.ways[flow]
	if w == nil {
		return Completion{Steady: true}
	}
	return Completion{Upper: w.upper(0), Steady: len(w.epochs) <= 1, mapped: true, isn: w.isn, replaced: m.t.replacedBefore(m.s, flow)}
}

// DSN is what Member.DSN is.
func (c *Completion) DSN(t *Table, number, row, seq uint32) (dsn uint64, ok bool) {
	v := t.maps.at(number)
	if v == nil || !c.mapped {
		return 0, false
	}
	return v.number(seq, isnAt(c.isn, c.replaced, row)), true
}

// Established reports whether the subflow is up so far.
func (m Member) Established() bool { return m.s.established }

// Len is the number of connections so far.
func (t *Table) Len() int {
	if t.done != nil {
		return len(t.done)
	}
	return len(t.conns)
}
