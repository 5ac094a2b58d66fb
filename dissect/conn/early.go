package conn

// Payload that came before the initial sequence number of its flow was certain is mapped as it would have been then: by the mapping
// that was announced last when it came, or else by the first one that covers it.

// announced is an announcement that came before the initial sequence number was certain: of a mapping of [from, to).
type announced struct {
	row, number uint32
	from, to    uint64
	endless     bool
}

// maxEarly is how many announcements of a flow are remembered.
const maxEarly = 256

// remember notes an announcement until the initial sequence number is certain.
func (t *Table) remember(s *sub, flow uint8, w *way, a *announcement, number, row uint32) {
	if t.early == nil {
		t.early = map[flowKey][]announced{}
	}
	key := flowKey{stream: s.stream, flow: flow}
	list := t.early[key]
	if n := len(list); n >= maxEarly || n > 0 && list[n-1].number == number {
		return
	}
	n := announced{row: row, number: number, from: w.ofSSN(a.ssn), endless: a.length == 0}
	n.to = n.from + uint64(a.covered())
	if n.endless {
		n.to = n.from + stretch
	}
	t.early[key] = append(list, n)
}

// recall forgets what was remembered of a flow, and returns it if the mappings as they are now do not tell all of it.
func (t *Table) recall(s *sub, flow uint8, w *way) []announced {
	if t.early == nil {
		return nil
	}
	key := flowKey{stream: s.stream, flow: flow}
	list := t.early[key]
	delete(t.early, key)
	if w.overlapEnd == 0 && w.endless == 0 {
		return nil
	}
	return list
}

// placeEarly is place for a payload that came before the initial sequence number was certain; early is what recall gave.
func (t *Table) placeEarly(s *sub, flow uint8, w *way, p waiting, early []announced) (first uint32, done bool) {
	offset := w.offset(p.seq)
	first, _, to := t.lookupEarly(w, offset, p.row, early)
	if first == 0 && to >= offset+uint64(p.n) {
		return 0, false
	}
	t.placeParts(s, flow, w, p, first, early)
	return first, true
}

// lookupEarly is lookup for a row that came before the initial sequence number was certain. Without early it is lookup.
func (t *Table) lookupEarly(w *way, offset uint64, row uint32, early []announced) (number uint32, from, to uint64) {
	at := findEarly(early, offset, row)
	if at < 0 {
		number, from, to = t.lookup(w, offset)
		return number, from, min(to, nextEdge(early, offset))
	}
	number = early[at].number
	for to = nextEdge(early, offset); to < early[at].to; to = nextEdge(early, to) {
		if next := findEarly(early, to, row); next < 0 || early[next].number != number {
			break
		}
	}
	return number, early[at].from, to
}

// findEarly is the place of the announcement that maps an offset in a row, -1 if none does.
func findEarly(early []announced, offset uint64, row uint32) int {
	known := len(early)
	for known > 0 && early[known-1].row > row {
		known--
	}
	ended := uint64(0) // infinite mappings that begin up to here were ended before the offset
	for i := known - 1; i >= 0; i-- {
		e := &early[i]
		if e.from <= offset && offset < e.to && (!e.endless || e.from > ended) {
			return i
		}
		if !e.endless && e.from <= offset {
			ended = max(ended, e.from)
		}
	}
	for i := known; i < len(early); i++ {
		if e := &early[i]; e.from <= offset && offset < e.to {
			return i
		}
	}
	return -1
}

// nextEdge is where a mapping begins or ends next.
func nextEdge(early []announced, offset uint64) uint64 {
	next := uint64(1<<64 - 1)
	for i := range early {
		for _, edge := range [...]uint64{early[i].from, early[i].to} {
			if edge > offset {
				next = min(next, edge)
			}
		}
	}
	return next
}
