package analysis

import (
	"iter"
	"math"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// control is a packet of a connection with an MPTCP option that is more than a plain DSS: what verify, explain, addresses,
// counters and issues all read.
type control struct {
	packet  uint32 // id
	time    int64  // ns since the epoch
	ordinal int    // subflow
	part    *conn.Subflow
	from    stream.Dest // end of the connection that sent it
	opener  bool        // the subflow's own TCP client sent it
	flags   uint16
	len     uint32
	options []mptcp.Option // the trace's
}

// syn says whether the packet is a SYN.
func (p *control) syn() bool { return p.flags&(stream.SYN|stream.ACK) == stream.SYN }

// option is the first option of a subtype, nil if there is none.
func (p *control) option(sub mptcp.Subtype) mptcp.Option {
	for _, o := range p.options {
		if len(o) > 2 && o.Subtype() == sub {
			return o
		}
	}
	return nil
}

// optionIndex finds the rows with such options by connection.
type optionIndex struct {
	rows  []uint32 // of all connections, each one's together, in capture order
	start []int    // by index in Trace.Conns
}

// indexOptions looks at every row with options once.
func indexOptions(t *trace.Trace) *optionIndex {
	owner := make([]int32, len(t.Streams))
	for i := range t.Conns {
		for k := range t.Conns[i].Subflows {
			owner[t.Conns[i].Subflows[k].Stream] = int32(i) + 1
		}
	}
	all := t.OptionRows()
	x := &optionIndex{rows: make([]uint32, len(all)), start: make([]int, len(t.Conns)+2)}
	ownerOf := func(row uint32) int32 {
		id := t.StreamOf(row)
		if t.Shared(id) {
			return int32(t.ConnOf(row)) + 1
		}
		return owner[id]
	}
	for _, row := range all {
		x.start[ownerOf(row)+1]++
	}
	for i := 1; i < len(x.start); i++ {
		x.start[i] += x.start[i-1]
	}
	next := slices.Clone(x.start)
	for _, row := range all {
		o := ownerOf(row)
		x.rows[next[o]] = row
		next[o]++
	}
	return x
}

// of lists the rows of the connection with that index in Trace.Conns.
func (x *optionIndex) of(index int) []uint32 { return x.rows[x.start[index+1]:x.start[index+2]] }

// optionRows lists the rows of one connection.
func optionRows(t *trace.Trace, c *conn.Conn) []uint32 {
	mine := map[uint32]bool{}
	for i := range c.Subflows {
		mine[c.Subflows[i].Stream] = true
	}
	return slices.DeleteFunc(t.OptionRows(), func(row uint32) bool {
		return !mine[t.StreamOf(row)] || t.Shared(t.StreamOf(row)) && !t.InConn(row, c)
	})
}

// controls reads the packets of rows of a connection, in capture order.
func controls(t *trace.Trace, c *conn.Conn, rows []uint32) []control {
	list, _ := appendControls(make([]control, 0, len(rows)), make([]mptcp.Option, 0, len(rows)), t, c, rows)
	return list
}

// appendControls does so, with the memory for their options.
func appendControls(list []control, options []mptcp.Option, t *trace.Trace, c *conn.Conn, rows []uint32) ([]control, []mptcp.Option) {
	for _, row := range rows {
		ordinal, to := t.OrdinalOf(row), t.ConnDest(row)
		if ordinal >= len(c.Subflows) {
			continue
		}
		at := len(options)
		options = t.Options(row, options)
		part := &c.Subflows[ordinal]
		list = append(list, control{packet: row + 1, time: t.Time(row), ordinal: ordinal, part: part, from: to.Other(), opener: part.Dest == to,
			flags: t.Flags(row), len: t.PayloadLen(row), options: options[at:len(options):len(options)]})
	}
	return list, options
}

// mostMerged is how many subflows are looked through for the next packet; more are sorted together.
const mostMerged = 16

// connRows goes through the rows of a connection in capture order, each with the ordinal of its subflow.
func connRows(t *trace.Trace, c *conn.Conn) iter.Seq2[uint32, int] {
	if len(c.Subflows) > mostMerged {
		return func(yield func(uint32, int) bool) {
			for _, row := range t.ConnRows(c.ID) {
				if !yield(row, t.OrdinalOf(row)) {
					return
				}
			}
		}
	}
	return func(yield func(uint32, int) bool) {
		rest := make([][]uint32, len(c.Subflows))
		for i := range rest {
			rest[i] = t.SubflowRows(c, i)
		}
		for {
			i, until := nextRun(rest)
			if i < 0 {
				return
			}
			for len(rest[i]) > 0 && uint64(rest[i][0]) < until {
				row := rest[i][0]
				rest[i] = rest[i][1:]
				if !yield(row, i) {
					return
				}
			}
		}
	}
}

// nextRun is the list that has the lowest row, -1 if all are empty, and the lowest of the others'.
func nextRun(rest [][]uint32) (first int, until uint64) {
	first, until = -1, math.MaxUint64
	low := uint64(math.MaxUint64)
	for i, rows := range rest {
		switch {
		case len(rows) == 0:
		case uint64(rows[0]) < low:
			first, low, until = i, uint64(rows[0]), low
		case uint64(rows[0]) < until:
			until = uint64(rows[0])
		}
	}
	return first, until
}
