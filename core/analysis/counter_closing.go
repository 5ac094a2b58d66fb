package analysis

import (
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// closings counts the subflows that an end closes while the connection goes on without telling why: where no REMOVE_ADDR names their
// address, it is the path manager that was told to (an endpoint flushed, a subflow destroyed from user space).
func (k *tally) closings() {
	if len(k.lives) < 2 || k.c.Fallback.Cause != 0 {
		return
	}
	end, known := k.firstDataFIN(), k.named()
	for i := range k.lives {
		l := &k.lives[i]
		if !l.stream.FIN || !l.up() {
			continue
		}
		for _, row := range k.t.StreamRows(l.stream.ID) {
			if k.t.Flags(row)&stream.FIN == 0 {
				continue
			}
			from, time := k.t.ConnDest(row).Other(), k.t.Time(row)
			if row < end && k.goesOn(i, time) && !known(i, from, time) {
				k.add(from, "RmSubflow", 1)
			}
			break
		}
	}
}

// closedByOther says whether the end that a REMOVE_ADDR goes to closes the subflow for it, and its sender only after that: a path manager
// in user space takes an address back and leaves the subflow to the other end.
func (k *tally) closedByOther(l *life, p *control) bool {
	for _, row := range k.t.StreamRows(l.stream.ID) {
		flags := k.t.Flags(row)
		if flags&(stream.FIN|stream.RST) == 0 {
			continue
		}
		return flags&stream.RST == 0 && k.t.ConnDest(row) == p.from
	}
	return false
}

// firstDataFIN is the first row with which an end told that its data ends, or one past the last row.
func (k *tally) firstDataFIN() uint32 {
	rows := k.t.ConnRows(k.c.ID)
	for _, row := range rows {
		if k.t.DataFIN(row) {
			return row
		}
	}
	return uint32(k.t.Len())
}

// named gives what says whether a REMOVE_ADDR is why an end closes a subflow at a time: one of the other end that came before, or one
// of its own, which may be on the way on another path.
func (k *tally) named() func(ordinal int, from stream.Dest, time int64) bool {
	type removal struct {
		time int64
		from stream.Dest
		ids  []byte
	}
	var list []removal
	for i := range k.list {
		p := &k.list[i]
		if o := p.option(mptcp.SubRemoveAddr); o != nil {
			m, _ := mptcp.ParseRemoveAddr(o)
			list = append(list, removal{p.time, p.from, m.IDs})
		}
	}
	return func(ordinal int, from stream.Dest, time int64) bool {
		part := &k.c.Subflows[ordinal]
		ids := [3]uint8{stream.Client: part.ClientAddrID, stream.Server: part.ServerAddrID}
		return slices.ContainsFunc(list, func(r removal) bool {
			return r.time >= k.lives[ordinal].asked && (r.from == from || r.time <= time) && slices.Contains(r.ids, ids[subflowToward(part, r.from)])
		})
	}
}

// goesOn says whether another subflow carried packets after a time.
func (k *tally) goesOn(ordinal int, time int64) bool {
	for i := range k.lives {
		l := &k.lives[i]
		if i != ordinal && l.up() && max(l.stream.Toward[stream.Client].Last, l.stream.Toward[stream.Server].Last) > time {
			return true
		}
	}
	return false
}
