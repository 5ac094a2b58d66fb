package conn

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
)

// dss takes in a Data Sequence Signal (RFC 8684 section 3.3).
func (t *Table) dss(s *sub, v *packetView, o mptcp.Option) {
	d := &t.signal
	f := d.Read(o)
	if f != mptcp.NoFault && !t.fault(f, v.row) {
		return
	}
	if !s.dss[v.flow] {
		s.dss[v.flow] = true
		t.confirmMPTCP(s)
		s.takeBackNoDSS(v.flow)
	}
	first := v.res.DSS == 0 && f != mptcp.BadLength
	if first && len(o) >= 4 {
		v.res.DSS = DSSBits(o[3] & 0x1f)
		if !d.HasAck {
			v.res.DSS &^= dssAck // cut before the ack
		}
		if f == mptcp.NoFault {
			v.res.DSS |= WholeDSS
		}
	}
	if d.HasAck {
		full := t.ack(s, v, d)
		t.dataAcked(s, 1-v.flow, full)
		if first {
			v.res.DACK = uint32(full)
			s.way(v.flow).acked(uint32(full>>32), v.row)
		}
	}
	switch {
	case d.HasMapping:
		t.dssMapping(s, v, d)
	case f == mptcp.Cut && d.HasDSN && d.HasSSN && v.PayloadLen > 0:
		t.cutDSSMapping(s, v, d)
	}
	if d.DataFIN {
		s.space(v.flow).fin = true
	}
}

// ack widens a data ack to 64 bits. It is in the space of what travels to its sender.
func (t *Table) ack(s *sub, v *packetView, d *mptcp.DSS) uint64 {
	sp := s.space(1 - v.flow)
	switch {
	case !d.Ack8 && sp.has:
		return mptcp.Expand(sp.ref, uint32(d.Ack))
	case sp.has && sp.known:
		return d.Ack
	}
	full, shift, _ := sp.widen(d.Ack, d.Ack8)
	t.shift(s.conn.subs, s.sender(v.flow), shift)
	return full
}

// dataAcked notes that a data ack acknowledges what a flow carried: its receiver has not fallen back to TCP.
func (t *Table) dataAcked(s *sub, flow uint8, ack uint64) {
	if s.dataAcked[flow] {
		return
	}
	if e := &s.conn.end[s.sender(flow)]; e.HasKey && int64(ack-e.IDSN) > 1 {
		s.dataAcked[flow] = true
		t.confirmMPTCP(s)
	}
}

// dssMapping takes in the mapping of a DSS: its number is widened, and it is announced.
func (t *Table) dssMapping(s *sub, v *packetView, d *mptcp.DSS) {
	c := s.conn
	dsn, shift, ok := s.space(v.flow).widen(d.DSN, d.DSN8)
	if shift != 0 {
		t.shift(c.subs, s.toward(v.flow), shift)
	}
	if !ok {
		t.host.Issue(FarDSN, v.row)
	}
	if d.Length == 0 {
		t.fallBack(c, InfiniteMapping, v.row, false)
	}
	if d.HasChecksum {
		c.checksum = true
	}
	t.told = announcement{dsn: dsn, ssn: d.SSN, length: d.Length, checksum: d.Checksum, fin: d.DataFIN,
		checksums: d.HasChecksum}
	t.takeMapping(s, v, &t.told)
}

// cutDSSMapping takes in a mapping whose length the capture cut: it is taken to reach to the end of the segment, and gets
// longer with each segment that shows it.
func (t *Table) cutDSSMapping(s *sub, v *packetView, d *mptcp.DSS) {
	w := s.way(v.flow)
	if !w.exact {
		return
	}
	from, end := w.ofSSN(d.SSN), w.offset(v.Seq)+uint64(v.PayloadLen)
	n := end - from
	if from >= end || n >= 1<<16 {
		return
	}
	if m := t.maps.at(w.cut); m != nil && m.SSN == d.SSN && uint32(m.DSN()) == uint32(d.DSN) {
		t.lengthen(s, w, m, from, uint16(n), v)
		return
	}
	d.Length, d.DataFIN, d.HasChecksum, d.Checksum = uint16(n), false, false, 0
	t.dssMapping(s, v, d)
	w.cut = v.res.Announced
}

// lengthen makes the mapping whose length was cut at least n bytes long.
func (t *Table) lengthen(s *sub, w *way, m *Mapping, from uint64, n uint16, v *packetView) {
	t.again(w, from, &announcement{dsn: m.DSN(), ssn: m.SSN, length: m.Length, checksum: m.Checksum}, v.row)
	v.res.Announced = w.cut
	if n <= m.Length {
		return
	}
	m.Length = n
	at := w.maps.search(from)
	for e := w.maps.at(at); e != nil && e.a == from; e = w.maps.at(at) {
		if uint32(e.b>>32) == w.cut {
			e.b = uint64(w.cut)<<32 | uint64(n)
			w.use(t, from, e.end(), w.cut)
		}
		at = w.maps.next(at)
	}
	w.longest = max(w.longest, uint32(n))
	w.mapEnd = max(w.mapEnd, from+uint64(n))
	if end := from + uint64(n); w.awaits(from, end) { // a segment without an option between two with it
		t.settleWithin(s, v.flow, w, from, end)
	}
}

// takeMapping takes in a mapping that a packet announces. The first of a packet is its Result.Announced.
func (t *Table) takeMapping(s *sub, v *packetView, a *announcement) {
	w := s.way(v.flow)
	sure := w.exact
	seq := v.firstByte()
	switch {
	case !sure:
		w.guess(seq, v.PayloadLen, a)
	case s.core.Rebased && v.PayloadLen > 0:
		t.replaceISN(s, v.flow, w, seq, v.PayloadLen, a, v.row)
	}
	number := t.announce(s, v.flow, w, a, v.row)
	if !sure {
		w.exact = w.certain()
		if !w.guessed && (!w.exact || len(w.waiting) > 0) {
			t.remember(s, v.flow, w, a, number, v.row)
		}
		if w.exact {
			t.settle(s, v.flow, w)
		}
	}
	if v.res.Announced == 0 {
		v.res.Announced = number
	}
	if a.checksums && a.length > 0 {
		t.startCheck(s, v.flow, w, a, number, v.row)
	}
}
