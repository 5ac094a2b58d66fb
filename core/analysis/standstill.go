package analysis

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// standstill is a time in which a subflow passes nothing: data is sent and sent again, and nothing of the receiver comes back on
// it. Or, where the capture was made at the receiver: nothing comes, and other subflows bring what was lost.
type standstill struct {
	ordinal int
	to      stream.Dest // that the data travels to
	packet  uint32      // the first that waits; or the last that came
	since   int64       // its time, or when the receiver was last heard if that is later
	back    uint32      // the packet that ends it; 0 if none does
	until   int64       // its time, or that of the last try
	bytes   uint64      // sent and not acknowledged then; or that others brought instead, at least
	tries   int         // segments sent again
	largest uint32      // payload of its segments with data, if none of them passed by then; else 0
	arrives bool        // the capture was made at the receiver
	next    int         // the subflow that carries data in the meantime, -1 if none does
	first   uint32      // packet with which it does
}

// standstills finds those of all subflows but the ones that are told to have died.
func (e *examination) standstills(dead []silence) (list []standstill) {
	for i := range e.lives {
		if !e.pauses(i) {
			continue
		}
		for _, to := range ConnDirections(stream.DestUnknown) {
			if !slices.ContainsFunc(dead, func(s silence) bool { return s.From == i && s.To == to }) {
				list = append(list, e.standing(i, to)...)
			}
		}
	}
	for _, h := range e.absences() {
		if !slices.ContainsFunc(list, func(s standstill) bool {
			return s.ordinal == h.ordinal && s.to == h.to && s.since < h.until && h.since < s.until
		}) {
			list = append(list, h)
		}
	}
	slices.SortStableFunc(list, func(a, b standstill) int { return cmp.Compare(a.packet, b.packet) })
	return list
}

// pauses says whether one end of a subflow is not heard for long between its packets, or at the end: only then it is looked at closely.
func (e *examination) pauses(ordinal int) bool {
	rows := e.t.SubflowRows(e.c, ordinal)
	if len(rows) == 0 {
		return false
	}
	var before [3]int64
	last := e.t.Time(rows[len(rows)-1])
	for _, row := range rows {
		from, time := e.t.Dest(row).Other(), e.t.Time(row)
		if before[from] != 0 && time-before[from] >= leastSilence {
			return true
		}
		before[from] = time
	}
	return before[stream.Client] != 0 && last-before[stream.Client] >= leastSilence || before[stream.Server] != 0 && last-before[stream.Server] >= leastSilence
}

// standing finds the standstills of what a subflow carries one way, by what comes back.
func (e *examination) standing(ordinal int, to stream.Dest) (list []standstill) {
	w := watch{to: subflowToward(&e.c.Subflows[ordinal], to)}
	s := standstill{ordinal: ordinal, to: to}
	shut := false // the receiver's last word was a window of zero
	for _, row := range e.t.SubflowRows(e.c, ordinal) {
		p := e.t.Wire(row)
		if e.t.Dest(row) == w.to {
			if w.waiting < len(w.sent) && p.Len > 0 && w.seqs.wide(p.Seq)+uint64(p.Len) <= w.seqs.top {
				s.tries, s.until = s.tries+1, p.Time
			}
			w.take(e.t, row)
			continue
		}
		if !shut && w.stands(&s) && p.Time-s.since >= w.patience() {
			s.back, s.until = row+1, p.Time
			list = append(list, e.relieved(s))
			w.restart() // these waits are no measure
		}
		s.tries, shut = 0, p.Window == 0
		w.take(e.t, row)
	}
	if !shut && w.stands(&s) && s.until-s.since >= w.patience() {
		list = append(list, e.relieved(s))
	}
	return list
}

// patience is for how long nothing must be heard for the path to be said to stand still, in ns.
func (w *watch) patience() int64 { return max(leastSilence, 2*w.longest) }

// stands says whether data waits that was sent again, and since when.
func (w *watch) stands(s *standstill) bool {
	if s.tries == 0 || w.heardAt == 0 || w.waiting == len(w.sent) {
		return false
	}
	first := &w.sent[w.waiting]
	s.largest = 0
	if w.waiting == 0 {
		for i := range w.sent {
			s.largest = max(s.largest, w.sent[i].length)
		}
	}
	s.packet, s.since, s.bytes = first.row+1, max(first.time, w.heardAt), w.seqs.top-max(w.acked, first.upto-uint64(first.length))
	return true
}

