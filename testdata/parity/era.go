package main

import "slices"

// Where the SYN of a further connection between the same ports was not captured, its packets seem to be of the stream before.
// Wireshark takes them for that; the model without this defect makes them a stream of their own, with its SYN/ACKs.

// stray is a SYN/ACK with another number and another key than the stream's.
type stray struct {
	frames     []uint32 // with its repetitions
	seq, token uint32
}

// noteStray looks whether the SYN/ACK with a key is one.
func (v *visit) noteStray(version uint8, key uint64) {
	m, isn := v.fwd.sub.meta, &v.fwd.isn
	if !v.s.syn || !v.s.ack || m == nil || m.state&hasKey != hasKey || !isn.certain || isn.at(v.s.id) == v.s.rawSeq {
		return
	}
	if token, _ := derive(min(version, 1), key); token != m.token {
		if b := v.stream.stray; b == nil || b.seq != v.s.rawSeq || b.token != token {
			v.stream.stray = &stray{seq: v.s.rawSeq, token: token}
		}
		v.stream.stray.frames = append(v.stream.stray.frames, v.s.id)
	}
}

// reopened looks whether a packet with both keys ends the handshake that a stray SYN/ACK is of: that of another client than the
// stream's, and of no connection that is known.
func (v *visit) reopened(version uint8, key, other uint64) {
	b := v.stream.stray
	if b == nil || v.s.syn || !v.s.ack || v.opens(v.fwd, v.s.rawSeq) {
		return
	}
	if token, _ := derive(min(version, 1), other); token != b.token || v.known(token) {
		return
	}
	m := v.fwd.sub.meta
	if token, _ := derive(min(version, 1), key); m != nil && m.state&hasKey == hasKey && token == m.token {
		return
	}
	if v.again == nil {
		v.again, v.of = append(b.frames, v.s.id), v.s.stream
	}
}

// begins looks whether the SYN/ACK with a key begins another connection: that of the stream shows no key, and has numbers that are
// far from its.
func (v *visit) begins() {
	f := v.tcp.fwd
	if !v.s.syn || !v.s.ack || v.again != nil || !v.stream.signals || f.movedAt != v.s.id || v.opens(v.rev, v.s.rawAck) ||
		v.fwd.sub.meta != nil && (v.fwd.sub.meta.state|v.rev.sub.meta.state)&hasKey == hasKey {
		return
	}
	if by := int32(v.s.rawSeq - f.movedFrom); by <= -1<<24 || by >= 1<<24 {
		v.again, v.of = []uint32{v.s.id}, v.s.stream
	}
}

// opens tells whether the flow's first byte, behind data of the SYN perhaps, has that number.
func (v *visit) opens(f *flow, seq uint32) bool {
	return f.isn.certain && seq-1-f.isn.at(v.s.id) < 1<<16
}

func (v *visit) known(token uint32) bool {
	c := v.tokens[token]
	return c != nil && c.master != nil
}

// apart gives the packets of each further connection between the same ports a stream of its own, whose number is behind all others.
func apart(segments []segment) []segment {
	next := uint32(0)
	for i := range segments {
		next = max(next, segments[i].stream+1)
	}
	for {
		m := newModel(0)
		m.agree(segments)
		for i := range segments {
			m.packet(&segments[i], &cells{})
		}
		if m.again == nil {
			return segments
		}
		segments = slices.Clone(segments)
		for i := range segments {
			if s := &segments[i]; s.stream == m.of && (slices.Contains(m.again, s.id) || s.id > m.again[len(m.again)-1]) {
				s.stream = next
			}
		}
		next++
	}
}
