package analysis

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Hole says why the next byte in order was missing while later ones were there.
type Hole uint8

// Holes.
const (
	// SlowPath: it came on its subflow in order, which was slower than another one.
	SlowPath Hole = iota
	// Lost: its subflow had to send it again, or it came there after later bytes.
	Lost
	// Rescued: another subflow than the one that carried it first brought it.
	Rescued
	// Unseen: an ack told that it had come; no packet of the capture carries it.
	Unseen
)

// String is the reason in words.
func (h Hole) String() string {
	return [...]string{"slow path", "loss", "reinjected", "not captured"}[h&3]
}

// Period is a span of time in which the receiver held data that it could not deliver, as one byte was missing.
type Period struct {
	From, To int64  // ns since the epoch
	Row      uint32 // that brought the missing byte, or acknowledged it
	DSN      uint64 // of the missing byte
	For      int    // ordinal of the subflow that was to bring it: that which carried it first; -1 if that is unknown
	By       int    // ordinal of the subflow that brought it, -1 likewise
	Hole     Hole
	Queue    uint64 // bytes held, at most
}

// Waited is data that was held: how long from its arrival to the moment when all before it had arrived.
type Waited struct {
	Arrived int64  // ns since the epoch
	Wait    int64  // ns
	Row     uint32 // that brought it, or acknowledged it
	Bytes   uint64
	By      int // ordinal of the subflow that brought it
	For     int // ordinal of the subflow that it waited for at the end
}

// Level is the bytes held after a packet.
type Level struct {
	Time  int64 // ns since the epoch
	Row   uint32
	Bytes uint64
}

// Reordering is what a receiver's reorder queue went through: data that arrived, on whichever subflow, ahead of data that
// had not. Bytes that TCP held back, as a segment of their own subflow was missing, are in it.
type Reordering struct {
	First, Last int64  // first and last arrival, ns since the epoch
	Bytes       uint64 // that arrived, each counted once
	Held        uint64 // of them, that had to wait
	Waits       Quantiles
	Blocked     int64   // time during which anything was held
	MaxQueue    uint64  // bytes
	Area        float64 // of the queue over time: bytes × ns
	Periods     []Period
	Waited      []Waited
	Queue       []Level   // all that is held
	Parts       [][]Level // of it, what each subflow brought, by ordinal
}

// MeanQueue is the bytes held, averaged over the time from first to last arrival.
func (r *Reordering) MeanQueue() float64 {
	if r.Last <= r.First {
		return 0
	}
	return r.Area / float64(r.Last-r.First)
}

// BlockedShare is the share of the time from the first to the last arrival during which anything was held.
func (r *Reordering) BlockedShare() float64 {
	if r.Last <= r.First {
		return 0
	}
	return float64(r.Blocked) / float64(r.Last-r.First)
}

// queue is a receiver's reorder queue.
type queue struct {
	out      *Reordering
	expected uint64 // the next data sequence number in order
	held     spans  // what is held beyond it, with the index of its arrival
	bytes    uint64
	parts    []uint64 // of it, by subflow
	arrivals []coming
	since    int64 // when the hole at expected began to matter
	measured int64 // up to when Area counts
	clock    int64 // the latest time; interfaces of a capture may be out of step
	most     uint64
	weights  []weighted
}

// coming is when data came.
type coming struct {
	time    int64
	row     uint32
	ordinal int
}

// brought says what brings the next byte in order: see Period.
type brought struct {
	by, of int
	hole   Hole
}

// arrive takes in data sequence numbers [from, to). who is asked what brought the missing byte, when it did.
func (q *queue) arrive(a coming, from, to uint64, who func(dsn uint64) brought) {
	if int64(to-q.expected) <= 0 {
		return
	}
	a.time = q.tick(a.time)
	if int64(from-q.expected) < 0 {
		from = q.expected
	}
	r := q.out
	if r.Bytes == 0 {
		r.First = a.time
	}
	r.Last = max(r.Last, a.time)
	if from == q.expected && q.bytes == 0 { // in order, mostly
		r.Bytes += to - from
		q.expected = to
		return
	}
	n := uint32(len(q.arrivals))
	q.arrivals = append(q.arrivals, a)
	if q.bytes == 0 {
		q.since, q.most = a.time, 0
	}
	q.held.fill(from, to, n, func(from, to uint64, _ uint32, old bool) {
		if !old {
			r.Bytes += to - from
			q.bytes += to - from
			q.parts[a.ordinal] += to - from
		}
	})
	if from == q.expected {
		q.release(a, who(from))
	}
	q.most = max(q.most, q.bytes)
	q.level(a)
}

