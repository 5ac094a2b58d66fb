package analysis

import (
	"bytes"
	"container/heap"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// ByteStream puts together what one end of a connection, or of a TCP stream, sent: its application's bytes in their order.
// Bytes that come again are taken once, the first copy counts; but one whose mapping failed its checksum, which a receiver
// drops (RFC 8684 section 3.7), counts only where there is no other. It holds only what came before its turn.
type ByteStream struct {
	Dest     stream.Dest // the end that the bytes travel to
	Bytes    uint64      // in order so far
	Doubtful uint64      // those of Bytes that only mappings with a wrong checksum carried
	Holes    []Gap       // what is missing, once it is certain: after Finish, or when nothing came before its turn

	trace  *trace.Trace
	stream int64           // tcp.stream whose sequence numbers count, -1 where data sequence numbers do
	way    stream.Dest     // the end of that stream
	parts  map[uint32]bool // the streams of a connection
	of     *conn.Conn      // whose rows count; nil for all of a stream
	opened uint64          // bytes that the SYN carried before those with data sequence numbers
	start  uint64          // number of the first byte, which has offset 0
	tail   uint64          // offset one past the last byte that is known to have been sent
	last   int64           // offset of the segment seen last, to widen TCP's numbers
	next   uint64          // offset of the next byte
	early  segments
	failed failed    // what mappings with a wrong checksum carried
	held   []segment // of it, until the copies that are right have come
	take   func(p []byte) error
	hole   func(Gap) error
}

// Gap is a range of bytes that the capture does not hold: Len bytes from offset At.
type Gap struct{ At, Len uint64 }

// segment is a piece of payload that came before its turn.
type segment struct {
	at   uint64
	data []byte
	bad  bool // by a mapping with a wrong checksum
}

// segments is a heap, the lowest offset on top.
type segments []segment

func (s segments) Len() int           { return len(s) }
func (s segments) Less(i, j int) bool { return s[i].at < s[j].at }
func (s segments) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }
func (s *segments) Push(x any)        { *s = append(*s, x.(segment)) }
func (s *segments) Pop() any {
	last := len(*s) - 1
	x := (*s)[last]
	(*s)[last].data = nil
	*s = (*s)[:last]
	return x
}

// NewConnStream puts together what a connection carries to one end, by data sequence numbers; of a connection that is
// plain TCP, or of whose only subflow not all is mapped, by the sequence numbers of its first subflow. take gets the bytes
// in order and keeps none of them, hole is told of what is missing between two of its calls; either may be nil.
func NewConnStream(t *trace.Trace, c *conn.Conn, dest stream.Dest, take func(p []byte) error, hole func(Gap) error) *ByteStream {
	way := &c.Toward[dest]
	if len(c.Subflows) == 1 && way.Plain+uint64(way.Early) > 0 || !way.HasDSN && way.Bytes > 0 && len(c.Subflows) > 0 {
		part := &c.Subflows[0]
		s := NewTCPStream(t, t.SubflowStream(c, 0), subflowToward(part, dest), take, hole)
		s.Dest, s.of = dest, c
		s.failed.note(c, dest)
		return s
	}
	s := &ByteStream{Dest: dest, trace: t, stream: -1, parts: map[uint32]bool{}, of: c, start: way.DSNMin, take: take, hole: hole}
	for i := range c.Subflows {
		s.parts[c.Subflows[i].Stream] = true
	}
	if way.HasDSN {
		s.tail = way.DSNEnd - way.DSNMin
	}
	if way.Early > 0 {
		s.openedBySYN(way, c.End(dest.Other()))
	}
	if s.failed.note(c, dest) {
		s.failed.lookAhead(t, c, dest)
	}
	return s
}

// openedBySYN makes room for the data of the SYN, which comes right before the first data sequence number.
func (b *ByteStream) openedBySYN(way *conn.Direction, sender *conn.Endpoint) {
	b.opened = uint64(way.Early)
	first := way.DSNMin
	if ahead := first - (sender.IDSN + 1); sender.HasKey && (!way.HasDSN || int64(ahead) >= 0) {
		first = sender.IDSN + 1
	}
	b.start, b.tail = first-b.opened, b.opened
	if way.HasDSN {
		b.tail = way.DSNEnd - b.start
	}
}

// NewTCPStream puts together what a TCP stream carries to one end.
func NewTCPStream(t *trace.Trace, s *stream.Stream, dest stream.Dest, take func(p []byte) error, hole func(Gap) error) *ByteStream {
	isn := s.ClientISN
	if dest == stream.Client {
		isn = s.ServerISN
	}
	return &ByteStream{Dest: dest, way: dest, trace: t, stream: int64(s.ID), start: uint64(isn) + 1, take: take, hole: hole}
}

// Plain says that sequence numbers of TCP count, not data sequence numbers.
func (b *ByteStream) Plain() bool { return b.stream >= 0 }

