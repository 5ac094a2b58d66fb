package analysis

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Issues is the table of Suspicions.
func Issues(t *trace.Trace, of []*conn.Conn, whole bool, most int) (list *display.Table, more bool) {
	rows, more := Suspicions(t, of, whole, most)
	list = table(t, issueFields, len(rows), func(row int) Suspicion { return rows[row] })
	list.Name, list.Title = "issues", "Issues of "+ofConnections(of)
	if whole {
		list.Title = "Issues"
	}
	list.Empty = "nothing suspicious"
	return list, more
}

var issueFields = []field[Suspicion]{
	{display.Column{Key: "severity", Head: "Severity", Doc: "error, warning or chat"}, func(_ *trace.Trace, s Suspicion) display.Value {
		return display.Str(s.Severity.String())
	}},
	packetField("packetid", "Packet", "the first that shows it", func(s Suspicion) uint32 { return s.Packet }),
	{id("frame", "Frame", "the same packet as Wireshark counts"), func(_ *trace.Trace, s Suspicion) display.Value {
		if s.Frame == 0 {
			return display.Value{}
		}
		return display.Uint(s.Frame)
	}},
	{id("mptcpstream", "Connection", "mptcp.stream"), func(_ *trace.Trace, s Suspicion) display.Value {
		if s.Conn == nil {
			return display.Value{}
		}
		return display.Uint(uint64(s.Conn.ID))
	}},
	{id("tcpstream", "Subflow", "tcp.stream"), func(_ *trace.Trace, s Suspicion) display.Value { return subflowValue(s.Conn, s.Ordinal) }},
	{display.Column{Key: "layer", Head: "Layer", Doc: "capture, link, ip, tcp or mptcp"}, func(_ *trace.Trace, s Suspicion) display.Value { return display.Str(s.Layer) }},
	{display.Column{Key: "what", Head: "What", Wide: true, Doc: "what is suspicious"}, func(_ *trace.Trace, s Suspicion) display.Value { return display.Str(s.What) }},
	{display.Column{Key: "count", Head: "Count", Exact: true, Doc: "how many are alike on the subflow"}, func(_ *trace.Trace, s Suspicion) display.Value {
		return display.Uint(s.Count)
	}},
	{display.Column{Key: "section", Head: "Section", Doc: "where the rule stands"}, func(_ *trace.Trace, s Suspicion) display.Value { return textValue(s.Section) }},
	{display.Column{Key: "meaning", Head: "Meaning", Wide: true, Doc: "what follows from it"}, func(_ *trace.Trace, s Suspicion) display.Value { return textValue(s.Meaning()) }},
	{display.Column{Key: "cure", Head: "Cure", Wide: true, Doc: "what to do about it"}, func(_ *trace.Trace, s Suspicion) display.Value { return textValue(s.Cure()) }},
}
