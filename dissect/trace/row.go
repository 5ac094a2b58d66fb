package trace

import (
	"encoding/binary"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// Len is the number of rows.
func (t *Trace) Len() int { return int(t.n) }

// Row puts together row i, from 0, in r, which may be used again for the next one. It panics if i is out of range, as
// a slice does.
func (t *Trace) Row(i int, r *Row) { t.row(uint32(i), r) }

// row puts together a row, with what is known of it by now.
func (s *store) row(row uint32, r *Row) {
	b, k := s.blocks[row/blockLen], row%blockLen
	core, l := s.streams.Core(b.id(k)), &b.lines[k]
	s.fill(b, l, row, core, r)
	r.HasMPTCP, r.InConn, r.HasDSS, r.HasToken = false, false, false, false
	r.restored = false
	r.HasDSN, r.HasRelDSN, r.HasDACK, r.HasRelDACK, r.Low32, r.DACKLow32 = false, false, false, false, false, false
	r.Options = r.Options[:0]
	r.RelatedMappings, r.ReinjectionOf, r.ReinjectedIn = r.RelatedMappings[:0], r.ReinjectionOf[:0], r.ReinjectedIn[:0]
	if core.Part != 0 {
		s.fillMPTCP(l, row, core, r)
	}
}

// fill sets what every row has.
func (s *store) fill(b *block, l *line, row uint32, core *stream.Core, r *Row) {
	k, flags, flow := row%blockLen, l.flags, l.flow()
	r.ID, r.Frame = row+1, b.number(k)
	r.Time = l.time()
	r.RelTime = r.Time - s.first
	r.NoTime = false
	if s.noTimes != nil {
		_, r.NoTime = s.noTimes[row]
	}
	r.Interface = 0
	if b.iface != nil {
		r.Interface = b.iface[k]
	}
	src, dst := core.End(flow), core.End(1-flow)
	r.Src, r.Dst = src.AddrPort(core.V6), dst.AddrPort(core.V6)
	r.Stream, r.Dest = b.id(k), core.Dest(flow)
	r.flow, r.header = flowKey(r.Stream, flow), headerKey(flags, l.kinds)
	r.Flags = flags & tcpFlags
	r.NoLen = flags&flagNoLen != 0
	r.Seq, r.Ack = s.relative(l, row, core, r.Stream)
	r.RawSeq, r.RawAck = l.seq, l.ack
	r.Len = s.length(l, row)
	r.Window = core.Window(flow, r.Flags, l.window)
	r.Analysis = s.analysisOf(l, row)
	r.OptionKinds = append(r.OptionKinds[:0], s.form(l, row)[1:]...)
	r.TSVal, r.TSEcr, r.HasTS, r.HasTSEcr = l.timestamps()
}

// overflow is the number of a set that is not in the table, as there were too many.
const overflow = 255

// analysisOf is the TCP analysis flags of a row.
func (s *store) analysisOf(l *line, row uint32) stream.Analysis {
	if l.marks == overflow {
		return s.moreFlags[row]
	}
	return s.analysis[l.marks]
}

// announcedBy is the number of the mapping that a row announces, valid iff bitAnnounced is set: l.mapping, unless that is another one
// which covers its payload.
func (s *store) announcedBy(l *line, row uint32) uint32 {
	if number, other := s.announced[row]; other {
		return number
	}
	return l.mapping
}

// firstByte is the TCP sequence number of the payload's first byte: a SYN has a number of its own before it.
func (l *line) firstByte() uint32 {
	if l.flags&stream.SYN != 0 {
		return l.seq + 1
	}
	return l.seq
}

// length is the row's Len.
func (s *store) length(l *line, row uint32) uint32 {
	if n := l.length; n != bigLength {
		return uint32(n)
	}
	return s.lengths[row]
}

// relative gives tcp.seq and tcp.ack. A packet without ACK shows its ack field as it is.
func (s *store) relative(l *line, row uint32, core *stream.Core, id uint32) (seq, ack uint32) {
	seq, ack = l.seq, l.ack
	flow := l.flow()
	fwd, rev := core.Base[flow], core.Base[1-flow]
	if core.Rebased {
		fwd, rev = s.streams.Base(id, flow, row), s.streams.Base(id, 1-flow, row)
	}
	seq -= fwd
	if l.flags&stream.ACK != 0 {
		ack -= rev
	}
	return seq, ack
}

// End is what an end of the row's connection is known to be by now; nil if its stream is no subflow. Do not change it.
func (r *Row) End(d stream.Dest) *conn.Endpoint {
	if !r.InConn || d == stream.DestUnknown {
		return nil
	}
	return r.member.End(d)
}

// NearDSN is a data sequence number that those in the row's mappings are near to, be they of 32 bits. It is not ok where the upper half
// of them is not known.
func (r *Row) NearDSN() (dsn uint64, ok bool) {
	if !r.InConn {
		return 0, false
	}
	if dsn, ok = r.member.Near(r.ConnDest); ok && r.restored {
		dsn = r.mapping
	}
	return dsn, ok
}

// Master reports whether the row's subflow is known by now to be the initial one: that it carried MP_CAPABLE.
func (r *Row) Master() bool { return r.InConn && r.member.Master() }

// fillMPTCP sets what the rows of a subflow have.
func (s *store) fillMPTCP(l *line, row uint32, core *stream.Core, r *Row) {
	flow, bits := l.flow(), l.bits
	member := s.conns.Member(core.Part, row)
	r.member = member
	r.ConnID, r.InConn = member.ConnID()
	r.Ordinal, r.ConnDest = member.Ordinal(), member.Toward(flow)
	switch {
	case bits&bitPlain != 0:
		r.HasMPTCP = true
		s.restore(l, row, member, r)
	case l.flags&flagExtra != 0:
		r.HasMPTCP = true
		s.rawOptions(row, r)
	}
	if bits&dssAck != 0 {
		s.setDACK(member, flow, row, l.dack, r)
	}
	mapping := uint32(0)
	if bits&bitCovered != 0 {
		mapping = l.mapping
	}
	s.setMappings(row, mapping, r)
	s.setDSN(l, row, core, member, mapping, r)
	r.ReinjectionOf = s.reinjections.of(row, r.ReinjectionOf, 1, &r.near.before)
	r.ReinjectedIn = s.reinjectedIn.of(row, r.ReinjectedIn, 1, &r.near.after)
}

// restore puts a plain DSS option together again.
func (s *store) restore(l *line, row uint32, member conn.Member, r *Row) {
	bits := l.bits
	d := &r.DSS
	*d = mptcp.DSS{HasAck: bits&dssAck != 0, Ack8: bits&dssAck8 != 0, DataFIN: bits&dssFIN != 0}
	r.HasDSS = true
	o := append(r.option[:0], mptcp.Kind, 0, optionDS, bits&dssFlags)
	if d.HasAck {
		d.Ack = uint64(l.dack)
		if d.Ack8 {
			d.Ack = member.DACK(l.flow(), row, l.dack)
		}
		o = appendNumber(o, d.Ack, d.Ack8)
	}
	if bits&bitAnnounced != 0 {
		number := s.announcedBy(l, row)
		o = s.restoreMapping(number, bits, r, o)
	}
	o[1] = uint8(len(o))
	r.Options = append(r.Options, mptcp.Option(o))
}

func (s *store) restoreMapping(number uint32, bits uint8, r *Row, o []byte) []byte {
	m, d := s.conns.Mapping(number), &r.DSS
	if m == nil {
		return o
	}
	r.mapping, r.restored = m.DSN(), true
	d.HasMapping, d.HasDSN, d.HasSSN, d.DSN8 = true, true, true, bits&dssDSN8 != 0
	d.DSN, d.SSN, d.Length = m.DSN(), m.SSN, m.Length
	if !d.DSN8 {
		d.DSN = uint64(uint32(d.DSN))
	}
	o = appendNumber(o, d.DSN, d.DSN8)
	o = binary.BigEndian.AppendUint32(o, d.SSN)
	o = binary.BigEndian.AppendUint16(o, d.Length)
	if m.Checksum != 0 {
		d.HasChecksum, d.Checksum = true, m.Checksum
		o = binary.BigEndian.AppendUint16(o, m.Checksum)
	}
	return o
}

func appendNumber(b []byte, v uint64, wide bool) []byte {
	if wide {
		return binary.BigEndian.AppendUint64(b, v)
	}
	return binary.BigEndian.AppendUint32(b, uint32(v))
}

// rawOptions sets the options that are stored raw.
func (s *store) rawOptions(row uint32, r *Row) {
	r.Options = s.extra.options(row, r.Options)
	for _, option := range r.Options {
		switch option.Subtype() {
		case mptcp.SubDSS:
			if !r.HasDSS {
				var f mptcp.Fault
				r.DSS, f = mptcp.ParseDSS(option)
				r.HasDSS = f == mptcp.NoFault || f == mptcp.ReservedBits || f == mptcp.Cut
			}
		case mptcp.SubCapable:
			if m, _ := mptcp.ParseCapable(option); m.HasSender && !r.HasToken {
				r.HasToken, r.ExpectedToken = true, m.Sender.Token(m.Version)
			}
		}
	}
}

func (s *store) setDACK(member conn.Member, flow uint8, row, low uint32, r *Row) {
	r.HasDACK, r.DACK = true, member.DACK(flow, row, low)
	r.DACKLow32 = !member.Whole(1 - flow)
	if idsn, ok := member.IDSN(1 - flow); ok {
		r.HasRelDACK, r.RelDACK = true, r.DACK-idsn
	}
}

// setMappings sets the packets whose mappings cover the payload, each named by the last that announced it: first that
// of the first byte, then the others.
func (s *store) setMappings(row, mapping uint32, r *Row) {
	if r.Len == 0 {
		return
	}
	if m := s.conns.Mapping(mapping); mapping != 0 && m != nil {
		r.RelatedMappings = append(r.RelatedMappings, m.Row+1)
	}
	first := len(r.RelatedMappings)
	more := s.also.of(row, r.RelatedMappings, 0, &r.near.also)
	if len(more) == first {
		return
	}
	list := more[:first]
	for _, number := range more[first:] {
		if m := s.conns.Mapping(number); m != nil && !slices.Contains(list, m.Row+1) {
			list = append(list, m.Row+1)
		}
	}
	slices.Sort(list[first:])
	r.RelatedMappings = list
}

func (s *store) setDSN(l *line, row uint32, core *stream.Core, member conn.Member, mapping uint32, r *Row) {
	flow := l.flow()
	idsn, known := member.IDSN(flow)
	switch {
	case mapping != 0:
		seq := l.firstByte()
		r.DSN, r.HasDSN = member.DSN(mapping, flow, row, seq)
		r.Low32 = r.HasDSN && !member.Whole(flow)
	case r.Len > 0 || !r.HasMPTCP || !known || !core.SYN[flow]:
	case r.Flags&stream.SYN != 0:
		r.DSN, r.HasDSN = idsn, true
	case r.Seq == 1:
		r.DSN, r.HasDSN = idsn+1, true
	}
	if r.HasDSN && known {
		r.RelDSN, r.HasRelDSN = r.DSN-idsn, true
	}
}
