package analysis

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Suspicion is a row of the expert view.
type Suspicion struct {
	Severity trace.Severity
	Packet   uint32     // id of the first that shows it, 0 none
	Frame    uint64     // the same one as Wireshark counts, 0 none
	Conn     *conn.Conn // nil: of no connection
	Ordinal  int        // of the subflow, -1 none
	Layer    string
	What     string
	Section  string // where the rule stands
	Count    uint64 // how many are alike on the subflow
	cure     string // of its own, where that is not what the kind of it asks for
	others   string // what the first of those is that it stands for, as they are not listed; else empty
}

// Stream is the TCP stream that it is about, if there is one.
func (s *Suspicion) Stream() (id uint32, ok bool) {
	if s.Conn == nil || s.Ordinal < 0 {
		return 0, false
	}
	return s.Conn.Subflows[s.Ordinal].Stream, true
}

// Kind is what it is without the figures and names that stand behind it.
func (s *Suspicion) Kind() string { return kindOf(s.What) }

// Meaning says what follows from it, Cure what to do about it; either may be empty.
func (s *Suspicion) Meaning() string { return adviceOn(s).meaning }

// Cure says what to do about it.
func (s *Suspicion) Cure() string { return cmp.Or(s.cure, adviceOn(s).cure) }

// place orders what is equally grave.
func (s *Suspicion) place() uint64 {
	if s.others != "" {
		return 1 << 32
	}
	return uint64(s.Packet)
}

// kind is what is of one kind.
type kind struct {
	listed int
	cut    bool      // there are more than shall be listed
	others Suspicion // those that are not
}

// kindOf is the kind of what is suspicious: what stands before the figures.
func kindOf(what string) string {
	name, _, _ := strings.Cut(what, ": ")
	return name
}

// dissected takes in what the dissection reported. Of a kind it keeps the first ones only, but counts all: by streams, and the whole.
func (x *expert) dissected(whole bool) {
	type place struct {
		layer, what string
		stream      int64
	}
	kept, left := map[place]int{}, map[place]uint64{}
	for i := range x.t.Issues {
		issue := &x.t.Issues[i]
		at := place{issue.Layer, issue.What, issue.Stream}
		kept[at]++
		left[at] = issue.OnStream
	}
	for i := range x.t.Issues {
		issue := &x.t.Issues[i]
		at := place{issue.Layer, issue.What, issue.Stream}
		n := uint64(1)
		if kept[at]--; kept[at] == 0 { // the last one of its stream stands for those that were not kept
			n = left[at]
		}
		left[at] -= n
		x.reported(issue, n, whole)
	}
	if !whole {
		return
	}
	for _, i := range trace.OnOtherStreams(x.t.Issues) {
		x.uncounted(Suspicion{Severity: i.Severity, Layer: i.Layer, What: i.What, Section: i.Section, Count: i.Count})
	}
}

// reported takes in what the dissection reported so often.
func (x *expert) reported(i *trace.Issue, count uint64, whole bool) {
	s := Suspicion{Severity: i.Severity, Packet: i.Packet, Frame: i.Frame, Ordinal: -1, Layer: i.Layer, What: i.What, Section: i.Section, Count: count}
	if i.Packet != 0 && int(i.Packet) <= x.t.Len() && i.Layer != "capture" {
		at := x.ownerOf(i.Packet - 1)
		s.Conn, s.Ordinal = at.c, at.ordinal
	}
	if s.Conn == nil && !whole || s.Conn != nil && !x.mine[s.Conn] || i.What == conn.FellBack.What() {
		return // explain tells more of a fallback
	}
	if s.Conn == nil {
		s.Ordinal = -1
	}
	x.keep(s)
}

// alike is what rows are put together by.
type alike struct {
	c       *conn.Conn
	ordinal int
	layer   string
	what    string
}

// keep takes in a suspicion: one row for what is alike on a subflow.
func (x *expert) keep(s Suspicion) {
	key := alike{s.Conn, s.Ordinal, s.Layer, s.What}
	if at, ok := x.rows[key]; ok {
		x.list[at].Count += s.Count
		return
	}
	k := x.kindOf(s.What)
	if x.most > 0 && k.listed >= x.most {
		k.cut = true
		x.uncounted(s)
		return
	}
	k.listed++
	x.rows[key] = len(x.list)
	x.list = append(x.list, s)
}

// uncounted takes in what gets no row of its own.
func (x *expert) uncounted(s Suspicion) {
	if s.Count == 0 || s.What == conn.FellBack.What() {
		return
	}
	others := &x.kindOf(s.What).others
	if others.Count == 0 {
		*others = Suspicion{Severity: s.Severity, Packet: s.Packet, Frame: s.Frame, Ordinal: -1, Layer: s.Layer, What: kindOf(s.What) + ": others, which are not listed",
			Section: s.Section, others: s.What}
	}
	others.Count += s.Count
}

// kindOf is the kind of what is suspicious.
func (x *expert) kindOf(what string) *kind {
	name := kindOf(what)
	k := x.kinds[name]
	if k == nil {
		k = &kind{}
		x.kinds[name] = k
	}
	return k
}

// others gives a row to what of each kind is not listed, and tells whether a limit was the reason.
func (x *expert) others() (cut bool) {
	for _, name := range slices.Sorted(maps.Keys(x.kinds)) {
		if k := x.kinds[name]; k.others.Count > 0 {
			x.list = append(x.list, k.others)
			cut = cut || k.cut
		}
	}
	return cut
}

func (x *expert) add(severity trace.Severity, c *conn.Conn, ordinal int, packet uint32, layer, what, section string, count uint64) {
	x.keep(x.suspect(severity, c, ordinal, packet, layer, what, section, count))
}

func (x *expert) suspect(severity trace.Severity, c *conn.Conn, ordinal int, packet uint32, layer, what, section string, count uint64) Suspicion {
	s := Suspicion{Severity: severity, Packet: packet, Conn: c, Ordinal: ordinal, Layer: layer, What: what, Section: section, Count: count}
	if packet != 0 {
		var r trace.Row
		x.t.Row(int(packet)-1, &r)
		s.Frame = uint64(r.Frame)
	}
	return s
}
