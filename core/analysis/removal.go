package analysis

import (
	"math"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// holder is an end of the connection and an id of one of its addresses.
type holder struct {
	end stream.Dest
	id  uint8
}

// holderOf is an end of a subflow.
func holderOf(part *conn.Subflow, end stream.Dest) holder {
	if part.Dest == end {
		return holder{end, part.ServerAddrID}
	}
	return holder{end, part.ClientAddrID}
}

// removals are the times at which an end took an address back (REMOVE_ADDR, RFC 8684 section 3.4.2), in order.
type removals map[holder][]int64

// removalsOf gathers what packets with REMOVE_ADDR tell.
func removalsOf(list []*control) removals {
	r := removals{}
	for _, p := range list {
		m, _ := mptcp.ParseRemoveAddr(p.option(mptcp.SubRemoveAddr))
		for _, id := range m.IDs {
			h := holder{p.from, id}
			r[h] = append(r[h], p.time)
		}
	}
	for _, times := range r {
		slices.Sort(times)
	}
	return r
}

// within says whether an end took an address back from one time to another, both included.
func (r removals) within(h holder, from, to int64) bool {
	times := r[h]
	at, _ := slices.BinarySearch(times, from)
	return at < len(times) && times[at] <= to
}

// afterAll is a time behind all others.
const afterAll = math.MaxInt64
