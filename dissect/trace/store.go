package trace

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/packet"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// store holds rows, numbered from 0: of each the line that block.go describes, and in tables what few rows have.
type store struct {
	blocks  []*block // nil where dropped
	last    *block   // of blocks
	slab    slab
	n       uint32
	first   int64 // time of the file's first frame
	streams *stream.Table
	conns   *conn.Table

	kinds    []string          // forms of headers: lengths, option kinds; in order of appearance
	analysis []stream.Analysis // sets of flags, the first is empty
	// Values that do not fit their line, by row.
	lengths   map[uint32]uint32
	moreKinds map[uint32]string
	moreFlags map[uint32]stream.Analysis
	announced map[uint32]uint32   // the mapping announced, where another one covers the payload
	noTimes   map[uint32]struct{} // rows whose frames have no time of their own
	ipHeaders map[uint32]uint16   // lengths of IP headers

	extra        extra
	sacks        extra // SACK blocks of the rows that have any
	also         links // further mappings of a row's payload
	reinjectedIn links // row, the later row
	reinjections links // row, the earlier row
}

// append opens the next row and fills what needs no table. It returns the row's line.
func (s *store) append(p *packet.Packet, at *stream.Position, core *stream.Core) *line {
	i := s.n % blockLen
	if i == 0 {
		s.addBlock(p.Number)
	}
	b := s.last
	if int(i) >= len(b.lines) {
		b.resize(min(4*len(b.lines), blockLen))
	}
	l := &b.lines[i]
	flags := p.Flags&tcpFlags | uint16(at.Flow)<<12
	tsVal, tsEcr, mark := p.TSVal, p.TSEcr, uint8(p.IPID)
	if p.Usual != packet.NotUsual {
		if p.HasTSEcr {
			flags |= flagTS
		} else {
			tsVal, tsEcr = 0, 0
		}
	} else {
		if p.Faults&packet.FirstFragment != 0 {
			flags |= flagNoLen
		}
		if p.HasTSEcr {
			flags |= flagTS
		} else {
			tsVal, tsEcr = cutTimestamps(p)
		}
		mark = printOf(p)
		if len(p.SACK) > 0 {
			s.keepSACK(s.n, p.SACK)
		}
	}
	// Field by field, and all of them: a literal would be put together elsewhere and copied.
	l.timeLow, l.timeHigh = uint32(p.Time), uint32(uint64(p.Time)>>32)
	l.seq, l.ack, l.tsVal, l.tsEcr = p.Seq, p.Ack, tsVal, tsEcr
	l.dack, l.mapping = 0, 0
	l.stream, l.length, l.window, l.flags = b.local(s.n, at.ID, core), uint16(p.PayloadLen), p.Window, flags
	l.kinds, l.marks, l.bits, l.print = 0, 0, 0, mark
	if p.PayloadLen >= bigLength {
		l.length = bigLength
		setRare(&s.lengths, s.n, p.PayloadLen)
	}
	if p.Interface != 0 || b.iface != nil {
		if b.iface == nil {
			b.iface = make([]uint32, len(b.lines))
		}
		b.iface[i] = p.Interface
	}
	if b.frame != nil || p.Number != b.first+i {
		b.setFrame(i, p.Number)
	}
	s.n++
	return l
}

func (s *store) addBlock(number uint32) {
	b := &block{first: number}
	if len(s.blocks) == 0 {
		b.lines = make([]line, firstLen)
	} else {
		b.lines = s.slab.take(len(s.blocks))
	}
	s.blocks, s.last = append(s.blocks, b), b
}

// local is the stream's index in the block, which its core remembers.
func (b *block) local(row, id uint32, core *stream.Core) uint16 {
	block := uint64(row/blockLen + 1)
	if core.Note>>16 != block {
		core.Note = block<<16 | uint64(len(b.ids))
		b.ids = append(b.ids, id)
	}
	return uint16(core.Note)
}

// setFrame notes a frame number once they have gaps.
func (b *block) setFrame(i, number uint32) {
	if b.frame == nil {
		b.frame = make([]uint32, len(b.lines))
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

// setMPTCP fills in what a subflow's packet has.
func (s *store) setMPTCP(l *line, p *packet.Packet, r conn.Result) {
	if p.NumMPTCP == 0 && r.Covering == 0 {
		return
	}
	l.dack = r.DACK
	if r.DSS&conn.PlainDSS != 0 && (r.Announced == 0 || r.Covering == 0 || r.Announced == r.Covering) {
		l.setPlain(r.DSS.Flags(), r.Announced, r.Covering)
		return
	}
	s.setOptions(l, p, r)
}

// setOptions does so for whatever packet.
func (s *store) setOptions(l *line, p *packet.Packet, r conn.Result) {
	bits := l.bits | r.DSS.Flags()
	plain := p.NumMPTCP == 1 && s.plain(p.MPTCP[0], &r)
	switch {
	case plain:
		bits |= bitPlain
	case p.NumMPTCP > 0:
		l.flags |= flagExtra
		s.keep(s.n-1, p.MPTCP[:p.NumMPTCP])
	}
	l.bits = bits
	if plain && r.Announced != 0 {
		covering := r.Covering
		if bits&bitCovered != 0 && covering == 0 {
			covering = l.mapping
		}
		l.bits = bits&^bitCovered | bitAnnounced
		l.mapping = r.Announced
		if covering != 0 {
			s.cover(l, s.n-1, covering)
		}
	} else if r.Covering != 0 {
		s.cover(l, s.n-1, r.Covering)
	}
}

// setPlain does setMPTCP's work for the usual packet.
func (l *line) setPlain(dss uint8, announced, covering uint32) {
	bits := dss | bitPlain
	if announced != 0 {
		bits |= bitAnnounced
	}
	if covering != 0 {
		bits |= bitCovered
	}
	l.bits = bits
	l.mapping = announced | covering // the same, or one is none
}

// plain reports whether a DSS option can be put together again from its flags, its ack and its mapping.
func (s *store) plain(o mptcp.Option, r *conn.Result) bool {
	if r.DSS&conn.WholeDSS == 0 || o.Subtype() != mptcp.SubDSS || o[2] != optionDS || o[3] != r.DSS.Flags() {
		return false
	}
	size := mptcp.DSSLength(r.DSS.Flags())
	if r.DSS.Flags()&dssMap == 0 {
		return len(o) == size
	}
	v := s.conns.Mapping(r.Announced)
	return v != nil && (len(o) == size) == (v.Checksum == 0)
}

// cover notes the mapping of a row's first payload byte.
func (s *store) cover(l *line, row, mapping uint32) {
	if l.bits&bitAnnounced != 0 && l.mapping != mapping {
		if _, done := s.announced[row]; !done {
			setRare(&s.announced, row, l.mapping)
		}
	}
	l.mapping = mapping
	l.bits |= bitCovered
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

// onlyTSVal stands for the echo in a line without flagTS whose timestamp is there.
const onlyTSVal = 1

// cutTimestamps are the timestamps of a line without flagTS: the snaplen may leave the first one alone.
func cutTimestamps(p *packet.Packet) (val, ecr uint32) {
	if !p.HasTS {
		return 0, 0
	}
	return p.TSVal, onlyTSVal
}

// timestamps reads the timestamps of a line. Whoever has the second one has the first.
func (l *line) timestamps() (val, ecr uint32, hasVal, hasEcr bool) {
	switch {
	case l.flags&flagTS != 0:
		return l.tsVal, l.tsEcr, true, true
	case l.tsEcr == onlyTSVal:
		return l.tsVal, 0, true, false
	}
	return 0, 0, false, false
}
