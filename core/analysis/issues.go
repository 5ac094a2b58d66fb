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

func (x *expert) add(severity trace.Severity, c *conn.Conn, ordinal int, packet uint32, layer, what, section string, count uint64) {
	s := suspicion{severity: severity, packet: packet, c: c, ordinal: ordinal, layer: layer, what: what, section: section, count: count}
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
		x.add(f.severity(), c, f.Ordinal, f.Packet(), "mptcp", f.Diagnosis.String()+": "+f.Because, diagnosisTexts[f.Diagnosis].section, 1)
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

// seen is how often something was, and in which packet first.
type seen struct {
	first uint32
	count uint64
}

func (s *seen) note(row uint32) {
	if s.count++; s.first == 0 {
		s.first = row + 1
	}
}

func (s *seen) noteIf(is bool, row uint32) {
	if is {
		s.note(row)
	}
}

// resent is what TCP's analysis calls retransmissions of a stream, looked at again.
type resent struct {
	copies seen   // IP packets that were captured, or came, twice
	again  seen   // the others
	only   uint64 // those of these that carry nothing that was captured before: the original was lost on the way, or they are late
}

// resent looks at a subflow's segments with data. If its stream was another subflow before, TCP's analysis compares numbers with that
// one's, and of what carries nothing that was captured before nothing is known.
func (x *expert) resent(rows []uint32, another bool) (r resent) {
	type place struct {
		to  stream.Dest
		seq uint32
	}
	latest := map[place]trace.Wire{}
	var offsets [3]counter
	var carried [3]spans
	for _, row := range rows {
		w := x.t.Wire(row)
		if w.Len == 0 {
			continue
		}
		at := place{x.t.Dest(row), w.Seq}
		before, had := latest[at]
		latest[at] = w
		from := offsets[at.to].wide(w.Seq)
		fresh := true
		carried[at.to].fill(from, from+uint64(w.Len), 0, func(_, _ uint64, _ uint32, old bool) { fresh = fresh && !old })
		offsets[at.to].reach(from)
		switch {
		case had && samePacket(before, w, x.t.IsV6(row)):
			r.copies.note(row)
		case x.t.Analysis(row)&stream.Retransmission != 0 && !(another && fresh):
			r.again.note(row)
			if fresh {
				r.only++
			}
		}
	}
	return r
}

// stream looks at a subflow's TCP.
func (x *expert) stream(c *conn.Conn, ordinal int) {
	var zero, full, again, missing seen
	packets := 0
	rows := x.t.SubflowRows(c, ordinal)
	for _, row := range rows {
		data := x.t.PayloadLen(row) > 0
		if data {
			packets++
		}
		a := x.t.Analysis(row)
		if a == 0 {
			continue
		}
		zero.noteIf(a&stream.ZeroWindow != 0, row)
		full.noteIf(a&stream.WindowFull != 0, row)
		again.noteIf(a&stream.Retransmission != 0 && data, row)
		missing.noteIf(a&stream.AckLostSegment != 0, row)
	}
	if zero.count > 0 {
		x.add(trace.Warning, c, ordinal, zero.first, "tcp", "a window of zero: the receiver's application is slow, or its buffer small", "RFC 9293 3.8.6", zero.count)
	}
	if full.count > 0 {
		x.add(trace.Chat, c, ordinal, full.first, "tcp", "the receiver's window is full", "RFC 9293 3.8.6", full.count)
	}
	if again.count > 0 {
		x.retransmissions(c, ordinal, rows, packets)
	}
	if missing.count > 0 {
		x.add(trace.Chat, c, ordinal, missing.first, "tcp", "an ack of data that was not captured: the capture lost packets", "", missing.count)
	}
}

// retransmissions tells of a subflow's segments that were sent again, of so many with data.
func (x *expert) retransmissions(c *conn.Conn, ordinal int, rows []uint32, packets int) {
	another := rows[0] != x.t.StreamRows(c.Subflows[ordinal].Stream)[0]
	r := x.resent(rows, another)
	if n := r.copies.count; n > 0 {
		x.add(trace.Chat, c, ordinal, r.copies.first, "tcp", fmt.Sprintf("seen twice: %d segments with data are IP packets that were there before", n), "", n)
	}
	if float64(r.again.count) > muchLost*float64(packets) {
		what := fmt.Sprintf("retransmissions: %d of %d segments with data", r.again.count, packets)
		if r.only > 0 {
			what += fmt.Sprintf(", %d of which without an original in the capture", r.only)
		}
		x.add(trace.Warning, c, ordinal, r.again.first, "tcp", what, "RFC 9293 3.8.1", r.again.count)
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
	{display.Column{Key: "cure", Head: "Cure", Wide: true, Doc: "what to do about it"}, func(_ *trace.Trace, s suspicion) display.Value { return textValue(adviceOn(&s).cure) }},
}
