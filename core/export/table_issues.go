package export

import (
	"cmp"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Issue is something suspicious.
type Issue struct {
	Severity  trace.Severity
	Packet    uint32 // id of the first packet that shows it, 0 for none
	Frame     uint64 // 0 for none
	Conn      uint32 // mptcp.stream, valid iff HasConn
	HasConn   bool
	Stream    uint32 // tcp.stream, valid iff HasStream
	HasStream bool
	Layer     string // capture, link, ip, tcp or mptcp
	Kind      string // what it is, in words that tell nothing of who spoke
	What      string // the same with figures and names
	Section   string
	Count     uint64 // how many are alike on the subflow
	Meaning   string
	Cure      string
}

func issueFields() []Field {
	text := func(name, doc string, of func(*Issue) string) Field {
		return Field{Name: name, Type: Text, Doc: doc, Append: func(dst []byte, r *Record) []byte { return append(dst, of(r.Issue)...) }}
	}
	return []Field{originField(),
		text("severity", "chat, warning or error", func(i *Issue) string { return i.Severity.String() }),
		unsigned("packetid", "", 32, "the first packet that shows it", func(r *Record) (uint64, bool) { return uint64(r.Issue.Packet), r.Issue.Packet > 0 }),
		unsigned("frame", "", 63, "that frame in the file", func(r *Record) (uint64, bool) { return r.Issue.Frame, r.Issue.Frame > 0 }),
		unsigned("mptcpstream", "", 32, "the connection that it is about", func(r *Record) (uint64, bool) { return uint64(r.Issue.Conn), r.Issue.HasConn }),
		unsigned("tcpstream", "", 32, "the subflow that it is about", func(r *Record) (uint64, bool) { return uint64(r.Issue.Stream), r.Issue.HasStream }),
		text("layer", "capture, link, ip, tcp or mptcp", func(i *Issue) string { return i.Layer }),
		text("what", "what is suspicious; in a masked capture only of which kind it is", func(i *Issue) string { return i.What }),
		number("count", 63, "", "how many are alike on the subflow", func(r *Record) uint64 { return r.Issue.Count }),
		text("section", "the section of the RFC that it rests on", func(i *Issue) string { return i.Section }),
		text("meaning", "what follows from it", func(i *Issue) string { return i.Meaning }),
		text("cure", "what to do about it", func(i *Issue) string { return i.Cure }),
	}
}

func eachIssue(d *trace.Digest, r *Record, emit func(*Record) error) error {
	list := r.issues
	if list == nil {
		list = Dissected(d)
	}
	for i := range list {
		issue := list[i]
		if r.Masked {
			issue.What = issue.Kind
		}
		r.Issue, r.Conn = &issue, nil
		if at, ok := slices.BinarySearchFunc(d.Conns, issue.Conn, func(c conn.Conn, id uint32) int { return cmp.Compare(c.ID, id) }); ok && issue.HasConn {
			r.Conn = &d.Conns[at]
		}
		if err := emit(r); err != nil {
			return err
		}
	}
	return nil
}

// Dissected is what the dissection alone reports of a capture, all that is known where it was streamed: one for what is alike on a stream,
// and one for those of a kind that it did not tell apart.
func Dissected(d *trace.Digest) []Issue {
	type place struct {
		layer, what string
		stream      int64
	}
	seen := map[place]bool{}
	var list []Issue
	for i := range d.Issues {
		issue := &d.Issues[i]
		if at := (place{issue.Layer, issue.What, issue.Stream}); !seen[at] {
			seen[at] = true
			list = append(list, ofDissection(d, issue))
		}
	}
	for _, i := range trace.OnOtherStreams(d.Issues) {
		list = append(list, Issue{Severity: i.Severity, Layer: i.Layer, Kind: i.What, What: i.What, Section: i.Section, Count: i.Count})
	}
	return list
}

func ofDissection(d *trace.Digest, i *trace.Issue) Issue {
	one := Issue{Severity: i.Severity, Packet: i.Packet, Frame: i.Frame, Layer: i.Layer, Kind: i.What, What: i.What, Section: i.Section, Count: i.OnStream}
	if i.Stream == trace.NoStream {
		return one
	}
	one.Stream, one.HasStream = uint32(i.Stream), true
	if c, _ := d.OfStream(one.Stream); c != nil {
		one.Conn, one.HasConn = c.ID, true
	}
	return one
}

// CountIssues counts the warnings and errors of a list, and tells the first of the gravest, if there is any.
func CountIssues(list []Issue) (n uint64, first *Issue) {
	for i := range list {
		if list[i].Severity == trace.Chat {
			continue
		}
		n++
		if first == nil || list[i].Severity > first.Severity {
			first = &list[i]
		}
	}
	return n, first
}
