package trace

import (
	"runtime"
	"slices"
	"sort"
	"sync"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/memory"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

func streams(b *builder) []stream.Stream {
	list := make([]stream.Stream, b.streams.Len())
	for i := range list {
		list[i] = b.streams.Stream(uint32(i))
	}
	return list
}

// rowLists holds the rows of each stream: those of stream i are rows[start[i]:start[i+1]].
type rowLists struct {
	start []uint32
	rows  []uint32
}

// besideFrom is how many blocks are worth a second goroutine.
const besideFrom = 32

// listRows sorts rows by stream: it knows how many each has, and deals them out, block by block. Those of a long trace are
// dealt from both ends at once.
func listRows(s *store) rowLists {
	l := rowLists{start: make([]uint32, s.streams.Len()+1), rows: make([]uint32, s.n)}
	memory.AdviseLarge(l.rows)
	for id := range uint32(s.streams.Len()) {
		n := s.streams.Sent(id, 0).Packets + s.streams.Sent(id, 1).Packets
		l.start[id+1] = l.start[id] + uint32(n)
	}
	if len(s.blocks) < besideFrom || runtime.GOMAXPROCS(0) == 1 {
		l.dealUp(s, len(s.blocks))
		return l
	}
	half := len(s.blocks) / 2
	var beside sync.WaitGroup
	beside.Go(func() { l.dealDown(s, half) })
	l.dealUp(s, half)
	beside.Wait()
	return l
}

// dealUp deals the rows of the blocks before one, each behind those of its stream that were dealt.
func (l *rowLists) dealUp(s *store, to int) {
	var local []uint32
	next := slices.Clone(l.start)
	row := uint32(0)
	for i, b := range s.blocks[:to] {
		local = gather(local[:0], next, b.ids)
		lines := b.lines[:s.rowsOf(i)]
		for r := range lines {
			at := &local[lines[r].stream]
			l.rows[*at] = row
			*at++
			row++
		}
		for k, id := range b.ids {
			next[id] = local[k]
		}
	}
}

// dealDown deals the rows of the blocks from one on, the last one first, each before those of its stream that were dealt.
func (l *rowLists) dealDown(s *store, from int) {
	var local []uint32
	next := slices.Clone(l.start[1:])
	row := s.n
	for i := len(s.blocks) - 1; i >= from; i-- {
		b := s.blocks[i]
		local = gather(local[:0], next, b.ids)
		lines := b.lines[:s.rowsOf(i)]
		for r := len(lines) - 1; r >= 0; r-- {
			at := &local[lines[r].stream]
			row--
			*at--
			l.rows[*at] = row
		}
		for k, id := range b.ids {
			next[id] = local[k]
		}
	}
}

// gather appends those values of all that have the indices.
func gather(dst, all, indices []uint32) []uint32 {
	for _, i := range indices {
		dst = append(dst, all[i])
	}
	return dst
}

// rowsOf is how many rows block i has.
func (s *store) rowsOf(i int) int { return min(blockLen, int(s.n)-i*blockLen) }

// StreamRows lists the rows of a TCP stream, in capture order; nil if there is no such stream. Do not change it.
func (t *Trace) StreamRows(id uint32) []uint32 {
	if int(id) >= len(t.Streams) {
		return nil
	}
	l := &t.streamRows
	return l.rows[l.start[id]:l.start[id+1]:l.start[id+1]]
}

// Directions lists the rows of a TCP stream that travel to its client, and those that travel to its server, both in capture
// order. The caller owns the lists.
func (t *Trace) Directions(id uint32) (toClient, toServer []uint32) {
	all := t.StreamRows(id)
	toClient, toServer = make([]uint32, len(all)+1), make([]uint32, len(all)+1)
	client, c := t.streams.Core(id).Client, 0
	// Each row is written to both lists, and one of them moves on: rows lie far apart in memory, and a branch by what one
	// holds would wait for it.
	for i, row := range all {
		toClient[c], toServer[i-c] = row, row
		c += int(t.line(row).flow() ^ client)
	}
	s := len(all) - c
	return toClient[:c:c], toServer[:s:s]
}

// ConnByID is the connection with that mptcp.stream, or with that alias; nil if there is none.
func (t *Trace) ConnByID(id uint32) *conn.Conn {
	// Ids ascend from 0, so that a connection stands at its id, or before it where ids are missing.
	last := min(int(id)+1, len(t.Conns))
	i := last - 1
	if last > 0 && t.Conns[i].ID != id {
		i = sort.Search(i, func(i int) bool { return t.Conns[i].ID >= id })
	}
	if i >= 0 && t.Conns[i].ID == id {
		return &t.Conns[i]
	}
	for i := range t.Conns {
		if slices.Contains(t.Conns[i].Aliases, id) {
			return &t.Conns[i]
		}
	}
	return nil
}

// Shared reports whether a TCP stream is several subflows, one after the other: between the same ports another connection began, and
// its SYN was not captured.
func (t *Trace) Shared(id uint32) bool {
	return int(id) < len(t.Streams) && t.conns.Several(t.streams.Core(id).Part)
}

// InConn reports whether a row is one of a connection.
func (t *Trace) InConn(row uint32, c *conn.Conn) bool {
	i := t.ConnOf(row)
	return i >= 0 && t.Conns[i].ID == c.ID
}

// ConnOf is the index in Conns of a row's connection, -1 if it has none.
func (t *Trace) ConnOf(row uint32) int {
	core := t.streams.Core(t.StreamOf(row))
	if core.Part == 0 {
		return -1
	}
	id, _ := t.conns.Member(core.Part, row).ConnID()
	i := sort.Search(len(t.Conns), func(i int) bool { return t.Conns[i].ID >= id })
	if i == len(t.Conns) || t.Conns[i].ID != id {
		return -1
	}
	return i
}

// SubflowRows lists the rows of a subflow, in capture order. Do not change it.
func (t *Trace) SubflowRows(c *conn.Conn, ordinal int) []uint32 {
	s := &c.Subflows[ordinal]
	return s.Part.Rows(t.StreamRows(s.Stream))
}

// SubflowStream is a subflow's stream, or what is its own of one that is several subflows.
func (t *Trace) SubflowStream(c *conn.Conn, ordinal int) *stream.Stream {
	s := &c.Subflows[ordinal]
	return s.Part.Stream(&t.Streams[s.Stream])
}

// ConnRows lists the rows of all subflows of a connection, in capture order. The caller owns it.
func (t *Trace) ConnRows(id uint32) []uint32 {
	c := t.ConnByID(id)
	if c == nil {
		return nil
	}
	n := 0
	for i := range c.Subflows {
		n += len(t.SubflowRows(c, i))
	}
	rows := make([]uint32, 0, n)
	if len(c.Subflows) == 2 { // the usual case
		return merge(rows, t.SubflowRows(c, 0), t.SubflowRows(c, 1))
	}
	for i := range c.Subflows {
		rows = append(rows, t.SubflowRows(c, i)...)
	}
	if len(c.Subflows) > 1 {
		slices.Sort(rows)
	}
	return rows
}

// merge appends two ascending lists in order.
func merge(dst, a, b []uint32) []uint32 {
	for len(a) > 0 && len(b) > 0 {
		if a[0] < b[0] {
			dst, a = append(dst, a[0]), a[1:]
		} else {
			dst, b = append(dst, b[0]), b[1:]
		}
	}
	return append(append(dst, a...), b...)
}
