package analysis

import (
	"fmt"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// againRow is a segment that carried bytes again.
type againRow struct {
	row, previous uint32
	dest          stream.Dest
	ordinal, of   int
	bytes         uint64
	sort, why     string
}

// SegmentTable lists every segment that carried bytes again, on its own subflow or another one's, in order of capture.
func (a *Account) SegmentTable(t *trace.Trace, dest stream.Dest) *display.Table {
	var rows []againRow
	for _, r := range a.Resent {
		rows = append(rows, againRow{r.Row, r.Previous, r.Dest, r.Ordinal, r.Ordinal, r.Bytes, r.Cause.String(), r.Evidence.String()})
	}
	for _, r := range a.Reinjections {
		rows = append(rows, againRow{r.Row, r.Original, r.Dest, r.By, r.Of, r.Bytes, "reinjection", "another subflow had carried it"})
	}
	rows = slices.DeleteFunc(rows, func(r againRow) bool { return dest != stream.DestUnknown && r.dest != dest })
	slices.SortStableFunc(rows, func(x, y againRow) int { return int(int64(x.row) - int64(y.row)) })
	c := a.Conn
	fields := []field[againRow]{
		{id("packetid", "Packet", "number of the packet, from 1"), func(_ *trace.Trace, r againRow) display.Value {
			return display.Uint(uint64(r.row) + 1)
		}},
		{display.Column{Key: "time", Head: "Time", Unit: display.Nanoseconds, Doc: "from the start of the capture"}, func(t *trace.Trace, r againRow) display.Value {
			return display.Duration(t.Time(r.row) - t.Capture.First)
		}},
		{display.Column{Key: "dest", Head: "Towards", Doc: "the end of the connection that it travels to"}, func(_ *trace.Trace, r againRow) display.Value {
			return display.Str(r.dest.String())
		}},
		{id("tcpstream", "Subflow", "tcp.stream"), func(_ *trace.Trace, r againRow) display.Value { return subflowChip(c, r.ordinal) }},
		byteField("bytes", "Bytes", "that were carried before", func(r againRow) uint64 { return r.bytes }),
		{display.Column{Key: "sort", Head: "Sort", Doc: "timeout, fast, spurious, copy or reinjection"}, func(_ *trace.Trace, r againRow) display.Value {
			return display.Str(r.sort)
		}},
		{display.Column{Key: "evidence", Head: "Evidence", Wide: true, Doc: "what shows it"}, func(_ *trace.Trace, r againRow) display.Value {
			return display.Str(r.why)
		}},
		{id("of", "Carried by", "subflow that carried the bytes before"), func(_ *trace.Trace, r againRow) display.Value { return subflowChip(c, r.of) }},
		{id("original", "In packet", "packet that carried them: the last one on the same subflow, the first one on another"), func(_ *trace.Trace, r againRow) display.Value {
			return display.Uint(uint64(r.previous) + 1)
		}},
		{display.Column{Key: "after", Head: "After", Unit: display.Nanoseconds, Doc: "time since then"}, func(t *trace.Trace, r againRow) display.Value {
			return display.Duration(t.Time(r.row) - t.Time(r.previous))
		}},
	}
	list := table(t, fields, len(rows), func(row int) againRow { return rows[row] })
	list.Name, list.Title = "segments", fmt.Sprintf("Segments of connection %d that carried bytes again", c.ID)
	list.Empty = "no byte was carried twice"
	return list
}
