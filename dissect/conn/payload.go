package conn

// settle gives rows that waited for a mapping what they waited for.
func (t *Table) settle(s *sub, flow uint8, w *way) { t.settleWithin(s, flow, w, 0, 1<<64-1) }

// settleWithin does so where all that is new lies in [from, to).
func (t *Table) settleWithin(s *sub, flow uint8, w *way, from, to uint64) {
	if !w.hasOffsets() {
		return
	}
	if w.checked && w.check.unplaced {
		t.placeChecks(s, flow, w)
	}
	t.settleAcks(w)
	early := t.recall(s, flow, w)
	t.waited = append(t.waited[:0], w.waiting...)
	w.waiting = w.waiting[:0]
	for _, p := range t.waited {
		if at := w.offset(p.seq); at >= to || at+uint64(p.n) <= from {
			w.await(p)
			continue
		}
		var number uint32
		var done bool
		if early != nil {
			number, done = t.placeEarly(s, flow, w, p, early)
		} else {
			number, done = t.place(s, flow, w, p)
		}
		switch {
		case number == 0:
		case p.rest:
			t.host.AlsoCovered(p.row, number)
		default:
			t.host.Cover(p.row, number)
		}
		if !done {
			t.wait(s, flow, w, p)
		}
	}
}

// settleAcks gives packets without payload the mapping that they point into.
func (t *Table) settleAcks(w *way) {
	for i := 0; i < int(w.numAcks); {
		g := &w.acks[i]
		number, fin := t.pointed(w, g.at)
		if number != 0 {
			for _, row := range g.rows {
				t.host.Cover(row, number)
			}
		}
		if number != 0 && !fin {
			w.forget(i)
		} else {
			i++
		}
	}
}

// giveUp accounts for a payload that no mapping covers. While there is one subflow it is told apart by stream offset, as it is
// data for that subflow alone.
func (t *Table) giveUp(s *sub, flow uint8, w *way, p waiting) {
	sp := s.space(flow)
	sp.total.Unmapped += uint64(p.n)
	if c := s.conn; c.fallback.Cause == ChecksumFailed && p.row >= c.fallback.Packet && s.toward(flow) != c.failedFor {
		c.failHeard = true
	}
	if len(s.conn.subs) > 1 {
		return
	}
	lone := &sp.withoutDSN().unmapped
	offset := w.offset(p.seq)
	w.reach(offset + uint64(p.n))
	t.noted(w, lone, lone.lanes[0], offset, p.n, p.row)
}

// wait puts a payload on the waiting list, from which the oldest go when there are too many.
func (t *Table) wait(s *sub, flow uint8, w *way, p waiting) {
	if len(w.waiting) >= maxWaiting {
		for _, old := range w.waiting[:goAtOnce] {
			t.giveUp(s, flow, w, old)
		}
		w.waiting = w.waiting[:copy(w.waiting, w.waiting[goAtOnce:])]
	}
	w.await(p)
}

// await does so where there is room.
func (w *way) await(p waiting) {
	from := w.offset(p.seq)
	if len(w.waiting) == 0 {
		w.waitFrom, w.waitTo = from, from+uint64(p.n)
	}
	w.waitFrom, w.waitTo = min(w.waitFrom, from), max(w.waitTo, from+uint64(p.n))
	w.waiting = append(w.waiting, p)
}

// place finds the mappings of a payload and accounts for the bytes that they cover. It returns the mapping of the first
// byte; done is false if there is none for any byte, so that all of it waits.
func (t *Table) place(s *sub, flow uint8, w *way, p waiting) (first uint32, done bool) {
	offset := w.offset(p.seq)
	end := offset + uint64(p.n)
	if offset >= w.from && end <= w.to && w.mapping != nil { // mostly
		t.carried(w, s.space(flow), w.mapping.DSN()+(offset-w.from), p.n, p.row)
		return w.number, true
	}
	first, _, to := t.lookup(w, offset)
	if first == 0 && to >= end {
		return 0, false
	}
	t.placeParts(s, flow, w, p, first, nil)
	return first, true
}

// placeParts accounts for a payload that several mappings cover, or only in part: the other parts wait. early is
// what was announced before the initial sequence number was certain, if it came before that.
func (t *Table) placeParts(s *sub, flow uint8, w *way, p waiting, first uint32, early []announced) {
	offset := w.offset(p.seq)
	end := offset + uint64(p.n)
	sp := s.space(flow)
	part := func(at, upto uint64) waiting {
		return waiting{row: p.row, seq: p.seq + uint32(at-offset), n: uint32(upto - at), rest: p.rest || at > offset}
	}
	for at := offset; at < end; {
		if w.parts >= maxParts {
			t.host.Issue(ManyMappings, p.row)
			t.giveUp(s, flow, w, part(at, end))
			return
		}
		w.parts++
		number, from, to := t.lookupEarly(w, at, p.row, early)
		upto := min(to, end)
		if number == 0 {
			t.wait(s, flow, w, part(at, upto))
			at = upto
			continue
		}
		if number != first {
			t.host.AlsoCovered(p.row, number)
			first = number
		}
		if m := t.maps.at(number); m != nil {
			t.carried(w, sp, m.DSN()+(at-from), uint32(upto-at), p.row)
		}
		at = upto
	}
}

// Limits to the work on payload that several mappings cover, far above what occurs: so many parts that were placed of a way are
// not made up for by packets, each of which makes up for partsEach.
const (
	maxParts  = 1024
	partsEach = 16
)

// payload places the payload of a row, or lets it wait. It returns the mapping of its first byte.
func (t *Table) payload(s *sub, flow uint8, w *way, p waiting) (number uint32) {
	w.parts -= min(w.parts, partsEach)
	if w.hasOffsets() {
		number, done := t.place(s, flow, w, p)
		w.reach(w.offset(p.seq) + uint64(p.n))
		if done {
			return number
		}
	}
	t.wait(s, flow, w, p)
	if !w.hasOffsets() && w.hasISN && len(w.waiting) >= maxGuess {
		t.useGuess(s, flow, w)
	}
	return 0
}
