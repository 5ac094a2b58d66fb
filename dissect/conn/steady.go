package conn

import (
	"encoding/binary"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// Nearly every packet of a capture is one of an established subflow, with one DSS option and nothing odd about it. What
// follows does for such a packet what options, dss and carry do, in one go; it does nothing that they do not, and it
// leaves every packet to them that needs more. Tests compare the two.

// unsteady are the TCP flags and steadyDSS the DSS flags that leave a packet to the general way, or not.
const (
	unsteady  = stream.SYN | stream.RST
	steadyDSS = 0x0f // no DATA_FIN, no reserved bits
)

// DSS flags (RFC 8684 section 3.3).
const (
	dssAck  = 0x01
	dssAck8 = 0x02
	dssMap  = 0x04
	dssDSN8 = 0x08
)

// prepare finds out whether packets of a flow may take the short way from now on: the handshake is over, DSS options
// were seen, offsets and the upper halves of numbers are certain both ways, and no checksum is to be followed.
func (s *sub) prepare(flow uint8) {
	w, back := s.ways[flow], s.ways[1-flow]
	if w == nil || w.ready || back == nil || s.stage != settled || !s.dss[flow] || !w.exact || w.check != nil {
		return
	}
	w.ready = w.space != nil && w.space.known && back.space != nil && back.space.known
}

// steady takes in a packet of the usual kind. It is false, and nothing has changed, if the packet is not.
func (t *Table) steady(s *sub, v *packetView) bool {
	o := v.MPTCP[0]
	w := s.ways[v.flow]
	if w == nil || !w.ready || len(o) < 4 || o[2] != 0x20 || o[3] > steadyDSS || v.Flags&unsteady != 0 || t.limit > 0 {
		return false
	}
	flags := o[3]
	if int(o[1]) != len(o) || len(o) != mptcp.DSSLength(flags) {
		return false
	}
	b := []byte(o[4:])
	if flags&dssAck != 0 {
		var ack uint64
		if flags&dssAck8 != 0 {
			ack, b = binary.BigEndian.Uint64(b), b[8:]
		} else {
			ack, b = mptcp.Expand(s.ways[1-v.flow].space.ref, binary.BigEndian.Uint32(b)), b[4:]
		}
		v.res.DACK = uint32(ack)
		w.acked(uint32(ack>>32), v.row)
	}
	v.res.DSS, v.res.HasDSS, v.res.Plain = flags, true, true
	if flags&dssMap != 0 {
		t.steadyMapping(s, v, w, b, flags&dssDSN8 != 0)
	}
	switch {
	case v.PayloadLen == 0:
		t.pureAck(s, v)
	default:
		v.res.Covering = t.payload(s, v.flow, w, waiting{row: v.row, seq: v.Seq, n: v.PayloadLen})
	}
	return true
}

// steadyMapping takes in the mapping in b.
func (t *Table) steadyMapping(s *sub, v *packetView, w *way, b []byte, wide bool) {
	var dsn uint64
	sp := w.space
	if wide {
		dsn, b = binary.BigEndian.Uint64(b), b[8:]
		if sp.near(dsn) {
			sp.ref = dsn
		} else {
			t.host.Issue(FarDSN, v.row)
		}
		if d := s.wire.of(v.flow); d != nil {
			d.flags |= metaDSN
		}
	} else {
		dsn, b = mptcp.Expand(sp.ref, binary.BigEndian.Uint32(b)), b[4:]
		sp.ref = dsn
	}
	a := &t.told
	a.dsn, a.ssn, a.length = dsn, binary.BigEndian.Uint32(b), binary.BigEndian.Uint16(b[4:])
	a.checksum, a.fin, a.checksums = 0, false, false
	if a.length == 0 {
		t.fallBack(s.conn, InfiniteMapping, v.row, false)
	}
	v.res.Announced = t.announce(s, v.flow, w, a, v.row)
}
