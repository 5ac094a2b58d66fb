package main

import (
	"cmp"
	"math"
	"slices"
	"sort"
)

// mapped stores a mapping, in the first pass.
func (v *visit) mapped(length uint16, dsn uint64, wide bool, ssn uint32, fin bool) {
	if length == 0 && v.has&noInfinite != 0 || v.pass != build {
		return
	}
	m := &mapping{frame: v.s.id, dsn: dsn, wide: wide, low: ssn, high: ssn + uint32(length) - 1, fin: fin}
	if length == 0 {
		m.high = math.MaxUint32
	}
	f := v.fwd.sub
	v.aborted = v.aborted || m.low > m.high && length > 0
	if m.low > m.high || ssn == 0 && fin && v.lacks(finAtZero) {
		f.all = append(f.all, m) // maps nothing, but tells a number
		return
	}
	m.order = len(f.all)
	if old := f.mappings.at(uint64(m.low)); old != nil {
		m.under = old.value
	}
	if e := f.endless; e != nil && m.low >= f.infinite.low {
		high := max(m.low, 1) - 1
		if v.has&lastFound != 0 {
			e.high = min(e.high, uint64(high))
		}
		f.infinite.ends = append(f.infinite.ends, curtail{frame: m.frame, high: high})
	}
	n := f.mappings.insert(uint64(m.low), uint64(m.high), m)
	if v.lacks(keptEnd) && n.high < uint64(m.high) {
		n.high = uint64(m.high)
		n.widen()
	}
	if length == 0 {
		f.endless, f.infinite = n, m
	}
	f.all = append(f.all, m)
	if v.s.length > 0 && ssn != 0 && length > 0 {
		v.fwd.isn.within(v.s, m, v.tcp.fwd.base)
	}
}

// lookup maps the segment's first byte by the mappings that meet the segment.
func (v *visit) lookup() (dsn uint64, ok bool) {
	seq := v.offset()
	last := seq + max(v.s.length, 1) - 1
	if v.lacks(lastFound) {
		if last < seq { // begins before the first byte
			v.place(v.fwd.sub.mappings.find(0, uint64(last)), 0, last)
			return 0, false
		}
		return v.place(v.fwd.sub.mappings.find(uint64(seq), uint64(last)), seq, last)
	}
	found := v.fwd.sub.mappings.find(uint64(seq), uint64(last))
	if v.lacks(changesPast) {
		for i, m := range found {
			found[i] = m.at(v.s.id)
		}
	}
	if v.lacks(finAsByte) && v.s.length > 0 {
		found = slices.DeleteFunc(found, func(m *mapping) bool { return m.fin && seq == m.high })
	}
	if len(found) == 0 {
		return 0, false
	}
	use := found[0]
	if v.s.length > 0 {
		v.relate(found)
		use = found[len(found)-1]
	}
	if seq < use.low || seq > use.high {
		return 0, false
	}
	return v.widened(use, seq)
}

// at is the mapping that held when a frame came: the same one announced again is as good.
func (m *mapping) at(frame uint32) *mapping {
	for o := m; o != nil; o = o.under {
		if o.frame <= frame {
			if o.is(m) {
				return m
			}
			return o
		}
	}
	return m
}

// is tells whether two mappings are one, perhaps longer.
func (m *mapping) is(o *mapping) bool {
	return m.low == o.low && uint32(m.dsn) == uint32(o.dsn) && (!m.wide || !o.wide || m.dsn == o.dsn)
}

// widened is the data sequence number of a byte by a mapping.
func (v *visit) widened(m *mapping, seq uint32) (dsn uint64, ok bool) {
	dsn = m.dsn + uint64(seq-m.low)
	if m.wide {
		return dsn, true
	}
	if v.fwd.sub.meta.state&hasBase == 0 {
		return 0, false
	}
	return v.fwd.sub.meta.paste(dsn), true
}

