package analysis

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Handover is where a subflow stopped carrying data, for good or for a while, and others went on.
type Handover struct {
	To         stream.Dest
	From, Next int     // ordinals: the subflow that stopped, and the one that carried on
	Packet     uint32  // id of the last packet with new data on the old one
	Time       int64   // its time
	First      uint32  // id of the next packet with data on the other one
	Switch     int64   // ns between the two
	Silent     int64   // ns until it carried new data again, or until the last data of the direction
	Gap        int64   // longest time about then without a DATA_ACK that advances: how long delivery stood still
	Share      float64 // of the data until then that the old subflow had carried
	final      bool    // it never carried new data again
}

// Limits of what is called a handover: the old subflow carried so much of the data until it stopped; then, for so long, it
// carried none, while others carried so much of all.
const (
	handoverShare = 0.1
	handoverRest  = 0.05
	handoverTime  = 200_000_000 // ns
	// gapWithin is how long after a handover a pause in delivery is laid to it.
	gapWithin = 1_000_000_000 // ns
)

// fresh is a packet with data that no packet before it carried.
type fresh struct {
	packet  uint32
	time    int64
	ordinal int
	bytes   uint64
}

// handovers finds them, in both directions.
func handovers(t *trace.Trace, c *conn.Conn) []Handover {
	var all []Handover
	if len(c.Subflows) < 2 {
		return nil
	}
	rows := t.ConnRows(c.ID)
	for _, to := range ConnDirections(stream.DestUnknown) {
		data, carried := freshData(t, rows, to)
		if len(data) == 0 {
			continue
		}
		acks := advances(t, rows, to)
		for _, h := range pauses(data, carried, len(c.Subflows)) {
			h.To = to
			h.Gap = longestPause(acks, h.Time, h.Time+min(h.Silent, gapWithin))
			all = append(all, h)
		}
	}
	return all
}

// freshData lists the packets towards an end whose data is new, and all with data, in the order of the capture.
func freshData(t *trace.Trace, rows []uint32, to stream.Dest) (data, carried []fresh) {
	var seen spans
	for _, row := range rows {
		if t.ConnDest(row) != to {
			continue
		}
		dsn, ok := t.DSN(row)
		n := uint64(t.PayloadLen(row))
		if !ok || n == 0 {
			continue
		}
		f := fresh{packet: row + 1, time: t.Time(row), ordinal: t.OrdinalOf(row)}
		seen.fill(dsn, dsn+n, 0, func(from, to uint64, _ uint32, old bool) {
			if !old {
				f.bytes += to - from
			}
		})
		if f.bytes > 0 {
			data = append(data, f)
		}
		carried = append(carried, f)
	}
	return data, carried
}

// pauses finds where each of so many subflows stopped carrying new data, for good or for a while, and others carried on.
func pauses(data, carried []fresh, subflows int) (all []Handover) {
	var total, sum uint64
	for _, f := range data {
		total += f.bytes
	}
	// What a subflow has carried, the index of its latest packet, and what all had carried with that.
	type sofar struct {
		last        int
		own, before uint64
	}
	of := make([]sofar, subflows)
	tell := func(ordinal int, until int64, final bool) {
		s := &of[ordinal]
		if s.own == 0 {
			return
		}
		f := &data[s.last]
		h := Handover{From: ordinal, Packet: f.packet, Time: f.time, Silent: until - f.time, Share: float64(s.own) / float64(s.before), final: final}
		if h.Silent < handoverTime || float64(sum-s.before) < handoverRest*float64(total) || h.Share < handoverShare {
			return
		}
		if h.next(carried) {
			all = append(all, h)
		}
	}
	for i, f := range data {
		tell(f.ordinal, f.time, false)
		s := &of[f.ordinal]
		sum += f.bytes
		*s = sofar{last: i, own: s.own + f.bytes, before: sum}
	}
	for ordinal := range of {
		tell(ordinal, data[len(data)-1].time, true)
	}
	slices.SortFunc(all, func(a, b Handover) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Packet, b.Packet)) })
	return all
}