// Add takes the payload of a row: what was captured of it.
func (b *ByteStream) Add(row uint32, payload []byte) error {
	if b.of != nil && b.trace.Shared(b.trace.StreamOf(row)) && !b.trace.InConn(row, b.of) {
		return nil
	}
	if b.stream >= 0 {
		return b.addTCP(row, payload)
	}
	if b.trace.ConnDest(row) != b.Dest || !b.parts[b.trace.StreamOf(row)] {
		return nil
	}
	if b.opened > 0 && b.trace.Wire(row).Flags&stream.SYN != 0 {
		return b.place(0, payload, false)
	}
	var room [4]trace.Piece
	for _, p := range b.trace.Pieces(row, room[:0]) {
		if int(p.At) >= len(payload) {
			break
		}
		if err := b.placePiece(row, &p, p.DSN-b.start, payload[p.At:min(int(p.At+p.Len), len(payload))]); err != nil {
			return err
		}
	}
	return nil
}

// placePiece places what one mapping covers. Of what failed the checksum and comes again it puts a copy aside.
func (b *ByteStream) placePiece(row uint32, p *trace.Piece, at uint64, data []byte) error {
	if !b.failed.any() {
		return b.place(at, data, false)
	}
	lane := failedLaneOf(b.trace.StreamOf(row), p.DSN, p.SSN)
	for dsn := p.DSN; len(data) > 0; {
		n, bad, again := b.failed.cut(lane, dsn, uint64(len(data)))
		if again {
			b.held = append(b.held, segment{at: at, data: bytes.Clone(data[:n]), bad: true})
		} else if err := b.place(at, data[:n], bad); err != nil {
			return err
		}
		at, dsn, data = at+n, dsn+n, data[n:]
	}
	return nil
}

func (b *ByteStream) addTCP(row uint32, payload []byte) error {
	if b.trace.StreamOf(row) != uint32(b.stream) {
		return nil
	}
	var r trace.Row
	if b.trace.Row(int(row), &r); r.Len == 0 || r.Dest != b.way {
		return nil
	}
	seq := r.RawSeq
	if r.Flags&stream.SYN != 0 {
		seq++
	}
	b.last += int64(int32(seq - uint32(b.start) - uint32(b.last)))
	if end := b.last + int64(r.Len); end > int64(b.tail) {
		b.tail = uint64(end)
	}
	return b.placeTCP(row, uint64(b.last), payload)
}

// placeTCP places a payload by its TCP sequence number.
func (b *ByteStream) placeTCP(row uint32, at uint64, payload []byte) error {
	done := 0
	if b.failed.any() {
		for _, p := range b.trace.Pieces(row, nil) {
			from, to := min(int(p.At), len(payload)), min(int(p.At+p.Len), len(payload))
			if err := b.place(at+uint64(done), payload[done:from], false); err != nil {
				return err
			}
			if err := b.placePiece(row, &p, at+uint64(from), payload[from:to]); err != nil {
				return err
			}
			done = to
		}
	}
	return b.place(at+uint64(done), payload[done:], false)
}

// place puts bytes where they belong: at once when it is their turn, else they wait.
func (b *ByteStream) place(at uint64, p []byte, bad bool) error {
	if int64(at) < 0 { // before the first byte: a keep-alive, or what was sent before the capture began
		before := -at
		if before >= uint64(len(p)) {
			return nil
		}
		at, p = 0, p[before:]
	}
	if len(p) == 0 || at+uint64(len(p)) <= b.next {
		return nil
	}
	if at > b.next {
		heap.Push(&b.early, segment{at, bytes.Clone(p), bad})
		return nil
	}
	if err := b.deliver(p[b.next-at:], bad); err != nil {
		return err
	}
	return b.catchUp()
}

func (b *ByteStream) deliver(p []byte, bad bool) error {
	b.next += uint64(len(p))
	b.Bytes += uint64(len(p))
	if bad {
		b.Doubtful += uint64(len(p))
	}
	if b.take == nil {
		return nil
	}
	return b.take(p)
}

// catchUp delivers what waited and whose turn has come.
func (b *ByteStream) catchUp() error {
	for len(b.early) > 0 && b.early[0].at <= b.next {
		s := heap.Pop(&b.early).(segment)
		if s.at+uint64(len(s.data)) <= b.next {
			continue
		}
		if err := b.deliver(s.data[b.next-s.at:], s.bad); err != nil {
			return err
		}
	}
	return nil
}

// Finish delivers what is left, with its holes.
func (b *ByteStream) Finish() error {
	for _, s := range b.held { // in vain, if the capture cut the copies that are right
		if s.at+uint64(len(s.data)) > b.next {
			heap.Push(&b.early, s)
		}
	}
	b.held = nil
	if err := b.catchUp(); err != nil {
		return err
	}
	for len(b.early) > 0 {
		if err := b.missing(b.early[0].at); err != nil {
			return err
		}
		if err := b.catchUp(); err != nil {
			return err
		}
	}
	if b.tail > b.next {
		return b.missing(b.tail)
	}
	return nil
}

// missing notes a hole up to an offset.
func (b *ByteStream) missing(to uint64) error {
	h := Gap{b.next, to - b.next}
	b.Holes, b.next = append(b.Holes, h), to
	if b.hole == nil {
		return nil
	}
	return b.hole(h)
}

// Missing is how many bytes the holes have.
func (b *ByteStream) Missing() uint64 {
	var n uint64
	for _, h := range b.Holes {
		n += h.Len
	}
	return n
}
