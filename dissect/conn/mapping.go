package conn

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

const mappingBlock = 1024

// mappings is the store of all mappings; numbers start at 1, so that 0 can stand for none.
type mappings struct {
	blocks []*[mappingBlock]Mapping
	n      uint32
	keep   int // blocks kept at the end, 0 for all
}

func (m *mappings) add(v Mapping) uint32 {
	if m.n%mappingBlock == 0 {
		m.blocks = append(m.blocks, new([mappingBlock]Mapping))
		if k := len(m.blocks) - 1 - m.keep; m.keep > 0 && k >= 0 {
			m.blocks[k] = nil
		}
	}
	m.blocks[m.n/mappingBlock][m.n%mappingBlock] = v
	m.n++
	return m.n
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

// bias keeps stream offsets positive, also those a little before the first byte.
const bias = 1 << 32

// way is one direction of a subflow, named by its sender. Offsets are biased stream offsets: the byte with subflow
// sequence number n has offset bias+n, which does not wrap.
type way struct {
	isn     uint32 // TCP sequence number of offset bias, valid iff hasISN
	hasISN  bool
	exact   bool // isn is certain, else the best guess so far
	guessed bool // the guess is used, as no certainty came
	dss     bool // a mapping was announced
	slack   uint32
	top     uint64 // highest offset seen
	maps    sorted // offset; number and covered length
	longest uint32
	mapEnd  uint64 // end of what is mapped

	from, to uint64 // offsets of the mapping used last
	number   uint32
	mapping  *Mapping // of that number, nil if there is none
	kin      bool     // another mapping may begin with it
	cut      uint32   // number of the last mapping whose length the capture cut

	endless uint32 // number of the infinite mapping, 0 none
	endFrom uint64
	loose   []uint32 // mappings that are not in maps, kept while the upper half of numbers is unknown

	waiting          []waiting     // payload that no mapping covers yet
	waitFrom, waitTo uint64        // offsets of all of it, valid iff exact
	acks             [maxAcks]acks // pure acks that no mapping covers yet, by offset; numAcks valid
	numAcks          int

	epochs []epoch // upper halves of the data acks sent this way
	lane   *lane   // in the connection's space, nil before the first payload
	space  *space  // the connection's, of what travels this way; nil until needed
	check  *checks // nil until a checksum is seen
}

// waiting is a row whose payload waits for its mapping, or for the initial sequence number.
type waiting struct {
	row, seq, n uint32
}

// acks are rows without payload at an offset.
type acks struct {
	at   uint64
	rows []uint32
}

// maxAcks is how many offsets of pure acks are remembered: a mapping mostly comes next.
const maxAcks = 8

// point notes a row without payload at an offset that no mapping covers yet.
func (w *way) point(at uint64, row uint32, limit int) {
	for i := range w.numAcks {
		if g := &w.acks[i]; g.at == at {
			if limit > 0 && len(g.rows) >= limit {
				g.rows = g.rows[:0]
			}
			g.rows = append(g.rows, row)
			return
		}
	}
	if w.numAcks == maxAcks {
		w.forget(0)
	}
	g := &w.acks[w.numAcks]
	g.at, g.rows = at, append(g.rows[:0], row)
	w.numAcks++
}

// forget drops a group of rows, the oldest being the first; its room is used again.
func (w *way) forget(i int) {
	rows := w.acks[i].rows
	copy(w.acks[i:], w.acks[i+1:w.numAcks])
	w.numAcks--
	w.acks[w.numAcks] = acks{rows: rows[:0]}
}

// maxWaiting bounds what waits: a mapping that comes later than that many segments is not waited for.
const maxWaiting = 1024

// epoch is the upper half of the numbers from a row on.
type epoch struct{ row, hi uint32 }

// offset is the stream offset of a TCP sequence number: the nearest to the highest seen.
func (w *way) offset(seq uint32) uint64 { return w.ofSSN(seq - w.isn) }

// ofSSN is the stream offset of a subflow sequence number.
func (w *way) ofSSN(ssn uint32) uint64 {
	return w.top + uint64(int64(int32(ssn-uint32(w.top))))
}

func (w *way) reach(offset uint64) {
	if offset > w.top {
		w.top = offset
	}
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
		return t.loose(s, flow, w, a, row) // DATA_FIN without payload: no bytes are mapped
	}
	from := w.ofSSN(a.ssn)
	kin := false
	if from < w.mapEnd {
		var number uint32
		if number, kin = t.again(w, from, a, row); number != 0 {
			return number
		}
	}
	number := t.maps.add(a.mapping(row))
	if a.length == 0 {
		w.endless, w.endFrom = number, from
		w.loose = append(w.loose, number)
		t.settle(s, flow, w)
		return number
	}
	n := a.covered()
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
	if w.awaits(from, from+uint64(a.length)) {
		t.settle(s, flow, w)
	}
	return number
}

