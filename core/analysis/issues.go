package analysis

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// suspicion is a row of the expert view.
type suspicion struct {
	severity trace.Severity
	packet   uint32 // id, 0 none
	frame    uint64
	c        *conn.Conn // nil: of no connection
	ordinal  int        // subflow, -1 none
	layer    string
	what     string
	section  string
	count    uint64 // how many are alike
	inAll    bool   // count is of the whole capture
	cure     string // of its own, where that is not what the kind of it asks for
}

// Issues lists everything suspicious: what the dissection reported, what verify found wrong, what explain concludes, and
// what TCP and the data level show. Without a connection it is about the whole capture. Of one kind it lists the first most,
// if that is not 0, and tells whether there are more.
func Issues(t *trace.Trace, of []*conn.Conn, whole bool, most int) (list *display.Table, more bool) {
	x := &expert{t: t, owner: places(t), around: surroundingsOf(t), rows: map[alike]int{}, mine: map[*conn.Conn]bool{}, kinds: map[string]*kind{}, most: most}
	for _, c := range of {
		x.mine[c] = true
	}
	for i := range t.Issues {
		x.reported(&t.Issues[i], whole)
	}
	if whole {
		x.order()
	}
	index := indexOptions(t)
	for i := range t.Conns {
		if c := &t.Conns[i]; x.mine[c] {
			x.connection(c, index.of(i))
		}
	}
	for i := range x.list {
		s := &x.list[i]
		if k := x.kinds[kindOf(s.what)]; k.more {
			s.count = k.count
		}
	}
	slices.SortStableFunc(x.list, func(a, b suspicion) int {
		return cmp.Or(cmp.Compare(b.severity, a.severity), cmp.Compare(a.packet, b.packet))
	})
	rows := x.list
	list = table(t, issueFields, len(rows), func(row int) suspicion { return rows[row] })
	list.Name, list.Title = "issues", "Issues of "+ofConnections(of)
	if whole {
		list.Title = "Issues"
	}
	list.Empty = "nothing suspicious"
	for _, k := range x.kinds {
		more = more || k.more
	}
	return list, more
}

// expert collects suspicions.
type expert struct {
	t      *trace.Trace
	owner  []place // by tcp.stream
	around *surroundings
	rows   map[alike]int // in list
	mine   map[*conn.Conn]bool
	kinds  map[string]*kind
	most   int // rows of a kind, 0 for all
	room   room
	list   []suspicion
}

// kind counts what is of one kind.
type kind struct {
	listed int
	more   bool   // not all are listed
	count  uint64 // of all
}

// kindOf is the kind of what is suspicious: what stands before the figures.
func kindOf(what string) string {
	name, _, _ := strings.Cut(what, ": ")
	return name
}

// ownerOf is the subflow of a row.
func (x *expert) ownerOf(row uint32) place {
	id := x.t.StreamOf(row)
	if !x.t.Shared(id) {
		return x.owner[id]
	}
	i := x.t.ConnOf(row)
	if i < 0 {
		return place{}
	}
	return place{c: &x.t.Conns[i], ordinal: x.t.OrdinalOf(row)}
}

// reported takes in what the dissection reported.
func (x *expert) reported(i *trace.Issue, whole bool) {
	s := suspicion{severity: i.Severity, packet: i.Packet, frame: i.Frame, ordinal: -1, layer: i.Layer, what: i.What, section: i.Section, count: i.Count}
	if i.Packet != 0 && int(i.Packet) <= x.t.Len() && i.Layer != "capture" {
		at := x.ownerOf(i.Packet - 1)
		s.c, s.ordinal = at.c, at.ordinal
	}
	if s.c == nil && !whole || s.c != nil && !x.mine[s.c] || i.What == conn.FellBack.What() {
		return // explain tells more of a fallback
	}
	if s.c == nil {
		s.ordinal = -1
	}
	if s.inAll = i.Count >= maxReported; !s.inAll {
		s.count = 1
	}
	x.keep(s)
}

// maxReported is from how many on the dissection keeps only the first of a kind.
const maxReported = 100

// alike is what rows are put together by.
type alike struct {
	c       *conn.Conn
	ordinal int
	layer   string
	what    string
}

// keep takes in a suspicion: one row for what is alike on a subflow.
func (x *expert) keep(s suspicion) {
	key := alike{s.c, s.ordinal, s.layer, s.what}
	if at, ok := x.rows[key]; ok && s.count == 1 {
		x.list[at].count++
		x.kinds[kindOf(s.what)].count++
		return
	} else if ok {
		return
	}
	k := x.kinds[kindOf(s.what)]
	if k == nil {
		k = &kind{}
		x.kinds[kindOf(s.what)] = k
	}
	if k.count += s.count; s.inAll {
		k.count = s.count
	}
	if x.most > 0 && k.listed >= x.most {
		k.more = true
		return
	}
	k.listed++
	x.rows[key] = len(x.list)
	x.list = append(x.list, s)
}

func (x *expert) add(severity trace.Severity, c *conn.Conn, ordinal int, packet uint32, layer, what, section string, count uint64, cure ...string) {
	s := suspicion{cure: strings.Join(cure, ""), severity: severity, packet: packet, c: c, ordinal: ordinal, layer: layer, what: what, section: section, count: count}
	if packet != 0 {
		var r trace.Row
		x.t.Row(int(packet)-1, &r)
		s.frame = uint64(r.Frame)
	}
	x.keep(s)
}

