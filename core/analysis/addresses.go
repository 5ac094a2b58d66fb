package analysis

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// PathEvent is one event of a path manager, by the name that ip mptcp monitor gives to it.
type PathEvent struct {
	Name    string // CREATED, ESTABLISHED, ANNOUNCED, REMOVED, SF_ESTABLISHED, SF_CLOSED, SF_PRIO, CLOSED
	At      string // which end's monitor tells it: "client", "server", "both"
	Packet  uint32 // id
	Time    int64  // ns since the epoch
	Ordinal int    // subflow, -1 none
	ID      int16  // address id, -1 none
	Addr    string // what was announced, or the ends of the subflow
	Latency int64  // ns since the step that it follows from, -1 none
	Detail  string // what Latency counts from, or why
}

// PathManager is what the path managers of both ends did.
type PathManager struct {
	Events    []PathEvent
	announced []*announcement
	joins     []joinRow
	handovers []Handover
	failed    failures
	open      bool // a subflow is still up at the end of the capture
	t         *trace.Trace
	c         *conn.Conn
}

// Manage follows the path managers of a connection.
func Manage(t *trace.Trace, c *conn.Conn) *PathManager {
	e := examine(t, c)
	m := &PathManager{t: t, c: c, failed: e.failed, announced: announcements(t, c, e.controls), handovers: handovers(t, c)}
	for i := range e.lives {
		if c.Subflows[i].Master {
			m.master(&e.lives[i])
		} else {
			m.joined(e, &e.lives[i])
		}
		m.closed(e, &e.lives[i])
	}
	for i := range e.controls {
		m.control(&e.controls[i])
	}
	m.over()
	slices.SortStableFunc(m.Events, func(a, b PathEvent) int { return cmp.Compare(a.Packet, b.Packet) })
	return m
}

func (m *PathManager) add(v PathEvent) { m.Events = append(m.Events, v) }

// master tells of the connection's handshake.
func (m *PathManager) master(l *life) {
	if !l.answer.seen() || !l.answer.option {
		return
	}
	pair := endpoints(l.stream)
	since := int64(-1)
	if l.asked != Never {
		since = l.answer.time - l.asked
	}
	m.add(PathEvent{Name: "CREATED", At: "both", Packet: l.answer.packet, Time: l.answer.time, Ordinal: l.ordinal, ID: 0, Addr: pair, Latency: since,
		Detail: "after the SYN"})
	if l.third.option && l.reply.seen() && l.reply.option {
		m.add(PathEvent{Name: "ESTABLISHED", At: "both", Packet: l.reply.packet, Time: l.reply.time, Ordinal: l.ordinal, ID: 0, Addr: pair,
			Latency: l.reply.time - l.answer.time, Detail: "after the SYN/ACK"})
	}
}

// joinRow is an attempt to open a subflow.
type joinRow struct {
	l       *life
	part    *conn.Subflow
	by      *announcement // the ADD_ADDR that told the address, nil if none did
	outcome string
}

// joined tells of a join.
func (m *PathManager) joined(e *examination, l *life) {
	part := &m.c.Subflows[l.ordinal]
	row := joinRow{l: l, part: part, outcome: "established"}
	for _, a := range m.announced {
		if a.join != nil && a.join.ordinal == l.ordinal {
			row.by = a
		}
	}
	f, wrong := e.join(l)
	switch {
	case wrong:
		row.outcome = f.Diagnosis.String() + ": " + f.Because
	case !l.offer.seen():
		row.outcome = "opening not captured"
	}
	m.joins = append(m.joins, row)
	if wrong || !l.up() || !l.answer.seen() {
		return
	}
	detail, since := "after its SYN", l.reply.time-l.offer.time
	if !l.offer.seen() {
		detail, since = "", -1
	}
	if part.Backup {
		detail += ", backup"
	}
	m.add(PathEvent{Name: "SF_ESTABLISHED", At: "both", Packet: l.reply.packet, Time: l.reply.time, Ordinal: l.ordinal, ID: int16(part.ClientAddrID),
		Addr: endpoints(l.stream), Latency: since, Detail: detail})
}

// closed tells of a subflow's end.
func (m *PathManager) closed(e *examination, l *life) {
	if !l.up() {
		return
	}
	switch {
	case l.refusal.seen():
		why := "reset by the " + e.sender(l, l.refusal.from).End()
		if l.refusal.reason >= 0 {
			why += fmt.Sprintf(", %s", resetWord(l.refusal.reason))
		}
		m.add(PathEvent{Name: "SF_CLOSED", At: "both", Packet: l.refusal.packet, Time: l.refusal.time, Ordinal: l.ordinal, ID: -1, Addr: endpoints(l.stream),
			Latency: -1, Detail: why})
	case !l.stream.FIN:
		m.open = true
	default:
		if packet, time := lastFIN(m.t, e.rowsOf(l)); packet != 0 {
			m.add(PathEvent{Name: "SF_CLOSED", At: "both", Packet: packet, Time: time, Ordinal: l.ordinal, ID: -1, Addr: endpoints(l.stream), Latency: -1,
				Detail: "closed by FIN"})
		}
	}
}

// lastFIN is the packet with which the second end of a subflow closes, or the first if only one does.
func lastFIN(t *trace.Trace, rows []uint32) (packet uint32, time int64) {
	var closed [3]bool
	for _, row := range rows {
		if d := t.Dest(row); t.Flags(row)&stream.FIN != 0 && !closed[d] {
			closed[d] = true
			packet, time = row+1, t.Time(row)
		}
	}
	return packet, time
}

