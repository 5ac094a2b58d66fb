package conn

// bias keeps stream offsets positive, also those a little before the first byte.
const bias = 1 << 32

// way is one direction of a subflow, named by its sender. Offsets are biased stream offsets: the byte with subflow
// sequence number n has offset bias+n, which does not wrap.
type way struct {
	// What every packet needs comes first: a line of a processor's cache.
	isn      uint32 // TCP sequence number of offset bias, valid iff hasISN
	hasISN   bool
	exact    bool     // isn is certain, else the best guess so far
	ready    bool     // the usual packet may take the short way, see prepare
	wide     bool     // the numbering knows of 8-byte numbers sent this way, see steady
	number   uint32   // of the mapping used last
	ackHi    uint32   // of the last epoch, valid iff hasAck
	hasAck   bool     // there is an epoch
	kin      bool     // another mapping may begin with the same byte and number as the one used last
	dss      bool     // a mapping was announced
	guessed  bool     // the guess is used, as no certainty came
	numAcks  uint32   // acks that are valid
	from, to uint64   // offsets of the mapping used last
	mapping  *Mapping // that one, nil if there is none
	top      uint64   // highest offset seen
	space    *space   // the connection's, of what travels this way; nil until needed

	// Then what many packets need.
	lane         *lane  // in that space, nil before the first payload
	mapEnd       uint64 // end of what is mapped
	sub          *sub   // valid iff ready
	endless      uint32 // number of the infinite mapping, 0 none
	longest      uint32 // mapping
	acks         []acks // pure acks that no mapping covers yet, by offset; numAcks valid
	ordinal      uint16 // of the subflow, at most 65535
	synDataTaken bool   // data of the SYN comes before isn+1, see settleSYNData
	checked      bool   // check is there
	parts        uint32 // of payload that several mappings cover, see maxParts

	waiting []waiting // payload that no mapping covers yet
	maps    sorted    // offset; number and covered length
	check   *checks   // nil until a checksum is seen
	epochs  []epoch   // upper halves of the data acks sent this way
	one     [1]epoch  // room of epochs: nearly all have one only

	slack            uint32   // by how much isn may be less, see guess
	cut              uint32   // number of the last mapping whose length the capture cut
	endFrom, endTo   uint64   // offsets of the infinite mapping, valid iff endless
	waitFrom, waitTo uint64   // offsets of all that waits, valid iff exact
	overlapEnd       uint64   // mappings overlap before this offset at most, see noteOverlap
	loose            []uint32 // mappings that are not in maps, kept while the upper half of numbers is unknown
	_                [wayPad]byte
}

// wayPad makes a way whole lines.
const wayPad = 8

// enrolled notes the place of the way's subflow among those of its connection.
func (w *way) enrolled(s *sub) { w.ordinal = uint16(min(s.ordinal, 1<<16-1)) }

// waiting is a row whose payload waits for its mapping, or for the initial sequence number.
type waiting struct {
	row, seq, n uint32
	rest        bool // another part of the row's payload comes before
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
	for i := range int(w.numAcks) {
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
	if int(w.numAcks) == len(w.acks) {
		w.acks = append(w.acks, acks{})
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

// goAtOnce is how many of them are given up when there are more: one at a time would move all the others for each segment.
const goAtOnce = maxWaiting / 8

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
	if w.check != nil {
		w.check.shifted += uint32(by >> 32)
	}
}

// shiftAcks does the same to the data acks sent this way.
func (w *way) shiftAcks(by uint64) {
	for i := range w.epochs {
		w.epochs[i].hi += uint32(by >> 32)
	}
	w.ackHi += uint32(by >> 32)
}

// acked notes the upper half of a data ack of a row.
func (w *way) acked(hi, row uint32) {
	if hi != w.ackHi || !w.hasAck {
		if w.epochs == nil {
			w.epochs = w.one[:0]
		}
		w.epochs, w.ackHi, w.hasAck = append(w.epochs, epoch{row: row, hi: hi}), hi, true
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
