package main

import (
	"cmp"
	"math"
	"slices"
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
	if m.low > m.high || ssn == 0 && v.lacks(finAtZero) {
		return
	}
	f := v.fwd.sub
	v.follow(m)
	if f.endless != nil && m.low >= f.endless.value.low {
		f.endless.high = min(f.endless.high, max(uint64(m.low), 1)-1)
	}
	n := f.mappings.insert(uint64(m.low), uint64(m.high), m)
	if v.lacks(keptEnd) && n.high < uint64(m.high) {
		n.high = uint64(m.high)
		n.widen()
	}
	if length == 0 {
		f.endless = n
	}
	f.all = append(f.all, m)
	if v.s.length > 0 && ssn != 0 {
		f.shift.within(v.s, m)
	}
}

// follow notes what a mapping contradicts.
func (v *visit) follow(m *mapping) {
	m.since = m.frame
	if v.has&changesPast != 0 {
		return
	}
	for _, old := range v.fwd.sub.mappings.find(uint64(m.low), uint64(m.low)) {
		switch {
		case old.low != m.low:
		case old.wide == m.wide && old.dsn == m.dsn:
			m.before, m.since = old.before, old.since
		case uint32(old.dsn) != uint32(m.dsn):
			m.before = old
		}
	}
}

// at is the mapping that held when a frame came.
func (m *mapping) at(frame uint32) *mapping {
	for m.before != nil && frame < m.since {
		m = m.before
	}
	return m
}

// meeting are the mappings that meet the segment, which begins at a subflow sequence number.
func (v *visit) meeting() (seq uint32, found []*mapping) {
	seq = v.s.seq + v.shift()
	found = v.fwd.sub.mappings.find(uint64(seq), uint64(seq+max(v.s.length, 1)-1))
	for i, m := range found {
		found[i] = m.at(v.s.id)
	}
	return seq, found
}

// parts are the runs of data that the segment carries, whose first byte has that number. Wireshark knows the mapping of the
// first byte only.
func (v *visit) parts(dsn uint64, ok bool) (list []piece) {
	if v.has&lastFound != 0 || v.s.syn || !v.fwd.sawSYN && v.has&needsSYN != 0 {
		if ok {
			list = append(list, piece{low: dsn, high: dsn + uint64(v.s.length) - 1, frame: v.s.id})
		}
		return list
	}
	at, found := v.meeting()
	for i, m := range found {
		if m.fin && v.lacks(finAsByte) {
			data := *m
			data.high--
			found[i] = &data
		}
	}
	for end := at + v.s.length; at != end; {
		next := end
		for _, m := range found {
			for _, edge := range [...]uint32{m.low, m.high + 1} {
				if edge-at-1 < next-at-1 {
					next = edge
				}
			}
		}
		if m := covering(found, at); m != nil {
			if dsn, ok := v.dataNumber(m, at); ok {
				list = append(list, piece{low: dsn, high: dsn + uint64(next-at) - 1, frame: v.s.id})
			}
		}
		at = next
	}
	return list
}

// dataNumber is the data sequence number of the byte at a subflow sequence number, by a mapping.
func (v *visit) dataNumber(m *mapping, seq uint32) (dsn uint64, ok bool) {
	dsn = m.dsn + uint64(seq-m.low)
	if m.wide {
		return dsn, true
	}
	if v.fwd.sub.meta.state&hasBase == 0 {
		return 0, false
	}
	return v.fwd.sub.meta.paste(dsn), true
}

// lookup maps the segment's first byte by the mappings that meet the segment.
func (v *visit) lookup() (dsn uint64, ok bool) {
	seq, found := v.meeting()
	if v.lacks(finAsByte) && v.s.length > 0 {
		found = slices.DeleteFunc(found, func(m *mapping) bool { return m.fin && seq == m.high })
	}
	if len(found) == 0 {
		return 0, false
	}
	use := found[0]
	if v.s.length > 0 {
		v.relate(found, covering(found, seq))
		use = found[len(found)-1]
	}
	if v.lacks(lastFound) {
		use = covering(found, seq)
	}
	if use == nil || seq < use.low || seq > use.high {
		return 0, false
	}
	return v.dataNumber(use, seq)
}

// covering is the mapping that covers a sequence number, the newest if several do.
func covering(found []*mapping, seq uint32) *mapping {
	var use *mapping
	for _, m := range found {
		if m.low <= seq && seq <= m.high && (use == nil || m.frame > use.frame) {
			use = m
		}
	}
	return use
}

// relate lists the mappings, without a tree that of the first byte and then the others, ascending.
func (v *visit) relate(found []*mapping, first *mapping) {
	var frames []uint32
	for _, m := range found {
		frames = append(frames, m.frame)
	}
	if v.lacks(treeOrder) {
		slices.Sort(frames)
		if first != nil {
			frames = slices.DeleteFunc(frames, func(f uint32) bool { return f == first.frame })
			frames = slices.Insert(frames, 0, first.frame)
		}
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
		slices.SortFunc(list, func(a, b *mapping) int { return cmp.Compare(a.frame, b.frame) })
		of.settle(list, m.lacks(deafToAcks))
	}
}

func (m *meta) settle(list []*mapping, byAcks bool) {
	ref, known := m.base, m.state&hasBase != 0
	if !known && byAcks {
		ref, known = m.told, m.hasTold
	}
	for _, p := range list {
		if !known && p.wide {
			ref, known = p.dsn, true
		}
	}
	for _, p := range list {
		if !p.wide && known {
			p.dsn, p.wide = nearest(ref, p.dsn), true
		}
		if known {
			ref = p.dsn
		}
	}
}

// settle registers the data of a segment, all mappings being known.
func (m *model) settle(s *segment) {
	if m.has&firstPassData != 0 || s.length == 0 {
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
	v.register(v.parts(v.number()))
}

// options tells whether the segment has an MPTCP option.
func (v *visit) options() bool {
	probe := *v
	probe.model = &model{has: v.has, pass: settle}
	return probe.walk() && probe.mptcp || probe.mptcp && v.lacks(brokenOff)
}

// shift is what to add to the relative sequence number of a flow whose SYN was not captured: a segment lies within the
// mapping that it repeats, the first one of a mapping at its start.
type shift struct {
	low   int64
	known bool
}

func (h *shift) within(s *segment, m *mapping) {
	low := int64(m.low) - int64(int32(s.seq))
	if !h.known || low > h.low {
		h.low, h.known = low, true
	}
}

// thirdPacket takes the initial numbers of both flows from the packet that ends a handshake.
func (v *visit) thirdPacket() {
	if v.s.length > 0 || v.s.syn || !v.s.ack || v.s.fin || v.s.rst || v.fwd.isFixed {
		return
	}
	v.fwd.fixed, v.rev.fixed = 1-v.s.seq, 1-v.s.acked
	v.fwd.isFixed, v.rev.isFixed = true, true
}

func (v *visit) shift() uint32 {
	if v.fwd.sawSYN {
		return -v.fwd.start
	}
	if v.fwd.isFixed {
		return v.fwd.fixed
	}
	return uint32(v.fwd.sub.shift.low)
}
