package analysis

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Live sums up a capture while it grows. It holds something for each connection and subflow, nothing for a packet. One
// goroutine uses it.
type Live struct {
	conns  map[uint32]*liveConn
	events []liveEvent // the latest
	first  int64       // time of the first row
	last   int64
	before int64 // last, when the page before was made
	rows   uint64
}

// liveConn is a connection as it is seen so far. Arrays are indexed by stream.Dest.
type liveConn struct {
	id       uint32
	ends     [3]string
	subflows map[uint32]bool // by tcp.stream: false once it was reset
	bytes    [3]uint64       // TCP payload
	before   [3]uint64       // when the page before was made
	last     int64
	state    string
}

// liveEvent is something that happened.
type liveEvent struct {
	at   int64
	conn uint32
	what string
}

// What a page shows at most.
const (
	liveEvents = 8
	liveConns  = 12
)

// NewLive starts a summary.
func NewLive() *Live { return &Live{conns: map[uint32]*liveConn{}} }

// Add takes the next row.
func (l *Live) Add(_ *trace.Context, r *trace.Row) {
	if l.rows == 0 {
		l.first = r.Time
		l.before = r.Time
	}
	l.rows++
	l.last = max(l.last, r.Time)
	if !r.InConn {
		return
	}
	c := l.conns[r.ConnID]
	if c == nil {
		c = &liveConn{id: r.ConnID, subflows: map[uint32]bool{}, state: "open"}
		l.conns[r.ConnID] = c
	}
	if c.ends[stream.Client] == "" && r.ConnDest != stream.DestUnknown {
		c.ends[r.ConnDest], c.ends[r.ConnDest.Other()] = r.Dst.String(), r.Src.String()
	}
	if _, known := c.subflows[r.Stream]; !known {
		c.subflows[r.Stream] = true
	}
	c.bytes[r.ConnDest] += uint64(r.Len)
	c.last = r.Time
	l.notice(c, r)
}

// notice notes what happens at the connection's level.
func (l *Live) notice(c *liveConn, r *trace.Row) {
	where := fmt.Sprintf("%s → %s", r.Src, r.Dst)
	for _, o := range r.Options {
		switch s := o.Subtype(); s {
		case mptcp.SubCapable:
			if r.Flags&(stream.SYN|stream.ACK) == stream.SYN {
				l.event(c, r, "opens: "+where)
			}
		case mptcp.SubJoin:
			if r.Flags&(stream.SYN|stream.ACK) == stream.SYN {
				l.event(c, r, "a subflow joins: "+where)
			}
		case mptcp.SubAddAddr, mptcp.SubRemoveAddr, mptcp.SubPrio, mptcp.SubReset:
			l.event(c, r, fmt.Sprintf("%s from %s", s, r.Src))
		case mptcp.SubFail, mptcp.SubFastclose:
			c.state = s.String()
			l.event(c, r, fmt.Sprintf("%s from %s", s, r.Src))
		case mptcp.SubDSS:
			if r.HasDSS && r.DSS.DataFIN && c.state == "open" {
				c.state = "closing"
				l.event(c, r, fmt.Sprintf("DATA_FIN from %s", r.Src))
			}
		}
	}
	if r.Flags&stream.RST != 0 && c.subflows[r.Stream] {
		c.subflows[r.Stream] = false
		l.event(c, r, fmt.Sprintf("TCP stream %d is reset by %s", r.Stream, r.Src))
	}
}

func (l *Live) event(c *liveConn, r *trace.Row, what string) {
	l.events = append(l.events, liveEvent{at: r.Time, conn: c.id, what: what})
	if extra := len(l.events) - liveEvents; extra > 0 {
		l.events = slices.Delete(l.events, 0, extra)
	}
}

// Page is the summary so far: rates are of the time since the page before.
func (l *Live) Page(source string) display.Page {
	conns := make([]*liveConn, 0, len(l.conns))
	subflows := 0
	for _, c := range l.conns {
		conns = append(conns, c)
		subflows += len(c.subflows)
	}
	slices.SortFunc(conns, func(a, b *liveConn) int { return cmp.Or(cmp.Compare(b.last, a.last), cmp.Compare(a.id, b.id)) })
	body := fmt.Sprintf("%s: %s over %s, %s, %s.", source, display.Count(l.rows, "TCP packet"),
		display.Scaled(float64(l.last-l.first), display.Nanoseconds), display.Count(len(conns), "connection"), display.Count(subflows, "subflow"))
	page := display.Page{&display.Text{Body: body}}
	if len(conns) > 0 {
		more := len(conns) - liveConns
		page = append(page, l.table(conns[:min(len(conns), liveConns)]))
		if more > 0 {
			page = append(page, &display.Note{Body: fmt.Sprintf("and %s that were silent for longer", display.Count(more, "connection"))})
		}
	}
	if len(l.events) > 0 {
		page = append(page, &display.Text{Body: l.happened(), Pre: true})
	}
	for _, c := range conns {
		c.before = c.bytes
	}
	l.before = l.last
	return page
}

func (l *Live) happened() string {
	lines := make([]string, 0, len(l.events))
	for _, e := range l.events {
		lines = append(lines, fmt.Sprintf("%s  connection %d %s", display.Format(display.Time(e.at), &display.Column{Origin: l.first - 1}, display.People), e.conn, e.what))
	}
	return strings.Join(lines, "\n")
}

func (l *Live) table(conns []*liveConn) *display.Table {
	span := l.last - l.before
	type row struct {
		c    *liveConn
		rate [3]display.Value
	}
	rows := make([]row, len(conns))
	for i, c := range conns {
		copied := *c
		rows[i].c = &copied
		for d := range c.bytes {
			if span > 0 {
				rows[i].rate[d] = display.Float(float64(c.bytes[d]-c.before[d]) * 8e9 / float64(span))
			}
		}
	}
	counts := make([]int, len(conns))
	for i, c := range conns {
		counts[i] = len(c.subflows)
	}
	return &display.Table{
		Name: "live", Title: "MPTCP connections, the latest first", Rows: len(rows),
		Columns: []display.Column{
			id("mptcpstream", "Id", "mptcp.stream, as it is numbered so far"), {Key: "client", Head: "Client"}, {Key: "server", Head: "Server"},
			id("subflows", "Subflows", "TCP streams so far"),
			{Key: "bytes_to_server", Head: "To server", Unit: display.Bytes}, {Key: "rate_to_server", Head: "Rate", Unit: display.BitsPerSecond},
			{Key: "bytes_to_client", Head: "To client", Unit: display.Bytes}, {Key: "rate_to_client", Head: "Rate", Unit: display.BitsPerSecond},
			{Key: "state", Head: "State"},
		},
		Cell: func(i, col int) display.Value {
			c := rows[i].c
			return [...]display.Value{display.Uint(uint64(c.id)), display.Str(c.ends[stream.Client]), display.Str(c.ends[stream.Server]),
				display.Uint(uint64(counts[i])), display.Uint(c.bytes[stream.Server]), rows[i].rate[stream.Server],
				display.Uint(c.bytes[stream.Client]), rows[i].rate[stream.Client], display.Str(c.state)}[col]
		},
	}
}

// exactBytes counts bytes without parting thousands, for what machines read, too.
func exactBytes(n uint64) string {
	if n == 1 {
		return "1 byte"
	}
	return fmt.Sprint(n) + " bytes"
}
