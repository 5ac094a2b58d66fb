package analysis

import (
	"net/netip"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// announcement is an address that an end announced, with all that followed from it. Packets are ids, 0 for none.
type announcement struct {
	from     stream.Dest // who announced it
	id       uint8
	addr     netip.AddrPort // port 0: that of the connection
	packet   uint32         // the first ADD_ADDR
	time     int64
	sent     int // ADD_ADDRs, repetitions included
	hmac     conn.Verdict
	echo     uint32
	echoed   int64
	repeated uint32   // the first ADD_ADDR that is sent long after the echo
	join     *joining // the first subflow opened to it
	removed  uint32
	removing int64
}

// address writes what was announced.
func (a *announcement) address() string {
	if a.addr.Port() == 0 {
		return a.addr.Addr().String()
	}
	return a.addr.String()
}

// joining is a join's SYN and what became of it.
type joining struct {
	ordinal int
	packet  uint32
	time    int64
	up      bool
}

// announcements follows each announced address through the control packets of a connection.
func announcements(t *trace.Trace, c *conn.Conn, list []control) []*announcement {
	var all []*announcement
	for i := range list {
		p := &list[i]
		if o := p.option(mptcp.SubAddAddr); o != nil {
			m, f := mptcp.ParseAddAddr(o, c.Version)
			if f != mptcp.BadLength && m.Addr.IsValid() {
				all = announce(all, c, p, &m)
			}
		}
		if o := p.option(mptcp.SubRemoveAddr); o != nil {
			m, _ := mptcp.ParseRemoveAddr(o)
			remove(all, p, m.IDs)
		}
		if o := p.option(mptcp.SubJoin); o != nil && p.syn() {
			joinTo(t, all, p)
		}
	}
	return all
}

// maxAnnounced bounds the addresses that are followed.
const maxAnnounced = 1024

// repeatAfter is how long after an echo an ADD_ADDR shows that the echo did not arrive, in ns: before that the two may have
// crossed.
const repeatAfter = 500_000_000

// announce takes in an ADD_ADDR or an echo.
func announce(all []*announcement, c *conn.Conn, p *control, m *mptcp.AddAddr) []*announcement {
	from := p.from
	if m.Echo {
		from = from.Other()
	}
	addr := netip.AddrPortFrom(m.Addr, m.Port)
	for _, a := range all {
		if a.from != from || a.id != m.ID || a.addr != addr || a.removed != 0 {
			continue
		}
		switch {
		case !m.Echo:
			if a.sent++; a.echo != 0 && a.repeated == 0 && p.time-a.echoed > repeatAfter {
				a.repeated = p.packet
			}
		case a.echo == 0:
			a.echo, a.echoed = p.packet, p.time
		}
		return all
	}
	if len(all) == maxAnnounced {
		return all
	}
	a := &announcement{from: from, id: m.ID, addr: addr}
	if m.Echo { // the ADD_ADDR itself was not captured
		a.echo, a.echoed = p.packet, p.time
	} else {
		a.packet, a.time, a.sent, a.hmac = p.packet, p.time, 1, hmacOf(c, p.packet)
	}
	return append(all, a)
}

// hmacOf is what the connection table made of the HMAC of an ADD_ADDR.
func hmacOf(c *conn.Conn, packet uint32) conn.Verdict {
	for i := range c.Addresses {
		if a := &c.Addresses[i]; a.Packet == packet && !a.Removed {
			return a.HMAC
		}
	}
	return conn.NotSeen
}

func remove(all []*announcement, p *control, ids []byte) {
	for _, id := range ids {
		for _, a := range all {
			if a.from == p.from && a.id == id && a.removed == 0 {
				a.removed, a.removing = p.packet, p.time
			}
		}
	}
}

// joinTo finds the address that a join is opened to.
func joinTo(t *trace.Trace, all []*announcement, p *control) {
	_, to := t.Ends(p.packet - 1)
	for _, a := range all {
		if a.join != nil || a.from != p.from.Other() || a.addr.Addr() != to.Addr() || a.removed != 0 {
			continue
		}
		if a.addr.Port() != 0 && a.addr.Port() != to.Port() {
			continue
		}
		a.join = &joining{ordinal: p.ordinal, packet: p.packet, time: p.time, up: p.part.Established}
		return
	}
}
