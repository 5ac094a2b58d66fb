package conn

import "github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"

// startCheck takes in a mapping with a checksum. One that was announced before is not checked again, only counted.
func (t *Table) startCheck(s *sub, flow uint8, w *way, a *announcement, number, row uint32) {
	if w.check == nil {
		w.check, w.checked = &checks{}, true
	}
	k := w.check
	if number <= k.newest && t.recheck(s, k, a, number) {
		return
	}
	k.newest = max(k.newest, number)
	from := w.ofSSN(a.ssn)
	c := check{number: number, row: row, last: row, options: 1, from: from, upTo: from, to: from + uint64(a.covered()),
		left: uint64(a.covered()), received: a.checksum, low: !s.space(flow).known,
		sum: mptcp.NewChecksum(a.dsn, a.ssn, a.length)}
	if c.left > 0 && from < k.end {
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

// recheck counts one more announcement of a mapping whose checksum is being checked, or was lately. It is false if there is none.
func (t *Table) recheck(s *sub, k *checks, a *announcement, number uint32) bool {
	for i := len(k.open) - 1; i >= 0; i-- {
		if k.open[i].number == number {
			k.open[i].options++
			return true
		}
	}
	for _, o := range k.closed {
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

// feedChecks gives the payload of a packet at a stream offset to the checks that it belongs to.
func (t *Table) feedChecks(s *sub, flow uint8, w *way, offset uint64, payload []byte, row uint32) {
	k := w.check
	first := k.reaching(offset)
	done := k.feed(first, offset, payload, row)
	if !done {
		return
	}
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
	verdict := Verified
	switch {
	case c.left > 0:
		verdict = NotVerifiable
		s.conn.verdicts().noSum[MissingBytes] += c.options
	case c.low:
		verdict = NotVerifiable
		s.conn.verdicts().noSum[MissingDSN] += c.options
	case !c.sum.Matches(c.received):
		verdict = Failed
		t.host.Issue(WrongChecksum, c.row)
		t.keepBad(s, flow, c)
	}
	s.conn.count().Checksum.count(verdict, c.options)
	w.check.free(c)
	w.check.closed[w.check.next] = outcome{number: c.number, verdict: verdict}
	w.check.next = (w.check.next + 1) % len(w.check.closed)
}

// maxBad bounds the failed checksums kept of a connection.
const maxBad = 1024

// keepBad keeps what is known of a checksum that failed, for Conn.BadChecksums.
func (t *Table) keepBad(s *sub, flow uint8, c *check) {
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
	w.check, w.checked = nil, false
}
