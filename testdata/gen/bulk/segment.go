package main

// TCP flags.
const (
	flagFIN = 0x01
	flagSYN = 0x02
	flagPSH = 0x08
	flagACK = 0x10
)

// startTime is that of the first packet, in ns since the epoch.
const startTime = 1_700_000_000_000_000_000

// segment is one to be sent.
type segment struct {
	toward  int
	flags   byte
	options []byte // MPTCP; the others are added
	payload int
}

// syn sends a SYN, or the SYN/ACK toward the client.
func (s *subflow) syn(toward int, option []byte) {
	s.send(segment{toward: toward, flags: flagSYN, options: option})
}

// send sends what comes next in the sequence space; it is taken as received.
func (s *subflow) send(g segment) {
	from := 1 - g.toward
	s.sendAt(s.seq[from], g)
	s.ackable[from] = s.seq[from]
}

// ack sends an acknowledgement without data toward an end.
func (s *subflow) ack(toward int) {
	s.sendAt(s.seq[1-toward], segment{toward: toward, options: s.dss(toward, nil)})
}

// sendAt writes the segment with the sequence number given, and moves the subflow's clock on.
func (s *subflow) sendAt(seq uint32, g segment) {
	from := 1 - g.toward
	end := seq + uint32(g.payload)
	if g.flags&(flagSYN|flagFIN) != 0 {
		end++
	}
	if int32(end-s.seq[from]) > 0 {
		s.seq[from] = end
	}
	first := g.flags&flagSYN != 0 && g.toward == server
	ack := s.ackable[g.toward]
	if first {
		ack = 0
	} else {
		g.flags |= flagACK
	}
	w := s.conn.world
	s.next = max(s.next, w.now)
	w.now = s.next
	stamp := s.stamp[from] + uint32((s.next-startTime)/1_000_000)
	w.file.write(s.next, s, seq, ack, stamp, s.echo[from], &g)
	w.written++
	s.echo[g.toward] = stamp
	s.next += s.pace/2 + w.rng.Int64N(s.pace)
}
