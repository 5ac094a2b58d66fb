package trace

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/packet"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// store holds rows as columns. Rows are numbered from 0.
type store struct {
	blocks  []*block // nil where dropped
	n       uint32
	first   int64 // time of the file's first frame
	streams *stream.Table
	conns   *conn.Table

	kinds    []string          // sets of option kinds, in order of appearance
	analysis []stream.Analysis // sets of flags, the first is empty
	// Values that do not fit their column, by row.
	lengths   map[uint32]uint32
	moreKinds map[uint32]string
	moreFlags map[uint32]stream.Analysis
	announced map[uint32]uint32   // the mapping announced, where another one covers the payload
	noTimes   map[uint32]struct{} // rows whose frames have no time of their own

	extra        extra
	also         links // further mappings of a row's payload
	reinjectedIn links // row, the later row
	reinjections links // row, the earlier row
}

// Len is the number of rows.
func (s *store) Len() int { return int(s.n) }

// append opens the next row and fills the columns that need no table. It returns the row's place.
func (s *store) append(p *packet.Packet, at stream.Position) (b *block, i uint32) {
	i = s.n % blockLen
	if i == 0 {
		s.blocks = append(s.blocks, &block{first: p.Number})
	}
	b = s.blocks[s.n/blockLen]
	b.time[i] = p.Time
	b.stream[i] = at.ID
	b.seq[i], b.ack[i] = p.Seq, p.Ack
	b.window[i] = p.Window
	flags := p.Flags&tcpFlags | uint16(at.Flow)<<12
	if p.HasTS {
		flags |= flagTS
		if b.ts == nil {
			b.ts = new(timestamps)
		}
		b.ts.val[i], b.ts.ecr[i] = p.TSVal, p.TSEcr
	}
	if p.FirstFragment {
		flags |= flagNoLen
	}
	b.flags[i] = flags
	b.length[i] = uint16(p.PayloadLen)
	if p.PayloadLen >= bigLength {
		b.length[i] = bigLength
		setRare(&s.lengths, s.n, p.PayloadLen)
	}
	if p.Interface != 0 || b.iface != nil {
		if b.iface == nil {
			b.iface = new([blockLen]uint32)
		}
		b.iface[i] = p.Interface
	}
	if b.frame != nil || p.Number != b.first+i {
		b.setFrame(i, p.Number)
	}
	s.n++
	return b, i
}

// setFrame notes a frame number once they have gaps.
func (b *block) setFrame(i, number uint32) {
	if b.frame == nil {
		b.frame = new([blockLen]uint32)
		for k := range i {
			b.frame[k] = b.first + k
		}
	}
	b.frame[i] = number
}

// setRare puts a value into a map that most captures do not need.
func setRare[V any](m *map[uint32]V, row uint32, v V) {
	if *m == nil {
		*m = map[uint32]V{}
	}
	(*m)[row] = v
}

func (b *block) part() *mptcpPart {
	if b.mptcp == nil {
		b.mptcp = new(mptcpPart)
	}
	return b.mptcp
}

// setMPTCP fills the columns of a subflow's packet.
func (s *store) setMPTCP(b *block, i uint32, p *packet.Packet, r *conn.Result) {
	if p.NumMPTCP == 0 && r.Covering == 0 {
		return
	}
	m := b.part()
	bits := m.bits[i] | r.DSS
	m.dack[i] = r.DACK
	plain := p.NumMPTCP == 1 && s.plain(p.MPTCP[0], r)
	switch {
	case plain:
		bits |= bitPlain
	case p.NumMPTCP > 0:
		b.flags[i] |= flagExtra
		s.keep(s.n-1, p.MPTCP[:p.NumMPTCP])
	}
	m.bits[i] = bits
	if plain && r.Announced != 0 {
		covering := r.Covering
		if bits&bitCovered != 0 && covering == 0 {
			covering = m.mapping[i]
		}
		m.bits[i] = bits&^bitCovered | bitAnnounced
		m.mapping[i] = r.Announced
		if covering != 0 {
			s.cover(b, i, s.n-1, covering)
		}
	} else if r.Covering != 0 {
		s.cover(b, i, s.n-1, r.Covering)
	}
}

// plain reports whether a DSS option can be put together again from its flags, its ack and its mapping.
func (s *store) plain(o mptcp.Option, r *conn.Result) bool {
	if !r.HasDSS || o.Subtype() != mptcp.SubDSS || o[2] != optionDS || o[3] != r.DSS {
		return false
	}
	size := mptcp.DSSLength(r.DSS)
	if r.DSS&dssMap == 0 {
		return len(o) == size
	}
	v := s.conns.Mapping(r.Announced)
	return v != nil && (len(o) == size) == (v.Checksum == 0)
}

// cover notes the mapping of a row's first payload byte.
func (s *store) cover(b *block, i, row, mapping uint32) {
	m := b.part()
	if m.bits[i]&bitAnnounced != 0 && m.mapping[i] != mapping {
		if _, done := s.announced[row]; !done {
			setRare(&s.announced, row, m.mapping[i])
		}
	}
	m.mapping[i] = mapping
	m.bits[i] |= bitCovered
}

// keep stores raw options.
func (s *store) keep(row uint32, options []mptcp.Option) {
	size := 1
	for _, o := range options {
		size += 1 + len(o)
	}
	to := s.extra.add(row, size)
	to[0] = uint8(len(options))
	to = to[1:]
	for _, o := range options {
		to[0] = uint8(len(o))
		copy(to[1:], o)
		to = to[1+len(o):]
	}
}

// at is the place of a row, nil if it was dropped.
func (s *store) at(row uint32) (b *block, i uint32) {
	if row >= s.n {
		return nil, 0
	}
	return s.blocks[row/blockLen], row % blockLen
}