func (v *visit) relate(found []*mapping) {
	var frames []uint32
	for _, m := range found {
		frames = append(frames, m.frame)
	}
	if v.lacks(treeOrder) {
		slices.Sort(frames)
	}
	for _, f := range frames {
		v.out.related = list(v.out.related, f)
	}
}

// paste makes 64 bits of a data sequence number with the upper half of the initial one.
func (m *meta) paste(dsn uint64) uint64 { return m.base&^0xffffffff | dsn }

// nearest makes 64 bits of the lower half of a number, the nearest to another one.
func nearest(ref, dsn uint64) uint64 { return ref + uint64(int64(int32(uint32(dsn)-uint32(ref)))) }

// settleMappings widens the numbers of all mappings, each by the one before it.
func (m *model) settleMappings() {
	m.rename()
	if m.has&pasteHigh != 0 {
		return
	}
	all := map[*meta][]*mapping{}
	for _, t := range m.order {
		for i := range t.flows {
			if f := t.flows[i].sub; f != nil && f.meta != nil {
				all[f.meta] = append(all[f.meta], f.all...)
			}
		}
	}
	for of, list := range all {
		slices.SortStableFunc(list, func(a, b *mapping) int { return cmp.Compare(a.frame, b.frame) })
		of.settle(list)
	}
}

// settle widens the numbers of a meta's mappings, in order of appearance: each is near to the one before it, or to the initial
// number that another key has told since. Those before the first number of 64 bits follow from that.
func (m *meta) settle(list []*mapping) {
	marks := m.marks
	known, ref := false, uint64(0)
	var before []*mapping
	start := func(k mark) {
		if known || len(before) == 0 {
			ref, known = k.number, true
			return
		}
		by := k.number - nearest(ref, k.number)
		if k.key {
			by = ahead(k.number, ref) - ref
		}
		for _, p := range before {
			p.dsn, p.wide = p.dsn+by, true
		}
		for i := range m.refs {
			m.refs[i].number += by
		}
		ref, known = k.number, true
		if k.key {
			ref = before[len(before)-1].dsn
		}
	}
	first := func(k mark) {
		if !known && len(before) == 0 {
			before, ref = append(before, &mapping{dsn: k.number}), k.number
			m.refs = append(m.refs, mark{frame: k.frame, number: ref})
		}
	}
	keys := 0
	for _, p := range list {
		for len(marks) > 0 && marks[0].frame <= p.frame {
			k := marks[0]
			marks = marks[1:]
			if k.narrow {
				first(k)
				continue
			}
			if k.key {
				keys++
			}
			if !known || k.key && keys > 1 {
				start(k)
				m.refs = append(m.refs, mark{frame: k.frame, number: ref})
			}
		}
		switch {
		case p.wide && !known:
			start(mark{number: p.dsn})
		case !p.wide && (known || len(before) > 0):
			p.dsn, p.wide = nearest(ref, p.dsn), known
		}
		if ref = p.dsn; !known {
			before = append(before, p)
		}
		m.refs = append(m.refs, mark{frame: p.frame, number: ref})
	}
	for ; len(marks) > 0; marks = marks[1:] {
		if k := marks[0]; k.narrow {
			first(k)
		} else if !known || k.key && keys > 0 {
			start(k)
			m.refs = append(m.refs, mark{frame: k.frame, number: ref})
		}
		if marks[0].key {
			keys++
		}
	}
}

// ahead is the 64-bit number whose lower half is known and which lies ahead of an initial one, or just before it.
func ahead(base, low uint64) uint64 {
	by := uint32(low) - uint32(base)
	if by > 1<<32-1<<20 {
		return base + uint64(by) - 1<<32
	}
	return base + uint64(by)
}

// near is what a 32-bit number in a frame is near to.
func (m *meta) near(frame uint32) uint64 {
	if len(m.refs) == 0 {
		return m.base
	}
	after := sort.Search(len(m.refs), func(i int) bool { return m.refs[i].frame > frame })
	return m.refs[max(after-1, 0)].number
}

