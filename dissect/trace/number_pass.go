package trace

import (
	"sort"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// NumberPass reads the Numbers of very many rows, best in their order, without putting Rows together. Several passes over one
// trace may go on at the same time, each by one goroutine.
type NumberPass struct {
	t     *Trace
	flows [keptFlows]numberFlow
	// No row from the one up to the other is linked to other rows; the second one is, or is the end.
	clear, linked uint32
}

// keptFlows is of how many flows, by their number, the last ones are kept.
const keptFlows = 1 << 8

// numberFlow is what rows of a flow have in common.
type numberFlow struct {
	key      uint32 // Numbers.By[ByFlow], 0 in an empty place
	stream   uint32
	has      uint64 // bits of Numbers.Has
	src, dst uint16 // ports
	shift    uint8  // of the window
	odd      bool   // none of its rows is simple
	part     bool   // of a connection
	known    bool   // idsn is
	theirs   bool   // peer is known
	whole    bool   // upper halves of data sequence numbers are known
	syn      bool   // its SYN was captured
	seq, ack uint32 // what the numbers are relative to
	conn     uint32
	idsn     uint64 // initial data sequence number of the sender
	peer     uint64 // of the other end
	member   conn.Member
	conn.Completion
}

// flowKey is the key of one direction of a stream.
func flowKey(id uint32, flow uint8) uint32 { return 2*id + uint32(flow) + 1 }

// NewNumberPass returns a NumberPass over the trace.
func (t *Trace) NewNumberPass() *NumberPass { return &NumberPass{t: t} }

// At reads what Row.Numbers reads of the row, without the row, if that can be done: ok is false for the few rows that have
// other MPTCP options than one DSS, links to other rows, or are odd. It panics if the row is out of range, as a slice does.
func (p *NumberPass) At(row uint32, n *Numbers) (ok bool) {
	t := p.t
	b := t.blocks[row/blockLen]
	l := &b.lines[row%blockLen]
	id, flow := b.ids[l.stream], l.flow()
	key := flowKey(id, flow)
	f := &p.flows[key%keptFlows]
	if f.key != key {
		f.set(t, id, flow)
	}
	flags := l.flags
	if f.odd || flags&(flagExtra|flagNoLen) != 0 || row >= p.linked || row < p.clear {
		if f.odd || flags&(flagExtra|flagNoLen) != 0 || p.isLinked(row) {
			return false
		}
	}
	time, length := l.time(), t.length(l, row)
	at := &n.At
	at[atPacketID], at[atRelTime], at[atAbsTime] = uint64(row)+1, uint64(time-t.first), uint64(time)
	at[atStream], at[atSrcPort], at[atDstPort], at[atConn] = uint64(id), uint64(f.src), uint64(f.dst), uint64(f.conn)
	window, ack := uint64(l.window), l.ack
	if flags&stream.SYN == 0 {
		window <<= f.shift & 63
	}
	if flags&stream.ACK != 0 {
		ack -= f.ack
	}
	at[atWindow], at[atFlags] = window, uint64(flags&tcpFlags)
	at[atSeq], at[atLen], at[atAck] = uint64(l.seq-f.seq), uint64(length), uint64(ack)
	tsVal, tsEcr, hasVal, hasEcr := l.timestamps()
	at[atTSVal], at[atTSEcr] = uint64(tsVal), uint64(tsEcr)
	n.Has, n.Many, n.Carried, n.Lone = f.has|bit(hasVal)<<atTSVal|bit(hasEcr)<<atTSEcr, 0, 0, false
	n.By = [Keys]uint32{ByFlow: key, ByHeader: headerKey(flags, l.kinds), ByInterface: 1}
	if b.iface != nil {
		n.By[ByInterface] += b.iface[row%blockLen]
	}
	if f.part {
		p.data(l, row, f, n)
	}
	return true
}

// isLinked says whether a row is linked to others, and notes what is next.
func (p *NumberPass) isLinked(row uint32) bool {
	t := p.t
	p.clear, p.linked = row, t.n
	for _, l := range [...]*links{&t.also, &t.reinjectedIn, &t.reinjections} {
		i := sort.Search(len(l.list), func(i int) bool { return l.list[i].row() >= row })
		if i < len(l.list) {
			p.linked = min(p.linked, l.list[i].row())
		}
	}
	return p.linked == row
}

// set gathers what rows of a flow have in common.
func (f *numberFlow) set(t *Trace, id uint32, flow uint8) {
	core := t.streams.Core(id)
	src, dst := core.End(flow), core.End(1-flow)
	*f = numberFlow{key: flowKey(id, flow), stream: id, src: src.Port, dst: dst.Port, odd: core.Rebased || t.noTimes != nil,
		seq: core.Base[flow], ack: core.Base[1-flow], syn: core.SYN[flow], shift: uint8(max(core.Scale[flow], 0)),
		has: always | 1<<atRelTime | 1<<atAbsTime | 1<<atLen}
	if core.Part == 0 {
		return
	}
	m, inConn := t.conns.Member(core.Part, 0), false
	f.part, f.member, f.Completion, f.whole = true, m, m.Completion(flow), m.Whole(flow)
	f.conn, inConn = m.ConnID()
	f.has |= bit(inConn) << atConn
	f.idsn, f.known = m.IDSN(flow)
	f.peer, f.theirs = m.IDSN(1 - flow)
}

// data reads what rows of subflows have.
func (p *NumberPass) data(l *line, row uint32, f *numberFlow, n *Numbers) {
	bits := l.bits
	dack := uint64(l.dack)
	if bits&dssAck != 0 {
		whole := uint64(f.Upper)<<32 | dack
		if !f.Steady {
			whole = f.member.DACK(l.flow(), row, l.dack)
		}
		n.At[atRelDACK] = whole - f.peer
		n.Has |= bit(f.theirs) << atRelDACK
		if bits&dssAck8 != 0 {
			dack = whole
		}
	}
	if bits&bitPlain != 0 {
		n.Carried, n.Lone = dss, true
		n.At[atFIN], n.At[atSubtype], n.At[atDSSAck] = bit(bits&dssFIN != 0), uint64(mptcp.SubDSS), dack
		n.Has |= 1<<atFIN | 1<<atSubtype | bit(bits&dssAck != 0)<<atDSSAck
		if bits&bitAnnounced != 0 {
			p.announced(l, row, n)
		}
	}
	if bits&bitCovered != 0 {
		p.covered(l, row, f, n)
		return
	}
	start := uint64(n.At[atSeq]) // of the sequence space, as Wireshark shows it
	if n.At[atLen] > 0 || bits&bitPlain == 0 || !f.known || !f.syn || start > 1 && l.flags&stream.SYN == 0 {
		return
	}
	if l.flags&stream.SYN != 0 {
		start = 0
	} else if start == 0 {
		return
	}
	n.At[atDSN], n.At[atRelDSN] = f.idsn+start, start
	n.Has |= 1<<atDSN | 1<<atRelDSN
}

// announced reads the mapping that a row announces.
func (p *NumberPass) announced(l *line, row uint32, n *Numbers) {
	number := p.t.announcedBy(l, row)
	m := p.t.conns.Mapping(number)
	if m == nil {
		return
	}
	dsn := m.DSN()
	if l.bits&dssDSN8 == 0 {
		dsn = uint64(uint32(dsn))
	}
	n.At[atDSSDSN], n.At[atDSSSSN], n.At[atDSSLen] = dsn, uint64(m.SSN), uint64(m.Length)
	n.Has |= 1<<atDSSDSN | 1<<atDSSSSN | 1<<atDSSLen
}

// covered reads what the mapping tells that covers a row's payload.
func (p *NumberPass) covered(l *line, row uint32, f *numberFlow, n *Numbers) {
	m := p.t.conns.Mapping(l.mapping)
	if m == nil {
		return
	}
	if n.At[atLen] > 0 {
		n.At[atRelated] = uint64(m.Row) + 1
		n.Has |= 1 << atRelated
	}
	seq := l.firstByte()
	if dsn, ok := f.DSN(p.t.conns, l.mapping, row, seq); ok {
		n.At[atDSN], n.At[atRelDSN] = dsn, dsn-f.idsn
		n.Has |= bit(f.whole)<<atDSN | bit(f.known)<<atRelDSN
	}
}
