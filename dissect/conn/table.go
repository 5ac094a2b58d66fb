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
	subs        []*sub    // by Core.Part-1
	usual       [][2]*way // those of the subs, from when their usual packets may take the short way: see prepare
	states      batch[state]
	rooms       batch[sub]
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

	// refitted are the initial sequence numbers that were replaced, by stream and flow, oldest first; mostly nil.
	refitted map[uint64][]former

	// early is the payload of SYNs of which it is not known yet whether it was taken, by stream; mostly nil.
	early map[uint32][]waiting
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
		t.maps.keep = 64
	} else {
		t.room = &room{}
	}
	return t
}

// state is a connection while it is built.
type state struct {
	index    uint32
	version  mptcp.Version
	end      [3]Endpoint // by stream.Dest
	subs     []*sub
	enrolled uint32    // subflows so far, those that were moved to another one included
	spaces   [3]*space // by stream.Dest: what travels to that end
	fallback Fallback
	checks   *verdicts // nil until there was something to verify
	list     []Announcement
	one      [1]*sub // room of subs: many have one only
	room     *room

	id        uint32 // given by numbering at the end
	fastclose uint32
	checksum  bool
	tentative bool // fallback may be taken back
	orphan    bool // opened by a JOIN whose token is unknown
	gone      bool // adopted by another connection
}

// verdicts is what came of verifications.
type verdicts struct {
	tally   Tally
	pending []pendingHMAC // that wait for a key
	bad     []BadChecksum
	noSum   [NumReasons]uint64
}

// verdicts is where they are noted.
func (c *state) verdicts() *verdicts {
	if c.checks == nil {
		c.checks = &verdicts{}
	}
	return c.checks
}

// count is where verdicts are counted.
func (c *state) count() *Tally { return &c.verdicts().tally }

// space is the data sequence space towards an end.
func (c *state) space(d stream.Dest) *space {
	if c.spaces[d] == nil {
		c.spaces[d] = c.room.space()
		c.spaces[d].seen.list.room = c.room
		if e := &c.end[d.Other()]; e.HasKey {
			c.spaces[d].start(e.IDSN, true)
		}
	}
	return c.spaces[d]
}

// sub is a TCP stream's part in a connection, while it is built. Arrays are indexed by flow.
type sub struct {
	ways    [2]*way
	ordinal uint32 // order of appearance in the connection
	stream  uint32
	conn    *state
	wire    wiresharkSubflow // Wireshark's view
	core    *stream.Core
	dss     [2]bool // a DSS option was seen
	taken   [2]bool // its data was acknowledged as MPTCP's
	client  uint8   // core.Client as it was when dest was set
	dest    stream.Dest
	stage   stage
	master  bool
	backup  bool
	up      bool
	plain   bool   // carries plain TCP: data is counted by subflow sequence number
	bare    uint8  // 1 + the flow whose first data came without an option, 0 none
	place   uint32 // in Conn.Subflows, once finished
	join    *join  // nil unless a JOIN was seen
	joined  int64
	synRow  uint32
	reset   int16
	addrID  [2]uint8
	hasAddr bool
}

// toward is the end of the connection that packets of a flow travel to.
func (s *sub) toward(flow uint8) stream.Dest {
	if flow == s.client {
		return s.dest
	}
	return s.dest.Other()
}

// flowTo is the flow whose packets travel to an end of the connection.
func (s *sub) flowTo(d stream.Dest) uint8 {
	if s.dest == d {
		return s.client
	}
	return 1 - s.client
}

// sender is the end of the connection that sends packets of a flow.
func (s *sub) sender(flow uint8) stream.Dest { return s.toward(flow).Other() }

// space is the data sequence space of what a flow carries.
func (s *sub) space(flow uint8) *space {
	w := s.way(flow)
	if w.space == nil {
		w.space = s.conn.space(s.toward(flow))
	}
	return w.space
}

func (s *sub) way(flow uint8) *way {
	if s.ways[flow] == nil {
		w := s.conn.room.way()
		w.top, w.maps.room = bias, s.conn.room
		w.enrolled(s)
		s.ways[flow] = w
		if s.core.SYN[flow] {
			s.ways[flow].fix(s.core.Base[flow])
		}
	}
	return s.ways[flow]
}

// Result is what the table makes of one packet. Mapping numbers are those of Table.Mapping, 0 for none.
type Result struct {
	// Announced is the mapping in the packet's first DSS, or in its MP_CAPABLE.
	Announced uint32
	// Covering is the mapping of the first payload byte, or of the sequence number of a packet without payload that has
	// an MPTCP option.
	Covering uint32
	DSS      uint8  // flags of the first DSS option, 5 bits
	HasDSS   bool   // the first DSS was read without fault
	Plain    bool   // the packet has no MPTCP option but this DSS, which has no checksum, and no row waited for it
	DACK     uint32 // lower half of its data ack, if it has one
}

