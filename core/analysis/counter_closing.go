package analysis

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// ending is what first ended a subflow's stream.
type ending struct {
	packet uint32      // with FIN or RST, 0 if there is none
	to     stream.Dest // the connection's end that it went to
	reset  bool        // it has RST
	fin    uint32      // the first packet with FIN, 0 if there is none
}

// prepare finds out how the subflows end, and sorts them by their ends' ids: once, as many a REMOVE_ADDR may ask.
func (k *tally) prepare() {
	if k.endings != nil {
		return
	}
	k.endings, k.holders = make([]ending, len(k.lives)), map[holder][]int{}
	for i := range k.lives {
		for _, end := range ConnDirections(stream.DestUnknown) {
			h := holderOf(&k.c.Subflows[i], end)
			k.holders[h] = append(k.holders[h], i)
		}
		k.endings[i] = k.endingOf(&k.lives[i])
	}
}

func (k *tally) endingOf(l *life) (e ending) {
	for _, row := range k.t.StreamRows(l.stream.ID) {
		flags := k.t.Flags(row)
		if flags&(stream.FIN|stream.RST) != 0 && e.packet == 0 {
			e.packet, e.to, e.reset = row+1, k.t.ConnDest(row), flags&stream.RST != 0
		}
		if flags&stream.FIN != 0 {
			e.fin = row + 1
			break
		}
	}
	return e
}

// removed is how many subflows of its own an end closes with a REMOVE_ADDR.
func (k *tally) removed(p *control, ids []byte) (n uint64) {
	k.prepare()
	for _, id := range ids {
		h := holder{p.from, id}
		list := k.holders[h]
		left := list[:0] // those that a later one may close: packets come in order
		for _, i := range list {
			l, e := &k.lives[i], &k.endings[i]
			if k.goneBefore(l, p) {
				continue
			}
			left = append(left, i)
			// Where the other end closes the subflow, and the sender only after that, it is a path manager in user space that took the
			// address back: that leaves the subflow to the other end.
			byOther := e.packet != 0 && !e.reset && e.to == p.from
			if l.up() && l.answer.time <= p.time && !byOther {
				n++
			}
		}
		k.holders[h] = left
	}
	return n
}

// goneBefore says whether a subflow had ended before a REMOVE_ADDR, and not by a reset that the same end sent for it.
func (k *tally) goneBefore(l *life, p *control) bool {
	if o := &l.refusal; o.seen() && o.packet < p.packet && o.from == subflowToward(&k.c.Subflows[l.ordinal], p.from) {
		return p.time-o.time > removalAfter
	}
	return l.until() < p.time || l.downBefore(stream.Client, p.packet) || l.downBefore(stream.Server, p.packet)
}

// closings counts the subflows that an end closes while the connection goes on without telling why: where no REMOVE_ADDR names their
// address, it is the path manager that was told to (an endpoint flushed, a subflow destroyed from user space).
func (k *tally) closings() {
	if len(k.lives) < 2 || k.c.Fallback.Cause != 0 {
		return
	}
	k.prepare()
	fins, known, goesOn := firstFINs(k.t, k.c), k.named(), k.goingOn()
	end := earliest(fins[stream.Client], fins[stream.Server])
	for i := range k.lives {
		fin := k.endings[i].fin
		if fin == 0 || end != 0 && fin >= end || !k.lives[i].up() {
			continue
		}
		from, time := k.t.ConnDest(fin-1).Other(), k.t.Time(fin-1)
		if goesOn(i, time) && !known(i, from, time) {
			k.add(from, "RmSubflow", 1)
		}
	}
}

// named gives what says whether a REMOVE_ADDR is why an end closes a subflow at a time: one of the other end that came before, or one
// of its own, which may be on the way on another path.
func (k *tally) named() func(ordinal int, from stream.Dest, time int64) bool {
	var list []*control
	for i := range k.list {
		if k.list[i].option(mptcp.SubRemoveAddr) != nil {
			list = append(list, &k.list[i])
		}
	}
	r := removalsOf(list)
	return func(ordinal int, from stream.Dest, time int64) bool {
		part, since := &k.c.Subflows[ordinal], k.lives[ordinal].asked
		return r.within(holderOf(part, from), since, afterAll) || r.within(holderOf(part, from.Other()), since, time)
	}
}

// goingOn gives what says whether another subflow carried packets after a time.
func (k *tally) goingOn() func(ordinal int, time int64) bool {
	first, second := -1, -1 // the subflows whose packets end last
	last := func(i int) int64 { return k.lives[i].until() }
	for i := range k.lives {
		switch {
		case !k.lives[i].up():
		case first < 0 || last(i) > last(first):
			first, second = i, first
		case second < 0 || last(i) > last(second):
			second = i
		}
	}
	return func(ordinal int, time int64) bool {
		other := first
		if other == ordinal {
			other = second
		}
		return other >= 0 && last(other) > time
	}
}
