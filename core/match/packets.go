package match

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Flow is one direction of a stream that both captures have.
type Flow struct {
	Stream int         // index in Pairing.Streams
	Dest   stream.Dest // the end of A's stream that it travels to
	Sender Capture     // the capture made nearer to its sender
	// Hops are the packets that both captures have, ascending by the sender's row, then the receiver's. A segment that was
	// cut on its way has several, and so has one that the network duplicated; see Again.
	Hops []Hop
	// Sent are the sender's packets that, wholly or in part, have no partner; Received the receiver's. Both ascend.
	Sent, Received []Missing
	// Again are the indices of hops whose segment had arrived before: the network duplicated it.
	Again []int
	// Counted is how many segments went over the path: the sender's packets, or where they were cut on the way, the pieces.
	Counted int

	pieces bool        // some segments were cut or glued on their way
	left   [2][]uint32 // rows of A and of B without a partner, until finish
}

// Hop is one packet's way: its row in the sender's capture and in the receiver's.
type Hop struct{ Sent, Received uint32 }

// lane is what one capture has of a flow.
type lane struct {
	t      *trace.Trace
	rows   []uint32
	keys   []uint64
	prints []uint8
	mate   []int32 // index in the other lane, or none, or several
	isn    uint32  // subtracted from sequence numbers, where a middlebox changed them
	isnOf  uint32  // subtracted from acks
}

// Values of lane.mate that are no index.
const (
	none    = -1
	several = -2
)

// lanes are both directions of a stream in one capture.
func lanes(t *trace.Trace, id uint32) (toClient, toServer *lane) {
	client, server := t.Directions(id)
	return &lane{t: t, rows: client}, &lane{t: t, rows: server}
}

func (l *lane) wire(i int) trace.Wire { return l.t.Wire(l.rows[i]) }

func (l *lane) time(i int) int64 { return l.t.Time(l.rows[i]) }

// key is a hash of what a segment has in both captures.
func (l *lane) key(w *trace.Wire) uint64 {
	h := uint64(w.Seq-l.isn)<<32 | uint64(w.Ack-l.isnOf)
	h = mix(h) ^ (uint64(w.TSVal)<<32 | uint64(w.TSEcr))
	return mix(mix(h) ^ (uint64(w.Len)<<32 | uint64(w.Flags)<<16 | uint64(w.Window)))
}

// mix is the finalizer of MurmurHash3: no two numbers have the same mix.
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// joint pairs the packets of the two lanes of a flow.
type joint struct {
	x, y  *lane // of A, of B
	hops  []Hop // pieces of segments, by index in x and y
	slots []slot
	nextX []int32
	nextY []int32
	print bool // prints can be trusted
}

// slot lists the packets of one key: the first of each lane, followed by nextX and nextY.
type slot struct {
	key  uint64
	x, y int32
}

// match pairs the packets of a stream pair, in both directions. Hops are by A's and B's rows, until finish.
func (p *Pairing) match(pair int) {
	s := &p.Streams[pair]
	toClient, toServer := lanes(p.A, s.A)
	thereClient, thereServer := lanes(p.B, s.B)
	if s.Flipped {
		thereClient, thereServer = thereServer, thereClient
	}
	p.direction(pair, stream.Client, toClient, thereClient)
	p.direction(pair, stream.Server, toServer, thereServer)
}

// direction pairs the packets of one direction.
func (p *Pairing) direction(pair int, towards stream.Dest, x, y *lane) {
	j := &joint{x: x, y: y}
	p.rebase(&p.Streams[pair], towards, x, y)
	f := Flow{Stream: pair, Dest: towards}
	for _, l := range []*lane{x, y} {
		n := len(l.rows)
		l.keys, l.prints, l.mate = make([]uint64, n), make([]uint8, n), make([]int32, n)
		for i := range l.mate {
			l.mate[i] = none
		}
	}
	if len(x.rows) > 0 && len(y.rows) > 0 {
		j.fill()
		j.trust()
		j.clear()
		j.crowds()
		j.softly()
		j.pieces()
	}
	f.Hops, f.pieces = j.all(), len(j.hops) > 0
	f.left = [2][]uint32{x.unmatched(), y.unmatched()}
	p.Flows = append(p.Flows, f)
}

