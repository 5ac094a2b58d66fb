package trace

import (
	"slices"
	"sort"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
)

// link ties a row, in its upper half, to something: another row, a mapping.
type link uint64

func newLink(row, to uint32) link { return link(row)<<32 | link(to) }

func (l link) row() uint32 { return uint32(l >> 32) }

func (l link) to() uint32 { return uint32(l) }

// links is a list of links, ordered by row once sorted.
type links struct {
	list   []link
	sorted bool
}

func (l *links) add(row, to uint32) {
	if n := len(l.list); n > 0 && l.list[n-1].row() > row {
		l.sorted = false
	} else if n == 0 {
		l.sorted = true
	}
	l.list = append(l.list, newLink(row, to))
}

// sort makes of work. Equal links are made one.
func (l *links) sort() {
	slices.Sort(l.list)
	l.list = slices.Compact(l.list)
	l.sorted = true
}

// of appends what a row is linked to, plus add, to dst. near is where the search before this one ended, from where the
// next row is not far.
func (l *links) of(row uint32, dst []uint32, add uint32, near *int) []uint32 {
	if i := *near; uint(i) < uint(len(l.list)) && l.list[i].row() > row && i > 0 && l.list[i-1].row() < row {
		return dst // as of most rows
	}
	return l.find(row, dst, add, near)
}

// find is of, wherever the search before ended.
func (l *links) find(row uint32, dst []uint32, add uint32, near *int) []uint32 {
	i := *near
	if i > len(l.list) || i > 0 && l.list[i-1].row() >= row || i < len(l.list) && l.list[i].row() < row {
		i = sort.Search(len(l.list), func(i int) bool { return l.list[i].row() >= row })
	}
	for ; i < len(l.list) && l.list[i].row() == row; i++ {
		dst = append(dst, l.list[i].to()+add)
	}
	*near = i
	return dst
}

// drop forgets the links of rows before one, and sorts the rest.
func (l *links) drop(before uint32) {
	l.list = slices.DeleteFunc(l.list, func(k link) bool { return k.row() < before })
	l.sort()
}

// extraBlock is how many rows' options are noted at once.
const extraBlock = 512

// extra keeps bytes of the rows that have some: the raw MPTCP options that cannot be put together again from a line,
// SACK blocks.
type extra struct {
	rows  []*[extraBlock]link // where a row's options begin in data; rows ascend
	n     int
	data  [][]byte // chunks of dataChunk bytes
	start int      // rows before it were dropped
}

const dataChunk = 1 << 16

// add is room for so many bytes of a row, which comes after those that have some.
func (e *extra) add(row uint32, size int) []byte {
	if e.n%extraBlock == 0 {
		e.rows = append(e.rows, new([extraBlock]link))
	}
	last := len(e.data) - 1
	if last < 0 || len(e.data[last])+size > dataChunk {
		e.data = append(e.data, make([]byte, 0, dataChunk))
		last++
	}
	at := len(e.data[last])
	e.rows[e.n/extraBlock][e.n%extraBlock] = newLink(row, uint32(last*dataChunk+at))
	e.n++
	e.data[last] = e.data[last][:at+size]
	return e.data[last][at : at+size]
}

// of is the stored bytes of a row, nil if it has none. Others may follow them: what was stored tells its own length.
func (e *extra) of(row uint32) []byte {
	i := e.start + sort.Search(e.n-e.start, func(i int) bool { return e.at(e.start+i).row() >= row })
	if i == e.n || e.at(i).row() != row {
		return nil
	}
	at := e.at(i).to()
	chunk := e.data[at/dataChunk]
	return chunk[at%dataChunk:]
}

// options appends the raw options of a row, as store.keep put them there.
func (e *extra) options(row uint32, dst []mptcp.Option) []mptcp.Option {
	o := e.of(row)
	if len(o) == 0 {
		return dst
	}
	n := int(o[0])
	o = o[1:]
	for range n {
		size := int(o[0])
		dst = append(dst, mptcp.Option(o[1:1+size:1+size]))
		o = o[1+size:]
	}
	return dst
}

func (e *extra) at(i int) *link { return &e.rows[i/extraBlock][i%extraBlock] }

// drop forgets the options of rows before one.
func (e *extra) drop(before uint32) {
	i := e.start + sort.Search(e.n-e.start, func(i int) bool { return e.at(e.start+i).row() >= before })
	for b := e.start / extraBlock; b < i/extraBlock; b++ {
		e.rows[b] = nil
	}
	chunk := uint32(len(e.data) - 1)
	if i < e.n {
		chunk = e.at(i).to() / dataChunk
	}
	for c := range e.data {
		if uint32(c) < chunk {
			e.data[c] = nil
		}
	}
	e.start = i
}
