package trace

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// Glance is what a pass over a whole capture asks of each row, of the fields of Row by the same names. Without a payload it
// has no DSN, and DSN and DACK are 0 where they are not there.
type Glance struct {
	Time            int64
	DSN, DACK       uint64
	Stream, Len     uint32
	Flags           uint16
	Dest, ConnDest  stream.Dest
	HasMPTCP        bool
	DataFIN         bool // carries a DATA_FIN in its first DSS
	HasDSN, HasDACK bool
	_               struct{} // named fields only
}

// Pass reads Glances of very many rows. What they need of their streams is gathered once: it lies together, where the tables
// have it far apart. One goroutine uses it.
type Pass struct {
	t     *Trace
	flows []passFlow // of stream id those at 2*id and 2*id+1
}

// passFlow is what rows of a flow are completed with.
type passFlow struct {
	conn.Completion
	dest, connDest stream.Dest
	several        bool // the stream is several subflows: each row is looked at by itself
}

// NewPass returns a Pass over the trace. It takes some 100 bytes a stream.
func (t *Trace) NewPass() *Pass {
	p := &Pass{t: t, flows: make([]passFlow, 2*len(t.Streams))}
	for i := range p.flows {
		core := t.streams.Core(uint32(i) / 2)
		t.passFlow(core, uint8(i%2), 0, &p.flows[i])
		p.flows[i].several = t.conns.Several(core.Part)
	}
	return p
}

func (t *Trace) passFlow(core *stream.Core, flow uint8, row uint32, f *passFlow) {
	f.dest = core.Dest(flow)
	if core.Part != 0 {
		m := t.conns.Member(core.Part, row)
		f.connDest, f.Completion = m.Toward(flow), m.Completion(flow)
	}
}

// At reads a row. It panics if the row is out of range, as a slice does.
func (p *Pass) At(row uint32, g *Glance) {
	b := p.t.blocks[row/blockLen]
	l := &b.lines[row%blockLen]
	id := b.ids[l.stream]
	f := &p.flows[2*id+uint32(l.flow())]
	if f.several {
		p.t.Glance(row, g)
		return
	}
	p.t.glance(l, row, id, f, g)
}

// Glance reads a row for who asks for fewer than a Pass is worth. It panics if the row is out of range, as a slice does.
func (t *Trace) Glance(row uint32, g *Glance) {
	l, core, id := t.place(row)
	var f passFlow
	t.passFlow(core, l.flow(), row, &f)
	t.glance(l, row, id, &f, g)
}

func (t *Trace) glance(l *line, row, id uint32, f *passFlow, g *Glance) {
	flags, bits := l.flags, l.bits
	g.Time, g.Stream, g.Len, g.Flags = l.time(), id, t.length(l, row), flags&tcpFlags
	g.Dest, g.ConnDest = f.dest, f.connDest
	g.HasMPTCP, g.DataFIN = flags&flagExtra != 0 || bits&bitPlain != 0, bits&dssFIN != 0
	g.DSN, g.DACK, g.HasDSN, g.HasDACK = 0, 0, false, false
	if f.connDest == stream.DestUnknown {
		return
	}
	if bits&bitCovered != 0 && g.Len > 0 {
		seq := l.firstByte()
		g.DSN, g.HasDSN = f.DSN(t.conns, l.mapping, row, seq)
	}
	if bits&dssAck != 0 {
		g.DACK, g.HasDACK = uint64(f.Upper)<<32|uint64(l.dack), true
		if !f.Steady {
			g.DACK, _ = t.DACK(row)
		}
	}
}