// connection takes in what the analyses say of one.
func (x *expert) connection(c *conn.Conn, rows []uint32) {
	e := x.room.examine(x.t, c, rows)
	e.around = x.around
	told := 0
	for _, f := range e.findings() {
		switch f.Diagnosis {
		case Healthy, JoinForged, AddressForged, SubflowChecksum: // the dissection reports them
			continue
		}
		if told++; told > maxFindings {
			break
		}
		x.add(f.severity(), c, f.Ordinal, f.Packet(), "mptcp", f.Diagnosis.String()+": "+f.Because, diagnosisTexts[f.Diagnosis].section, 1, f.cure)
	}
	for i := range e.failed.all {
		k := &e.failed.all[i]
		severity := trace.Error
		switch {
		case k.kind == checkSYNACK || k.kind == checkACK || k.kind == checkAddress || k.kind == checkSum:
			continue // the dissection reports them
		case k.kind == checkIDs:
			severity = trace.Chat
		}
		x.add(severity, c, k.subflow, k.packet, "mptcp", fmt.Sprintf("%s: expected %s, found %s", checkTexts[k.kind].name, k.expected, k.found),
			checkTexts[k.kind].section, k.count)
	}
	for _, s := range e.silences() {
		x.add(trace.Warning, c, s.From, s.packet, "mptcp", "fell silent: "+s.text(x.t, c), "RFC 8684 3.3.6", 1)
	}
	x.data(c)
	for i := range c.Subflows {
		x.stream(c, i)
	}
}

// maxFindings is how many findings of one connection are listed.
const maxFindings = 100

// severity is how grave a finding is.
func (f *Finding) severity() trace.Severity {
	switch d := f.Diagnosis; {
	case d == KeysDiffer || d == ChecksumFailed || d == SubflowChecksum || d == JoinForged || d == AddressForged:
		return trace.Error
	case d == NotCaptured || d == AddressUnused || d == FastClosed || d == JoinsForbidden:
		return trace.Chat
	}
	return trace.Warning
}

// Shares of the bytes from which on they are worth a row.
const (
	muchUnmapped = 0.01
	muchLost     = 0.05
)

// data looks at the data level of a connection.
func (x *expert) data(c *conn.Conn) {
	for _, to := range ConnDirections(stream.DestUnknown) {
		d := &c.Toward[to]
		if bare := d.Unmapped + d.Plain; c.Fallback.Cause == conn.NoFallback && d.HasDSN && float64(bare) > muchUnmapped*float64(d.Bytes) {
			x.add(trace.Warning, c, -1, 0, "mptcp", fmt.Sprintf("unmapped: %s towards the %s are in no mapping", display.Scaled(float64(bare), display.Bytes), to.End()),
				"RFC 8684 3.3.1", 1)
		}
		if d.Unique > 0 && float64(d.Reinjected) > muchOver*float64(d.Unique) {
			x.add(trace.Warning, c, -1, 0, "mptcp", fmt.Sprintf("reinjected: %s towards the %s, of %s of data", display.Scaled(float64(d.Reinjected), display.Bytes), to.End(),
				display.Scaled(float64(d.Unique), display.Bytes)), "RFC 8684 3.3.6", 1)
		}
	}
}

// order looks whether the packets stand in order of time.
func (x *expert) order() {
	var first uint32
	var count uint64
	var latest, back int64
	for row := range uint32(x.t.Len()) {
		time := x.t.Time(row)
		if row == 0 || time >= latest {
			latest = time
			continue
		}
		if count++; first == 0 {
			first = row + 1
		}
		back = max(back, latest-time)
	}
	if count > 0 {
		x.add(trace.Chat, nil, -1, first, "capture", fmt.Sprintf("out of order of time: packets stand behind later ones, by up to %s", spanText(back)), "", count)
	}
}

var issueFields = []field[suspicion]{
	{display.Column{Key: "severity", Head: "Severity", Doc: "error, warning or chat"}, func(_ *trace.Trace, s suspicion) display.Value {
		return display.Str(s.severity.String())
	}},
	packetField("packetid", "Packet", "the first that shows it", func(s suspicion) uint32 { return s.packet }),
	{id("frame", "Frame", "the same packet as Wireshark counts"), func(_ *trace.Trace, s suspicion) display.Value {
		if s.frame == 0 {
			return display.Value{}
		}
		return display.Uint(s.frame)
	}},
	{id("mptcpstream", "Connection", "mptcp.stream"), func(_ *trace.Trace, s suspicion) display.Value {
		if s.c == nil {
			return display.Value{}
		}
		return display.Uint(uint64(s.c.ID))
	}},
	{id("tcpstream", "Subflow", "tcp.stream"), func(_ *trace.Trace, s suspicion) display.Value { return subflowValue(s.c, s.ordinal) }},
	{display.Column{Key: "layer", Head: "Layer", Doc: "capture, link, ip, tcp or mptcp"}, func(_ *trace.Trace, s suspicion) display.Value { return display.Str(s.layer) }},
	{display.Column{Key: "what", Head: "What", Wide: true, Doc: "what is suspicious"}, func(_ *trace.Trace, s suspicion) display.Value { return display.Str(s.what) }},
	{display.Column{Key: "count", Head: "Count", Exact: true, Doc: "how many are alike on the subflow; in all, where there are so many of the kind that not all are listed"}, func(_ *trace.Trace, s suspicion) display.Value {
		return display.Uint(s.count)
	}},
	{display.Column{Key: "section", Head: "Section", Doc: "where the rule stands"}, func(_ *trace.Trace, s suspicion) display.Value { return textValue(s.section) }},
	{display.Column{Key: "meaning", Head: "Meaning", Wide: true, Doc: "what follows from it"}, func(_ *trace.Trace, s suspicion) display.Value { return textValue(adviceOn(&s).meaning) }},
	{display.Column{Key: "cure", Head: "Cure", Wide: true, Doc: "what to do about it"}, func(_ *trace.Trace, s suspicion) display.Value { return textValue(cmp.Or(s.cure, adviceOn(&s).cure)) }},
}