// packetView is one packet on its way through the handlers.
type packetView struct {
	*packet.Packet
	row  uint32
	flow uint8
	res  *Result
}

// Add takes the next TCP packet, after the stream table has. row counts all packets given to Add, from 0.
// The result is valid until the next call.
func (t *Table) Add(p *packet.Packet, at *stream.Position, core *stream.Core, row uint32) *Result {
	r := &t.out
	*r = Result{}
	if core.Part != 0 && p.NumMPTCP == 1 && t.steady(t.usual[core.Part-1][at.Flow&1], p, at.Flow, row, r) ||
		core.Part == 0 && p.NumMPTCP == 0 {
		return r
	}
	v := &t.view
	v.Packet, v.row, v.flow, v.res = p, row, at.Flow, r
	if p.NumMPTCP > 0 {
		t.options(at.ID, core, v)
	}
	s := t.subs[core.Part-1]
	if w := s.ways[v.flow]; p.Flags&stream.SYN != 0 && w != nil && !w.exact {
		w.fix(p.Seq) // a SYN that came late
		t.settle(s, v.flow, w)
	}
	if s.client != core.Client { // a SYN came late: which way packets travel in the connection stays
		s.client, s.dest = core.Client, s.dest.Other()
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
		if w := s.ways[v.flow]; w != nil && w.usable() {
			r.Covering = t.pureAck(w, v.Seq, row)
		}
	}
	t.prepare(core.Part-1, s, v.flow)
	return r
}

// carry finds the mapping of a payload.
func (t *Table) carry(s *sub, v *packetView) {
	seq := v.Seq
	if v.Flags&stream.SYN != 0 {
		seq++ // the SYN has the first number
	}
	w := s.way(v.flow)
	if t.opens(s, v) {
		return
	}
	if !s.dss[v.flow] {
		t.checkFirstData(s, v)
	}
	if s.plain && !w.dss && !s.conn.tentative && v.NumMPTCP == 0 {
		t.carryPlain(s, w, v, seq)
		return
	}
	v.res.Covering = t.payload(s, v.flow, w, waiting{row: v.row, seq: seq, n: v.PayloadLen})
	if w.check != nil {
		t.feedChecks(s, w, w.offset(seq), v)
	}
}

// carryPlain counts the payload of a connection that is plain TCP: bytes are told apart by their stream offset, and are none of
// those that have a data sequence number, should there be such after all.
func (t *Table) carryPlain(s *sub, w *way, v *packetView, seq uint32) {
	w.fix(s.core.Base[v.flow])
	offset := w.offset(seq)
	w.reach(offset + uint64(v.PayloadLen))
	plain := &s.space(v.flow).apart().plain
	t.noted(w, plain, plain.lanes[0], offset, v.PayloadLen, v.row)
}

// pureAck finds the mapping that a packet without payload points into, on a way whose offsets can be computed. Wireshark
// shows its number.
func (t *Table) pureAck(w *way, seq, row uint32) uint32 {
	if seq == w.isn+1 && !w.late {
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
	}
}

// open makes a stream a subflow: of the connection that a JOIN names, else of a new one.
func (t *Table) open(id uint32, core *stream.Core, v *packetView) {
	s := t.rooms.one()
	s.core, s.stream, s.client, s.dest, s.joined, s.synRow, s.reset = core, id, core.Client, stream.Server, v.Time, v.row, -1
	s.wire.flows = [2]int8{-1, -1}
	t.subs, t.usual = append(t.subs, s), append(t.usual, [2]*way{})
	core.Part = uint32(len(t.subs))
	if o := v.MPTCP[0]; o.Subtype() == mptcp.SubJoin && v.Flags&(stream.SYN|stream.ACK) == stream.SYN {
		if j, _ := mptcp.ParseJoin(o); j.Form == mptcp.JoinSYN && j.HasToken {
			t.attach(s, j.Token, v)
			return
		}
	}
	t.enrol(s, t.newConn())
}

// enrol puts a subflow into a connection.
func (t *Table) enrol(s *sub, c *state) {
	s.conn, s.ordinal = c, c.enrolled
	c.enrolled++
	c.subs = append(c.subs, s)
	for _, w := range s.ways {
		if w != nil {
			w.enrolled(s)
		}
	}
}

func (t *Table) newConn() *state {
	c := t.states.one()
	c.index, c.version, c.subs, c.room = uint32(len(t.conns)), mptcp.VersionUnknown, c.one[:0], t.room
	c.end[stream.Client].Version, c.end[stream.Server].Version = -1, -1
	t.conns = append(t.conns, c)
	return c
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
