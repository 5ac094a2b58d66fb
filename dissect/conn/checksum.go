package conn

import "github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"

// checks follows the DSS checksums of one way (RFC 8684 section 3.3): each needs all bytes of its mapping.
type checks struct {
	open   []check
	closed [64]outcome // of mappings that are announced again
	next   int
	// recent are the last pieces of payload, for mappings that are announced after some of their bytes.
	recent []piece
	oldest int
}

// piece is the sum of a segment's payload.
type piece struct {
	from uint64 // stream offset
	n    uint32
	sum  uint16 // ones' complement sum, as if at an even offset
}

// maxRecent is how many segments a way remembers the sums of.
const maxRecent = 512

// check is a checksum whose mapping's bytes are coming in.
type check struct {
	number   uint32 // of the mapping
	row      uint32 // that announced it first
	last     uint32 // that carried of its bytes, as far as seen
	options  uint64 // that carried it
	from, to uint64 // stream offsets of the bytes it covers
	got      ranges
	left     uint64 // bytes missing
	sum      mptcp.Checksum
	received uint16
	low      bool // the upper half of the data sequence number is unknown
}

type outcome struct {
	number  uint32
	verdict Verdict
}

// maxOpen is how many mappings of one way may wait for their bytes at a time.
const maxOpen = 64

// startCheck takes in a mapping with a checksum. One that was announced before is not checked again, only counted.
func (t *Table) startCheck(s *sub, flow uint8, w *way, a *announcement, number uint32, v *packetView) {
	if w.check == nil {
		w.check, w.ready = &checks{}, false
	}
	n := &s.conn.count().Checksum
	for i := range w.check.open {
		if w.check.open[i].number == number {
			w.check.open[i].options++
			return
		}
	}
	for _, o := range w.check.closed {
		if o.number == number && number != 0 {
			n.count(o.verdict, 1)
			if o.verdict == Failed {
				s.conn.verdicts().countBad(s.stream, a)
			}
			return
		}
	}
	from := w.ofSSN(a.ssn)
	c := check{number: number, row: v.row, last: v.row, options: 1, from: from, to: from + uint64(a.covered()),
		left: uint64(a.covered()), received: a.checksum, low: !s.space(flow).known,
		sum: mptcp.NewChecksum(a.dsn, a.ssn, a.length)}
	if c.left == 0 {
		t.concludeCheck(s, flow, w, &c)
		return
	}
	for i := range w.check.recent {
		c.addPiece(&w.check.recent[(w.check.oldest+i)%len(w.check.recent)])
	}
	if c.left == 0 {
		t.concludeCheck(s, flow, w, &c)
		return
	}
	if len(w.check.open) == maxOpen {
		t.concludeCheck(s, flow, w, &w.check.open[0])
		w.check.open = w.check.open[:copy(w.check.open, w.check.open[1:])]
	}
	w.check.open = append(w.check.open, c)
}

// feedChecks gives the payload of a packet at a stream offset to the checks that it belongs to.
func (t *Table) feedChecks(s *sub, w *way, offset uint64, v *packetView) {
	payload := v.Payload()
	w.check.remember(offset, payload)
	open := w.check.open
	end := offset + uint64(v.PayloadLen)
	done := false
	for i := range open {
		c := &open[i]
		a, b := max(c.from, offset), min(c.to, end)
		if a >= b {
			continue
		}
		if uint64(len(payload)) < b-offset {
			b = min(b, offset+uint64(len(payload)))
		}
		if a < b {
			c.add(a, payload[a-offset:b-offset])
			c.last = v.row
		}
		done = done || c.left == 0
	}
	if !done {
		return
	}
	kept := open[:0]
	for i := range open {
		if open[i].left == 0 {
			t.concludeCheck(s, v.flow, w, &open[i])
		} else {
			kept = append(kept, open[i])
		}
	}
	w.check.open = kept
}

// add sums up those of the bytes that were not seen before.
func (c *check) add(offset uint64, p []byte) {
	c.got.gaps(offset, offset+uint64(len(p)), func(a, b uint64) {
		c.sum.AddAt(int(a-c.from), p[a-offset:b-offset])
		c.left -= b - a
	})
	c.got.add(offset, offset+uint64(len(p)))
}

// remember keeps the sum of a payload, for mappings that are announced after it.
func (k *checks) remember(offset uint64, p []byte) {
	c := mptcp.NewChecksum(0, 0, 0)
	c.AddAt(0, p)
	next := piece{from: offset, n: uint32(len(p)), sum: ^c.Sum()}
	if len(k.recent) < maxRecent {
		k.recent = append(k.recent, next)
		return
	}
	k.recent[k.oldest] = next
	k.oldest = (k.oldest + 1) % maxRecent
}

// addPiece adds a whole earlier segment by its sum, if none of its bytes was seen before.
func (c *check) addPiece(p *piece) {
	to := p.from + uint64(p.n)
	if p.n == 0 || p.from < c.from || to > c.to {
		return
	}
	whole := false
	c.got.gaps(p.from, to, func(a, b uint64) { whole = a == p.from && b == to })
	if !whole {
		return
	}
	c.sum.AddAt(int(p.from-c.from), []byte{byte(p.sum >> 8), byte(p.sum)})
	c.left -= uint64(p.n)
	c.got.add(p.from, to)
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
	w.check = nil
}
