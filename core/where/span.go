package where

import (
	"math"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// span is the time of the packets that alone can satisfy an expression, in ns since the first frame; both ends are within.
// That of a packet is read at a fraction of what the whole packet takes.
type span struct{ from, to int64 }

// spanOf looks for conditions on the time that all others are joined to by "and": reltime >= 1.5 && reltime < 2.
func spanOf(n *node) span {
	s := span{math.MinInt64, math.MaxInt64}
	s.narrow(n)
	return s
}

// mirrored are the comparisons with their sides exchanged.
var mirrored = map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "=="}

func (s *span) narrow(n *node) {
	if n.part != infix {
		return
	}
	left, right, op := n.nodes[0], n.nodes[1], n.value
	if op == "and" || op == "&&" {
		s.narrow(left)
		s.narrow(right)
		return
	}
	if left.part != name {
		left, right, op = right, left, mirrored[op]
	}
	at, ok := nanoseconds(right)
	if !ok || left.part != name || (left.value != "reltime" && left.value != "frame.time_relative") {
		return
	}
	if op == ">" || op == ">=" || op == "==" {
		s.from = max(s.from, at)
	}
	if op == "<" || op == "<=" || op == "==" {
		s.to = min(s.to, at)
	}
}

// nanoseconds is a literal number of seconds, false where it is none of whole nanoseconds.
func nanoseconds(n *node) (int64, bool) {
	if n.part == prefix && n.value == "-" {
		at, ok := nanoseconds(n.nodes[0])
		return -at, ok
	}
	if n.part != literal {
		return 0, false
	}
	v, scale, err := parseNumber(n.value)
	if err != nil || scale > 9 {
		return 0, false
	}
	v, ok := v.mul(power(9 - scale))
	return int64(v.lo), ok && v.hi == 0 && v.lo <= math.MaxInt64
}

// bounded says that some packets are left out.
func (s span) bounded() bool { return s.from > math.MinInt64 || s.to < math.MaxInt64 }

// on is the same span as times since the epoch of a capture that is not empty. What lies outside of their range is no
// packet's time.
func (s span) on(t *trace.Trace) span {
	var r trace.Row
	t.Row(0, &r)
	first := r.Time - r.RelTime
	return span{shifted(s.from, first), shifted(s.to, first)}
}

// shifted is a+b, or the end of the range that it lies behind.
func shifted(a, b int64) int64 {
	switch {
	case a > 0 && b > math.MaxInt64-a:
		return math.MaxInt64
	case a < 0 && b < math.MinInt64-a:
		return math.MinInt64
	}
	return a + b
}

// has says whether a time is within.
func (s span) has(at int64) bool { return s.from <= at && at <= s.to }
