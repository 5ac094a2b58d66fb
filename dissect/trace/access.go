package trace

import (
	"net/netip"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// The functions here read single columns, for loops over many rows that do not need a Row put together: they say what
// the fields of Row by the same name do. All of them panic if the row is out of range, as a slice does.

// Time is the row's time in nanoseconds since the epoch.
func (t *Trace) Time(row uint32) int64 { return t.line(row).time() }

// Timeless is how many rows have no time of their own, as Row.NoTime says, and the first of them.
func (t *Trace) Timeless() (n int, first uint32) {
	for row := range t.noTimes {
		if n == 0 || row < first {
			first = row
		}
		n++
	}
	return n, first
}

// line is what a row has, whatever block it is in.
func (s *store) line(row uint32) *line { return &s.blocks[row/blockLen].lines[row%blockLen] }

// FrameOf is the row's frame.number in the file.
func (t *Trace) FrameOf(row uint32) uint32 { return t.blocks[row/blockLen].number(row % blockLen) }

// InterfaceOf is the row's Interface.
func (t *Trace) InterfaceOf(row uint32) uint32 {
	if b := t.blocks[row/blockLen]; b.iface != nil {
		return b.iface[row%blockLen]
	}
	return 0
}

// StreamOf is the row's TCP stream.
func (t *Trace) StreamOf(row uint32) uint32 { return t.blocks[row/blockLen].id(row % blockLen) }

// Flags is the row's TCP flags.
func (t *Trace) Flags(row uint32) uint16 {
	return t.line(row).flags & tcpFlags
}

// PayloadLen is the row's Len: how many payload bytes the segment has.
func (t *Trace) PayloadLen(row uint32) uint32 {
	return t.length(t.line(row), row)
}

// Analysis is the row's TCP analysis flags.
func (t *Trace) Analysis(row uint32) stream.Analysis { return t.analysisOf(t.line(row), row) }

// place is what a row's numbers are relative to.
func (t *Trace) place(row uint32) (l *line, core *stream.Core, id uint32) {
	b := t.blocks[row/blockLen]
	l = &b.lines[row%blockLen]
	id = b.ids[l.stream]
	return l, t.streams.Core(id), id
}

// Dest is the end of the TCP connection that the row travels to.
func (t *Trace) Dest(row uint32) stream.Dest {
	l, core, _ := t.place(row)
	return core.Dest(l.flow())
}

// SeqAck is the row's relative sequence number and acknowledgement.
func (t *Trace) SeqAck(row uint32) (seq, ack uint32) {
	l, core, id := t.place(row)
	return t.relative(l, row, core, id)
}

// Window is the row's window, scaled.
func (t *Trace) Window(row uint32) uint32 {
	l, core, _ := t.place(row)
	return core.Window(l.flow(), l.flags, l.window)
}

// ConnDest is the end of the MPTCP connection that the row travels to, DestUnknown if its stream is no subflow.
func (t *Trace) ConnDest(row uint32) stream.Dest {
	l, core, _ := t.place(row)
	if core.Part == 0 {
		return stream.DestUnknown
	}
	return t.conns.Member(core.Part, row).Toward(l.flow())
}

// DSN is the 64-bit data sequence number of the row's first payload byte. Unlike Row.DSN it is not there without a
// payload.
func (t *Trace) DSN(row uint32) (dsn uint64, ok bool) {
	l, core, _ := t.place(row)
	if core.Part == 0 || l.bits&bitCovered == 0 || l.length == 0 {
		return 0, false
	}
	seq := l.firstByte()
	return t.conns.Member(core.Part, row).DSN(l.mapping, l.flow(), row, seq)
}

// MappingDSN is the 64-bit number of a mapping that a DSS of the row announces, with payload or, as a DATA_FIN may be, without. ok is
// false where the option has 32 bits of it and the others are not known.
func (t *Trace) MappingDSN(row uint32, d *mptcp.DSS) (dsn uint64, ok bool) {
	if d.DSN8 {
		return d.DSN, d.HasDSN
	}
	l, core, _ := t.place(row)
	if core.Part == 0 || !d.HasDSN {
		return 0, false
	}
	member := t.conns.Member(core.Part, row)
	if !member.Whole(l.flow()) {
		return 0, false
	}
	near := uint32(0)
	if l.bits&(bitAnnounced|bitCovered) != 0 {
		near = t.announcedBy(l, row)
	}
	if m := t.conns.Mapping(near); m != nil {
		return mptcp.Expand(m.DSN(), uint32(d.DSN)), true
	}
	if i := t.ConnOf(row); i >= 0 && d.DataFIN { // it stands behind the data
		if to := &t.Conns[i].Toward[member.Toward(l.flow())]; to.HasDSN {
			return mptcp.Expand(to.DSNEnd, uint32(d.DSN)), true
		}
	}
	idsn, ok := member.IDSN(l.flow())
	return mptcp.Expand(idsn, uint32(d.DSN)), ok
}

// DACK is the row's 64-bit data ack.
func (t *Trace) DACK(row uint32) (dack uint64, ok bool) {
	l, core, _ := t.place(row)
	if core.Part == 0 || l.bits&dssAck == 0 {
		return 0, false
	}
	return t.conns.Member(core.Part, row).DACK(l.flow(), row, l.dack), true
}

// IDSN is the initial data sequence number of the row's sender, to make DSN relative; the IDSN of the other end does so
// for DACK.
func (t *Trace) IDSN(row uint32) (idsn uint64, ok bool) {
	l, core, _ := t.place(row)
	if core.Part == 0 {
		return 0, false
	}
	return t.conns.Member(core.Part, row).IDSN(l.flow())
}

// OptionRows lists the rows that carry more than a plain DSS: MP_CAPABLE, MP_JOIN, addresses, priorities, resets, or
// something odd, in capture order. The caller owns the list.
func (t *Trace) OptionRows() []uint32 {
	rows := make([]uint32, 0, t.extra.n)
	for i := range t.extra.n {
		rows = append(rows, t.extra.at(i).row())
	}
	return rows
}

// Options appends the raw MPTCP options of a row that OptionRows lists, of others nothing. They stay valid with the trace;
// do not change them.
func (t *Trace) Options(row uint32, dst []mptcp.Option) []mptcp.Option {
	if t.line(row).flags&flagExtra == 0 {
		return dst
	}
	return t.extra.options(row, dst)
}

// OptionKinds is the row's TCP option kinds, in order, a byte each.
func (t *Trace) OptionKinds(row uint32) string { return t.form(t.line(row), row)[1:] }

// Ends is the addresses and ports that the row's segment travels between.
func (t *Trace) Ends(row uint32) (src, dst netip.AddrPort) {
	l, core, _ := t.place(row)
	from, to := core.End(l.flow()), core.End(1-l.flow())
	return from.AddrPort(core.V6), to.AddrPort(core.V6)
}

// HasMPTCP reports whether the row carries an MPTCP option.
func (t *Trace) HasMPTCP(row uint32) bool {
	l := t.line(row)
	return l.flags&flagExtra != 0 || l.bits&bitPlain != 0
}

// DataFIN reports whether the row carries a DATA_FIN in its first DSS.
func (t *Trace) DataFIN(row uint32) bool {
	return t.line(row).bits&dssFIN != 0
}

// IsV6 reports whether the row's segment came over IPv6.
func (t *Trace) IsV6(row uint32) bool {
	return t.streams.Core(t.StreamOf(row)).V6
}

// OrdinalOf is the ordinal of the row's subflow in its connection, 0 if its stream is no subflow.
func (t *Trace) OrdinalOf(row uint32) int {
	core := t.streams.Core(t.StreamOf(row))
	if core.Part == 0 {
		return 0
	}
	return t.conns.Member(core.Part, row).Ordinal()
}
