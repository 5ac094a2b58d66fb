package analysis

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Ranked is what connections are ranked by, for both directions together. Times are ns.
type Ranked struct {
	Conn          *conn.Conn
	Diagnosis     Diagnosis
	Bytes         uint64 // data, each byte once
	Payload       uint64 // all of it
	Wire          uint64 // IP bytes
	Retransmitted uint64 // on the same subflow
	Reinjected    uint64
	Duration      int64
	Blocked       int64 // see Reordering
	Held          uint64
}

// byStalls is the order that asks for a look at every packet.
const byStalls = "stalls"

// Overhead is the share of the IP bytes that is no unique data, 0 where nothing was sent.
func (r *Ranked) Overhead() float64 {
	if r.Wire == 0 {
		return 0
	}
	return 1 - float64(min(r.Bytes, r.Wire))/float64(r.Wire)
}

// Rate is the data over the duration, in bits a second.
func (r *Ranked) Rate() float64 {
	if r.Duration <= 0 {
		return 0
	}
	return float64(r.Bytes) * 8e9 / float64(r.Duration)
}

// RankOrder is an order of connections.
type RankOrder struct {
	Name  string
	Doc   string
	value func(r *Ranked) float64
}

// RankOrders are the orders that connections can be ranked in, the highest first.
func RankOrders() []RankOrder {
	return []RankOrder{
		{"bytes", "data, each byte once", func(r *Ranked) float64 { return float64(r.Bytes) }},
		{byStalls, "time in which the receivers held data that a byte before it was missing of", func(r *Ranked) float64 { return float64(r.Blocked) }},
		{"overhead", "share of the IP bytes that is no unique data", func(r *Ranked) float64 { return r.Overhead() }},
		{"fallback", "those that are, or fell back to, plain TCP", func(r *Ranked) float64 {
			return float64(btoi(r.Diagnosis.plain()) + btoi(r.Diagnosis.stillborn()))
		}},
		{"reinjected", "data carried by a second subflow", func(r *Ranked) float64 { return float64(r.Reinjected) }},
		{"retransmitted", "data sent again on its subflow", func(r *Ranked) float64 { return float64(r.Retransmitted) }},
		{"duration", "first to last packet", func(r *Ranked) float64 { return float64(r.Duration) }},
		{"rate", "data over the duration", func(r *Ranked) float64 { return r.Rate() }},
		{"subflows", "number of subflows", func(r *Ranked) float64 { return float64(len(r.Conn.Subflows)) }},
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Rank measures all connections of a capture and orders them, the highest first, equal ones by id. What takes a look at the
// order of packets (Blocked, Held) is measured for the first shown of them only, 0 meaning all, unless it is what they are
// ranked by. The list is empty if there is no order of that name.
func Rank(ctx context.Context, t *trace.Trace, by string, shown int) ([]Ranked, error) {
	i := slices.IndexFunc(RankOrders(), func(o RankOrder) bool { return o.Name == by })
	if i < 0 {
		return nil, nil
	}
	all, err := measured(ctx, t, by == byStalls)
	if err != nil {
		return nil, err
	}
	list := ordered(all, RankOrders()[i].value)
	if by == byStalls {
		return list, nil
	}
	if shown == 0 {
		shown = len(list)
	}
	return list, each(ctx, min(shown, len(list)), func(i int) error { return list[i].stalls(ctx, t) })
}

// measured has all connections, in the order of their ids.
func measured(ctx context.Context, t *trace.Trace, stalls bool) ([]Ranked, error) {
	list, verdicts := make([]Ranked, len(t.Conns)), NewDiagnoses(t)
	if err := verdicts.All(ctx); err != nil {
		return nil, err
	}
	return list, each(ctx, len(list), func(i int) error {
		list[i] = ranked(t, &t.Conns[i])
		list[i].Diagnosis = verdicts.known[i]
		if stalls {
			return list[i].stalls(ctx, t)
		}
		return nil
	})
}

// ordered has the highest first, equal ones by id, as the list has them. Places are sorted, as a whole entry is long.
func ordered(list []Ranked, value func(r *Ranked) float64) []Ranked {
	type place struct {
		key   float64
		index int
	}
	places := make([]place, len(list))
	for i := range list {
		places[i] = place{value(&list[i]), i}
	}
	slices.SortFunc(places, func(a, b place) int { return cmp.Or(cmp.Compare(b.key, a.key), cmp.Compare(a.index, b.index)) })
	sorted := make([]Ranked, len(list))
	for i, p := range places {
		sorted[i] = list[p.index]
	}
	return sorted
}

// ranked measures what takes no look at the order of packets.
func ranked(t *trace.Trace, c *conn.Conn) Ranked {
	r := Ranked{Conn: c}
	for _, d := range c.Toward {
		r.Bytes += d.Unique
		r.Payload += d.Bytes
		r.Retransmitted += d.Retransmitted
		r.Reinjected += d.Reinjected
	}
	first, last := connSpan(c)
	r.Duration = last - first
	r.Wire = r.Payload
	for i := range c.Subflows {
		for _, row := range t.SubflowRows(c, i) {
			ip, tcp := t.Headers(row)
			r.Wire += uint64(ip + tcp)
		}
	}
	return r
}

// stalls measures how long data was held, if it can have been.
func (r *Ranked) stalls(ctx context.Context, t *trace.Trace) error {
	if plainlyInOrder(t, r.Conn) {
		return nil
	}
	s, err := NewStalls(ctx, t, r.Conn)
	if err != nil {
		return err
	}
	for i := range s.Toward {
		r.Blocked += s.Toward[i].Blocked
		r.Held += s.Toward[i].Held
	}
	return nil
}

// plainlyInOrder reports whether it is plain that no data was held: either way all of it was sent in order and once, and
// another subflow went on only when what was sent before had been acknowledged, without a SACK block.
func plainlyInOrder(t *trace.Trace, c *conn.Conn) bool {
	for _, d := range c.Toward {
		if d.Retransmitted+d.Reinjected+d.Unmapped > 0 || d.Bytes != d.Unique || d.HasDSN && d.DSNEnd-d.DSNMin != d.Unique {
			return false
		}
	}
	var ways [3]inTurn
	var room [4]trace.SACKBlock
	for row, ordinal := range connRows(t, c) {
		to := t.ConnDest(row)
		if !ways[to].sent(t, row, ordinal) || len(t.SACK(row, room[:0])) > 0 {
			return false
		}
		ways[to.Other()].acknowledged(t, row, ordinal)
	}
	return true
}

// inTurn follows the data one way, as long as it is sent in order.
type inTurn struct {
	any     bool
	ordinal int    // of the subflow that carries it
	seq     uint32 // of that subflow, where the next byte stands
	acked   bool   // all of it, on that subflow
	next    uint64 // data sequence number of the next byte
	mapped  bool   // next is known
}

// sent takes in a packet that travels this way, and says whether its data is what follows.
func (w *inTurn) sent(t *trace.Trace, row uint32, ordinal int) bool {
	n := t.PayloadLen(row)
	if n == 0 {
		return true
	}
	seq, _ := t.SeqAck(row)
	if t.Flags(row)&stream.SYN != 0 {
		seq++
	}
	dsn, mapped := t.DSN(row)
	switch {
	case !w.any:
	case w.mapped && mapped && dsn != w.next:
		return false
	case ordinal == w.ordinal && seq != w.seq:
		return false
	case ordinal != w.ordinal && !(w.acked && w.mapped && mapped):
		return false
	}
	*w = inTurn{any: true, ordinal: ordinal, seq: seq + n, next: dsn + uint64(n), mapped: mapped}
	return true
}

// acknowledged takes in a packet of the receiver.
func (w *inTurn) acknowledged(t *trace.Trace, row uint32, ordinal int) {
	if ordinal != w.ordinal || w.acked || t.Flags(row)&stream.ACK == 0 {
		return
	}
	_, ack := t.SeqAck(row)
	w.acked = ack == w.seq
}

// RankTable is the first n of the ranked connections, all for 0.
func RankTable(t *trace.Trace, list []Ranked, by string, n int) *display.Table {
	rows := len(list)
	if n > 0 {
		rows = min(n, rows)
	}
	out := table(t, rankFields, rows, func(row int) rankRow { return rankRow{row + 1, &list[row]} })
	out.Name, out.Title = "top", fmt.Sprintf("Connections by %s", by)
	if rows < len(list) {
		out.Title += fmt.Sprintf(" · the first %d of %s", rows, display.Whole(len(list)))
	}
	out.Empty = NoMPTCP(t)
	out.Open = func(row int) string { return fmt.Sprintf("ls %d", list[row].Conn.ID) }
	return out
}

// rankRow is a row of the ranking.
type rankRow struct {
	rank int
	*Ranked
}

var rankFields = []field[rankRow]{
	{id("rank", "Rank", "place in the order"), func(_ *trace.Trace, r rankRow) display.Value { return display.Uint(uint64(r.rank)) }},
	{id("mptcpstream", "Id", "mptcp.stream, as Wireshark numbers it"), func(_ *trace.Trace, r rankRow) display.Value { return display.Uint(uint64(r.Conn.ID)) }},
	{display.Column{Key: "client", Head: "Client", Doc: "address and port that sent the MP_CAPABLE SYN"}, func(t *trace.Trace, r rankRow) display.Value {
		return masterAddress(t, r.Conn, stream.Client)
	}},
	{display.Column{Key: "server", Head: "Server", Doc: "address and port that the MP_CAPABLE SYN was sent to"}, func(t *trace.Trace, r rankRow) display.Value {
		return masterAddress(t, r.Conn, stream.Server)
	}},
	byteField("bytes", "Data", "both ways, each byte once", func(r rankRow) uint64 { return r.Bytes }),
	{display.Column{Key: "duration", Head: "Duration", Unit: display.Nanoseconds, Doc: "first to last packet"}, func(_ *trace.Trace, r rankRow) display.Value {
		return display.Duration(r.Duration)
	}},
	{display.Column{Key: "rate", Head: "Rate", Unit: display.BitsPerSecond, Doc: "data over the duration"}, func(_ *trace.Trace, r rankRow) display.Value { return display.Float(r.Rate()) }},
	{id("subflows", "Subflows", "TCP streams of the connection"), func(_ *trace.Trace, r rankRow) display.Value { return display.Uint(uint64(len(r.Conn.Subflows))) }},
	byteField("reinjected", "Reinjected", "data that a second subflow carried", func(r rankRow) uint64 { return r.Reinjected }),
	byteField("retransmitted", "Again", "data sent again on its subflow", func(r rankRow) uint64 { return r.Retransmitted }),
	{display.Column{Key: "blocked", Head: "Blocked for", Unit: display.Nanoseconds, Doc: "time in which a receiver held data as a byte before it was missing, both ways added"}, func(_ *trace.Trace, r rankRow) display.Value {
		return display.Duration(r.Blocked)
	}},
	{display.Column{Key: "overhead", Head: "Overhead", Unit: display.Ratio, Share: true, Doc: "share of the IP bytes that is no unique data"}, func(_ *trace.Trace, r rankRow) display.Value {
		return display.Float(r.Overhead())
	}},
	{display.Column{Key: "verdict", Head: "Verdict", Wide: true, Doc: "whether it stayed MPTCP, and why not"}, func(_ *trace.Trace, r rankRow) display.Value {
		return display.Str(r.Diagnosis.Verdict())
	}},
}
