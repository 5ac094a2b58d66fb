package conn

import (
	"net/netip"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
)

// maxAnnouncements bounds the announcements kept of a connection.
const maxAnnouncements = 4096

// addAddr takes in ADD_ADDR (RFC 8684 section 3.4.1).
func (t *Table) addAddr(s *sub, v *packetView, o mptcp.Option) {
	c := s.conn
	m, f := mptcp.ParseAddAddr(o, c.version)
	if !t.fault(f, v.row) {
		return
	}
	a := Announcement{Packet: v.row + 1, Time: v.Time, From: s.sender(v.flow), Echo: m.Echo, AddrID: m.ID,
		Addr: netip.AddrPortFrom(m.Addr, m.Port)}
	at := len(c.list)
	if at < maxAnnouncements {
		c.list = append(c.list, a)
	}
	if m.HasHMAC {
		t.verify(c, &pending{sub: s, row: v.row, from: a.From, addr: at, kind: pendingAddr, option: m})
	} else if f == mptcp.Cut && m.Version == 1 && !m.Echo {
		c.count().AddAddr.NotVerifiable++
		if at < len(c.list) {
			c.list[at].HMAC, c.list[at].Why = NotVerifiable, MissingOption
		}
	}
}

func (t *Table) checkAddr(c *state, p *pending) {
	from := p.from
	verdict, early := Failed, false
	switch p.option.Authenticate(c.end[from].Key, c.end[from.Other()].Key) {
	case mptcp.HMACRight:
		verdict = Verified
	case mptcp.HMACLeft:
		verdict, early = Verified, true
		c.count().EarlyLinux++
		t.host.Issue(EarlyAddress, p.row)
	default:
		t.host.Issue(ForgedAddress, p.row)
	}
	c.count().AddAddr.count(verdict, 1)
	if p.addr < len(c.list) {
		c.list[p.addr].HMAC, c.list[p.addr].Early = verdict, early
	}
}

// removeAddr takes in REMOVE_ADDR (RFC 8684 section 3.4.2).
func (t *Table) removeAddr(s *sub, v *packetView, o mptcp.Option) {
	m, f := mptcp.ParseRemoveAddr(o)
	if !t.fault(f, v.row) {
		return
	}
	for _, id := range m.IDs {
		if len(s.conn.list) < maxAnnouncements {
			s.conn.list = append(s.conn.list, Announcement{Packet: v.row + 1, Time: v.Time, From: s.sender(v.flow),
				Removed: true, AddrID: id})
		}
	}
}

// prio takes in MP_PRIO (RFC 8684 section 3.3.8). With an address id (version 0) it is for the subflows of that address
// of the sender's.
func (t *Table) prio(s *sub, v *packetView, o mptcp.Option) {
	m, f := mptcp.ParsePrio(o, s.conn.version)
	if !t.fault(f, v.row) {
		return
	}
	if !m.HasAddrID {
		s.backup = m.Backup
		return
	}
	sender := s.sender(v.flow)
	for _, other := range s.conn.subs[:min(len(s.conn.subs), maxPrio)] {
		for flow := range uint8(2) {
			if other.sender(flow) == sender && (other.hasAddr || other.master) && other.addrID[flow] == m.AddrID {
				other.backup = m.Backup
			}
		}
	}
}

// maxPrio is how many subflows of a connection one MP_PRIO with an address id is applied to.
const maxPrio = 1024

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

// close takes in MP_FASTCLOSE (RFC 8684 section 3.5), which shows the receiver's key.
func (t *Table) close(s *sub, v *packetView, o mptcp.Option) {
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

// resetBy takes in MP_TCPRST (RFC 8684 section 3.6).
func (t *Table) resetBy(s *sub, v *packetView, o mptcp.Option) {
	m, f := mptcp.ParseReset(o)
	if t.fault(f, v.row) && m.HasReason && s.reset < 0 {
		s.reset = int16(m.Reason)
	}
}
