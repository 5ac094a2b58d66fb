package main

import (
	"fmt"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// What Wireshark's analysis of TCP does wrong. All the rest of it is package stream's, whose flags are compared with Wireshark's
// on their own.

// window is what tcp.window_size shows, whole saying that all options were read. A SYN/ACK without the option turns scaling off, for
// both ends (RFC 7323 section 2.2), and one on another packet is to be ignored.
func (v *visit) window(whole bool) string {
	s, f, r := v.s, v.tcp.fwd, v.tcp.rev
	if v.scale >= 0 && v.pass == build && (s.syn || v.has&scaleAnywhere != 0) {
		f.scale, f.hasScale = v.scale, true
	}
	if v.pass == build && s.syn && (whole || v.lacks(brokenOff) && !s.cut) {
		switch {
		case !f.hasScale:
			f.scale, r.scale, f.hasScale, r.hasScale = -1, -1, true, true
		case s.ack && r.hasScale && r.scale < 0:
			f.scale = -1
		}
	}
	w := s.window
	if s.raw {
		return decimal(uint64(w))
	}
	if !s.syn && f.hasScale && f.scale > 0 {
		w <<= f.scale
	}
	return decimal(uint64(w))
}

// shortHeader makes what is shown of a header that claims to be too short.
func (v *visit) shortHeader() {
	s, out := v.s, v.out
	if !s.bogus {
		return
	}
	out.bogus = true
	if v.lacks(shortHeader) {
		out.flags, out.ack, out.len = fmt.Sprintf("0x%04x", s.bits), decimal(uint64(s.acked)), decimal(uint64(s.length))
		return
	}
	out.window, out.len = "", decimal(uint64(s.bytes))
}

// fragment is the first IP fragment of a segment as the model takes it.
func (m *model) fragment(s *segment, out *cells) *segment {
	out.lone = true
	if m.lacks(loneFragment) {
		out.seq, out.ack = decimal(uint64(s.seq)), decimal(uint64(s.acked))
		short := *s
		short.area = max(0, min(s.area, s.room))
		return &short
	}
	alone := *s
	alone.raw, alone.length = true, 0
	out.seq, out.ack = decimal(uint64(s.rawSeq)), decimal(uint64(s.rawAck))
	return &alone
}

// shortSegment is a segment that ends within its own header as the model takes it. It has no part in the analysis.
func (m *model) shortSegment(s *segment, out *cells) *segment {
	out.lone, out.ends = true, true
	alone := *s
	alone.whole = false
	if m.lacks(shortSegment) {
		out.seq, out.ack, out.len = decimal(uint64(s.seq)), decimal(uint64(s.acked)), decimal(uint64(s.length))
		return &alone
	}
	alone.raw = true
	out.seq, out.ack = decimal(uint64(s.rawSeq)), decimal(uint64(s.rawAck))
	return &alone
}

// unseen notes which acks are of what was not captured, which depends on the duplicate ones before them, and which segments Wireshark
// takes for fast retransmissions though no ack was repeated: an ack of what was not captured sets the count of repeated acks to -1, of
// 32 bits without a sign.
func (v *visit) unseen() {
	s, f, r := v.s, v.fwd, v.rev
	length := s.length
	if s.syn || s.fin {
		length++
	}
	if s.syn && !s.ack && f.next != 0 {
		f.top = f.whole
	}
	if s.rawAck != f.lastAck || s.analysis&stream.DuplicateAck != 0 {
		f.marked = false
	}
	if v.repeats[s.id] {
		f.repeated = max(f.repeated, 0) + 1
	}
	if s.rawAck != f.lastAck {
		f.repeated = 0
	}
	if r.whole != 0 && s.ack && int32(s.rawAck-r.whole) > 0 {
		if int32(r.top-r.whole) > 0 {
			r.whole = r.top
			v.ahead[s.id] = true
		} else {
			v.ahead[s.id] = r.repeated == 0
			r.marked, r.repeated = true, -1
		}
	}
	const fast = 20_000_000
	if s.analysis&(stream.OutOfOrder|stream.Retransmission) != 0 && s.analysis&stream.SpuriousRetransmission == 0 && r.marked &&
		r.lastAck == s.rawSeq && uint64(s.time-r.ackTime) < fast {
		v.quick[s.id] = true
	}
	probe := s.analysis&stream.ZeroWindowProbe != 0
	if end := s.rawSeq + length; !probe && (f.top == 0 || int32(end-f.top) > 0) {
		f.top = end
	}
	if !probe && (f.whole == 0 || s.rawSeq == f.whole) {
		f.whole = f.top
	}
	v.fills()
	f.lastAck, f.ackTime, f.unscaled = s.rawAck, s.time, s.syn
}

// fills notes whether the segment fills the window of the other end, by the scale that is known so far.
func (v *visit) fills() {
	s, r := v.s, v.rev
	if s.length == 0 || s.syn || s.fin || s.rst || s.analysis&stream.ZeroWindowProbe != 0 {
		return
	}
	window := r.window
	if !r.unscaled && r.scale > 0 {
		window <<= r.scale
	}
	v.full[s.id] = r.hasScale && s.rawSeq+s.length == r.lastAck+window
}

// flags are those of TCP's analysis.
func (v *visit) flags() stream.Analysis {
	a := v.s.analysis
	if v.quick[v.s.id] && v.has&countUnseen != 0 {
		a = a&^stream.OutOfOrder | stream.FastRetransmission | stream.Retransmission
	}
	if full, is := v.full[v.s.id]; is {
		a &^= stream.WindowFull
		if full {
			a |= stream.WindowFull
		}
	}
	if told, is := v.ahead[v.s.id]; is {
		a &^= stream.AckLostSegment
		if told {
			a |= stream.AckLostSegment
		}
	}
	return a
}