// unmatched lists the rows without a partner.
func (l *lane) unmatched() []uint32 {
	var rows []uint32
	for i, mate := range l.mate {
		if mate == none {
			rows = append(rows, l.rows[i])
		}
	}
	return rows
}

// rebase makes numbers relative where the two captures have different initial ones: a middlebox replaced them.
func (p *Pairing) rebase(s *StreamPair, towards stream.Dest, x, y *lane) {
	there := towards
	if s.Flipped {
		there = towards.Other()
	}
	fromA, toA, knowA := initial(&p.A.Streams[s.A], towards)
	fromB, toB, knowB := initial(&p.B.Streams[s.B], there)
	if knowA && knowB && (fromA != fromB || toA != toB) {
		x.isn, x.isnOf, y.isn, y.isnOf = fromA, toA, fromB, toB
	}
}

// initial gives the initial sequence numbers of the sender and the receiver of what travels to an end.
func initial(s *stream.Stream, towards stream.Dest) (sender, receiver uint32, known bool) {
	if towards == stream.Server {
		return s.ClientISN, s.ServerISN, s.SYN && s.SYNACK
	}
	return s.ServerISN, s.ClientISN, s.SYN && s.SYNACK
}

// fill puts the packets of both lanes into slots by their keys, in reverse, so that lists ascend.
func (j *joint) fill() {
	size := 16
	for size < len(j.x.rows)+len(j.y.rows) {
		size *= 2
	}
	j.slots = make([]slot, size)
	for i := range j.slots {
		j.slots[i].x, j.slots[i].y = none, none
	}
	j.nextX, j.nextY = make([]int32, len(j.x.rows)), make([]int32, len(j.y.rows))
	j.x.read()
	j.y.read()
	for i := len(j.x.rows) - 1; i >= 0; i-- {
		s := j.slot(j.x.keys[i])
		j.nextX[i], s.x = s.x, int32(i)
	}
	for i := len(j.y.rows) - 1; i >= 0; i-- {
		s := j.slot(j.y.keys[i])
		j.nextY[i], s.y = s.y, int32(i)
	}
}

// read fills in the keys and prints of all rows, in a loop that waits for none of them.
func (l *lane) read() {
	for i := range l.rows {
		w := l.wire(i)
		l.keys[i], l.prints[i] = l.key(&w), w.Print
	}
}

// slot is the slot of a key, or the empty one where it belongs.
func (j *joint) slot(key uint64) *slot {
	mask := uint64(len(j.slots) - 1)
	for i := key & mask; ; i = (i + 1) & mask {
		s := &j.slots[i]
		if s.x == none && s.y == none {
			s.key = key
			return s
		}
		if s.key == key {
			return s
		}
	}
}

// alone says whether a slot has one packet of either lane.
func (j *joint) alone(s *slot) bool {
	return s.x != none && s.y != none && j.nextX[s.x] == none && j.nextY[s.y] == none
}

// trust finds out whether prints survive the path: those of segments that have but one partner must agree.
func (j *joint) trust() {
	equal, all := 0, 0
	for i := range j.slots {
		if s := &j.slots[i]; j.alone(s) {
			all++
			if j.x.prints[s.x] == j.y.prints[s.y] {
				equal++
			}
		}
	}
	j.print = all > 0 && equal*50 >= all*49
}

// clear pairs the segments that have but one partner.
func (j *joint) clear() {
	for i := range j.slots {
		s := &j.slots[i]
		if j.alone(s) && (!j.print || j.x.prints[s.x] == j.y.prints[s.y]) {
			j.pair(int(s.x), int(s.y))
		}
	}
}

func (j *joint) pair(x, y int) { j.x.mate[x], j.y.mate[y] = int32(y), int32(x) }

// all lists every hop by rows.
func (j *joint) all() []Hop {
	n := len(j.hops)
	for _, y := range j.x.mate {
		if y >= 0 {
			n++
		}
	}
	hops := make([]Hop, 0, n)
	for x, y := range j.x.mate {
		if y >= 0 {
			hops = append(hops, Hop{j.x.rows[x], j.y.rows[y]})
		}
	}
	for _, h := range j.hops {
		hops = append(hops, Hop{j.x.rows[h.Sent], j.y.rows[h.Received]})
	}
	return hops
}