// use remembers the mapping used last.
func (w *way) use(t *Table, from, to uint64, number uint32) {
	w.from, w.to, w.number, w.mapping, w.kin = from, to, number, t.maps.at(number), true
}

// awaits reports whether something waits for a mapping of [from, to).
func (w *way) awaits(from, to uint64) bool {
	if len(w.waiting) > 0 && from < w.waitTo && to > w.waitFrom {
		return true
	}
	for i := range w.numAcks {
		if at := w.acks[i].at; from <= at && at < to {
			return true
		}
	}
	return false
}

// loose stores a mapping that covers no payload, once.
func (t *Table) loose(s *sub, flow uint8, w *way, a *announcement, row uint32) uint32 {
	if n := len(w.loose); n > 0 {
		if m := t.maps.at(w.loose[n-1]); m != nil && m.same(a) {
			m.Row = row
			return w.loose[n-1]
		}
	}
	number := t.maps.add(a.mapping(row))
	w.loose = append(w.loose, number)
	if len(w.loose) > maxLoose {
		w.loose = append(w.loose[:0], w.loose[1:]...)
	}
	return number
}

const maxLoose = 64

func (a *announcement) mapping(row uint32) Mapping {
	return Mapping{hi: uint32(a.dsn >> 32), lo: uint32(a.dsn), SSN: a.ssn, Row: row, Length: a.length,
		Checksum: a.checksum}
}

func (m *Mapping) same(a *announcement) bool {
	return m.SSN == a.ssn && m.lo == uint32(a.dsn) && m.hi == uint32(a.dsn>>32) && m.Length == a.length &&
		m.Checksum == a.checksum
}

// again finds the mapping among those announced before, and whether others begin with the same numbers. One that begins
// with the same byte and another number is a contradiction; the newer is used for what comes.
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
	if w.endless != 0 && offset >= w.endFrom {
		return t.extend(w, offset)
	}
	if offset >= w.mapEnd {
		return 0, 0, 1<<64 - 1
	}
	at := w.maps.search(offset + 1)
	to = 1<<64 - 1
	if e := w.maps.at(at); e != nil {
		to = e.a
	}
	for i := 0; i < maxBack; i++ {
		p, ok := w.maps.prev(at)
		if !ok {
			break
		}
		e := w.maps.at(p)
		if e.a+uint64(w.longest) <= offset {
			break
		}
		if e.end() > offset {
			w.use(t, e.a, e.end(), uint32(e.b>>32))
			return w.number, w.from, w.to
		}
		at = p
	}
	return 0, 0, to
}

// withFIN marks an entry of way.maps whose mapping ends with a DATA_FIN, which has a number behind the payload's.
const withFIN = 1 << 31

// end is where the payload of a mapping in way.maps ends.
func (p *pair) end() uint64 { return p.a + p.b&(withFIN-1) }

