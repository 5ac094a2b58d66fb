package where

import (
	"strconv"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// among is the connection or the stream whose packets alone can satisfy an expression. The zero among is all packets.
type among struct {
	rows func(t *trace.Trace, id uint32) []uint32
	id   uint32
}

// amongOf looks for a condition that all others are joined to by "and": mptcpstream == 3 or tcpstream == 3.
func amongOf(n *node) among {
	if n.part != infix {
		return among{}
	}
	left, right := n.nodes[0], n.nodes[1]
	switch n.value {
	case "and", "&&":
		if a := amongOf(left); a.rows != nil {
			return a
		}
		return amongOf(right)
	case "==":
		if left.part == literal {
			left, right = right, left
		}
		id, err := strconv.ParseUint(right.value, 10, 32)
		if left.part != name || right.part != literal || err != nil {
			return among{}
		}
		switch left.value {
		case "mptcpstream", "mptcp.stream":
			return among{(*trace.Trace).ConnRows, uint32(id)}
		case "tcpstream", "tcp.stream":
			return among{(*trace.Trace).StreamRows, uint32(id)}
		}
	}
	return among{}
}
