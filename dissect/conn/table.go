package conn

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/packet"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// Host is told what a packet shows of rows before it. All of it is rare.
type Host interface {
	// Cover says that a mapping covers the first payload byte of an earlier row, or its sequence number if it has none.
	Cover(row, mapping uint32)
	// AlsoCovered says that a further mapping covers part of the payload of this or an earlier row.
	AlsoCovered(row, mapping uint32)
	// Reinjected says that row later carries bytes that row earlier carried on another subflow.
	Reinjected(later, earlier uint32)
	// Issue reports something odd on a row.
	Issue(kind Issue, row uint32)
}

// Table is the table of connections. It is used by one goroutine at a time.
type Table struct {
	host        Host
	streams     *stream.Table
	conns       []*state
	subs        []*sub       // by Core.Part-1
	usual       [][2]*way    // those of the subs, from when their usual packets may take the short way: see prepare
	states      batch[state] // memory of conns
	rooms       batch[sub]   // memory of subs
	tokens      map[uint32]owner
	olderOwners map[uint32][]owner // older ones with the token, oldest first; nil until there are any
	maps        mappings
	ids         numbering
	room        *room      // of all lists of pairs and what has them, nil with a limit
	limit       int        // entries kept of each growing list, 0 for all
	view        packetView // of the packet that is being added, here so that it need not be allocated
	out         Result
	signal      mptcp.DSS    // the one that is being read
	told        announcement // and what it announces
	waited      []waiting    // room of settle
	done        []Conn
	names       []bool // ids of Wireshark's that are a connection's

	// replacedISNs are the initial sequence numbers that were replaced, oldest first, see replaceISN; mostly nil.
	replacedISNs map[flowKey][]replacedISN

	// synData is the payload of SYNs of which it is not known yet whether it was taken; mostly nil.
	synData map[flowKey][]waiting

	// Streams that turned out to be several connections, one after the other, and SYN/ACKs that may begin one; mostly nil.
	eras   map[uint32][]era
	strays map[uint32]stray

	// closing is the keys in MP_FASTCLOSE whose version is not known; mostly nil.
	closing map[mptcp.Key]closing

	// early is what was announced on flows whose initial sequence number is not certain, oldest first; mostly empty.
	early map[flowKey][]announced
}

// owner is the end of a connection that a token stands for.
type owner struct {
	conn *state
	end  stream.Dest
}

// NewTable returns an empty table. limit bounds the memory of each connection, in entries of its growing lists; 0 is
// no bound. With one, bytes carried longer ago than that many segments are not recognised when they come again.
func NewTable(host Host, streams *stream.Table, limit int) *Table {
	t := &Table{host: host, streams: streams, tokens: map[uint32]owner{}, limit: limit}
	if limit > 0 {
		t.maps.keep = 64 // of mappingBlock each
	} else {
		t.room = &room{}
	}
	return t
}

// Result is what the table makes of one packet. Mapping numbers are those of Table.Mapping, 0 for none. It has no more than
// four fields, which the compiler keeps in registers: in memory it would be written in parts and read as one, at once, and
// processors wait long for that.
type Result struct {
	// Announced is the mapping in the packet's first DSS, or in its MP_CAPABLE.
	Announced uint32
	// Covering is the mapping of the first payload byte, or of the sequence number of a packet without payload that has
	// an MPTCP option.
	Covering uint32
	DACK     uint32 // lower half of the data ack of the first DSS, if it has one
	DSS      DSSBits
}

// DSSBits are the 5 flags of the first DSS option of a packet, and what is known of it.
type DSSBits uint8

const (
	// WholeDSS says that the option was read without fault.
	WholeDSS DSSBits = 0x20
	// PlainDSS says that the packet has no MPTCP option but this one, which has no checksum, and that no row waited for it.
	PlainDSS DSSBits = 0x40
)

// Flags are the flags alone.
func (b DSSBits) Flags() uint8 { return uint8(b) & 0x1f }

// packetView is one packet on its way through the handlers.
type packetView struct {
	*packet.Packet
	row  uint32
	flow uint8
	res  *Result
}

// firstByte is the TCP sequence number of the payload's first byte: a SYN has a number of its own before it.
func (v *packetView) firstByte() uint32 {
	if v.Flags&stream.SYN != 0 {
		return v.Seq + 1
	}
	return v.Seq
}

// Add takes the next TCP packet, after the stream table has. row counts all packets given to Add, from 0.
func (t *Table) Add(p *packet.Packet, at *stream.Position, core *stream.Core, row uint32) Result {
	if core.Part != 0 && p.NumMPTCP == 1 {
		if w := t.usual[core.Part-1][at.Flow&1]; w != nil && w.ready {
			if r, ok := t.steady(w, p, at.Flow, row); ok {
				return r
			}
		}
	}
	if core.Part == 0 && p.NumMPTCP == 0 {
		return Result{}
	}
	return t.general(p, at, core, row)
}