// control tells of addresses and priorities.
func (m *PathManager) control(p *control) {
	to := p.from.Other().End()
	for _, o := range p.options {
		if len(o) < 3 {
			continue
		}
		switch o.Subtype() {
		case mptcp.SubAddAddr:
			m.announcement(p, o)
		case mptcp.SubRemoveAddr:
			r, _ := mptcp.ParseRemoveAddr(o)
			for _, id := range r.IDs {
				m.add(PathEvent{Name: "REMOVED", At: to, Packet: p.packet, Time: p.time, Ordinal: p.ordinal, ID: int16(id), Latency: -1})
			}
		case mptcp.SubPrio:
			b, _ := mptcp.ParsePrio(o, m.c.Version)
			detail := "for ordinary use"
			if b.Backup {
				detail = "as a backup"
			}
			m.add(PathEvent{Name: "SF_PRIO", At: to, Packet: p.packet, Time: p.time, Ordinal: p.ordinal, ID: -1, Latency: -1, Detail: detail})
		}
	}
}

// announcement tells of an ADD_ADDR that is no echo.
func (m *PathManager) announcement(p *control, o mptcp.Option) {
	a, f := mptcp.ParseAddAddr(o, m.c.Version)
	if f == mptcp.BadLength || !a.Addr.IsValid() || a.Echo {
		return
	}
	made := announcement{from: p.from, id: a.ID, addr: netip.AddrPortFrom(a.Addr, a.Port)}
	detail := ""
	if m.failed.packet[checkOn{checkAddress, int(p.packet)}] != nil {
		detail = "wrong HMAC: ignored"
	}
	for _, b := range m.announced {
		if b.from == made.from && b.id == made.id && b.addr == made.addr && b.packet < p.packet {
			detail = "again"
		}
	}
	m.add(PathEvent{Name: "ANNOUNCED", At: p.from.Other().End(), Packet: p.packet, Time: p.time, Ordinal: p.ordinal, ID: int16(a.ID),
		Addr: made.address(), Latency: -1, Detail: detail})
}

// over tells of the connection's end: a fast close, or the end of the last subflow behind both DATA_FINs. A subflow that the capture
// leaves open says nothing of when the kernel gives it up.
func (m *PathManager) over() {
	if m.c.Fastclose != 0 {
		m.add(PathEvent{Name: "CLOSED", At: "both", Packet: m.c.Fastclose, Time: m.t.Time(m.c.Fastclose - 1), Ordinal: -1, ID: -1, Latency: -1, Detail: "fast close"})
		return
	}
	if !m.c.Toward[stream.Client].FIN || !m.c.Toward[stream.Server].FIN {
		return
	}
	var last PathEvent
	for i := range m.Events {
		if v := &m.Events[i]; v.Name == "SF_CLOSED" && v.Packet > last.Packet {
			last = *v
		}
	}
	if last.Packet != 0 && !m.open {
		m.add(PathEvent{Name: "CLOSED", At: "both", Packet: last.Packet, Time: last.Time, Ordinal: -1, ID: -1, Latency: -1, Detail: "both DATA_FINs seen, last subflow closed"})
	}
}

// EventTable lists the events.
func (m *PathManager) EventTable() *display.Table {
	list := table(m.t, eventFields, len(m.Events), func(row int) eventRow { return eventRow{m.Events[row], m.c} })
	list.Name, list.Title = "events", fmt.Sprintf("Path manager events of connection %d", m.c.ID)
	list.Empty = "no packet tells of the path managers"
	return list
}

type eventRow struct {
	PathEvent
	c *conn.Conn
}

var eventFields = []field[eventRow]{
	momentField("time", "Time", "", func(v eventRow) int64 { return v.Time }),
	packetField("packetid", "Packet", "as this program counts", func(v eventRow) uint32 { return v.Packet }),
	frameField(func(v eventRow) uint32 { return v.Packet }),
	{display.Column{Key: "event", Head: "Event", Doc: "as ip mptcp monitor names it"}, func(_ *trace.Trace, v eventRow) display.Value { return display.Str(v.Name) }},
	{display.Column{Key: "monitor", Head: "Monitor", Doc: "the end whose ip mptcp monitor tells it"}, func(_ *trace.Trace, v eventRow) display.Value { return display.Str(v.At) }},
	{id("tcpstream", "Subflow", "tcp.stream that it is about, or that carried it"), func(_ *trace.Trace, v eventRow) display.Value { return subflowValue(v.c, v.Ordinal) }},
	{id("addrid", "Id", "address identifier"), func(_ *trace.Trace, v eventRow) display.Value {
		if v.ID < 0 {
			return display.Value{}
		}
		return display.Uint(uint64(v.ID))
	}},
	{display.Column{Key: "address", Head: "Address", Wide: true, Doc: "what was announced, or the ends of the subflow"}, func(_ *trace.Trace, v eventRow) display.Value { return textValue(v.Addr) }},
	{display.Column{Key: "latency", Head: "Latency", Unit: display.Nanoseconds, Doc: "since the step that it follows from"}, func(_ *trace.Trace, v eventRow) display.Value {
		return sinceValue(v.Latency)
	}},
	{display.Column{Key: "detail", Head: "Detail", Wide: true, Doc: "what the latency counts from, or why"}, func(_ *trace.Trace, v eventRow) display.Value { return textValue(v.Detail) }},
}
