package match

import (
	"cmp"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// controls are the flags of segments that are told again even if a middlebox changed their window or their options.
const controls = stream.SYN | stream.FIN | stream.RST

// gist is what a middlebox leaves of a segment that it changed.
type gist struct {
	seq, ack, len uint32
	flags         uint16
}

func (l *lane) gist(w *trace.Wire) gist {
	g := gist{seq: w.Seq - l.isn, len: w.Len, flags: w.Flags & (controls | stream.ACK)}
	if w.Flags&stream.ACK != 0 {
		g.ack = w.Ack - l.isnOf
	}
	return g
}

// softly pairs what is left of segments with payload or control flags, if there is one of a kind: a middlebox may have
// changed window, flags or options.
func (j *joint) softly() {
	here, there := j.x.left(), j.y.left()
	for g, xs := range here {
		ys := there[g]
		if len(xs) != 1 || len(ys) != 1 {
			continue
		}
		x, y := j.x.wire(xs[0]), j.y.wire(ys[0])
		if x.HasTS && y.HasTS && x.TSVal != y.TSVal || j.print && x.Print != y.Print {
			continue
		}
		j.pair(xs[0], ys[0])
	}
}

// left lists the packets without a partner that softly may pair.
func (l *lane) left() map[gist][]int {
	m := map[gist][]int{}
	for i, mate := range l.mate {
		if mate != none {
			continue
		}
		if w := l.wire(i); w.Len > 0 || w.Flags&controls != 0 {
			m[l.gist(&w)] = append(m[l.gist(&w)], i)
		}
	}
	return m
}

// stamp is what the pieces of a segment share, however it was cut or glued.
type stamp struct {
	ack, ts uint32
	hasTS   bool
}

// span is the payload of a packet.
type span struct {
	seq uint32
	len uint32
	at  int // index in its lane
}

// pieces pairs the segments that were cut or glued on the way (TSO, GSO, GRO), by their bytes.
func (j *joint) pieces() {
	here, there := j.x.spans(), j.y.spans()
	if len(here) == 0 || len(there) == 0 {
		return
	}
	for s, ys := range there {
		xs := here[s]
		if len(xs) == 0 {
			continue
		}
		base, longest := xs[0].seq, uint32(0)
		for _, x := range xs {
			longest = max(longest, x.len)
		}
		slices.SortStableFunc(xs, func(a, b span) int { return cmp.Compare(int32(a.seq-base), int32(b.seq-base)) })
		for _, y := range ys {
			j.piece(xs, y, base, longest)
		}
	}
	slices.SortFunc(j.hops, func(a, b Hop) int { return cmp.Or(cmp.Compare(a.Sent, b.Sent), cmp.Compare(a.Received, b.Received)) })
}

// spans lists the payloads of packets without a partner.
func (l *lane) spans() map[stamp][]span {
	m := map[stamp][]span{}
	for i, mate := range l.mate {
		if mate != none {
			continue
		}
		w := l.wire(i)
		if w.Len == 0 || w.Flags&stream.RST != 0 {
			continue
		}
		s := stamp{ack: w.Ack - l.isnOf, hasTS: w.HasTS}
		if w.HasTS {
			s.ts = w.TSVal
		}
		m[s] = append(m[s], span{w.Seq - l.isn, w.Len, i})
	}
	return m
}

// piece finds the packets of xs, which ascend, that share bytes with y. Of those that carry the same bytes the one is
// taken whose delay fits best.
func (j *joint) piece(xs []span, y span, base, longest uint32) {
	at := func(s span) int32 { return int32(s.seq - base) }
	from, to := at(y), at(y)+int32(y.len)
	first, _ := slices.BinarySearchFunc(xs, from-int32(longest), func(x span, v int32) int { return cmp.Compare(at(x), v) })
	var chosen []span
	for _, x := range xs[first:] {
		if at(x) >= to {
			break
		}
		if at(x)+int32(x.len) <= from {
			continue
		}
		clash := slices.IndexFunc(chosen, func(o span) bool { return at(o) < at(x)+int32(x.len) && at(x) < at(o)+int32(o.len) })
		switch {
		case clash < 0:
			chosen = append(chosen, x)
		case j.strange(x.at, y.at) < j.strange(chosen[clash].at, y.at):
			chosen[clash] = x
		}
	}
	for _, x := range chosen {
		j.hops = append(j.hops, Hop{uint32(x.at), uint32(y.at)})
		j.x.mate[x.at], j.y.mate[y.at] = several, several
	}
}