// settle registers the data of a segment, all mappings being known.
func (m *model) settle(s *segment) {
	if m.has&firstPassData != 0 || s.length == 0 || !s.whole && !m.lacks(loneFragment) {
		return
	}
	v := m.visit(s, &cells{})
	if v.stream.conn == nil || v.fwd.sub == nil || v.fwd.sub.meta == nil {
		return
	}
	v.mptcp = v.options()
	if !v.mptcp && m.has&optionOnly != 0 {
		return
	}
	if dsn, ok := v.number(); ok || len(v.parts) > 0 {
		v.register(dsn)
	}
}

// options tells whether the segment has an MPTCP option.
func (v *visit) options() bool {
	probe := *v
	probe.model = &model{has: v.has, pass: settle}
	return probe.walk() && probe.mptcp || probe.mptcp && v.lacks(brokenOff)
}

// isn is what is known of the initial sequence number of a flow. If the SYN was not captured, it follows from the packet that ends
// the handshake, or from mappings: a segment lies within the one that it repeats, the first one of a mapping at its start.
type isn struct {
	number  uint32 // valid iff certain
	certain bool
	guess   uint32 // the highest that is possible, valid iff guessed
	slack   uint32 // by so much it may be less
	guessed bool
	later   []refit
}

// refit is another number, of a further SYN/ACK, since a frame.
type refit struct{ frame, number uint32 }

func (i *isn) fix(number uint32) {
	if !i.certain {
		i.number, i.certain = number, true
	}
}

// within takes in a segment with a mapping; base is the number of the flow's latest SYN or SYN/ACK.
func (i *isn) within(s *segment, m *mapping, base uint32) {
	seq, length := s.rawSeq, m.high-m.low+1
	if s.syn {
		seq++
	}
	if m.fin {
		length--
	}
	fits := func(number uint32) uint32 { // bytes of the segment, from the first on
		if into := seq - number - m.low; into < length {
			return min(s.length, length-into)
		}
		return 0
	}
	if i.certain && fits(base) > fits(i.at(s.id)) {
		i.later = append(i.later, refit{frame: s.id, number: base})
	}
	if s.length > length || i.certain {
		return
	}
	high, slack := seq-m.low, length-s.length
	if i.guessed {
		low := max(int32(-i.slack), int32(high-slack-i.guess))
		if high = i.guess + uint32(min(0, int32(high-i.guess))); int32(high-i.guess) < low {
			return
		}
		slack = high - i.guess - uint32(low)
	}
	i.guess, i.slack, i.guessed = high, slack, true
	if slack == 0 {
		i.fix(high)
	}
}

// at is the number that counts in a frame.
func (i *isn) at(frame uint32) uint32 {
	number := i.guess
	if i.certain {
		number = i.number
	}
	for _, r := range i.later {
		if r.frame <= frame {
			number = r.number
		}
	}
	return number
}

// thirdPacket takes the initial numbers of both flows from the packet that ends a handshake.
func (v *visit) thirdPacket() {
	if v.s.length > 0 || v.s.syn || !v.s.ack || v.s.fin || v.s.rst {
		return
	}
	v.fwd.opened(v.s.rawSeq)
	v.fwd.isn.fix(v.s.rawSeq - 1)
	v.rev.isn.fix(v.s.rawAck - 1)
}

// opened leaves out the data of the SYN, if the number that comes next lies behind it.
func (f *flow) opened(next uint32) {
	if n := f.synData; n > 0 && f.isn.certain && next == f.isn.number+1+n {
		f.isn.number += n
		f.synTaken = true
	}
	f.synData = 0
}

// offset is the subflow sequence number of the segment.
func (v *visit) offset() uint32 {
	switch {
	case v.s.raw:
		return v.s.rawSeq
	case v.has&needsSYN != 0:
		return v.s.seq
	}
	seq := v.s.rawSeq
	if v.s.syn {
		seq++
	}
	return seq - v.fwd.isn.at(v.s.id)
}
