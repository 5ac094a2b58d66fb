package trace

import (
	"sort"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// The functions here read single columns, for loops over many rows that do not need a Row put together: they say what
// the fields of Row by the same name do. All of them panic if the row is out of range, as a slice does.

// Time is the row's time in nanoseconds since the epoch.
func (t *Trace) Time(row uint32) int64 { return t.blocks[row/blockLen].time[row%blockLen] }

// FrameOf is the row's frame.number in the file.
func (t *Trace) FrameOf(row uint32) uint32 { return t.blocks[row/blockLen].number(row % blockLen) }

// RowOfFrame is the row of a frame.number; ok is false if no frame of that number was kept.
func (t *Trace) RowOfFrame(number uint32) (row uint32, ok bool) {
	i := sort.Search(int(t.n), func(i int) bool { return t.FrameOf(uint32(i)) >= number })
	return uint32(i), i < int(t.n) && t.FrameOf(uint32(i)) == number
}

// StreamOf is the row's TCP stream.
func (t *Trace) StreamOf(row uint32) uint32 { return t.blocks[row/blockLen].id(row % blockLen) }

// Flags is the row's TCP flags.
func (t *Trace) Flags(row uint32) uint16 {
	return t.blocks[row/blockLen].flags[row%blockLen] & tcpFlags
}

// PayloadLen is the row's Len: how many payload bytes the segment has.
func (t *Trace) PayloadLen(row uint32) uint32 {
	return t.length(t.blocks[row/blockLen], row%blockLen, row)
}

// Analysis is the row's TCP analysis flags.
func (t *Trace) Analysis(row uint32) stream.Analysis {
	mark := t.blocks[row/blockLen].marks[row%blockLen]
	if mark == overflow {
		return t.moreFlags[row]
	}
	return t.analysis[mark]
}

// place is what a row's numbers are relative to.
func (t *Trace) place(row uint32) (b *block, k uint32, core *stream.Core, flow uint8) {
	b, k = t.blocks[row/blockLen], row%blockLen
	return b, k, t.streams.Core(b.id(k)), uint8(b.flags[k]>>12) & 1
}

// Dest is the end of the TCP connection that the row travels to.
func (t *Trace) Dest(row uint32) stream.Dest {
	_, _, core, flow := t.place(row)
	return core.Dest(flow)
}

// SeqAck is the row's relative sequence number and acknowledgement.
func (t *Trace) SeqAck(row uint32) (seq, ack uint32) {
	b, k, core, flow := t.place(row)
	return t.relative(b, k, row, core, flow)
}

// Window is the row's window, scaled.
func (t *Trace) Window(row uint32) uint32 {
	b, k, core, flow := t.place(row)
	if b.flags[k]&flagNoLen != 0 {
		return uint32(b.window[k])
	}
	return core.Window(flow, b.flags[k], b.window[k])
}

// ConnDest is the end of the MPTCP connection that the row travels to, DestUnknown if its stream is no subflow.
func (t *Trace) ConnDest(row uint32) stream.Dest {
	_, _, core, flow := t.place(row)
	if core.Part == 0 {
		return stream.DestUnknown
	}
	return t.conns.Member(core.Part).Toward(flow)
}

// DSN is the 64-bit data sequence number of the row's first payload byte. Unlike Row.DSN it is not there without a
// payload.
func (t *Trace) DSN(row uint32) (dsn uint64, ok bool) {
	b, k, core, flow := t.place(row)
	if core.Part == 0 || b.bits == nil || b.bits[k]&bitCovered == 0 || b.length[k] == 0 {
		return 0, false
	}
	seq := b.seq[k]
	if b.flags[k]&stream.SYN != 0 {
		seq++
	}
	return t.conns.Member(core.Part).DSN(b.mapping[k], flow, seq)
}

// DACK is the row's 64-bit data ack.
func (t *Trace) DACK(row uint32) (dack uint64, ok bool) {
	b, k, core, flow := t.place(row)
	if core.Part == 0 || b.bits == nil || b.bits[k]&dssAck == 0 {
		return 0, false
	}
	return t.conns.Member(core.Part).DACK(flow, row, b.dack[k]), true
}

// IDSN is the initial data sequence number of the row's sender, to make DSN relative; the IDSN of the other end does so
// for DACK.
func (t *Trace) IDSN(row uint32) (idsn uint64, ok bool) {
	_, _, core, flow := t.place(row)
	if core.Part == 0 {
		return 0, false
	}
	return t.conns.Member(core.Part).IDSN(flow)
}

// OptionRows lists the rows that carry more than a plain DSS: MP_CAPABLE, MP_JOIN, addresses, priorities, resets, or
// something odd, in capture order. The caller owns the list.
func (t *Trace) OptionRows() []uint32 {
	rows := make([]uint32, 0, t.extra.n)
	for i := range t.extra.n {
		rows = append(rows, t.extra.at(i).row)
	}
	return rows
}

// HasMPTCP reports whether the row carries an MPTCP option.
func (t *Trace) HasMPTCP(row uint32) bool {
	b, k := t.blocks[row/blockLen], row%blockLen
	return b.flags[k]&flagExtra != 0 || b.bits != nil && b.bits[k]&bitPlain != 0
}