// pointed finds the mapping that a packet without payload points into: that of the byte with its number, or of a
// DATA_FIN there.
func (t *Table) pointed(w *way, offset uint64) uint32 {
	number, _, _ := t.lookup(w, offset)
	if number != 0 || offset >= w.mapEnd {
		return number
	}
	at := w.maps.search(offset)
	for range maxBack {
		p, ok := w.maps.prev(at)
		if !ok {
			break
		}
		if e := w.maps.at(p); e.b&withFIN != 0 && e.end() == offset {
			return uint32(e.b >> 32)
		} else if e.a+uint64(w.longest) < offset {
			break
		}
		at = p
	}
	if e := w.maps.at(w.maps.search(offset)); e != nil && e.a == offset && e.b&withFIN != 0 {
		return uint32(e.b >> 32) // the DATA_FIN alone
	}
	return 0
}

// stretch is how far from its beginning an infinite mapping is used before it is continued by another: rows compute the
// distance in 32 bits.
const stretch = 1 << 30

// extend gives the infinite mapping for an offset behind its beginning.
func (t *Table) extend(w *way, offset uint64) (number uint32, from, to uint64) {
	for offset-w.endFrom >= stretch {
		m := t.maps.at(w.endless)
		if m == nil {
			return 0, 0, 1<<64 - 1
		}
		next := *m
		next.SSN += stretch
		next.setDSN(m.DSN() + stretch)
		w.endless = t.maps.add(next)
		w.loose = append(w.loose, w.endless)
		w.endFrom += stretch
	}
	return w.endless, w.endFrom, w.endFrom + stretch
}

// settle gives rows that waited for a mapping what they waited for.
func (t *Table) settle(s *sub, flow uint8, w *way) {
	if !w.usable() {
		return
	}
	t.settleAcks(w)
	old := w.waiting
	w.waiting = w.waiting[:0]
	for _, p := range old {
		number, done := t.place(s, flow, w, p)
		if number != 0 {
			t.host.Cover(p.row, number)
		}
		if !done {
			w.wait(p)
		}
	}
}

// settleAcks gives packets without payload the mapping that they point into.
func (t *Table) settleAcks(w *way) {
	for i := 0; i < w.numAcks; {
		g := &w.acks[i]
		number := t.pointed(w, g.at)
		if number == 0 {
			i++
			continue
		}
		for _, row := range g.rows {
			t.host.Cover(row, number)
		}
		w.forget(i)
	}
}

// usable reports whether offsets can be computed: the initial sequence number is certain, or it has been waited for long
// enough.
func (w *way) usable() bool { return w.exact || w.hasISN && w.guessed }

// wait puts a payload on the waiting list.
func (w *way) wait(p waiting) {
	from := w.offset(p.seq)
	if len(w.waiting) == 0 {
		w.waitFrom, w.waitTo = from, from+uint64(p.n)
	}
	w.waitFrom, w.waitTo = min(w.waitFrom, from), max(w.waitTo, from+uint64(p.n))
	w.waiting = append(w.waiting, p)
}

// place finds the mappings of a payload and accounts for the bytes they cover: for all of them or, so that a row is
// not counted twice, for none while the first byte has to wait. It returns the mapping of the first byte.
func (t *Table) place(s *sub, flow uint8, w *way, p waiting) (first uint32, done bool) {
	offset := w.offset(p.seq)
	end := offset + uint64(p.n)
	if offset >= w.from && end <= w.to && w.mapping != nil { // mostly
		t.carried(s, w, s.space(flow), w.mapping.DSN()+(offset-w.from), p.n, p.row)
		return w.number, true
	}
	first, _, to := t.lookup(w, offset)
	if first == 0 && to >= end {
		return 0, false
	}
	t.placeParts(s, flow, w, p, first)
	return first, true
}

