package conn

import (
	"iter"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/memory"
)

// Mapping is one distinct data sequence mapping of a subflow (RFC 8684 section 3.3.1). A mapping that is sent with
// every segment that it covers, as Linux does, is one. It takes 20 bytes.
type Mapping struct {
	hi, lo   uint32
	SSN      uint32 // relative to the subflow's initial sequence number
	Row      uint32 // the last row that announced it
	Length   uint16 // 0: infinite
	Checksum uint16 // 0 if there is none
}

// DSN is the 64-bit data sequence number of the mapping's first byte.
func (m *Mapping) DSN() uint64 { return uint64(m.hi)<<32 | uint64(m.lo) }

func (m *Mapping) setDSN(dsn uint64) { m.hi, m.lo = uint32(dsn>>32), uint32(dsn) }

// mappingBlock is how many mappings are allocated at once.
const mappingBlock = 1024

// manyMappings is from how many blocks on more are to be expected.
const manyMappings = 8

// mappings is the store of all mappings; numbers start at 1, so that 0 can stand for none.
type mappings struct {
	blocks []*[mappingBlock]Mapping
	n      uint32
	keep   int // blocks kept at the end, 0 for all
}

// add opens a mapping, which the caller fills in. It is the one of number m.n.
func (m *mappings) add() *Mapping {
	if m.n%mappingBlock == 0 {
		m.blocks = append(m.blocks, new([mappingBlock]Mapping))
		if m.keep == 0 && len(m.blocks) > manyMappings {
			memory.AdviseSurroundings(m.blocks[len(m.blocks)-1])
		}
		if k := len(m.blocks) - 1 - m.keep; m.keep > 0 && k >= 0 {
			m.blocks[k] = nil
		}
	}
	v := &m.blocks[m.n/mappingBlock][m.n%mappingBlock]
	m.n++
	return v
}

// at is the mapping of that number, nil if it is none or was forgotten.
func (m *mappings) at(number uint32) *Mapping {
	number--
	if number >= m.n {
		return nil
	}
	b := m.blocks[number/mappingBlock]
	if b == nil {
		return nil
	}
	return &b[number%mappingBlock]
}

// announcement is a mapping as an option tells it, widened.
type announcement struct {
	dsn       uint64
	ssn       uint32
	length    uint16
	checksum  uint16
	fin       bool
	checksums bool // it has one
}

// covered is how many payload bytes the mapping covers: a DATA_FIN has a number but no byte (RFC 8684 section 3.3.3).
func (a *announcement) covered() uint32 {
	if a.fin && a.length > 0 {
		return uint32(a.length) - 1
	}
	return uint32(a.length)
}

// announce takes in a mapping and returns its number: that of the same one announced before, if there is one. Mappings
// that begin with the same numbers are one that got longer, or a DATA_FIN at its end: each announcement is the latest of
// all of them.
func (t *Table) announce(s *sub, flow uint8, w *way, a *announcement, row uint32) uint32 {
	w.dss = true
	if m := w.mapping; m != nil && !w.kin && m.same(a) {
		m.Row = row
		return w.number
	}
	if a.ssn == 0 && a.fin {
		return t.loose(w, a, row) // DATA_FIN without payload: no bytes are mapped
	}
	from := w.ofSSN(a.ssn)
	number, kin := t.knownMapping(s, flow, w, from, a, row)
	if number != 0 {
		return number
	}
	a.fill(t.maps.add(), row)
	number = t.maps.n
	if a.length == 0 {
		t.announceEndless(s, flow, w, from, number)
		return number
	}
	n := a.covered()
	if from < w.mapEnd || w.endless != 0 {
		t.noteOverlap(w, from, from+uint64(n), a.dsn)
	}
	span := uint64(n)
	if a.fin {
		span |= withFIN
	}
	w.maps.add(pair{a: from, b: uint64(number)<<32 | span})
	w.longest = max(w.longest, uint32(a.length))
	w.mapEnd = max(w.mapEnd, from+uint64(a.length))
	w.use(t, from, from+uint64(n), number)
	w.kin = kin
	if t.limit > 0 {
		w.maps.trim(t.limit)
	}
	if end := from + uint64(a.length); w.awaits(from, end) {
		t.settleWithin(s, flow, w, from, end)
	}
	return number
}

// knownMapping is the number of a mapping that was announced before and is announced again, 0 if it was not. kin tells whether others
// begin with the same byte and number.
func (t *Table) knownMapping(s *sub, flow uint8, w *way, from uint64, a *announcement, row uint32) (number uint32, kin bool) {
	afterEndless := false
	if w.endless != 0 && from >= w.endFrom {
		var same bool
		ended := w.endTo < 1<<64-1
		if same, afterEndless = t.againEndless(w, from, a, row); same {
			if from < w.mapEnd {
				t.again(w, from, a, row) // finite ones that begin there are announced again too
			}
			if ended {
				w.overlapAll()
				t.settle(s, flow, w)
			}
			return w.endless, false
		}
	}
	if from >= w.mapEnd {
		return 0, afterEndless
	}
	number, kin = t.again(w, from, a, row)
	if number == 0 {
		return 0, kin || afterEndless
	}
	w.kin = w.kin || afterEndless
	if a.length == 0 {
		w.replaceEntry(from, number, 0) // it is the infinite one again
		t.announceEndless(s, flow, w, from, number)
	}
	return number, kin
}

