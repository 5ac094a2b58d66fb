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
	at := len(c.announcements)
	if at < maxAnnouncements {
		c.announcements = append(c.announcements, a)
	}
	if m.HasHMAC {
		t.verifyHMAC(c, &pendingHMAC{sub: s, row: v.row, from: a.From, announcement: at, kind: addAddrHMAC, option: m})
	} else if f == mptcp.Cut && m.Version == 1 && !m.Echo {
		c.count().AddAddr.NotVerifiable++
		if at < len(c.announcements) {
			c.announcements[at].HMAC, c.announcements[at].Why = NotVerifiable, MissingOption
		}
	}
}

// checkAddAddrHMAC checks the HMAC of an ADD_ADDR.
func (t *Table) checkAddAddrHMAC(c *state, p *pendingHMAC) {
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
	if p.announcement < len(c.announcements) {
		c.announcements[p.announcement].HMAC, c.announcements[p.announcement].Early = verdict, early
	}
}

// removeAddr takes in REMOVE_ADDR (RFC 8684 section 3.4.2).
func (t *Table) removeAddr(s *sub, v *packetView, o mptcp.Option) {
	m, f := mptcp.ParseRemoveAddr(o)
	if !t.fault(f, v.row) {
		return
	}
	for _, id := range m.IDs {
		if len(s.conn.announcements) < maxAnnouncements {
			s.conn.announcements = append(s.conn.announcements, Announcement{Packet: v.row + 1, Time: v.Time, From: s.sender(v.flow),
				Removed: true, AddrID: id})
		}
	}
}
