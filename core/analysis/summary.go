package analysis

import (
	"fmt"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// contribution is a row of the summary: a subflow one way, or the connection (ordinal -1).
type contribution struct {
	dest    stream.Dest
	ordinal int
	of      *conn.Conn
	all     *stream.Direction // what all subflows carried that way
}

// Summary tells what each subflow carried, for each direction: the connection first, then its subflows.
func Summary(t *trace.Trace, c *conn.Conn, dest stream.Dest) *display.Table {
	var rows []contribution
	for _, d := range ConnDirections(dest) {
		all := transferred(t, c, d)
		for ordinal := -1; ordinal < len(c.Subflows); ordinal++ {
			rows = append(rows, contribution{d, ordinal, c, &all})
		}
	}
	list := table(t, summaryFields, len(rows), func(row int) contribution { return rows[row] })
	list.Name, list.Title = "summary", fmt.Sprintf("Summary of connection %d", c.ID)
	return list
}

var summaryFields = []field[contribution]{
	{display.Column{Key: "dest", Head: "Towards", Doc: "the end of the connection that the bytes travel to"}, func(_ *trace.Trace, r contribution) display.Value {
		return display.Str(r.dest.String())
	}},
	{id("tcpstream", "Subflow", "tcp.stream; none for the connection as a whole"), func(_ *trace.Trace, r contribution) display.Value {
		return subflowChip(r.of, r.ordinal)
	}},
	{display.Column{Key: "bytes", Head: "Transferred", Unit: display.Bytes, Doc: "TCP payload, retransmissions and reinjections included"}, func(t *trace.Trace, r contribution) display.Value {
		return display.Uint(r.direction(t).Bytes)
	}},
	{display.Column{Key: "share", Head: "Share", Unit: display.Ratio, Share: true, Doc: "of what all subflows transferred this way"}, func(t *trace.Trace, r contribution) display.Value {
		return part(r.direction(t).Bytes, r.all.Bytes)
	}},
	{display.Column{Key: "unique", Head: "Data", Unit: display.Bytes, Doc: "application bytes, each counted once, plain TCP's included"}, func(_ *trace.Trace, r contribution) display.Value {
		if r.ordinal >= 0 {
			return display.Value{}
		}
		return display.Uint(r.of.Toward[r.dest].Unique)
	}},
	{display.Column{Key: "reinjected", Head: "Reinjected", Unit: display.Bytes, Doc: "bytes that another subflow had carried before"}, func(_ *trace.Trace, r contribution) display.Value {
		if r.ordinal >= 0 {
			return display.Value{}
		}
		return display.Uint(r.of.Toward[r.dest].Reinjected)
	}},
	{display.Column{Key: "packets", Head: "Packets", Unit: display.Packets, Doc: "segments, with and without payload"}, func(t *trace.Trace, r contribution) display.Value {
		return display.Uint(r.direction(t).Packets)
	}},
	{display.Column{Key: "duration", Head: "Duration", Unit: display.Nanoseconds, Doc: "first to last packet of the direction"}, func(t *trace.Trace, r contribution) display.Value {
		d := r.direction(t)
		if d.Packets == 0 {
			return display.Value{}
		}
		return display.Duration(d.Last - d.First)
	}},
	{display.Column{Key: "rate", Head: "Rate", Unit: display.BitsPerSecond, Doc: "transferred bytes over the duration"}, func(t *trace.Trace, r contribution) display.Value {
		d := r.direction(t)
		if d.Last <= d.First {
			return display.Value{}
		}
		return display.Float(float64(d.Bytes) * 8e9 / float64(d.Last-d.First))
	}},
}

// direction is what the row sums up: the subflow's stream one way, or all of them.
func (r contribution) direction(t *trace.Trace) stream.Direction {
	if r.ordinal < 0 {
		return *r.all
	}
	part := &r.of.Subflows[r.ordinal]
	return t.SubflowStream(r.of, r.ordinal).Toward[subflowToward(part, r.dest)]
}

// transferred sums up what all subflows of a connection carried to an end.
func transferred(t *trace.Trace, c *conn.Conn, dest stream.Dest) stream.Direction {
	var all stream.Direction
	for i := range c.Subflows {
		part := &c.Subflows[i]
		d := t.SubflowStream(c, i).Toward[subflowToward(part, dest)]
		if d.Packets == 0 {
			continue
		}
		if all.Packets == 0 || d.First < all.First {
			all.First = d.First
		}
		all.Packets += d.Packets
		all.Bytes += d.Bytes
		all.Last = max(all.Last, d.Last)
	}
	return all
}
