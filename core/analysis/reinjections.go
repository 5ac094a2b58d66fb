package analysis

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// reinjection is a packet that carries bytes which another subflow had carried before.
type reinjection struct {
	row   uint32
	first uint32 // row of the earliest packet that carried some of them
}

// Reinjections lists the packets of a connection that carry bytes which another subflow had carried before, in capture
// order; dest is the end that they travel to, or unknown for both.
func Reinjections(ctx context.Context, t *trace.Trace, c *conn.Conn, dest stream.Dest) (*display.Table, error) {
	found, err := reinjectionsOf(ctx, t, c, dest)
	if err != nil {
		return nil, err
	}
	list := table(t, reinjectionFields, len(found), func(row int) reinjection { return found[row] })
	list.Name, list.Title = "reinjections", fmt.Sprintf("Reinjections of connection %d", c.ID)
	list.Empty = "no byte was carried by a second subflow"
	list.Open = func(row int) string { return fmt.Sprintf("packet %d", found[row].row+1) }
	return list, nil
}

func reinjectionsOf(ctx context.Context, t *trace.Trace, c *conn.Conn, dest stream.Dest) ([]reinjection, error) {
	var found []reinjection
	var r trace.Row
	for i, row := range t.ConnRows(c.ID) {
		if i%checkEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if t.PayloadLen(row) == 0 || (dest != stream.DestUnknown && t.ConnDest(row) != dest) {
			continue
		}
		if t.Row(int(row), &r); len(r.ReinjectionOf) > 0 {
			first := r.ReinjectionOf[0]
			for _, id := range r.ReinjectionOf {
				first = min(first, id)
			}
			found = append(found, reinjection{row, first - 1})
		}
	}
	return found, nil
}

// checkEvery is how many rows are looked at between two looks at the context.
const checkEvery = 1 << 14

// full puts a row together, for a cell that needs more than one column.
func full(t *trace.Trace, row uint32) *trace.Row {
	r := &trace.Row{}
	t.Row(int(row), r)
	return r
}

var reinjectionFields = []field[reinjection]{
	{id("packetid", "Packet", "number among the TCP packets"), func(_ *trace.Trace, r reinjection) display.Value {
		return display.Uint(uint64(r.row) + 1)
	}},
	{display.Column{Key: "reltime", Head: "Time", Unit: display.Nanoseconds, Doc: "from the start of the capture"}, func(t *trace.Trace, r reinjection) display.Value {
		return display.Duration(full(t, r.row).RelTime)
	}},
	{display.Column{Key: "mptcpdest", Head: "Towards", Doc: "the end of the connection that it travels to"}, func(t *trace.Trace, r reinjection) display.Value {
		return display.Str(t.ConnDest(r.row).String())
	}},
	{id("tcpstream", "Subflow", "that carries the bytes again"), func(t *trace.Trace, r reinjection) display.Value {
		row := full(t, r.row)
		return display.Subflow(row.Ordinal, uint64(row.Stream))
	}},
	{display.Column{Key: "dsn", Head: "DSN", Unit: display.SequenceNumber, Exact: true, Doc: "data sequence number of the first byte, relative"}, func(t *trace.Trace, r reinjection) display.Value {
		row := full(t, r.row)
		if !row.HasRelDSN {
			return display.Value{}
		}
		return display.Uint(row.RelDSN)
	}},
	{display.Column{Key: "tcplen", Head: "Length", Unit: display.Bytes, Exact: true, Doc: "payload bytes"}, func(t *trace.Trace, r reinjection) display.Value {
		return display.Uint(uint64(t.PayloadLen(r.row)))
	}},
	{display.Column{Key: "reinjection_of", Head: "Again after packets", Wide: true, Doc: "packets on other subflows that carried (part of) these bytes before"}, func(t *trace.Trace, r reinjection) display.Value {
		return display.Str(joined(full(t, r.row).ReinjectionOf))
	}},
	{display.Column{Key: "original_tcpstreams", Head: "On subflows", Doc: "the subflows of those packets"}, func(t *trace.Trace, r reinjection) display.Value {
		return display.Str(streamsOf(t, full(t, r.row).ReinjectionOf))
	}},
	{display.Column{Key: "after", Head: "After", Unit: display.Nanoseconds, Doc: "since the earliest of those packets"}, func(t *trace.Trace, r reinjection) display.Value {
		return display.Duration(t.Time(r.row) - t.Time(r.first))
	}},
}

// joined writes packet ids separated by commas, as the columns do.
func joined(ids []uint32) string {
	var b strings.Builder
	for i, id := range ids {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.FormatUint(uint64(id), 10))
	}
	return b.String()
}

// streamsOf lists the TCP streams of packets, each once.
func streamsOf(t *trace.Trace, ids []uint32) string {
	var streams []uint32
	seen := map[uint32]bool{}
	for _, id := range ids {
		if s := t.StreamOf(id - 1); !seen[s] {
			seen[s] = true
			streams = append(streams, s)
		}
	}
	return joined(streams)
}

// reinjectionPair counts the reinjections from one subflow's bytes by another.
type reinjectionPair struct {
	dest           stream.Dest
	carrier        *trace.Row
	original       uint32
	packets, bytes uint64
}

// ReinjectionSummary counts the reinjections of a connection, by direction, by the subflow that carries bytes again and by
// the one that carried the first of them.
func ReinjectionSummary(ctx context.Context, t *trace.Trace, c *conn.Conn, dest stream.Dest) (*display.Table, error) {
	found, err := reinjectionsOf(ctx, t, c, dest)
	if err != nil {
		return nil, err
	}
	var pairs []*reinjectionPair
	type key struct {
		dest     stream.Dest
		by, from uint32
	}
	at := map[key]*reinjectionPair{}
	for _, r := range found {
		k := key{t.ConnDest(r.row), t.StreamOf(r.row), t.StreamOf(r.first)}
		if at[k] == nil {
			at[k] = &reinjectionPair{dest: k.dest, carrier: full(t, r.row), original: k.from}
			pairs = append(pairs, at[k])
		}
		at[k].packets++
		at[k].bytes += uint64(t.PayloadLen(r.row))
	}
	list := table(t, pairFields, len(pairs), func(row int) *reinjectionPair { return pairs[row] })
	list.Name, list.Title = "reinjection_summary", fmt.Sprintf("Reinjections of connection %d", c.ID)
	list.Empty = "no byte was carried by a second subflow"
	return list, nil
}

var pairFields = []field[*reinjectionPair]{
	{display.Column{Key: "mptcpdest", Head: "Towards", Doc: "the end of the connection that they travel to"}, func(_ *trace.Trace, p *reinjectionPair) display.Value {
		return display.Str(p.dest.String())
	}},
	{id("tcpstream", "Subflow", "that carries the bytes again"), func(_ *trace.Trace, p *reinjectionPair) display.Value {
		return display.Subflow(p.carrier.Ordinal, uint64(p.carrier.Stream))
	}},
	{id("original_tcpstream", "Before on", "the subflow that carried the first of the bytes before"), func(_ *trace.Trace, p *reinjectionPair) display.Value {
		return display.Uint(uint64(p.original))
	}},
	{display.Column{Key: "packets", Head: "Packets", Unit: display.Packets, Doc: "reinjections"}, func(_ *trace.Trace, p *reinjectionPair) display.Value {
		return display.Uint(p.packets)
	}},
	{display.Column{Key: "bytes", Head: "Bytes", Unit: display.Bytes, Doc: "payload of those packets"}, func(_ *trace.Trace, p *reinjectionPair) display.Value {
		return display.Uint(p.bytes)
	}},
}
