package conn

import (
	"encoding/binary"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/packet"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// Nearly every packet of a capture is one of an established subflow, with one DSS option and nothing odd about it. What
// follows does for such a packet what options, dss and carry do, in one go; it does nothing that they do not, and it
// leaves every packet to them that needs more. Tests compare the two.

// A packet with any of unsteady among its TCP flags is left to the general way, as is one with DSS flags beside those of steadyDSS.
const (
	unsteady  = stream.SYN | stream.RST
	steadyDSS = 0x0f // no DATA_FIN, no reserved bits
)

// DSS flags, by short names.
const (
	dssAck  = mptcp.FlagDataAck
	dssAck8 = mptcp.FlagDataAck8
	dssMap  = mptcp.FlagMapping
	dssDSN8 = mptcp.FlagDSN8
)

// The first four bytes of the usual DSS options, without a checksum: of most senders with payload, and without.
const (
	subtypeDSS   = uint8(mptcp.SubDSS) << 4
	wholeMapping = mptcp.Kind<<24 | 26<<16 | uint32(subtypeDSS)<<8 | dssAck | dssAck8 | dssMap | dssDSN8
	wholeAck     = mptcp.Kind<<24 | 12<<16 | uint32(subtypeDSS)<<8 | dssAck | dssAck8
)

// prepare finds out whether packets of a flow of the subflow of that number may take the short way from now on: the handshake
// is over, DSS options were seen both ways, offsets and the upper halves of numbers are certain both ways.
func (t *Table) prepare(number uint32, s *sub, flow uint8) {
	w, back := s.ways[flow], s.ways[1-flow]
	if s.core.Rebased { // any mapping may tell that another initial number counts, see replaceISN; a SYN/ACK tells it of either flow
		for _, w := range s.ways {
			if w != nil {
				w.ready = false
			}
		}
		return
	}
	if w == nil || w.ready || back == nil || t.limit > 0 || s.stage != settled || !s.dss[0] || !s.dss[1] || !w.exact {
		return
	}
	if s.conn.checksum && !w.checked {
		w.follow()
	}
	w.ready = w.space != nil && w.space.known && back.space != nil && back.space.known
	w.sub, t.usual[number][flow] = s, w
}

// steady takes in a packet of the usual kind on its way, which is ready. It is false, and nothing has changed, if the packet is not.
func (t *Table) steady(w *way, p *packet.Packet, flow uint8, row uint32) (r Result, ok bool) {
	o := p.MPTCP[0]
	if len(o) < 5 || p.Flags&unsteady != 0 {
		return r, false
	}
	var ack, dsn uint64
	var ssn uint32
	var length uint16
	flags := o[3]
	// Most senders write all numbers whole: their fields are where they always are. Others shorten them, and each place must be
	// computed from the flags.
	switch head := binary.BigEndian.Uint32(o); {
	case head == wholeMapping && len(o) == 26:
		d := (*[26]byte)(o)
		ack, dsn = binary.BigEndian.Uint64(d[4:]), binary.BigEndian.Uint64(d[12:])
		ssn, length = binary.BigEndian.Uint32(d[20:]), binary.BigEndian.Uint16(d[24:])
	case head == wholeAck && len(o) == 12:
		d := (*[12]byte)(o)
		ack = binary.BigEndian.Uint64(d[4:])
	case o[2] != subtypeDSS || flags > steadyDSS || int(o[1]) != len(o):
		return r, false
	case len(o) == mptcp.DSSLength(flags):
		ack, dsn, ssn, length = w.fields(o, flags, flow)
	case len(o) == mptcp.DSSLength(flags)+2 && flags&dssMap != 0 && w.checked:
		return t.steadyChecked(w, p, flow, row)
	default:
		return r, false
	}
	if flags&dssMap != 0 {
		if length == 0 || !w.space.reaches(dsn) { // infinite, or impossible
			return r, false
		}
		w.space.ref = dsn
		r.Announced = t.steadyMapping(flow, w, dsn, ssn, length, row)
		if flags&dssDSN8 != 0 && !w.wide {
			w.widen(flow)
		}
	}
	if flags&dssAck != 0 {
		r.DACK = uint32(ack)
		w.acked(uint32(ack>>32), row)
	}
	r.DSS = DSSBits(flags) | WholeDSS | PlainDSS
	if p.PayloadLen > 0 {
		r.Covering = t.steadyPayload(flow, w, p, row)
	} else {
		r.Covering = t.pureAck(w, p.Seq, row)
	}
	return r, true
}

// steadyChecked does so for a DSS whose mapping has a checksum, on a way whose checksums are followed. The caller has seen that its
// length fits its flags.
func (t *Table) steadyChecked(w *way, p *packet.Packet, flow uint8, row uint32) (r Result, ok bool) {
	o := p.MPTCP[0]
	flags := o[3]
	ack, dsn, ssn, length := w.fields(o, flags, flow)
	if length == 0 || !w.space.reaches(dsn) {
		return r, false
	}
	w.space.ref = dsn
	a := announcement{dsn: dsn, ssn: ssn, length: length, checksum: binary.BigEndian.Uint16(o[len(o)-2:]), checksums: true}
	r.Announced = t.announce(w.sub, flow, w, &a, row)
	t.startCheck(w.sub, flow, w, &a, r.Announced, row)
	if flags&dssDSN8 != 0 && !w.wide {
		w.widen(flow)
	}
	if flags&dssAck != 0 {
		r.DACK = uint32(ack)
		w.acked(uint32(ack>>32), row)
	}
	r.DSS = DSSBits(flags) | WholeDSS
	if p.PayloadLen > 0 {
		r.Covering = t.steadyPayload(flow, w, p, row)
	} else {
		r.Covering = t.pureAck(w, p.Seq, row)
	}
	return r, true
}

// widen lets the numbering know of 8-byte numbers sent this way.
func (w *way) widen(flow uint8) {
	w.wide = true
	if d := w.sub.wire.of(flow); d != nil {
		d.flags |= metaDSN
	}
}

// fields reads a DSS whose length is that of its flags, with numbers of 4 bytes widened; what it does not have is 0.
func (w *way) fields(o mptcp.Option, flags, flow uint8) (ack, dsn uint64, ssn uint32, length uint16) {
	b := []byte(o[4:])
	switch {
	case flags&dssAck == 0:
	case flags&dssAck8 != 0:
		ack, b = binary.BigEndian.Uint64(b), b[8:]
	default:
		ack, b = mptcp.Expand(w.sub.ways[1-flow&1].space.ref, binary.BigEndian.Uint32(b)), b[4:]
	}
	switch {
	case flags&dssMap == 0:
		return ack, 0, 0, 0
	case flags&dssDSN8 != 0:
		dsn, b = binary.BigEndian.Uint64(b), b[8:]
	default:
		dsn, b = mptcp.Expand(w.space.ref, binary.BigEndian.Uint32(b)), b[4:]
	}
	return ack, dsn, binary.BigEndian.Uint32(b), binary.BigEndian.Uint16(b[4:])
}

// steadyMapping takes in a mapping, which is mostly the one used last, sent again with the next segment.
func (t *Table) steadyMapping(flow uint8, w *way, dsn uint64, ssn uint32, length uint16, row uint32) uint32 {
	if m := w.mapping; m != nil && !w.kin && m.SSN == ssn && m.lo == uint32(dsn) && m.hi == uint32(dsn>>32) &&
		m.Length == length && m.Checksum == 0 {
		m.Row = row
		return w.number
	}
	a := &t.told
	a.dsn, a.ssn, a.length, a.checksum, a.fin, a.checksums = dsn, ssn, length, 0, false, false
	return t.announce(w.sub, flow, w, a, row)
}

// steadyPayload places a payload, which mostly lies within the mapping used last.
func (t *Table) steadyPayload(flow uint8, w *way, p *packet.Packet, row uint32) uint32 {
	seq, n := p.Seq, p.PayloadLen
	if w.checked {
		number := t.payload(w.sub, flow, w, waiting{row: row, seq: seq, n: n})
		t.feedChecks(w.sub, flow, w, seq, p.Payload(), row)
		return number
	}
	from := w.offset(seq)
	to := from + uint64(n)
	if from < w.from || to > w.to || w.mapping == nil {
		return t.payload(w.sub, flow, w, waiting{row: row, seq: seq, n: n})
	}
	t.carried(w, w.space, w.mapping.DSN()+(from-w.from), n, row)
	w.reach(to)
	return w.number
}
