package analysis

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Suspicions lists everything suspicious, the gravest first: what the dissection reported, what verify found wrong, what explain
// concludes, and what TCP and the data level show. Without a connection it is about the whole capture. Of one kind it lists the first
// most, if that is not 0, counts the others in one row, and tells whether there is such a row.
func Suspicions(t *trace.Trace, of []*conn.Conn, whole bool, most int) (list []Suspicion, more bool) {
	x := &expert{t: t, owner: places(t), around: surroundingsOf(t), rows: map[alike]int{}, mine: map[*conn.Conn]bool{}, kinds: map[string]*kind{}, most: most}
	for _, c := range of {
		x.mine[c] = true
	}
	x.dissected(whole)
	if whole {
		x.order()
	}
	index := indexOptions(t)
	for i := range t.Conns {
		if c := &t.Conns[i]; x.mine[c] {
			x.connection(c, index.of(i))
		}
	}
	more = x.others()
	slices.SortStableFunc(x.list, func(a, b Suspicion) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.place(), b.place()))
	})
	return x.list, more
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
	list   []Suspicion
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
		s := x.suspect(f.severity(), c, f.Ordinal, f.Packet(), "mptcp", f.Diagnosis.String()+": "+f.Because, diagnosisTexts[f.Diagnosis].section, 1)
		s.cure = f.cure
		x.keep(s)
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
	dead := e.silences()
	for _, s := range dead {
		x.add(trace.Warning, c, s.From, s.packet, "mptcp", "fell silent: "+s.text(x.t, c), "RFC 8684 3.3.6", 1)
	}
	for _, s := range e.standstills(dead) {
		x.add(trace.Warning, c, s.ordinal, s.packet, "mptcp", fmt.Sprintf("stood still for %s: %s", s.length(), s.text(e)), "RFC 8684 3.3.6", 1)
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
	case d == NotCaptured || d == AddressUnused || d == JoinLate || d == FastClosed || d == JoinsForbidden:
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

// order looks whether the packets have times, and stand in order of time.
func (x *expert) order() {
	if n, row := x.t.Timeless(); n > 0 {
		x.add(trace.Chat, nil, -1, row+1, "capture", "without a time of their own: packets of pcapng's simple packet blocks; the time of the one before is taken", "", uint64(n))
	}
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
