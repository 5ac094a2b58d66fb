package analysis

import (
	"context"
	"fmt"
	"slices"
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
	bytes uint64 // that its own subflow had not carried before: 0 of a retransmission
}

// Reinjections lists the packets of a connection that carry bytes which another subflow had carried before, in capture
// order; dest is the end that they travel to, or unknown for both. As in Wireshark's reinjection_of, retransmissions are among them,
// if another subflow carried their bytes in between: they reinject 0 bytes.
func Reinjections(ctx context.Context, t *trace.Trace, c *conn.Conn, dest stream.Dest) (*display.Table, error) {
	found, err := reinjectionsOf(ctx, t, c, dest)
	if err != nil {
		return nil, err
	}
	list := table(t, reinjectionFields, len(found), func(row int) reinjection { return found[row] })
	list.Name, list.Title = "reinjections", fmt.Sprintf("Reinjections of connection %d", c.ID)
	list.Empty = notReinjected
	list.Open = func(row int) string { return fmt.Sprintf("packet %d", found[row].row+1) }
	return list, nil
}

const notReinjected = "no byte was carried by a second subflow"

// accountOfReinjections is the account of a connection's reinjections towards an end, or both.
func accountOfReinjections(ctx context.Context, t *trace.Trace, c *conn.Conn, dest stream.Dest) ([]Reinjection, error) {
	if c.Toward[stream.Client].Reinjected+c.Toward[stream.Server].Reinjected == 0 {
		return nil, nil
	}
	a, err := NewAccount(ctx, t, c)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(a.Reinjections, func(r Reinjection) bool { return dest != stream.DestUnknown && r.Dest != dest }), nil
}

func reinjectionsOf(ctx context.Context, t *trace.Trace, c *conn.Conn, dest stream.Dest) (found []reinjection, err error) {
	list, err := accountOfReinjections(ctx, t, c, dest)
	if err != nil {
		return nil, err
	}
	var r trace.Row
	for i, row := range t.ConnRows(c.ID) {
		if i%cancelEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if t.PayloadLen(row) == 0 || (dest != stream.DestUnknown && t.ConnDest(row) != dest) {
			continue
		}
		var bytes uint64
		for len(list) > 0 && list[0].Row <= row {
			bytes += list[0].Bytes
			list = list[1:]
		}
		if t.Row(int(row), &r); len(r.ReinjectionOf) > 0 {
			found = append(found, reinjection{row: row, first: slices.Min(r.ReinjectionOf) - 1, bytes: bytes})
		}
	}
	return found, nil
}

// reinjecting is the set of a connection's rows that are reinjections, and no retransmissions.
func reinjecting(ctx context.Context, t *trace.Trace, c *conn.Conn) (map[uint32]bool, error) {
	list, err := accountOfReinjections(ctx, t, c, stream.DestUnknown)
	rows := make(map[uint32]bool, len(list))
	for _, r := range list {
		rows[r.Row] = true
	}
	return rows, err
}

// sentBefore reports whether a subflow had sent all bytes of a row's payload before, by their TCP sequence numbers.
func sentBefore(t *trace.Trace, row uint32) bool {
	w := t.Wire(row)
	var sent spans
	left := uint64(w.Len)
	for _, at := range t.StreamRows(t.StreamOf(row)) {
		if at == row {
			break
		}
		if t.PayloadLen(at) == 0 || t.Dest(at) != t.Dest(row) {
			continue
		}
		before := t.Wire(at)
		from := int64(int32(before.Seq - w.Seq))
		to := min(from+int64(before.Len), int64(w.Len))
		if from = max(from, 0); from < to {
			sent.fill(uint64(from), uint64(to), 0, func(from, to uint64, _ uint32, old bool) {
				if !old {
					left -= to - from
				}
			})
		}
	}
	return left == 0
}

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
	{display.Column{Key: "reinjected", Head: "Reinjected", Unit: display.Bytes, Exact: true, Doc: "of them those that other subflows had carried before, and this one had not: 0 of a retransmission"}, func(_ *trace.Trace, r reinjection) display.Value {
		return display.Uint(r.bytes)
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
	by, of         int // ordinals
	last           uint32
	packets, bytes uint64
}

// ReinjectionSummary counts the reinjections of a connection, by direction, by the subflow that carries bytes again and by
// the one that carried them first.
func ReinjectionSummary(ctx context.Context, t *trace.Trace, c *conn.Conn, dest stream.Dest) (*display.Table, error) {
	found, err := accountOfReinjections(ctx, t, c, dest)
	if err != nil {
		return nil, err
	}
	var pairs []*reinjectionPair
	type key struct {
		dest   stream.Dest
		by, of int
	}
	at := map[key]*reinjectionPair{}
	for _, r := range found {
		k := key{r.Dest, r.By, r.Of}
		p := at[k]
		if p == nil {
			p = &reinjectionPair{dest: r.Dest, by: r.By, of: r.Of}
			at[k], pairs = p, append(pairs, p)
		}
		if p.packets == 0 || p.last != r.Row {
			p.packets++
		}
		p.last = r.Row
		p.bytes += r.Bytes
	}
	list := table(t, pairFields(c), len(pairs), func(row int) *reinjectionPair { return pairs[row] })
	list.Name, list.Title = "reinjection_summary", fmt.Sprintf("Reinjections of connection %d", c.ID)
	list.Empty = notReinjected
	return list, nil
}

// pairFields are the columns of the summary of a connection.
func pairFields(c *conn.Conn) []field[*reinjectionPair] {
	return []field[*reinjectionPair]{
		{display.Column{Key: "mptcpdest", Head: "Towards", Doc: "the end of the connection that they travel to"}, func(_ *trace.Trace, p *reinjectionPair) display.Value {
			return display.Str(p.dest.String())
		}},
		{id("tcpstream", "Subflow", "that carries the bytes again"), func(_ *trace.Trace, p *reinjectionPair) display.Value { return subflowValue(c, p.by) }},
		{id("original_tcpstream", "Before on", "the subflow that carried the bytes first"), func(_ *trace.Trace, p *reinjectionPair) display.Value {
			return display.Uint(uint64(c.Subflows[p.of].Stream))
		}},
		{display.Column{Key: "packets", Head: "Packets", Unit: display.Packets, Doc: "reinjections"}, func(_ *trace.Trace, p *reinjectionPair) display.Value {
			return display.Uint(p.packets)
		}},
		{display.Column{Key: "bytes", Head: "Bytes", Unit: display.Bytes, Doc: "that were reinjected"}, func(_ *trace.Trace, p *reinjectionPair) display.Value {
			return display.Uint(p.bytes)
		}},
	}
}
