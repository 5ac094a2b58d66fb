package trace

import (
	"cmp"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
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

// listRows sorts rows by stream.
func listRows(s *store) rowLists {
	l := rowLists{start: make([]uint32, s.streams.Len()+1), rows: make([]uint32, s.n)}
	s.eachStream(func(_, stream uint32) { l.start[stream+1]++ })
	for i := 1; i < len(l.start); i++ {
		l.start[i] += l.start[i-1]
	}
	next := slices.Clone(l.start)
	s.eachStream(func(row, stream uint32) {
		l.rows[next[stream]] = row
		next[stream]++
	})
	return l
}

func (s *store) eachStream(use func(row, stream uint32)) {
	row := uint32(0)
	for _, b := range s.blocks {
		for _, i := range b.stream[:min(blockLen, s.n-row)] {
			use(row, b.ids[i])
			row++
		}
	}
}

// StreamRows lists the rows of a TCP stream, in capture order; nil if there is no such stream. Do not change it.
func (t *Trace) StreamRows(id uint32) []uint32 {
	if int(id) >= len(t.Streams) {
		return nil
	}
	l := &t.streamRows
	return l.rows[l.start[id]:l.start[id+1]:l.start[id+1]]
}

// ConnByID is the connection with that mptcp.stream, or with that alias; nil if there is none.
func (t *Trace) ConnByID(id uint32) *conn.Conn {
	i, ok := slices.BinarySearchFunc(t.Conns, id, func(c conn.Conn, id uint32) int { return cmp.Compare(c.ID, id) })
	if ok {
		return &t.Conns[i]
	}
	for i := range t.Conns {
		if slices.Contains(t.Conns[i].Aliases, id) {
			return &t.Conns[i]
		}
	}
	return nil
}

// ConnRows lists the rows of all subflows of a connection, in capture order. The caller owns it.
func (t *Trace) ConnRows(id uint32) []uint32 {
	c := t.ConnByID(id)
	if c == nil {
		return nil
	}
	n := 0
	for i := range c.Subflows {
		n += len(t.StreamRows(c.Subflows[i].Stream))
	}
	rows := make([]uint32, 0, n)
	for i := range c.Subflows {
		rows = append(rows, t.StreamRows(c.Subflows[i].Stream)...)
	}
	slices.Sort(rows)
	return rows
}
