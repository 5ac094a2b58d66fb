package main

import (
	"math"
	"net/netip"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// base notes whether the initial sequence number of either direction came from a SYN.
func (v *visit) base() {
	if !v.fwd.baseKnown {
		v.fwd.baseKnown = true
		v.fwd.sawSYN = v.s.syn
	}
	if v.s.ack {
		v.rev.baseKnown = true
	}
	if v.s.syn && v.lacks(needsSYN) {
		// Wireshark did not make this SYN the base of the sequence numbers if the other end acked it before.
		v.fwd.sawSYN, v.fwd.start = true, v.s.seq
		v.fwd.isn.fix(v.s.rawSeq)
	}
	switch {
	case !v.s.syn || v.has&fastOpen != 0:
	case v.s.ack:
		v.rev.opened(v.s.rawAck)
	default:
		v.fwd.synData = v.s.length
	}
}

// ports notes reused ports: a SYN that opens a stream where there was one, and a SYN/ACK with another number than the
// direction's base, which it changes.
func (v *visit) ports() {
	s := v.s
	if v.pass == build {
		tuple := [2]netip.AddrPort{s.src, s.dst}
		if before, known := v.tuples[tuple]; known && before != s.stream {
			v.reused[s.id] = true
		}
		v.tuples[tuple], v.tuples[[2]netip.AddrPort{s.dst, s.src}] = s.stream, s.stream
	} else if v.lacks(basePersists) {
		return
	}
	if s.syn && s.ack && v.fwd.hasBase && v.fwd.base != s.rawSeq {
		v.reused[s.id] = true
		v.fwd.movedAt, v.fwd.movedFrom = s.id, v.fwd.base
		v.fwd.base = s.rawSeq
	}
	if !s.whole {
		return
	}
	if !v.fwd.hasBase {
		v.fwd.hasBase, v.fwd.base = true, s.rawSeq-1
		if s.syn {
			v.fwd.base = s.rawSeq
		}
	}
	if s.ack && !v.rev.hasBase {
		v.rev.hasBase, v.rev.base = true, s.rawAck-1
	}
}

// repeat notes a duplicate ack: one that changes nothing. Right after the connection has shown an option of a new
// subtype, acks may repeat to carry options.
func (v *visit) repeat() {
	s, f := v.s, v.fwd
	var subtypes uint16
	if c := v.stream.conn; c != nil {
		subtypes = c.subtypes
	}
	if s.analysis&stream.KeepAliveAck == 0 && s.length == 0 && s.window > 0 && s.window == f.window && s.rawSeq == f.next && s.rawAck == f.acked && !s.syn && !s.fin && !s.rst {
		v.repeats[s.id] = subtypes == f.subtypes
	}
	f.window, f.acked, f.subtypes = s.window, s.rawAck, subtypes
	end := s.rawSeq + s.length
	if s.syn || s.fin {
		end++
	}
	if (f.next == 0 || int32(end-f.next) > 0) && s.analysis&stream.ZeroWindowProbe == 0 {
		f.next = end
	}
}

// walk goes over the options. It is false if dissection was broken off.
func (v *visit) walk() bool {
	b, left := v.s.options, v.s.area
	v.out.options, v.out.area = b, left
	for left > 0 {
		if len(b) == 0 {
			return false
		}
		kind := b[0]
		if kind > 1 && len(b) > 1 && int(b[1]) > left {
			return len(b) >= left-2 // goes past the end
		}
		if kind > 1 && left > 1 && len(b) == 1 {
			return false
		}
		v.out.kinds = list(v.out.kinds, uint32(kind))
		if kind <= 1 {
			b, left = b[1:], left-1
			if kind == 0 {
				v.padding(b)
				return len(b) >= left
			}
			continue
		}
		if left == 1 {
			return true
		}
		size := int(b[1])
		if size < 2 {
			return true
		}
		o := option{b: b[:min(size, len(b))], size: size}
		if kind == 30 {
			at := len(v.s.options) - len(b)
			if v.has&anyLength != 0 {
				v.out.options = o.fitted(v.out.options, at)
			}
			if !v.option(&o) && v.has&brokenOff != 0 {
				v.out.options, v.out.area = v.out.options[:at+o.at], at+math.MaxUint8 // whatever length was put there
				return false
			}
		}
		if kind != 30 {
			if !v.standard(kind, &o) {
				return false
			}
		}
		b, left = b[min(size, len(b)):], left-size
	}
	return true
}

// padding lists the end-of-list marks that follow the first one.
func (v *visit) padding(b []byte) {
	for len(b) > 0 && b[0] == 0 {
		v.out.kinds = list(v.out.kinds, 0)
		b = b[1:]
	}
}
