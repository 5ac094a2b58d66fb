package analysis

import (
	"fmt"
	"maps"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// place is a TCP stream's connection, nil if it is no subflow, and its ordinal there.
type place struct {
	c       *conn.Conn
	ordinal int
}

// places tells of each TCP stream what it is a subflow of.
func places(t *trace.Trace) []place {
	list := make([]place, len(t.Streams))
	for i := range t.Conns {
		for ordinal := range t.Conns[i].Subflows {
			list[t.Conns[i].Subflows[ordinal].Stream] = place{&t.Conns[i], ordinal}
		}
	}
	return list
}

// placeOf does so for one stream.
func placeOf(t *trace.Trace, id uint32) place {
	for i := range t.Conns {
		for ordinal := range t.Conns[i].Subflows {
			if t.Conns[i].Subflows[ordinal].Stream == id {
				return place{&t.Conns[i], ordinal}
			}
		}
	}
	return place{}
}

// streamRow is a row of the stream table.
type streamRow struct {
	stream *stream.Stream
	member place
}

// Streams lists the TCP streams of a capture, subflows and plain ones.
func Streams(t *trace.Trace) *display.Table {
	members := places(t)
	list := table(t, streamFields, len(t.Streams), func(row int) streamRow { return streamRow{&t.Streams[row], members[row]} })
	list.Name, list.Title = "streams", "TCP streams"
	list.Empty = "no packet is TCP"
	return list
}

// maxShared is how many streams SharedStreams names.
const maxShared = 3

// SharedStreams says which TCP streams were subflows of several connections one after the other, as ports were used again without a
// SYN in the capture.
func SharedStreams(t *trace.Trace) (notes []string) {
	owners := map[uint32][]string{}
	for i := range t.Conns {
		for k := range t.Conns[i].Subflows {
			if id := t.Conns[i].Subflows[k].Stream; t.Shared(id) {
				owners[id] = append(owners[id], fmt.Sprint(t.Conns[i].ID))
			}
		}
	}
	for n, id := range slices.Sorted(maps.Keys(owners)) {
		if n == maxShared {
			return append(notes, fmt.Sprintf("So were %d more streams.", len(owners)-maxShared))
		}
		notes = append(notes, fmt.Sprintf("Stream %d was a subflow of connections %s, one after the other: its row is of all its packets.", id, enumerated(owners[id])))
	}
	return notes
}

var streamFields = []field[streamRow]{
	{id("tcpstream", "Id", "tcp.stream, as Wireshark numbers it"), func(_ *trace.Trace, s streamRow) display.Value {
		if s.member.c != nil {
			return display.Subflow(s.member.ordinal, uint64(s.stream.ID))
		}
		return display.Uint(uint64(s.stream.ID))
	}},
	{display.Column{Key: "client", Head: "Client", Doc: "sender of the SYN"}, func(_ *trace.Trace, s streamRow) display.Value {
		return display.Str(s.stream.Client.String())
	}},
	{display.Column{Key: "server", Head: "Server", Doc: "receiver of the SYN"}, func(_ *trace.Trace, s streamRow) display.Value {
		return display.Str(s.stream.Server.String())
	}},
	{id("mptcpstream", "Connection", "MPTCP connection that the stream is a subflow of, the last one if it was several"), func(_ *trace.Trace, s streamRow) display.Value {
		if s.member.c == nil {
			return display.Value{}
		}
		return display.Uint(uint64(s.member.c.ID))
	}},
	{display.Column{Key: "packets", Head: "Packets", Unit: display.Packets, Doc: "both directions"}, func(_ *trace.Trace, s streamRow) display.Value {
		return display.Uint(s.stream.Toward[stream.Client].Packets + s.stream.Toward[stream.Server].Packets)
	}},
	{display.Column{Key: "bytes_to_server", Head: "To server", Unit: display.Bytes, Doc: "TCP payload, retransmissions included"}, func(_ *trace.Trace, s streamRow) display.Value {
		return display.Uint(s.stream.Toward[stream.Server].Bytes)
	}},
	{display.Column{Key: "bytes_to_client", Head: "To client", Unit: display.Bytes, Doc: "TCP payload, retransmissions included"}, func(_ *trace.Trace, s streamRow) display.Value {
		return display.Uint(s.stream.Toward[stream.Client].Bytes)
	}},
	{display.Column{Key: "start", Head: "Start", Unit: display.Nanoseconds, Doc: "first packet, from the start of the capture"}, func(t *trace.Trace, s streamRow) display.Value {
		first, _ := streamSpan(&s.stream.Toward)
		return display.Duration(first - t.Capture.First)
	}},
	{display.Column{Key: "duration", Head: "Duration", Unit: display.Nanoseconds, Doc: "first to last packet"}, func(_ *trace.Trace, s streamRow) display.Value {
		first, last := streamSpan(&s.stream.Toward)
		return display.Duration(last - first)
	}},
	{display.Column{Key: "state", Head: "State", Doc: "what was seen of its opening and end"}, func(_ *trace.Trace, s streamRow) display.Value {
		return display.Str(streamState(s.stream))
	}},
}

// streamState says how a stream began and ended in this capture.
func streamState(s *stream.Stream) string {
	begin, end := "opened", "open at the end"
	switch {
	case !s.SYN && !s.SYNACK:
		begin = "opening not captured"
	case !s.SYNACK && s.Toward[stream.Client].Packets == 0:
		begin = "never answered"
	}
	switch {
	case s.RST:
		end = "reset"
	case s.FIN:
		end = "closed"
	case begin == "never answered":
		return begin
	}
	return begin + ", " + end
}
