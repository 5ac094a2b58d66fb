package analysis

import (
	"context"
	"fmt"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Measure is a way to measure round trips.
type Measure uint8

// Measures.
const (
	// SegmentAck is the time from a segment to the first ack or SACK block that covers it. Of each the last segment that it
	// covers wholly counts; segments of which a byte was sent before do not (Karn's rule, RFC 6298 section 3).
	SegmentAck Measure = iota
	// Timestamp is the time from the first segment with data that carries a timestamp to an ack of new data that echoes it
	// (RFC 7323 section 4.1): good for segments sent twice, too. Acks that report a duplicate (D-SACK) echo something older.
	Timestamp
	// DataAck is the time from a segment to the first data ack on any subflow that covers its data. Data that was sent twice,
	// on whichever subflow, does not count.
	DataAck
	measures
)

// String is the measure in words.
func (m Measure) String() string {
	return [...]string{"segment → ack", "timestamp", "data → data ack", ""}[m&3]
}

// Trip is one measurement. Times are ns.
type Trip struct {
	Row   uint32 // the segment that was acknowledged
	Ack   uint32 // the row of the ack
	Value int64
}

// Trips are the measurements of a connection, in order of the acks: by measure, end that the data travels to, and
// ordinal of the subflow that carried it.
type Trips struct {
	Conn    *conn.Conn
	Samples [measures][3][][]Trip
}

// Quantiles sum up the measurements of a subflow, of all for ordinal -1, in ns.
func (r *Trips) Quantiles(m Measure, d stream.Dest, ordinal int) Quantiles {
	lists := r.Samples[m][d]
	if ordinal >= 0 {
		lists = lists[ordinal : ordinal+1]
	}
	var values []int64
	for _, list := range lists {
		for _, s := range list {
			values = append(values, s.Value)
		}
	}
	return quantiles(values)
}

// NewTrips measures a connection.
func NewTrips(ctx context.Context, t *trace.Trace, c *conn.Conn) (*Trips, error) {
	m := &tripMeter{trace: t, out: &Trips{Conn: c}}
	for _, d := range ConnDirections(stream.DestUnknown) {
		for k := range m.out.Samples {
			m.out.Samples[k][d] = make([][]Trip, len(c.Subflows))
		}
		m.lanes[d] = make([]tripLane, len(c.Subflows))
	}
	for i, row := range t.ConnRows(c.ID) {
		if i%cancelEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		m.packet(row)
	}
	return m.out, nil
}

// tripMeter measures round trips.
type tripMeter struct {
	trace  *trace.Trace
	out    *Trips
	lanes  [3][]tripLane
	data   [3]spans // data sequence numbers, with the row that carried them and repeatedBit
	acked  [3]uint64
	pieces []trace.Piece
	blocks []trace.SACKBlock
}

// tripLane is one direction of a subflow.
type tripLane struct {
	offsets counter
	sent    spans // offsets, with the row that carried them and repeatedBit
	sacked  spans
	acked   uint64
	stamps  []stamp // of data, ascending, not yet echoed
}

// stamp is a timestamp and the first segment with data that carried it.
type stamp struct{ value, row uint32 }

func (m *tripMeter) packet(row uint32) {
	d, ordinal := m.trace.ConnDest(row), m.trace.OrdinalOf(row)
	w := m.trace.Wire(row)
	if w.Len > 0 {
		m.sent(&m.lanes[d][ordinal], d, row, &w)
	}
	if w.Flags&(stream.ACK|stream.RST) == stream.ACK {
		m.acknowledged(d.Other(), ordinal, row, &w)
	}
}

// sent notes a segment with data.
func (m *tripMeter) sent(l *tripLane, d stream.Dest, row uint32, w *trace.Wire) {
	seq := w.Seq
	if w.Flags&stream.SYN != 0 {
		seq++
	}
	from := l.offsets.wide(seq)
	l.offsets.reach(from + uint64(w.Len))
	once(&l.sent, from, from+uint64(w.Len), row)
	if w.HasTS && (len(l.stamps) == 0 || int32(w.TSVal-l.stamps[len(l.stamps)-1].value) > 0) {
		l.stamps = append(l.stamps, stamp{w.TSVal, row})
	}
	m.pieces = m.trace.Pieces(row, m.pieces[:0])
	for _, p := range m.pieces {
		once(&m.data[d], p.DSN, p.DSN+uint64(p.Len), row)
	}
}

// once notes who carries numbers, and marks the row if any of them was carried before.
func once(s *spans, from, to uint64, row uint32) {
	if s.append(from, to, row) {
		return
	}
	again := false
	s.replace(from, to, row, func(uint64, uint64, uint32) { again = true })
	if again {
		s.replace(from, to, row|repeatedBit, func(uint64, uint64, uint32) {})
	}
}

// acknowledged takes in what a packet acknowledges of the data that travels to d on a subflow.
func (m *tripMeter) acknowledged(d stream.Dest, ordinal int, row uint32, w *trace.Wire) {
	if l := &m.lanes[d][ordinal]; l.offsets.top != 0 {
		ack := l.offsets.wide(w.Ack)
		duplicate := m.selected(l, d, row, w, ack)
		if ack > l.acked {
			m.sample(SegmentAck, d, row, &l.sent, &l.sacked, l.acked, ack)
			l.acked = ack
			m.echoed(l, d, row, w, duplicate)
		}
	}
	if dack, ok := m.trace.DACK(row); ok && (m.acked[d] == 0 || int64(dack-m.acked[d]) > 0) {
		m.sample(DataAck, d, row, &m.data[d], nil, m.acked[d], dack)
		m.acked[d] = dack
	}
}

// selected takes in SACK blocks, and reports whether the first one tells of a duplicate.
func (m *tripMeter) selected(l *tripLane, d stream.Dest, row uint32, w *trace.Wire, ack uint64) (duplicate bool) {
	m.blocks = m.trace.SACK(row, m.blocks[:0])
	if len(m.blocks) == 0 {
		return false
	}
	_, relative := m.trace.SeqAck(row)
	base := w.Ack - relative
	for i, b := range m.blocks {
		from := l.offsets.wide(b.Start + base)
		to := from + uint64(b.End-b.Start)
		switch {
		case b.End-b.Start > 1<<30: // no block
			continue
		case i == 0 && isDuplicate(m.blocks, to, ack):
			duplicate = true
			continue
		}
		l.sacked.fill(from, to, 0, func(from, to uint64, _ uint32, old bool) {
			if !old {
				m.sample(SegmentAck, d, row, &l.sent, nil, from, to)
			}
		})
	}
	return duplicate
}

// sample measures from the last range that ends in (from, to], if it was sent once and is not in known.
func (m *tripMeter) sample(kind Measure, d stream.Dest, ack uint32, s, known *spans, from, to uint64) {
	value, end, ok := s.lastEnd(from, to)
	if !ok || value&repeatedBit != 0 {
		return
	}
	if known != nil {
		before := false
		known.each(end-1, end, func(uint64, uint64, uint32) { before = true })
		if before {
			return
		}
	}
	m.add(kind, d, Trip{Row: value, Ack: ack, Value: m.trace.Time(ack) - m.trace.Time(value)})
}

func (m *tripMeter) add(kind Measure, d stream.Dest, r Trip) {
	list := &m.out.Samples[kind][d][m.trace.OrdinalOf(r.Row)]
	*list = append(*list, r)
}

// echoed measures by the timestamp that an ack of new data echoes.
func (m *tripMeter) echoed(l *tripLane, d stream.Dest, row uint32, w *trace.Wire, duplicate bool) {
	if !w.HasTS || duplicate {
		return
	}
	k := 0
	for k < len(l.stamps) && int32(l.stamps[k].value-w.TSEcr) < 0 {
		k++
	}
	if k < len(l.stamps) && l.stamps[k].value == w.TSEcr {
		from := l.stamps[k].row
		m.add(Timestamp, d, Trip{Row: from, Ack: row, Value: m.trace.Time(row) - m.trace.Time(from)})
		k++
	}
	l.stamps = l.stamps[k:]
}

// tripRow is a row of the table of round trips.
type tripRow struct {
	dest    stream.Dest
	ordinal int
	measure Measure
	of      *conn.Conn
	Quantiles
}

// Table sums up the measurements by direction, subflow and measure.
func (r *Trips) Table(t *trace.Trace, dest stream.Dest) *display.Table {
	var rows []tripRow
	for _, d := range ConnDirections(dest) {
		for ordinal := range r.Conn.Subflows {
			for m := range measures {
				if q := r.Quantiles(m, d, ordinal); q.Count > 0 {
					rows = append(rows, tripRow{d, ordinal, m, r.Conn, q})
				}
			}
		}
	}
	list := table(t, tripFields, len(rows), func(row int) tripRow { return rows[row] })
	list.Name, list.Title = "rtt", fmt.Sprintf("Round trips of connection %d", r.Conn.ID)
	list.Empty = "no data was sent and acknowledged in this capture"
	return list
}

// Notes say which of the figures are round trips of the path.
func (r *Trips) Notes(t *trace.Trace, dest stream.Dest) []string {
	v := VantageOf(Openings(t, r.Conn))
	for _, d := range ConnDirections(dest) {
		if v.Near(d) {
			return []string{fmt.Sprintf("The capture was made %s: towards the %s the figures are its time to answer, not the path's round trip.", v, d.End())}
		}
	}
	return nil
}

var tripFields = []field[tripRow]{
	{display.Column{Key: "dest", Head: "Towards", Doc: "the end that the data travels to; the acks travel back"}, func(_ *trace.Trace, r tripRow) display.Value {
		return display.Str(r.dest.String())
	}},
	{id("tcpstream", "Subflow", "tcp.stream that carried the data"), func(_ *trace.Trace, r tripRow) display.Value { return subflowChip(r.of, r.ordinal) }},
	{display.Column{Key: "measure", Head: "Measure", Doc: "how it was measured"}, func(_ *trace.Trace, r tripRow) display.Value {
		return display.Str(r.measure.String())
	}},
	{display.Column{Key: "samples", Head: "Samples", Doc: "number of measurements"}, func(_ *trace.Trace, r tripRow) display.Value { return display.Uint(r.Count) }},
	tripField("min", "Min", "smallest", func(q *Quantiles) int64 { return q.Min }),
	tripField("median", "Median", "half are no longer", func(q *Quantiles) int64 { return q.Median }),
	tripField("p90", "90 %", "90 per cent are no longer", func(q *Quantiles) int64 { return q.P90 }),
	tripField("p95", "95 %", "95 per cent are no longer", func(q *Quantiles) int64 { return q.P95 }),
	tripField("p99", "99 %", "99 per cent are no longer", func(q *Quantiles) int64 { return q.P99 }),
	tripField("max", "Max", "longest", func(q *Quantiles) int64 { return q.Max }),
	tripField("mean", "Mean", "arithmetic mean", func(q *Quantiles) int64 { return int64(q.Mean) }),
}

func tripField(key, head, doc string, value func(*Quantiles) int64) field[tripRow] {
	return field[tripRow]{display.Column{Key: key, Head: head, Unit: display.Nanoseconds, Doc: doc}, func(_ *trace.Trace, r tripRow) display.Value {
		return display.Duration(value(&r.Quantiles))
	}}
}
