package analysis

import (
	"fmt"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/match"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// alone is a packet of one capture without a partner in the other.
type alone struct {
	p    *Pair
	lane *PairLane
	of   match.Capture
	m    match.Missing
}

// Unmapped lists the packets of both captures that have no partner, wholly or in part, and why.
func Unmapped(p *Pair) *display.Table {
	var rows []alone
	lanes := p.Lanes()
	for i := range lanes {
		l := &lanes[i]
		for _, m := range l.Flow.Sent {
			rows = append(rows, alone{p, l, l.Sender, m})
		}
		for _, m := range l.Flow.Received {
			rows = append(rows, alone{p, l, l.Sender.Other(), m})
		}
	}
	list := table(p.A, aloneFields, len(rows), func(i int) alone { return rows[i] })
	list.Name, list.Title = "unmapped", "Packets that only one capture has"
	list.Empty = "every packet of what both captures have is in both"
	return list
}

var aloneFields = []field[alone]{
	{display.Column{Key: "capture", Head: "Capture", Doc: "that has the packet"}, func(_ *trace.Trace, a alone) display.Value { return display.Str(a.p.Names[a.of]) }},
	{id("packetid", "Packet", "number among its TCP packets"), func(_ *trace.Trace, a alone) display.Value { return display.Uint(uint64(a.m.Row) + 1) }},
	{id("frame", "Frame", "frame.number in its file"), func(_ *trace.Trace, a alone) display.Value {
		return display.Uint(uint64(a.p.Trace(a.of).FrameOf(a.m.Row)))
	}},
	{display.Column{Key: "time", Head: "Time", Unit: display.Nanoseconds, Doc: "from the start of its capture"}, func(_ *trace.Trace, a alone) display.Value {
		t := a.p.Trace(a.of)
		return display.Duration(t.Time(a.m.Row) - t.Capture.First)
	}},
	laneStream(func(a alone) *Lane { return &a.lane.Lane }),
	laneDest(func(a alone) *Lane { return &a.lane.Lane }),
	{id("tcpseq", "Seq", "relative sequence number"), func(_ *trace.Trace, a alone) display.Value {
		seq, _ := a.p.Trace(a.of).SeqAck(a.m.Row)
		return display.Uint(uint64(seq))
	}},
	{display.Column{Key: "tcplen", Head: "Payload", Unit: display.Bytes, Doc: "of the packet"}, func(_ *trace.Trace, a alone) display.Value {
		return display.Uint(uint64(a.p.Trace(a.of).PayloadLen(a.m.Row)))
	}},
	{display.Column{Key: "unmapped", Head: "Without partner", Unit: display.Bytes, Doc: "of its payload; the rest arrived in other segments"}, func(_ *trace.Trace, a alone) display.Value {
		return display.Uint(uint64(a.m.Bytes))
	}},
	{display.Column{Key: "segments", Head: "Segments", Unit: display.Packets, Doc: "on the path that it stands for"}, func(_ *trace.Trace, a alone) display.Value {
		return display.Uint(uint64(a.m.Segments))
	}},
	{display.Column{Key: "why", Head: "Why", Wide: true, Doc: "what became of it"}, func(_ *trace.Trace, a alone) display.Value { return display.Str(a.m.Why.String()) }},
}

// single is a stream that one capture has only.
type single struct {
	of     match.Capture
	stream *stream.Stream
	member place
}

// SingleStreams lists the TCP streams without a partner in the other capture.
func SingleStreams(p *Pair) *display.Table {
	var rows []single
	for _, of := range []match.Capture{match.A, match.B} {
		t := p.Trace(of)
		members := places(t)
		for i := range t.Streams {
			if p.StreamOf(of, uint32(i)) == nil {
				rows = append(rows, single{of, &t.Streams[i], members[i]})
			}
		}
	}
	fields := []field[single]{
		{display.Column{Key: "capture", Head: "Capture", Doc: "that has the stream"}, func(_ *trace.Trace, s single) display.Value { return display.Str(p.Names[s.of]) }},
		{id("tcpstream", "Stream", "tcp.stream there"), func(_ *trace.Trace, s single) display.Value {
			if s.member.c != nil {
				return display.Subflow(s.member.ordinal, uint64(s.stream.ID))
			}
			return display.Uint(uint64(s.stream.ID))
		}},
		{display.Column{Key: "ends", Head: "Client → server", Wide: true, Doc: "its ends"}, func(_ *trace.Trace, s single) display.Value { return display.Str(endpoints(s.stream)) }},
		{display.Column{Key: "packets", Head: "Packets", Unit: display.Packets, Doc: "both directions"}, func(_ *trace.Trace, s single) display.Value {
			return display.Uint(s.stream.Toward[stream.Client].Packets + s.stream.Toward[stream.Server].Packets)
		}},
	}
	list := table(p.A, fields, len(rows), func(i int) single { return rows[i] })
	list.Name, list.Title = "single_streams", "TCP streams that only one capture has"
	return list
}

// UnmappedWords sum up what has no partner, by reason.
func UnmappedWords(p *Pair) []string {
	counts := map[match.Why]int{}
	for _, l := range p.Lanes() {
		for _, list := range [][]match.Missing{l.Flow.Sent, l.Flow.Received} {
			for i := range list {
				counts[list[i].Why]++
			}
		}
	}
	var words []string
	for why := match.Lost; why <= match.Injected; why++ {
		if n := counts[why]; n > 0 {
			words = append(words, fmt.Sprintf("%s: %s", display.Count(n, "packet"), why))
		}
	}
	return words
}
