package main

// segmentLen is the payload of a full segment: an MTU of 1500 less IPv6 and TCP headers of 100 bytes.
const segmentLen = 1400

// maxSegments is the most segments a mapping covers.
const maxSegments = 8

// maxSteps is the most packets a burst takes: each segment, an ack for two, and what a loss adds.
const maxSteps = maxSegments + maxSegments/2 + 6

// subflow is one TCP connection.
type subflow struct {
	conn     *conn
	v6       bool
	index    int // in its connection; also its address id
	addr     [2][16]byte
	port     [2]uint16
	nonce    [2]uint32
	isn      [2]uint32
	seq      [2]uint32 // next to send, by end
	ackable  [2]uint32 // next expected by the other end
	stamp    [2]uint32 // offset of the end's time stamp clock
	echo     [2]uint32 // last time stamp the end has seen
	pace     int64     // mean ns between two of its packets
	next     int64     // when its next packet goes
	burst    burst
	steps    []step
	reinject []lost
}

// burst is one mapping and how far it got.
type burst struct {
	toward   int
	dsn      uint64
	seq      uint32 // of the first segment
	segments int
	got      uint16 // bit i: segment i was delivered, on whatever subflow
}

func (b *burst) missing() bool { return b.got != 1<<b.segments-1 }

func (b *burst) firstMissing() int {
	for i := range b.segments {
		if b.got>>i&1 == 0 {
			return i
		}
	}
	return b.segments
}

// step is one packet of a burst.
type step struct {
	kind stepKind
	i    int // segment
}

type stepKind uint8

const (
	sendData stepKind = iota // and it arrives
	loseData                 // the capture sees it, the receiver does not
	acknowledge
	hold // acknowledge up to the hole again
	resend
)

// lost is a segment to be sent again on another subflow.
type lost struct {
	from *subflow
	dsn  uint64 // of the burst it is part of
	i    int
}

func newSubflow(c *conn, i, j int) *subflow {
	rng := c.world.rng
	s := &subflow{conn: c, v6: i%5 == 4, index: j, pace: 200_000 + rng.Int64N(600_000)}
	s.addr[client] = [16]byte{0x20, 1, 0xd, 0xb8, 0, byte(j), 11: byte(i), 12: 10, 13: byte(1 + j), 14: byte(i), 15: 1}
	s.addr[server] = [16]byte{0x20, 1, 0xd, 0xb8, 0, byte(j), 11: byte(i), 12: 10, 13: byte(1 + j), 14: 100, 15: 2}
	s.port = [2]uint16{uint16(30000 + 1000*i + rng.IntN(1000)), 443}
	for end := range 2 {
		s.nonce[end] = rng.Uint32()
		s.isn[end] = rng.Uint32()
		s.seq[end] = s.isn[end]
		s.ackable[end] = s.isn[end]
		s.stamp[end] = rng.Uint32()
	}
	s.next = startTime + int64(i)*20_000_000 + int64(j)*5_000_000
	return s
}

// step sends the subflow's next packet. If it has none to send, it begins something new, if it may.
func (s *subflow) step(more bool) {
	if len(s.steps) == 0 {
		switch {
		case len(s.reinject) > 0:
			s.resendOther()
			return
		case more:
			s.begin()
		default:
			return
		}
	}
	do := s.steps[0]
	s.steps = s.steps[1:]
	switch do.kind {
	case sendData, resend:
		s.data(do.i)
		s.deliver(do)
	case loseData:
		s.data(do.i)
		s.maybeReinject(do.i)
	case acknowledge, hold:
		s.ack(1 - s.burst.toward)
	}
}

// deliver counts a segment as received.
func (s *subflow) deliver(do step) {
	b := &s.burst
	b.got |= 1 << do.i
	if do.kind == resend {
		s.ackable[1-b.toward] = s.seq[1-b.toward]
	} else if s.ackable[1-b.toward] == b.seq+uint32(do.i)*segmentLen {
		s.ackable[1-b.toward] += segmentLen
	}
}

// begin starts a mapping of random length and direction, with or without a loss.
func (s *subflow) begin() {
	rng := s.conn.world.rng
	b := burst{segments: 1 + rng.IntN(maxSegments)}
	if rng.Uint64N(8) < s.conn.upload {
		b.toward = server
	}
	s.start(b)
	if b.segments < 4 || rng.IntN(16) != 0 {
		return
	}
	hole := rng.IntN(b.segments - 1)
	s.steps = s.steps[:0]
	for i := range b.segments {
		switch {
		case i < hole:
			s.steps = append(s.steps, step{kind: sendData, i: i})
		case i == hole:
			s.steps = append(s.steps, step{kind: loseData, i: i})
		default:
			s.steps = append(s.steps, step{kind: sendData, i: i}, step{kind: hold})
		}
	}
	s.steps = append(s.steps, step{kind: resend, i: hole}, step{kind: acknowledge})
}

// start queues a mapping that arrives whole, one ack for two segments.
func (s *subflow) start(b burst) {
	from := 1 - b.toward
	b.dsn = s.conn.sent[from]
	b.seq = s.seq[from]
	s.conn.sent[from] += uint64(b.segments) * segmentLen
	s.burst = b
	s.steps = s.steps[:0]
	for i := range b.segments {
		s.steps = append(s.steps, step{kind: sendData, i: i})
		if i%2 == 1 || i == b.segments-1 {
			s.steps = append(s.steps, step{kind: acknowledge})
		}
	}
}

// data sends segment i of the mapping, for the first time or again.
func (s *subflow) data(i int) {
	b := &s.burst
	from := 1 - b.toward
	seq := b.seq + uint32(i)*segmentLen
	m := mapping{dsn: b.dsn, ssn: b.seq - s.isn[from], length: uint16(b.segments * segmentLen)}
	s.sendAt(seq, segment{toward: b.toward, flags: flagPSH, options: s.dss(b.toward, &m), payload: segmentLen})
}

// maybeReinject asks, for half of the losses, another subflow to send the segment as well.
func (s *subflow) maybeReinject(i int) {
	rng := s.conn.world.rng
	other := s.conn.subflows[rng.IntN(len(s.conn.subflows))]
	if other != s && len(other.reinject) < 2 {
		other.reinject = append(other.reinject, lost{from: s, dsn: s.burst.dsn, i: i})
	}
}

// resendOther sends, and has acknowledged, what another subflow lost, unless that has arrived meanwhile.
func (s *subflow) resendOther() {
	l := s.reinject[0]
	s.reinject = s.reinject[1:]
	b := &l.from.burst
	if b.dsn != l.dsn || b.got>>l.i&1 == 1 {
		s.next += s.pace
		return
	}
	from := 1 - b.toward
	m := mapping{
		dsn:    b.dsn + uint64(l.i)*segmentLen,
		ssn:    s.seq[from] - s.isn[from],
		length: segmentLen,
	}
	s.send(segment{toward: b.toward, flags: flagPSH, options: s.dss(b.toward, &m), payload: segmentLen})
	b.got |= 1 << l.i
	s.ack(from)
}
