package trace

import "github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"

// Brief is what loops over all rows of a connection ask for, of the fields of Row by the same names: it takes a fifth of
// the time that a Row takes.
type Brief struct {
	ID, Frame      uint32
	Time           int64
	Stream         uint32
	Seq, Ack       uint32
	Len, Window    uint32
	Flags          uint16
	NoLen          bool
	Dest, ConnDest stream.Dest
	Analysis       stream.Analysis
	HasDACK        bool
	DACK           uint64
}

// Brief reads what a row tells in brief. It panics if the row is out of range, as a slice does.
func (t *Trace) Brief(row uint32, r *Brief) {
	b, k := t.blocks[row/blockLen], row%blockLen
	l, id := &b.lines[k], b.id(k)
	core := t.streams.Core(id)
	flow := l.flow()
	r.ID, r.Frame, r.Time, r.Stream = row+1, b.number(k), l.time(), id
	r.Flags, r.NoLen, r.Len = l.flags&tcpFlags, l.flags&flagNoLen != 0, t.length(l, row)
	r.Seq, r.Ack = t.relative(l, row, core, id)
	r.Window = core.Window(flow, r.Flags, l.window)
	r.Analysis = t.analysisOf(l, row)
	r.Dest, r.ConnDest = core.Dest(flow), stream.DestUnknown
	r.HasDACK, r.DACK = false, 0
	if core.Part == 0 {
		return
	}
	member := t.conns.Member(core.Part, row)
	r.ConnDest = member.Toward(flow)
	if l.bits&dssAck != 0 {
		r.HasDACK, r.DACK = true, member.DACK(flow, row, l.dack)
	}
}

// Eventful reports whether the row's MPTCP options may say more than which data it carries and acknowledges: there is another
// one than a plain DSS, a DATA_FIN, or a mapping without end.
func (t *Trace) Eventful(row uint32) bool {
	l := t.line(row)
	if l.flags&flagExtra != 0 || l.bits&dssFIN != 0 {
		return true
	}
	if l.bits&bitAnnounced == 0 {
		return false
	}
	number := t.announcedBy(l, row)
	m := t.conns.Mapping(number)
	return m != nil && m.Length == 0
}