// restart lets what waits now not tell how long acks take.
func (w *watch) restart() {
	for i := w.waiting; i < len(w.sent); i++ {
		w.sent[i].stale = true
	}
}

// connRows are the rows of the connection.
func (e *examination) connRows() []uint32 {
	if e.rows == nil {
		e.rows = e.t.ConnRows(e.c.ID)
	}
	return e.rows
}

// relieved finds the subflow that carries data the same way in the meantime.
func (e *examination) relieved(s standstill) standstill {
	s.next = -1
	rows := e.connRows()
	from, _ := slices.BinarySearch(rows, s.packet)
	for _, row := range rows[from:] {
		if e.t.Time(row) > s.until {
			break
		}
		if o := e.t.OrdinalOf(row); o != s.ordinal && e.t.ConnDest(row) == s.to && e.t.PayloadLen(row) > 0 {
			s.next, s.first = o, row+1
			break
		}
	}
	return s
}

// absences finds the standstills that a receiver sees: for a while nothing of the sender comes on a subflow, and others bring what was
// lost on it.
func (e *examination) absences() (list []standstill) {
	near := func(ordinal int, to stream.Dest) bool {
		return e.lives[ordinal].vantage.Near(subflowToward(&e.c.Subflows[ordinal], to))
	}
	if len(e.lives) < 2 || !slices.ContainsFunc(e.lives, func(l life) bool { return e.pauses(l.ordinal) }) {
		return nil
	}
	var gone [3][]absence
	for _, h := range handovers(e.t, e.c) {
		if h.final || !near(h.From, h.To) {
			continue
		}
		s := standstill{ordinal: h.From, to: h.To, packet: h.Packet, since: h.Time, arrives: true, next: h.Next, first: h.First}
		if s.back = e.heardAgain(&h); s.back == 0 {
			continue
		}
		if s.until = e.t.Time(s.back - 1); s.until-s.since >= leastSilence {
			list = append(list, s)
			gone[h.To] = append(gone[h.To], absence{from: h.From, packet: h.Packet, before: s.back})
		}
	}
	for _, to := range ConnDirections(stream.DestUnknown) {
		slices.SortFunc(gone[to], func(a, b absence) int { return cmp.Compare(a.packet, b.packet) })
		if len(gone[to]) > 0 {
			instead(e.t, e.c, to, gone[to])
		}
	}
	for i := range list {
		s := &list[i]
		at, _ := slices.BinarySearchFunc(gone[s.to], s.packet, func(a absence, packet uint32) int { return cmp.Compare(a.packet, packet) })
		s.bytes = gone[s.to][at].bytes
	}
	return slices.DeleteFunc(list, func(s standstill) bool { return s.bytes == 0 })
}

// heardAgain is the first packet that comes the same way on a subflow after it was left, 0 if none does.
func (e *examination) heardAgain(h *Handover) uint32 {
	rows := e.t.SubflowRows(e.c, h.From)
	i, _ := slices.BinarySearch(rows, h.Packet)
	for _, row := range rows[i:] {
		if e.t.ConnDest(row) == h.To {
			return row + 1
		}
	}
	return 0
}

// text says what shows the standstill, in the middle of a sentence.
func (s *standstill) text(e *examination) string {
	who, peer := s.to.Other().End(), s.to.End()
	amount := display.Scaled(float64(s.bytes), display.Bytes)
	if s.arrives {
		return fmt.Sprintf("nothing from the %s comes on it between packets %d and %d; subflow %d goes on (packet %d), and brings what was missing, %s or more",
			who, s.packet, s.back, e.c.Subflows[s.next].Stream, s.first, amount)
	}
	what := fmt.Sprintf("what the %s sends on it from %s on (%s) is sent again and not acknowledged", who, packetName(e.t, s.packet), amount)
	if s.back != 0 {
		what += fmt.Sprintf(", and the %s is not heard on it before packet %d", peer, s.back)
	} else {
		what += fmt.Sprintf(", and the %s is not heard on it any more", peer)
	}
	if s.largest > 0 {
		what += fmt.Sprintf("; none of its segments with data passed so far, of up to %d bytes", s.largest)
	}
	if s.next >= 0 {
		what += fmt.Sprintf("; subflow %d carries data meanwhile (packet %d)", e.c.Subflows[s.next].Stream, s.first)
	}
	return what
}

// length is how long it lasts.
func (s *standstill) length() string { return spanText(s.until - s.since) }

// standingOf says whether anything took over from one of them.
func standingOf(list []standstill) bool {
	return slices.ContainsFunc(list, func(s standstill) bool { return s.next >= 0 })
}
