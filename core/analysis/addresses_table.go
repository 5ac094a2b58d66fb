package analysis

import (
	"fmt"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// AnnouncedTable lists each address that was announced, with its echo and the join that it led to.
func (m *PathManager) AnnouncedTable() *display.Table {
	list := table(m.t, announcedFields, len(m.announced), func(row int) announcedRow { return announcedRow{m.announced[row], m} })
	list.Name, list.Title = "announced", fmt.Sprintf("Announced addresses of connection %d", m.c.ID)
	list.Empty = "no address was announced"
	return list
}

type announcedRow struct {
	*announcement
	m *PathManager
}

// since is the time from the ADD_ADDR to a packet that followed, -1 if either is missing.
func (a *announcement) since(packet uint32, time int64) int64 {
	if a.packet == 0 || packet == 0 {
		return -1
	}
	return time - a.time
}

// outcome says what came of an announcement.
func (r announcedRow) outcome() string {
	switch {
	case r.hmac == conn.Failed:
		return "ignored: wrong HMAC"
	case r.join != nil:
		for i := range r.m.joins {
			if j := &r.m.joins[i]; j.l.ordinal == r.join.ordinal {
				if j.outcome == "established" {
					return "joined"
				}
				return j.outcome
			}
		}
		return "joined"
	case r.echo != 0:
		return "echoed, not joined"
	case r.m.c.Version == 0:
		return "not joined"
	}
	return "no echo captured"
}

var announcedFields = []field[announcedRow]{
	{display.Column{Key: "from", Head: "From", Doc: "the end that announced it"}, func(_ *trace.Trace, a announcedRow) display.Value { return display.Str(a.from.String()) }},
	{id("addrid", "Id", "address identifier"), func(_ *trace.Trace, a announcedRow) display.Value { return display.Uint(uint64(a.id)) }},
	{display.Column{Key: "address", Head: "Address", Doc: "with its port, if one was told"}, func(_ *trace.Trace, a announcedRow) display.Value { return display.Str(a.address()) }},
	packetField("packetid", "Packet", "of the first ADD_ADDR", func(a announcedRow) uint32 { return a.packet }),
	{id("sent", "Sent", "how often"), func(_ *trace.Trace, a announcedRow) display.Value { return display.Uint(uint64(a.sent)) }},
	{display.Column{Key: "hmac", Head: "HMAC", Doc: "verified, failed, not verifiable, or not seen (version 0 has none)"}, func(_ *trace.Trace, a announcedRow) display.Value {
		return display.Str(a.hmac.String())
	}},
	{display.Column{Key: "echo", Head: "Echo", Unit: display.Nanoseconds, Doc: "from the ADD_ADDR to its echo"}, func(_ *trace.Trace, a announcedRow) display.Value {
		return sinceValue(a.since(a.echo, a.echoed))
	}},
	{display.Column{Key: "join", Head: "Join", Unit: display.Nanoseconds, Doc: "from the ADD_ADDR to the SYN of the join that it led to"}, func(_ *trace.Trace, a announcedRow) display.Value {
		if a.join == nil {
			return display.Value{}
		}
		return sinceValue(a.since(a.join.packet, a.join.time))
	}},
	{id("tcpstream", "Subflow", "tcp.stream of that join"), func(_ *trace.Trace, a announcedRow) display.Value {
		if a.join == nil {
			return display.Value{}
		}
		return subflowValue(a.m.c, a.join.ordinal)
	}},
	{display.Column{Key: "removed", Head: "Removed", Unit: display.Nanoseconds, Doc: "from the ADD_ADDR to the REMOVE_ADDR"}, func(_ *trace.Trace, a announcedRow) display.Value {
		return sinceValue(a.since(a.removed, a.removing))
	}},
	{display.Column{Key: "outcome", Head: "Outcome", Wide: true, Doc: "what came of it, and why not more"}, func(_ *trace.Trace, a announcedRow) display.Value {
		return display.Str(a.outcome())
	}},
}

// JoinTable lists each attempt to open a subflow.
func (m *PathManager) JoinTable() *display.Table {
	list := table(m.t, joinFields, len(m.joins), func(row int) joinCell { return joinCell{m.joins[row], m} })
	list.Name, list.Title = "joins", fmt.Sprintf("Joins of connection %d", m.c.ID)
	list.Empty = "no subflow was joined"
	return list
}

type joinCell struct {
	joinRow
	m *PathManager
}

var joinFields = []field[joinCell]{
	{id("tcpstream", "Subflow", "tcp.stream"), func(_ *trace.Trace, j joinCell) display.Value { return subflowValue(j.m.c, j.l.ordinal) }},
	{display.Column{Key: "opened_by", Head: "Opened by", Doc: "the end that opened it"}, func(_ *trace.Trace, j joinCell) display.Value {
		return display.Str(j.part.Dest.Other().String())
	}},
	{display.Column{Key: "path", Head: "Path", Wide: true, Doc: "from and to"}, func(_ *trace.Trace, j joinCell) display.Value { return display.Str(endpoints(j.l.stream)) }},
	{display.Column{Key: "because", Head: "Because of", Doc: "the address that the other end announced, or the opener's own endpoint"}, func(_ *trace.Trace, j joinCell) display.Value {
		if j.by == nil && !j.l.offer.seen() {
			return display.Value{} // what is not known to be a join has no reason
		}
		if j.by == nil {
			return display.Str("own endpoint")
		}
		return display.Str(fmt.Sprintf("ADD_ADDR id %d", j.by.id))
	}},
	packetField("packetid", "Packet", "of the SYN", func(j joinCell) uint32 { return j.l.offer.packet }),
	{id("syns", "SYNs", "how often it was sent"), func(_ *trace.Trace, j joinCell) display.Value { return display.Uint(uint64(j.l.offers)) }},
	{display.Column{Key: "answer", Head: "Answer", Unit: display.Nanoseconds, Doc: "from the first SYN to the SYN/ACK"}, func(_ *trace.Trace, j joinCell) display.Value {
		return j.since(&j.l.answer)
	}},
	{display.Column{Key: "up", Head: "Up", Unit: display.Nanoseconds, Doc: "from the first SYN to the fourth packet, which confirms it"}, func(_ *trace.Trace, j joinCell) display.Value {
		if !j.l.up() {
			return display.Value{}
		}
		return j.since(&j.l.reply)
	}},
	{display.Column{Key: "outcome", Head: "Outcome", Wide: true, Doc: "established, or why not"}, func(_ *trace.Trace, j joinCell) display.Value { return display.Str(j.outcome) }},
}

// since is the time from the first SYN to a packet, missing where either is.
func (j joinCell) since(o *sight) display.Value {
	if !j.l.offer.seen() || !o.seen() {
		return display.Value{}
	}
	return display.Duration(o.time - j.l.offer.time)
}
