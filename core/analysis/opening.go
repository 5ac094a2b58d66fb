package analysis

import (
	"fmt"
	"math"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Opening is how a subflow came up: the times of its handshake (RFC 9293 section 3.5, RFC 8684 sections 3.1 and 3.2), in ns
// since the epoch, Never for what was not captured.
type Opening struct {
	Ordinal   int
	SYN       int64
	LastSYN   int64 // the one that was answered, or the last one
	SYNs      int   // how often the SYN was sent
	SYNACK    int64
	ACK       int64 // of the SYN/ACK
	Confirmed int64 // the first packet that answers the ACK: the opener may send data on a join from then on
	Data      int64 // first payload, in either direction
	Reset     int64 // first RST before data
	// Announced is when the address that the subflow was opened to was announced (ADD_ADDR), Never if it was not.
	Announced int64
	// Vantage says where the capture was made, by this handshake.
	Vantage Vantage
}

// Never stands for the time of what was not captured. 0 is a time: captures of simulators begin there, and so do tables that
// hold no absolute times.
const Never int64 = math.MinInt64

// Setup is from the first SYN to the ACK that ends the handshake, 0 if either is missing.
func (o *Opening) Setup() int64 { return between(o.SYN, o.ACK) }

// RTT is the round trip of the handshake: from the SYN that was answered to the ACK of the answer, wherever the capture was
// made; 0 if it is not known.
func (o *Opening) RTT() int64 { return between(o.LastSYN, o.ACK) }

// Waited is how long the opener went on asking before the SYN that was answered, or the last one.
func (o *Opening) Waited() int64 { return o.LastSYN - o.SYN }

// between is the time from a to b, 0 unless both are known.
func between(a, b int64) int64 {
	if a == Never || b == Never {
		return 0
	}
	return b - a
}

// Vantage is where a capture was made, as seen by the MPTCP connection.
type Vantage uint8

// Vantages.
const (
	Unknown Vantage = iota
	AtClient
	AtServer
	Between // or both ends on one machine
)

// Near says whether the capture was made where packets that travel to that end arrive.
func (v Vantage) Near(d stream.Dest) bool {
	return v == AtClient && d == stream.Client || v == AtServer && d == stream.Server
}

// String is the vantage in words.
func (v Vantage) String() string {
	return [...]string{"unknown", "at the client", "at the server", "between the ends"}[v&3]
}

// closer is by how much one half of the handshake's round trip must be longer than the other for the capture to have been
// made at an end.
const closer = 4

// vantage tells by a handshake where the capture was made: at its opener the SYN/ACK takes long and the ACK follows at once.
func (o *Opening) vantage(opener stream.Dest) Vantage {
	answer, ack := between(o.LastSYN, o.SYNACK), between(o.SYNACK, o.ACK)
	end := opener
	switch {
	case answer <= 0 || ack <= 0:
		return Unknown
	case answer > closer*ack:
	case ack > closer*answer:
		end = opener.Other()
	default:
		return Between
	}
	if end == stream.Client {
		return AtClient
	}
	return AtServer
}

// Openings tells how each subflow of a connection came up, by ordinal.
func Openings(t *trace.Trace, c *conn.Conn) []Opening {
	list := make([]Opening, len(c.Subflows))
	for i := range list {
		list[i] = opening(t, c, i)
	}
	return list
}

// VantageOf is where the capture of a connection was made: what most of its handshakes say, Unknown without any.
func VantageOf(openings []Opening) Vantage {
	var votes [4]int
	best := Unknown
	for _, o := range openings {
		if o.Vantage != Unknown {
			votes[o.Vantage]++
		}
	}
	for v := AtClient; v <= Between; v++ {
		if votes[v] > votes[best] {
			best = v
		}
	}
	return best
}

// HandshakeRTT is the smallest round trip of the connection's handshakes, 0 if none is known.
func HandshakeRTT(openings []Opening) (rtt int64) {
	for _, o := range openings {
		if r := o.RTT(); r > 0 && (rtt == 0 || r < rtt) {
			rtt = r
		}
	}
	return rtt
}

func opening(t *trace.Trace, c *conn.Conn, ordinal int) Opening {
	part := &c.Subflows[ordinal]
	o := Opening{Ordinal: ordinal, SYN: Never, LastSYN: Never, SYNACK: Never, ACK: Never, Confirmed: Never, Data: Never, Reset: Never}
	for _, row := range t.SubflowRows(c, ordinal) {
		o.take(t, row)
		if o.Data != Never && o.Confirmed != Never {
			break
		}
	}
	o.Vantage = o.vantage(part.Dest.Other())
	o.Announced = announced(t, c, part, o.SYN)
	return o
}

// take takes in a packet. Packets to the TCP server come from the opener.
func (o *Opening) take(t *trace.Trace, row uint32) {
	time, flags, fromOpener := t.Time(row), t.Flags(row), t.Dest(row) == stream.Server
	switch {
	case flags&stream.RST != 0:
		if o.Reset == Never && o.Data == Never {
			o.Reset = time
		}
		return
	case flags&(stream.SYN|stream.ACK) == stream.SYN:
		if o.SYN == Never {
			o.SYN = time
		}
		if o.SYNACK == Never {
			o.LastSYN = time
		}
		o.SYNs++
	case flags&stream.SYN != 0:
		if o.SYNACK == Never {
			o.SYNACK = time
		}
	case fromOpener && o.ACK == Never && o.SYNACK != Never:
		o.ACK = time
	case !fromOpener && o.ACK != Never && o.Confirmed == Never:
		o.Confirmed = time
	}
	if o.Data == Never && t.PayloadLen(row) > 0 {
		o.Data = time
	}
}

// announced is when the other end announced the address that a subflow was opened to, the last time before its SYN.
func announced(t *trace.Trace, c *conn.Conn, part *conn.Subflow, before int64) int64 {
	time := Never
	to := t.Streams[part.Stream].Server.Addr()
	for i := range c.Addresses {
		a := &c.Addresses[i]
		if !part.Master && !a.Removed && !a.Echo && a.From == part.Dest && a.Addr.Addr() == to && (before == Never || a.Time <= before) {
			time = a.Time
		}
	}
	return time
}

// openingRow is a row of the table of handshakes.
type openingRow struct {
	Opening
	of     *conn.Conn
	master *Opening
}

// OpeningTable tells how the subflows of a connection came up and how long each step took.
func OpeningTable(t *trace.Trace, c *conn.Conn) *display.Table {
	openings := Openings(t, c)
	list := table(t, openingFields, len(openings), func(row int) openingRow { return openingRow{openings[row], c, &openings[0]} })
	list.Name, list.Title = "handshake", fmt.Sprintf("Handshakes of connection %d", c.ID)
	return list
}

// OpeningNotes say what the handshakes tell of the capture.
func OpeningNotes(t *trace.Trace, c *conn.Conn) []string {
	openings := Openings(t, c)
	switch v := VantageOf(openings); v {
	case AtClient, AtServer:
		return []string{fmt.Sprintf("The capture was made %s: there the handshakes' last packets follow each other closely.", v)}
	case Between:
		return []string{"The capture was made between the ends, or where both are near."}
	}
	return []string{"No handshake was captured whole, so that where the capture was made is not known."}
}

var openingFields = []field[openingRow]{
	{id("tcpstream", "Subflow", "tcp.stream"), func(_ *trace.Trace, r openingRow) display.Value { return subflowChip(r.of, r.Ordinal) }},
	{display.Column{Key: "syn", Head: "SYN at", Unit: display.Nanoseconds, Doc: "first SYN, from the start of the capture"}, func(t *trace.Trace, r openingRow) display.Value {
		if r.SYN == Never {
			return display.Value{}
		}
		return display.Duration(r.SYN - t.Capture.First)
	}},
	{display.Column{Key: "syns", Head: "SYNs", Exact: true, Doc: "how often the SYN was sent"}, func(_ *trace.Trace, r openingRow) display.Value {
		return display.Uint(uint64(r.SYNs))
	}},
	{display.Column{Key: "waited", Head: "Waited", Unit: display.Nanoseconds, Doc: "from the first SYN to the one that was answered, or the last one"}, func(_ *trace.Trace, r openingRow) display.Value {
		if r.SYN == Never {
			return display.Value{}
		}
		return display.Duration(r.Waited())
	}},
	stepField("answer", "SYN/ACK", "from the SYN to its answer", func(r openingRow) int64 { return between(r.LastSYN, r.SYNACK) }),
	stepField("ack", "ACK", "from the SYN/ACK to the ACK", func(r openingRow) int64 { return between(r.SYNACK, r.ACK) }),
	stepField("setup", "Setup", "from the first SYN to the ACK of the SYN/ACK", func(r openingRow) int64 { return r.Setup() }),
	stepField("rtt", "Round trip", "from the SYN that was answered to the ACK", func(r openingRow) int64 { return r.RTT() }),
	stepField("confirmed", "Confirmed", "from the first SYN to the packet that answers the ACK: data may be sent on a join from then on", func(r openingRow) int64 {
		return between(r.SYN, r.Confirmed)
	}),
	stepField("data", "First data", "from the first SYN to the first payload, either way", func(r openingRow) int64 { return between(r.SYN, r.Data) }),
	stepField("after_connection", "After connection", "from the end of the connection's handshake to this subflow's SYN", func(r openingRow) int64 {
		if r.Ordinal == 0 {
			return 0
		}
		return between(r.master.ACK, r.SYN)
	}),
	stepField("after_announcement", "After ADD_ADDR", "from the announcement of the address to the SYN", func(r openingRow) int64 { return between(r.Announced, r.SYN) }),
	{display.Column{Key: "outcome", Head: "Outcome", Wide: true, Doc: "how it came up and ended"}, func(t *trace.Trace, r openingRow) display.Value {
		part := &r.of.Subflows[r.Ordinal]
		return display.Str(subflowState(subflow{ordinal: r.Ordinal, part: part, stream: t.SubflowStream(r.of, r.Ordinal), of: r.of}))
	}},
}
