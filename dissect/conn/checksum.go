package conn

import "github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"

// startCheck takes in a mapping with a checksum. One that was announced before is not checked again, only counted.
func (t *Table) startCheck(s *sub, flow uint8, w *way, a *announcement, number, row uint32) {
	if !w.checked {
		w.follow()
	}
	k := w.check
	if number <= k.newest && t.recheck(s, k, a, number) {
		return
	}
	k.newest = max(k.newest, number)
	from := w.ofSSN(a.ssn)
	c := check{from: from, upTo: from, to: from + uint64(a.covered()), left: uint64(a.covered())}
	c.summed = summed{number: number, row: row, last: row, options: 1, received: a.checksum, high: uint32(a.dsn >> 32),
		low: !s.space(flow).known, shifted: k.shifted, sum: mptcp.NewChecksum(a.dsn, a.ssn, a.length)}
	if c.left > 0 && from < k.end && !k.unplaced {
		for i := range k.recent {
			c.addPiece(&k.recent[(k.oldest+i)%len(k.recent)])
		}
	}
	if c.left == 0 {
		t.concludeCheck(s, flow, w, &c)
		return
	}
	if len(k.open) == maxOpen {
		t.concludeCheck(s, flow, w, &k.open[0])
	}
	k.wait(c)
}

// follow lets the checks know of payload from now on. Where the handshake asked for checksums that is before the first mapping, which
// may come behind bytes of its own.
func (w *way) follow() { w.check, w.checked = &checks{unplaced: !w.hasOffsets()}, true }

// recheck counts one more announcement of a mapping whose checksum is being checked, or was lately. It is false if there is none.
func (t *Table) recheck(s *sub, k *checks, a *announcement, number uint32) bool {
	for i := len(k.open) - 1; i >= 0; i-- {
		if k.open[i].number == number {
			k.open[i].options++
			return true
		}
	}
	for _, o := range k.closed {
		if o.number == number && o.late > 0 {
			k.late[o.late-1].options++
			return true
		}
		if o.number == number && number != 0 {
			s.conn.count().Checksum.count(o.verdict, 1)
			if o.verdict == Failed {
				s.conn.verdicts().countBad(s.stream, a)
			}
			return true
		}
	}
	return false
}

// feedChecks gives the payload of a packet to the checks that it belongs to.
func (t *Table) feedChecks(s *sub, flow uint8, w *way, seq uint32, payload []byte, row uint32) {
	k := w.check
	if k.unplaced {
		if !w.hasOffsets() {
			k.remember(uint64(seq), payload)
			return
		}
		t.placeChecks(s, flow, w)
	}
	offset := w.offset(seq)
	first := k.reaching(offset)
	if k.feed(first, offset, payload, row) {
		t.concludeWhole(s, flow, w, first)
	}
}

// placeChecks gives what was remembered by its TCP sequence numbers to the checks, once offsets can be computed.
func (t *Table) placeChecks(s *sub, flow uint8, w *way) {
	k := w.check
	k.unplaced, k.end = false, 0
	for i := range k.recent {
		p := &k.recent[(k.oldest+i)%len(k.recent)]
		p.from = w.offset(uint32(p.from))
		k.end = max(k.end, p.from+uint64(p.n))
		for j := range k.open {
			k.open[j].addPiece(p)
		}
	}
	t.concludeWhole(s, flow, w, 0)
}

// concludeWhole ends those of the checks from one on that have all of their bytes.
func (t *Table) concludeWhole(s *sub, flow uint8, w *way, first int) {
	k := w.check
	open := k.open[first:]
	kept := k.open[:first]
	for i := range open {
		if open[i].left == 0 {
			t.concludeCheck(s, flow, w, &open[i])
		} else {
			kept = append(kept, open[i])
		}
	}
	k.open = kept
	k.reach(first)
}

// concludeCheck ends a check, whether all of its bytes have come or not.
func (t *Table) concludeCheck(s *sub, flow uint8, w *way, c *check) {
	k, known := w.check, s.space(flow).known
	if known && len(k.late) > 0 {
		t.concludeLate(s, flow, w)
	}
	o := outcome{number: c.number}
	switch {
	case c.left > 0:
		o.verdict = NotVerifiable
		s.conn.notVerifiable(&c.summed, MissingBytes)
	case c.low && !known && len(k.late) < maxLate:
		k.late = append(k.late, c.summed)
		o.late = uint16(len(k.late))
	default:
		o.verdict = t.compare(s, flow, w, &c.summed)
	}
	k.free(c)
	k.closed[k.next] = o
	k.next = (k.next + 1) % len(k.closed)
}

// concludeLate ends the checks that waited for the upper half of their numbers, whether it has come or not.
func (t *Table) concludeLate(s *sub, flow uint8, w *way) {
	k := w.check
	for i := range k.late {
		verdict := t.compare(s, flow, w, &k.late[i])
		for j := range k.closed {
			if o := &k.closed[j]; int(o.late) == i+1 {
				o.late, o.verdict = 0, verdict
			}
		}
	}
	k.late = nil
}

// compare gives the verdict on a checksum whose mapping's bytes have all come.
func (t *Table) compare(s *sub, flow uint8, w *way, c *summed) Verdict {
	if c.low && !s.space(flow).known {
		return s.conn.notVerifiable(c, MissingDSN)
	}
	if c.low {
		c.sum.Raise(c.high, c.high+w.check.shifted-c.shifted)
	}
	verdict := Verified
	if !c.sum.Matches(c.received) {
		if !w.exact { // the bytes may lie elsewhere
			return s.conn.notVerifiable(c, MissingBytes)
		}
		verdict = Failed
		t.host.Issue(WrongChecksum, c.row)
		t.keepBad(s, flow, c)
	}
	s.conn.count().Checksum.count(verdict, c.options)
	return verdict
}

// notVerifiable counts a checksum that could not be verified.
func (c *state) notVerifiable(k *summed, why Reason) Verdict {
	n := c.verdicts()
	n.noSum[why] += k.options
	n.tally.Checksum.count(NotVerifiable, k.options)
	return NotVerifiable
}

// maxBad bounds the failed checksums kept of a connection.
const maxBad = 1024

// keepBad keeps what is known of a checksum that failed, for Conn.BadChecksums.
func (t *Table) keepBad(s *sub, flow uint8, c *summed) {
	m, n := t.maps.at(c.number), s.conn.verdicts()
	if m == nil || len(n.bad) == maxBad {
		return
	}
	n.bad = append(n.bad, BadChecksum{Packet: c.row + 1, Last: c.last + 1, Stream: s.stream, To: s.toward(flow),
		DSN: m.DSN(), SSN: m.SSN, Length: m.Length, Found: c.received, Expected: c.sum.Sum(),
		Options: c.options})
}

// countBad counts a further option that announces a mapping whose checksum failed.
func (v *verdicts) countBad(stream uint32, a *announcement) {
	for i := len(v.bad) - 1; i >= 0; i-- {
		if b := &v.bad[i]; b.Stream == stream && b.SSN == a.ssn && b.DSN == a.dsn && b.Found == a.checksum {
			b.Options++
			return
		}
	}
}

// abandonChecks ends all open checks at the end of the capture.
func (t *Table) abandonChecks(s *sub, flow uint8, w *way) {
	if w.check == nil {
		return
	}
	for i := range w.check.open {
		t.concludeCheck(s, flow, w, &w.check.open[i])
	}
	t.concludeLate(s, flow, w)
	w.check, w.checked = nil, false
}