// placeParts accounts for a payload that several mappings cover, or only in part.
func (t *Table) placeParts(s *sub, flow uint8, w *way, p waiting, first uint32) {
	offset := w.offset(p.seq)
	end := offset + uint64(p.n)
	sp := s.space(flow)
	for at := offset; at < end; {
		number, from, to := t.lookup(w, at)
		upto := min(to, end)
		if number == 0 {
			sp.total.Unmapped += upto - at
			at = upto
			continue
		}
		if number != first {
			t.host.AlsoCovered(p.row, number)
			first = number
		}
		if m := t.maps.at(number); m != nil {
			t.carried(s, w, sp, m.DSN()+(at-from), uint32(upto-at), p.row)
		}
		at = upto
	}
}

// payload places the payload of a row, or lets it wait. It returns the mapping of its first byte.
func (t *Table) payload(s *sub, flow uint8, w *way, p waiting) (number uint32) {
	if w.usable() {
		number, done := t.place(s, flow, w, p)
		w.reach(w.offset(p.seq) + uint64(p.n))
		if done {
			return number
		}
	}
	if len(w.waiting) >= maxWaiting {
		s.space(flow).total.Unmapped += uint64(w.waiting[0].n)
		w.waiting = w.waiting[:copy(w.waiting, w.waiting[1:])]
	}
	w.wait(p)
	if !w.usable() && w.hasISN && len(w.waiting) >= maxGuess {
		w.guessed = true
		t.settle(s, flow, w)
	}
	return 0
}

// shiftMaps moves the numbers of all mappings of the way, once their upper half is known.
func (t *Table) shiftMaps(w *way, by uint64) {
	move := func(number uint32) {
		if m := t.maps.at(number); m != nil {
			m.setDSN(m.DSN() + by)
		}
	}
	w.maps.each(func(p *pair) { move(uint32(p.b >> 32)) })
	for _, number := range w.loose {
		move(number)
	}
}

// shiftAcks does the same to the data acks sent this way.
func (w *way) shiftAcks(by uint64) {
	for i := range w.epochs {
		w.epochs[i].hi += uint32(by >> 32)
	}
}

// acked notes the upper half of a data ack of a row.
func (w *way) acked(hi, row uint32) {
	if n := len(w.epochs); n == 0 || w.epochs[n-1].hi != hi {
		w.epochs = append(w.epochs, epoch{row: row, hi: hi})
	}
}

// upper is the upper half of the data ack of a row.
func (w *way) upper(row uint32) uint32 {
	lo, hi := 0, len(w.epochs)
	for lo+1 < hi {
		if m := (lo + hi) / 2; w.epochs[m].row <= row {
			lo = m
		} else {
			hi = m
		}
	}
	if hi == 0 {
		return 0
	}
	return w.epochs[lo].hi
}

// maxGuess is how many segments may wait for a certain initial sequence number before the best guess is used.
const maxGuess = 64

// guess narrows down the initial sequence number of a way whose SYN was not captured: a segment with a mapping lies
// within it, so that the number is at most seq-ssn, and at least that many bytes below as the mapping is longer than
// the segment.
func (w *way) guess(seq, n uint32, a *announcement) {
	if w.exact || a.length == 0 || n == 0 || n > a.covered() {
		return
	}
	high, slack := seq-a.ssn, a.covered()-n
	switch {
	case !w.hasISN:
		w.isn, w.slack, w.hasISN, w.top = high, slack, true, bias
	default:
		low := max(int32(w.slackLow()-w.isn), int32(high-slack-w.isn))
		if top := min(0, int32(high-w.isn)); low <= top {
			w.isn, w.slack = w.isn+uint32(top), uint32(top-low)
		}
	}
	w.exact = w.slack == 0
}

// slackLow is the lowest initial sequence number that is still possible.
func (w *way) slackLow() uint32 { return w.isn - w.slack }

// fix sets the initial sequence number, from a SYN or the packets of a handshake.
func (w *way) fix(isn uint32) {
	if !w.exact {
		w.isn, w.hasISN, w.exact, w.top = isn, true, true, max(w.top, bias)
	}
}
