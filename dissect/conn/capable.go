package conn

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// capable takes in MP_CAPABLE (RFC 8684 section 3.1).
func (t *Table) capable(s *sub, v *packetView, o mptcp.Option) {
	m, f := mptcp.ParseCapable(o)
	if !t.fault(f, v.row) {
		return
	}
	if s.core.Rebased {
		s = t.era(s, v, &m)
	}
	c := s.conn
	sender := s.sender(v.flow)
	if c.inOtherVersion(sender, v, &m) {
		t.host.Issue(KeyRepeated, v.row)
		return
	}
	if c.isStray(sender, v, &m) || s.join != nil && s.join.hasToken && c.contradicts(sender, &m) {
		if !t.noteStray(s, v, &m) {
			t.host.Issue(KeyChanged, v.row)
		}
		return
	}
	c.checksum = c.checksum || m.ChecksumRequired()
	t.shake(s, v, o, &m)
	switch d, ok := m.Mapping(c.end[sender].IDSN); {
	case ok && m.HasSender:
		t.implicitMapping(s, v, &d, &m)
	case f == mptcp.Cut && !ok && o.Stated() >= lenData && v.PayloadLen > 0 && c.end[sender].HasKey:
		t.cutDSSMapping(s, v, &mptcp.DSS{DSN: c.end[sender].IDSN + 1, DSN8: true, SSN: 1})
	}
}

// shake takes a step of the handshake, by the flags of the segment, and the keys that the option has.
func (t *Table) shake(s *sub, v *packetView, o mptcp.Option, m *mptcp.Capable) {
	c, sender := s.conn, s.sender(v.flow)
	switch v.Flags & (stream.SYN | stream.ACK) {
	case stream.SYN:
		s.offer(v, m.Version)
		if c.version == mptcp.VersionUnknown && m.HasSender {
			t.setVersion(c, m.Version, v.row)
		}
	case stream.SYN | stream.ACK:
		s.lead()
		c.end[sender].Version = int8(m.Version)
		s.stage = max(s.stage, answered)
		t.setVersion(c, m.Version, v.row)
	default:
		t.confirm(s, v, m, o.Stated() == lenThirdACK)
	}
	from := FromHandshake
	switch {
	case o.Stated() >= lenData:
		from = FromData
	case m.HasReceiver:
		from = FromACK
	}
	if m.HasSender {
		t.setKey(c, sender, m.Sender, from, v.row)
	}
	if m.HasReceiver {
		t.setKey(c, sender.Other(), m.Receiver, from, v.row)
	}
}

// isStray reports whether a SYN/ACK has another key than the one known, or none: it belongs to another connection between
// the same ports, or is forged, and must change nothing.
func (c *state) isStray(sender stream.Dest, v *packetView, m *mptcp.Capable) bool {
	e := &c.end[sender]
	return v.Flags&(stream.SYN|stream.ACK) == stream.SYN|stream.ACK && e.HasKey && (!m.HasSender || e.Key != m.Sender) &&
		e.Source >= FromHandshake
}

// inOtherVersion reports whether a SYN/ACK has the key that is known, but in another version than the handshake that told it: it
// belongs to another connection between the same ports, and must change nothing.
func (c *state) inOtherVersion(sender stream.Dest, v *packetView, m *mptcp.Capable) bool {
	e := &c.end[sender]
	return v.Flags&(stream.SYN|stream.ACK) == stream.SYN|stream.ACK && e.HasKey && m.HasSender && e.Key == m.Sender &&
		e.Version >= 0 && mptcp.Version(e.Version) != m.Version
}

// contradicts reports whether MP_CAPABLE has another key than the connection has for that end.
func (c *state) contradicts(sender stream.Dest, m *mptcp.Capable) bool {
	own, other := &c.end[sender], &c.end[sender.Other()]
	return !m.HasSender || own.HasKey && own.Key != m.Sender || m.HasReceiver && other.HasKey && other.Key != m.Receiver
}

// lead makes the subflow the initial one.
func (s *sub) lead() { s.master, s.conn.led = true, true }

// offer records the SYN with MP_CAPABLE.
func (s *sub) offer(v *packetView, version mptcp.Version) {
	s.lead()
	s.stage = max(s.stage, offered)
	s.conn.end[s.sender(v.flow)].Version = int8(version)
}

// The lengths of an MP_CAPABLE with both keys: without a mapping, and with one at least.
const (
	lenThirdACK = 20
	lenData     = 22
)

// confirm records MP_CAPABLE on a packet that is no SYN: the third ACK, or the first data of version 1. A third ACK without
// data shows both initial sequence numbers: its own numbers are one above them.
func (t *Table) confirm(s *sub, v *packetView, m *mptcp.Capable, third bool) {
	s.lead()
	s.stage = settled
	t.confirmMPTCP(s)
	answer := &s.conn.end[s.toward(v.flow)] // its SYN/ACK tells the version, if it was captured
	if known := s.conn.version != mptcp.VersionUnknown; !known || !answer.HasKey && answer.Version < 0 && m.Version <= 1 {
		t.setVersion(s.conn, m.Version, v.row)
	}
	if third && v.PayloadLen == 0 {
		t.settleSYNData(s, v.flow, v.Seq)
		t.fix(s, v.flow, v.Seq-1)
		t.fix(s, 1-v.flow, v.Ack-1)
	}
}

// implicitMapping takes in the mapping that MP_CAPABLE with data stands for (version 1, RFC 8684 section 3.1).
func (t *Table) implicitMapping(s *sub, v *packetView, d *mptcp.DSS, m *mptcp.Capable) {
	if d.Length == 0 {
		t.fallBack(s.conn, InfiniteMapping, v.row, false)
	}
	sp := s.space(v.flow)
	a := announcement{dsn: d.DSN, ssn: d.SSN, length: d.Length, checksum: m.Checksum, checksums: m.HasChecksum}
	sp.widen(a.dsn, true)
	t.takeMapping(s, v, &a)
}
