package analysis

import (
	"fmt"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// oneWay is one direction of a TCP stream, as a row.
type oneWay struct {
	dest   stream.Dest
	stream *stream.Stream
	ends   sequenceEnds
	flags  map[stream.Analysis]uint64
}

// sequenceEnds are the lowest and the highest relative sequence numbers of one direction, wide enough not to wrap: first
// that of the first byte seen, next one past the last one; has says that there was any payload.
type sequenceEnds struct {
	first, next int64
	has         bool
}

// StreamSummary tells what a TCP stream carried each way; dest is the end that it travels to, or unknown for both.
func StreamSummary(t *trace.Trace, s *stream.Stream, dest stream.Dest) *display.Table {
	dests := []stream.Dest{dest}
	if dest == stream.DestUnknown {
		dests = []stream.Dest{stream.Client, stream.Server}
	}
	var rows []oneWay
	for _, d := range dests {
		rows = append(rows, scanWay(t, s, d))
	}
	list := table(t, oneWayFields, len(rows), func(row int) oneWay { return rows[row] })
	list.Name, list.Title = "tcp_summary", fmt.Sprintf("Summary of TCP stream %d", s.ID)
	return list
}

func scanWay(t *trace.Trace, s *stream.Stream, d stream.Dest) oneWay {
	w := oneWay{dest: d, stream: s, flags: map[stream.Analysis]uint64{}}
	last := int64(0)
	for _, row := range t.StreamRows(s.ID) {
		if t.Dest(row) != d {
			continue
		}
		for flags := t.Analysis(row); flags != 0; flags &= flags - 1 {
			w.flags[flags&-flags]++
		}
		n := t.PayloadLen(row)
		seq, _ := t.SeqAck(row)
		at := last + int64(int32(seq-uint32(last))) // past 4 GB the numbers wrap
		if n > 0 {
			if !w.ends.has || at < w.ends.first {
				w.ends.first = at
			}
			if end := at + int64(n); !w.ends.has || end > w.ends.next {
				w.ends.next = end
			}
			w.ends.has = true
		}
		last = at
	}
	return w
}

func (w oneWay) total() stream.Direction { return w.stream.Toward[w.dest] }

func (w oneWay) counted(flag stream.Analysis) display.Value { return display.Uint(w.flags[flag]) }

var oneWayFields = []field[oneWay]{
	{display.Column{Key: "tcpdest", Head: "Towards", Doc: "the end of the TCP stream that it travels to"}, func(_ *trace.Trace, w oneWay) display.Value {
		return display.Str(w.dest.String())
	}},
	{display.Column{Key: "packets", Head: "Packets", Unit: display.Packets, Doc: "segments, with and without payload"}, func(_ *trace.Trace, w oneWay) display.Value {
		return display.Uint(w.total().Packets)
	}},
	{display.Column{Key: "bytes", Head: "Transferred", Unit: display.Bytes, Doc: "TCP payload, retransmissions included"}, func(_ *trace.Trace, w oneWay) display.Value {
		return display.Uint(w.total().Bytes)
	}},
	{display.Column{Key: "byte_range", Head: "Range", Unit: display.Bytes, Doc: "from the first to the last payload byte's sequence number, retransmissions counted once"}, func(_ *trace.Trace, w oneWay) display.Value {
		if !w.ends.has {
			return display.Uint(0)
		}
		return display.Uint(uint64(w.ends.next - w.ends.first))
	}},
	{display.Column{Key: "duration", Head: "Duration", Unit: display.Nanoseconds, Doc: "first to last packet of the direction"}, func(_ *trace.Trace, w oneWay) display.Value {
		if w.total().Packets == 0 {
			return display.Value{}
		}
		return display.Duration(w.total().Last - w.total().First)
	}},
	{display.Column{Key: "rate", Head: "Rate", Unit: display.BitsPerSecond, Doc: "transferred bytes over the duration"}, func(_ *trace.Trace, w oneWay) display.Value {
		d := w.total()
		if d.Last <= d.First {
			return display.Value{}
		}
		return display.Float(float64(d.Bytes) * 8e9 / float64(d.Last-d.First))
	}},
	{display.Column{Key: "retransmissions", Head: "Retransmitted", Unit: display.Packets, Doc: "as Wireshark's tcp.analysis.retransmission"}, func(_ *trace.Trace, w oneWay) display.Value {
		return w.counted(stream.Retransmission)
	}},
	{display.Column{Key: "out_of_order", Head: "Out of order", Unit: display.Packets, Doc: "as Wireshark's tcp.analysis.out_of_order"}, func(_ *trace.Trace, w oneWay) display.Value {
		return w.counted(stream.OutOfOrder)
	}},
	{display.Column{Key: "lost_segments", Head: "Not captured", Unit: display.Packets, Doc: "holes, as Wireshark's tcp.analysis.lost_segment"}, func(_ *trace.Trace, w oneWay) display.Value {
		return w.counted(stream.LostSegment)
	}},
	{display.Column{Key: "duplicate_acks", Head: "Duplicate acks", Unit: display.Packets, Doc: "as Wireshark's tcp.analysis.duplicate_ack"}, func(_ *trace.Trace, w oneWay) display.Value {
		return w.counted(stream.DuplicateAck)
	}},
	{display.Column{Key: "zero_windows", Head: "Zero windows", Unit: display.Packets, Doc: "as Wireshark's tcp.analysis.zero_window"}, func(_ *trace.Trace, w oneWay) display.Value {
		return w.counted(stream.ZeroWindow)
	}},
}