// tick is a time that does not go back.
func (q *queue) tick(time int64) int64 {
	q.clock = max(q.clock, time)
	return q.clock
}

// skip takes note that the receiver has everything below dsn, though not every packet of it was captured.
func (q *queue) skip(a coming, dsn uint64, who func(dsn uint64) brought) {
	if int64(dsn-q.expected) <= 0 {
		return
	}
	if q.bytes == 0 {
		q.expected = dsn
		return
	}
	a.time = q.tick(a.time)
	q.out.Last = max(q.out.Last, a.time)
	missing := q.expected
	q.held.fill(q.expected, dsn, lost, func(uint64, uint64, uint32, bool) {})
	q.release(a, who(missing))
	q.level(a)
}

// lost stands for data that was not captured.
const lost = 1<<32 - 1

// release delivers what is in order now.
func (q *queue) release(a coming, b brought) {
	r := q.out
	if a.time > q.since {
		r.Periods = append(r.Periods, Period{From: q.since, To: a.time, Row: a.row, DSN: q.expected, For: b.of, By: b.by, Hole: b.hole, Queue: q.most})
		r.Blocked += a.time - q.since
	}
	r.MaxQueue = max(r.MaxQueue, q.most)
	q.since = a.time
	for {
		part, ok := q.held.take(q.expected)
		if !ok {
			break
		}
		q.expected = part.to
		if part.value == lost {
			continue
		}
		n, came := part.to-part.from, q.arrivals[part.value]
		q.bytes -= n
		q.parts[came.ordinal] -= n
		if wait := a.time - came.time; wait > 0 {
			r.Held += n
			r.Waited = append(r.Waited, Waited{Arrived: came.time, Wait: wait, Row: came.row, Bytes: n, By: came.ordinal, For: b.of})
			q.weights = append(q.weights, weighted{wait, n})
		}
	}
	q.most = q.bytes
}

// level notes how much is held.
func (q *queue) level(a coming) {
	r := q.out
	if n := len(r.Queue); n > 0 {
		last := r.Queue[n-1].Bytes
		r.Area += float64(last) * float64(max(a.time-q.measured, 0))
		q.measured = max(q.measured, a.time)
		if last == q.bytes {
			return
		}
	}
	q.measured = max(q.measured, a.time)
	r.Queue = append(r.Queue, Level{a.time, a.row, q.bytes})
	for i, bytes := range q.parts {
		list := r.Parts[i]
		if n := len(list); n == 0 && bytes > 0 || n > 0 && list[n-1].Bytes != bytes {
			r.Parts[i] = append(list, Level{a.time, a.row, bytes})
		}
	}
}

// finish ends the account: what is still held has not been delivered in this capture.
func (q *queue) finish() {
	r := q.out
	r.MaxQueue = max(r.MaxQueue, q.most)
	r.Waits = weightedQuantiles(q.weights)
	if q.bytes > 0 && r.Last > q.since {
		r.Periods = append(r.Periods, Period{From: q.since, To: r.Last, DSN: q.expected, For: -1, By: -1, Hole: Lost, Queue: q.most})
		r.Blocked += r.Last - q.since
	}
}

// piecesOf gives the data sequence numbers of a part of a row's payload that begins at offset from of its subflow.
func piecesOf(t *trace.Trace, room []trace.Piece, row, seq uint32, from, to uint64, use func(from, to uint64)) []trace.Piece {
	start := from - uint64(uint32(from)-seq)
	room = t.Pieces(row, room[:0])
	inPieces(room, start, from, to, use)
	return room
}

// inPieces calls use with the data sequence numbers of the offsets [from, to) of a payload that begins at offset start.
func inPieces(pieces []trace.Piece, start, from, to uint64, use func(from, to uint64)) {
	for _, p := range pieces {
		x, y := max(from, start+uint64(p.At)), min(to, start+uint64(p.At+p.Len))
		if x < y {
			dsn := p.DSN + (x - start - uint64(p.At))
			use(dsn, dsn+(y-x))
		}
	}
}