// general is Add for whatever packet.
func (t *Table) general(p *packet.Packet, at *stream.Position, core *stream.Core, row uint32) Result {
	r := &t.out
	*r = Result{}
	v := &t.view
	v.Packet, v.row, v.flow, v.res = p, row, at.Flow, r
	if p.NumMPTCP > 0 {
		t.options(at.ID, core, v)
	}
	s := t.subs[core.Part-1]
	if p.Flags&stream.SYN != 0 && s.ways[v.flow] != nil {
		t.fix(s, v.flow, p.Seq) // a SYN that came late
	}
	if s.client != core.Client { // a SYN came late: which way packets travel in the connection stays
		s.client, s.dest = core.Client, s.dest.Other()
	}
	if t.synData != nil && p.Flags&(stream.SYN|stream.ACK) == stream.SYN|stream.ACK && v.flow != core.Client {
		t.settleSYNData(s, core.Client, v.Ack)
	}
	if s.stage < settled {
		t.watchHandshake(s, v)
	}
	switch {
	case p.PayloadLen > 0:
		t.carry(s, v)
	case p.NumMPTCP > 0 && p.Flags&stream.SYN == 0:
		if s.core.SYN[v.flow] {
			s.way(v.flow)
		}
		// A packet right behind a further SYN/ACK is before any data of it, whatever was mapped before.
		if w := s.ways[v.flow]; w != nil && w.hasOffsets() && !(core.Rebased && v.Seq == core.Base[v.flow]+1) {
			r.Covering = t.pureAck(w, v.Seq, row)
		}
	}
	t.prepare(core.Part-1, s, v.flow)
	return *r
}

// carry finds the mapping of a payload.
func (t *Table) carry(s *sub, v *packetView) {
	seq, w := v.firstByte(), s.way(v.flow)
	if t.holdSYNData(s, v) {
		return
	}
	if !s.dss[v.flow] {
		t.checkFirstData(s, v)
	}
	if s.fellBack && !w.dss && !s.conn.tentative && v.NumMPTCP == 0 {
		t.carryFallback(s, w, v, seq)
		return
	}
	v.res.Covering = t.payload(s, v.flow, w, waiting{row: v.row, seq: seq, n: v.PayloadLen})
	if !w.checked && s.conn.checksum {
		w.follow()
	}
	if w.checked {
		t.feedChecks(s, v.flow, w, seq, v.Payload(), v.row)
	}
}

// carryFallback counts payload after a fallback to regular TCP: bytes are told apart by their stream offset, and are kept apart
// from those with a data sequence number, should there be such after all.
func (t *Table) carryFallback(s *sub, w *way, v *packetView, seq uint32) {
	w.fix(s.core.Base[v.flow])
	offset := w.offset(seq)
	w.reach(offset + uint64(v.PayloadLen))
	plain := &s.space(v.flow).withoutDSN().fallback
	t.noted(w, plain, plain.lanes[0], offset, v.PayloadLen, v.row)
}

// pureAck finds the mapping that a packet without payload points into, on a way whose offsets can be computed. Wireshark
// shows its number.
func (t *Table) pureAck(w *way, seq, row uint32) uint32 {
	if seq == w.isn+1 && !w.synDataTaken {
		return 0
	}
	at := w.offset(seq)
	number, fin := uint32(0), false
	if at < w.mapEnd || w.endless != 0 {
		number, fin = t.pointed(w, at)
	}
	if number == 0 || fin {
		w.point(at, row, t.limit)
	}
	return number
}

// handlers take in an option, by subtype.
var handlers = [16]func(t *Table, s *sub, v *packetView, o mptcp.Option){
	mptcp.SubCapable:    (*Table).capable,
	mptcp.SubJoin:       (*Table).mpJoin,
	mptcp.SubDSS:        (*Table).dss,
	mptcp.SubAddAddr:    (*Table).addAddr,
	mptcp.SubRemoveAddr: (*Table).removeAddr,
	mptcp.SubPrio:       (*Table).prio,
	mptcp.SubFail:       (*Table).fail,
	mptcp.SubFastclose:  (*Table).fastclose,
	mptcp.SubReset:      (*Table).reset,
}

// options takes in all MPTCP options of a packet.
func (t *Table) options(id uint32, core *stream.Core, v *packetView) {
	if core.Part == 0 {
		t.open(id, core, v)
	}
	s := t.subs[core.Part-1]
	for i := range v.MPTCP[:v.NumMPTCP] {
		o := v.MPTCP[i]
		if len(o) < 3 {
			continue
		}
		sub := o.Subtype()
		if sub != mptcp.SubDSS || s.wire.conn == nil || len(o) > 3 && o[3]&0x0c == 0x0c {
			t.ids.option(&s.wire, v.flow, o)
			s.renumbered()
		}
		s.wire.addSubtype(core, sub)
		handle := handlers[sub&15]
		if handle == nil {
			t.host.Issue(UnknownSubtype, v.row)
			continue
		}
		handle(t, s, v, o)
		s = t.subs[core.Part-1] // MP_CAPABLE may begin another
	}
}

// fault reports what is wrong with an option, and whether it can be used at all.
func (t *Table) fault(f mptcp.Fault, row uint32) bool {
	switch f {
	case mptcp.WrongSubtype:
		return false
	case mptcp.BadLength:
		t.host.Issue(BadOption, row)
	case mptcp.Cut:
		t.host.Issue(CutOption, row)
	case mptcp.ReservedBits:
		t.host.Issue(ReservedBits, row)
	}
	return true
}
