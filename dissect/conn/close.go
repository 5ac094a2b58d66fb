package conn

import "github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"

// fail takes in MP_FAIL (RFC 8684 section 3.7). With other subflows left, only the one that carries it is closed.
func (t *Table) fail(s *sub, v *packetView, o mptcp.Option) {
	_, f := mptcp.ParseFail(o)
	if !t.fault(f, v.row) {
		return
	}
	t.host.Issue(MPFail, v.row)
	if len(s.conn.subs) == 1 {
		t.fallBack(s.conn, ChecksumFailed, v.row, false)
	}
}

// fastclose takes in MP_FASTCLOSE (RFC 8684 section 3.5), which shows the receiver's key.
func (t *Table) fastclose(s *sub, v *packetView, o mptcp.Option) {
	m, f := mptcp.ParseFastclose(o)
	if !t.fault(f, v.row) {
		return
	}
	c := s.conn
	if c.fastclose == 0 {
		c.fastclose = v.row + 1
	}
	to := s.toward(v.flow)
	e := &c.end[to]
	if !m.HasKey || e.HasKey {
		return
	}
	for ver := mptcp.Version(0); c.version == mptcp.VersionUnknown && e.HasToken && ver <= 1; ver++ {
		if m.Key.Token(ver) == e.Token { // a JOIN told the token
			c.version = ver
		}
	}
	if v := e.Version; c.version == mptcp.VersionUnknown && (v == 0 || v == 1) { // its SYN, of version 1 without the key
		c.version = mptcp.Version(v)
	}
	if c.version != mptcp.VersionUnknown {
		t.setKey(c, to, m.Key, FromFastclose, v.row)
	}
}

// reset takes in MP_TCPRST (RFC 8684 section 3.6).
func (t *Table) reset(s *sub, v *packetView, o mptcp.Option) {
	m, f := mptcp.ParseReset(o)
	if t.fault(f, v.row) && m.HasReason && s.reset < 0 {
		s.reset = int16(m.Reason)
	}
}