// use remembers the mapping used last, unless others overlap it.
func (w *way) use(t *Table, from, to uint64, number uint32) {
	if from < w.overlapEnd {
		w.from, w.to, w.mapping = 0, 0, nil
		return
	}
	w.from, w.to, w.number, w.mapping, w.kin = from, to, number, t.maps.at(number), true
}

// awaits reports whether something waits for a mapping of [from, to).
func (w *way) awaits(from, to uint64) bool {
	if len(w.waiting) > 0 && from < w.waitTo && to > w.waitFrom {
		return true
	}
	for i := range int(w.numAcks) {
		if at := w.acks[i].at; from <= at && at < to {
			return true
		}
	}
	return false
}

// loose stores a mapping that covers no payload, a DATA_FIN alone, once however often it is sent.
func (t *Table) loose(w *way, a *announcement, row uint32) uint32 {
	if n := len(w.loose); n > 0 {
		if m := t.maps.at(w.loose[n-1]); m != nil && m.same(a) {
			m.Row = row
			return w.loose[n-1]
		}
	}
	a.fill(t.maps.add(), row)
	number := t.maps.n
	w.loose = append(w.loose, number)
	if len(w.loose) > maxLoose {
		w.loose = append(w.loose[:0], w.loose[1:]...)
	}
	return number
}

// maxLoose is how many mappings that cover no payload are kept of a way.
const maxLoose = 64

// fill makes m the mapping that a row announced.
func (a *announcement) fill(m *Mapping, row uint32) {
	m.setDSN(a.dsn)
	m.SSN, m.Row, m.Length, m.Checksum = a.ssn, row, a.length, a.checksum
}

func (m *Mapping) same(a *announcement) bool {
	return m.SSN == a.ssn && m.lo == uint32(a.dsn) && m.hi == uint32(a.dsn>>32) && m.Length == a.length &&
		m.Checksum == a.checksum
}

// again finds a mapping among those announced before. kin tells whether others begin with the same byte and number. One that begins
// with the same byte and another number is a contradiction: the newer one is used from then on.
func (t *Table) again(w *way, from uint64, a *announcement, row uint32) (number uint32, kin bool) {
	at := w.maps.search(from)
	others := 0
	for range maxBack {
		e := w.maps.at(at)
		if e == nil || e.a != from {
			break
		}
		at = w.maps.next(at)
		m := t.maps.at(uint32(e.b >> 32))
		switch {
		case m == nil:
		case m.DSN() != a.dsn:
			t.host.Issue(MappingChanged, row)
		case m.same(a):
			m.Row, number = row, uint32(e.b>>32)
			w.use(t, from, e.end(), number)
		default:
			m.Row = row
			others++
		}
	}
	if number != 0 {
		w.kin = others > 0
	}
	return number, others > 0
}

// maxBack is how many mappings before an offset are looked at for one that reaches it.
const maxBack = 64

// lookup finds the mapping that covers an offset: its number and where it begins and ends. Without one, number is 0 and
// to is where the next mapping begins.
func (t *Table) lookup(w *way, offset uint64) (number uint32, from, to uint64) {
	if offset >= w.from && offset < w.to {
		return w.number, w.from, w.to
	}
	if offset < w.overlapEnd {
		return t.lookupOverlapping(w, offset)
	}
	if w.endless != 0 && offset >= w.endFrom && offset < w.endTo {
		return t.extend(w, offset)
	}
	to = w.beforeEndless(offset, 1<<64-1)
	if offset >= w.mapEnd {
		return 0, 0, to
	}
	at := w.maps.search(offset + 1)
	if e := w.maps.at(at); e != nil {
		to = min(to, e.a)
	}
	for e := range w.before(at, offset) {
		if e.end() > offset {
			w.use(t, e.a, e.end(), uint32(e.b>>32))
			return uint32(e.b >> 32), e.a, e.end()
		}
	}
	return 0, 0, to
}

// before gives the mappings before a place that may reach behind an offset, the nearest first.
func (w *way) before(at place, offset uint64) iter.Seq[*pair] {
	return func(yield func(*pair) bool) {
		for range maxBack {
			p, ok := w.maps.prev(at)
			if !ok {
				return
			}
			if e := w.maps.at(p); e.a+uint64(w.longest) <= offset || !yield(e) {
				return
			}
			at = p
		}
	}
}

// withFIN marks an entry of way.maps whose mapping ends with a DATA_FIN, which has a number behind the payload's.
const withFIN = 1 << 31

// end is where the payload of a mapping in way.maps ends.
func (p *pair) end() uint64 { return p.a + p.b&(withFIN-1) }

// pointed finds the mapping that a packet without payload points into: that of the byte with its number, or of a
// DATA_FIN there. The latter is no byte of the subflow (fin): a mapping that comes later may tell the byte's number.
func (t *Table) pointed(w *way, offset uint64) (number uint32, fin bool) {
	number, _, _ = t.lookup(w, offset)
	if number != 0 || offset >= w.mapEnd {
		return number, false
	}
	at := w.maps.search(offset)
	for e := range w.before(at, offset-1) {
		if e.b&withFIN != 0 && e.end() == offset {
			return uint32(e.b >> 32), true
		}
	}
	if e := w.maps.at(at); e != nil && e.a == offset && e.b&withFIN != 0 {
		return uint32(e.b >> 32), true // the DATA_FIN alone
	}
	return 0, false
}
