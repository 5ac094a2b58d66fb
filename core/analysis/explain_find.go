package analysis

import (
	"fmt"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// findingRow is a finding as a row, with its sentence.
type findingRow struct {
	Finding
	c        *conn.Conn
	sentence string
}

// findingsTable lists findings for machines.
func findingsTable(t *trace.Trace, rows []findingRow) *display.Table {
	list := table(t, findingFields, len(rows), func(row int) findingRow { return rows[row] })
	list.Name, list.Title = "findings", "Findings"
	return list
}

var findingFields = []field[findingRow]{
	{display.Column{Key: "diagnosis", Head: "Diagnosis", Doc: "stable name of the finding"}, func(_ *trace.Trace, f findingRow) display.Value {
		return display.Str(f.Diagnosis.Key())
	}},
	packetField("packetid", "Packet", "that shows it", func(f findingRow) uint32 { return f.Packet() }),
	frameField(func(f findingRow) uint32 { return f.Packet() }),
	{id("tcpstream", "Subflow", "tcp.stream; none for the connection as a whole"), func(_ *trace.Trace, f findingRow) display.Value {
		return subflowValue(f.c, f.Ordinal)
	}},
	{display.Column{Key: "open", Head: "Open", Doc: "the capture does not show what is behind it"}, func(_ *trace.Trace, f findingRow) display.Value {
		return display.Bool(f.Diagnosis.Open())
	}},
	{display.Column{Key: "what", Head: "What", Wide: true, Doc: "a sentence"}, func(_ *trace.Trace, f findingRow) display.Value {
		return display.Str(f.sentence)
	}},
}

// ExplainStream tells why a TCP stream that is no subflow is plain TCP.
func ExplainStream(t *trace.Trace, id uint32) (f Finding, sentence string, list *display.Table) {
	l := liveOf(t, id)
	e := &examination{t: t, c: &conn.Conn{Version: 255}, lives: []life{l}}
	f = e.plainStream(&l)
	sentence = e.sentence(&f)
	return f, sentence, findingsTable(t, []findingRow{{Finding: f, c: e.c, sentence: sentence}})
}

// plainStream concludes on a stream without an MPTCP connection.
func (e *examination) plainStream(l *life) Finding {
	switch {
	case !l.bare.seen():
		var first uint32
		if rows := e.t.StreamRows(l.stream.ID); len(rows) > 0 {
			first = rows[0] + 1
		}
		return find(NotCaptured, "no SYN was captured, and no later packet has an MPTCP option", first)
	case l.bare.hole > 0:
		what := "MP_CAPABLE"
		if l.bare.hole >= joinSYNLen {
			what = "MP_JOIN (nor MP_CAPABLE of version 0)"
		}
		return find(StrippedSYN, fmt.Sprintf("the SYN has no %s but %d NOPs in a row, which is what a box leaves that overwrites an option", what, l.bare.hole),
			l.bare.packet)
	case l.bare.cut:
		return find(NotCaptured, "the capture cut the options of the SYN", l.bare.packet).with(cureSnaplen)
	case l.vantage == AtServer:
		return find(NotAsked, "the SYN arrives without MP_CAPABLE: the client did not ask, or the option was removed on the way; a capture at the client would show", l.bare.packet)
	}
	return find(NotAsked, "the SYN carries no MP_CAPABLE", l.bare.packet)
}

// joinSYNLen is the length of MP_JOIN in a SYN, and that of MP_CAPABLE of version 0 (RFC 8684 section 3.2, RFC 6824 section
// 3.1).
const joinSYNLen = 12

// Subflow says which connection a TCP stream belongs to, nil if to none.
func Subflow(t *trace.Trace, id uint32) *conn.Conn {
	return placeOf(t, id).c
}
