package conn

import "github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"

// fail takes in MP_FAIL (RFC 8684 section 3.7). With other subflows left, only the one that carries it is closed.
func (t *Table) fail(s *sub, v *packetView, o mptcp.Option) {
	_, f := mptcp.ParseFail(o)
	if !t.fault(f, v.row) {
		return
	}
	t.host.Issue(MPFail, v.row)
	if c := s.conn; len(c.subs) == 1 && (c.fallback.Cause == NoFallback || c.tentative) {
		t.fallBack(c, ChecksumFailed, v.row, false)
		c.failedFor, c.failHeard = s.toward(v.flow), false
	}
}

// fastclose takes in MP_FASTCLOSE (RFC 8684 section 3.5), which shows the receiver's key. Receivers ignore one with another key.
func (t *Table) fastclose(s *sub, v *packetView, o mptcp.Option) {
	m, f := mptcp.ParseFastclose(o)
	if !t.fault(f, v.row) {
		return
	}
	if m.HasKey && !t.closingKey(s, s.toward(v.flow), m.Key, v.row) {
		t.host.Issue(ForgedClose, v.row)
		return
	}
	if c := s.conn; c.fastclose == 0 {
		c.fastclose = v.row + 1
	}
}

// reset takes in MP_TCPRST (RFC 8684 section 3.6).
func (t *Table) reset(s *sub, v *packetView, o mptcp.Option) {
	m, f := mptcp.ParseReset(o)
	if t.fault(f, v.row) && m.HasReason && s.reset < 0 {
		s.reset = int16(m.Reason)
	}
}