// next finds the packet with which another subflow carries on, of those with data.
func (h *Handover) next(carried []fresh) bool {
	i, _ := slices.BinarySearchFunc(carried, h.Packet+1, func(f fresh, packet uint32) int { return cmp.Compare(f.packet, packet) })
	for _, f := range carried[i:] {
		if f.ordinal != h.From {
			h.Next, h.First, h.Switch = f.ordinal, f.packet, f.time-h.Time
			return true
		}
	}
	return false
}

// advances lists the times at which the DATA_ACK of what travels to an end moved on.
func advances(t *trace.Trace, rows []uint32, to stream.Dest) (times []int64) {
	var top, base uint64
	for _, row := range rows {
		if t.ConnDest(row) != to.Other() {
			continue
		}
		ack, ok := t.DACK(row)
		if !ok {
			continue
		}
		if base == 0 {
			base = ack - 1<<32
		}
		if at := ack - base; at > top && at < 1<<48 {
			top = at
			times = append(times, t.Time(row))
		}
	}
	return times
}

// longestPause is the longest time between two advances that overlaps a span.
func longestPause(times []int64, from, to int64) (longest int64) {
	for i := 1; i < len(times); i++ {
		if times[i] >= from && times[i-1] <= to {
			longest = max(longest, times[i]-times[i-1])
		}
	}
	return longest
}

// HandoverTable lists the handovers.
func (m *PathManager) HandoverTable() *display.Table {
	list := table(m.t, handoverFields, len(m.handovers), func(row int) handoverRow { return handoverRow{m.handovers[row], m.c} })
	list.Name, list.Title = "handovers", fmt.Sprintf("Handovers of connection %d", m.c.ID)
	list.Empty = "no subflow stopped carrying data while others went on"
	return list
}

type handoverRow struct {
	Handover
	c *conn.Conn
}

var handoverFields = []field[handoverRow]{
	{display.Column{Key: "dest", Head: "Towards", Doc: "the end that the data travels to"}, func(_ *trace.Trace, h handoverRow) display.Value { return display.Str(h.To.String()) }},
	{id("from", "From", "tcp.stream that stopped carrying new data"), func(_ *trace.Trace, h handoverRow) display.Value { return subflowValue(h.c, h.From) }},
	{id("next", "To", "tcp.stream that carried on"), func(_ *trace.Trace, h handoverRow) display.Value { return subflowValue(h.c, h.Next) }},
	momentField("time", "Time", "of the last new data on the old subflow", func(h handoverRow) int64 { return h.Time }),
	packetField("packetid", "Last packet", "with new data on the old subflow", func(h handoverRow) uint32 { return h.Packet }),
	packetField("next_packetid", "Next packet", "with data on the other one", func(h handoverRow) uint32 { return h.First }),
	{display.Column{Key: "switch", Head: "Between", Unit: display.Nanoseconds, Doc: "from the one packet to the other"}, func(_ *trace.Trace, h handoverRow) display.Value {
		return display.Duration(h.Switch)
	}},
	{display.Column{Key: "silent", Head: "Silent", Unit: display.Nanoseconds, Doc: "until the old subflow carried new data again, or until the end of the data"}, func(_ *trace.Trace, h handoverRow) display.Value {
		return display.Duration(h.Silent)
	}},
	{display.Column{Key: "gap", Head: "Delivery gap", Unit: display.Nanoseconds, Doc: "longest time about then in which no DATA_ACK moved on"}, func(_ *trace.Trace, h handoverRow) display.Value {
		return display.Duration(h.Gap)
	}},
	{display.Column{Key: "share", Head: "Had carried", Unit: display.Ratio, Share: true, Doc: "of the data until then, on the old subflow"}, func(_ *trace.Trace, h handoverRow) display.Value {
		return display.Float(h.Share)
	}},
}
