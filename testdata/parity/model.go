package main

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// A model of how Wireshark 4.0 analyses MPTCP, defects included, written from its behaviour. Wireshark's words: a
// connection has two metas, one for the data that each end sends; a flow is one direction of a TCP stream, and carries
// a subflow, which points to a meta. As `tshark -2` the model goes over the packets twice: the first pass builds the
// state, the second one prints.

// cells are the fields that the analysis makes, as text.
type cells struct {
	kinds, stream, token, dack, rawDSN, dsn, related, reinjectionOf, reinjectedIn string
	srcHost, dstHost, checksum, duplicateAck, reusedPorts, iface, window          string

	bogus           bool // so that the model makes these:
	flags, ack, len string

	lone bool // so that it makes ack and this:
	seq  string
	ends bool // and len

	relativeSeq, relativeAck string // by the first whole segment, whatever is shown

	times times

	standard standard

	options  []byte // what it read of the options
	area     int    // how many there are, or might be where it broke off
	analysis stream.Analysis
}

// Bits of a meta's state. To have the key implies to have the initial number, and Wireshark's test for the key is
// content with the latter.
const (
	hasBase  = 1
	hasKey   = 3
	hasToken = 4
)

type meta struct {
	state   uint8
	version uint8
	token   uint32
	key     uint64 // valid iff hasKey
	base    uint64 // initial data sequence number
	source  source

	closed    uint64 // the first key of unknown version in an MP_FASTCLOSE to that end, valid iff hasClosed
	hasClosed bool

	marks []mark // what the upper half of 32-bit numbers follows from, in the first pass
	refs  []mark // what 32-bit numbers are near to, from a frame on
}

// source is what a key was taken from, in order of trust.
type source uint8

const (
	fromClose source = iota // MP_FASTCLOSE
	fromHandshake
	fromData
	fromACK
)

// keysOf is the source that an MP_CAPABLE of some length is.
func keysOf(size int) source {
	switch {
	case size >= 22:
		return fromData
	case size >= 20:
		return fromACK
	}
	return fromHandshake
}

// mark is a number that a frame told, mostly of 64 bits.
type mark struct {
	frame  uint32
	number uint64
	key    bool // by a key whose initial number it is, or else it is a data ack
	narrow bool // of 32 bits: it counts where it is the first number seen
}

type mapping struct {
	frame     uint32
	dsn       uint64
	wide      bool // taken for 64-bit
	fin       bool // has DATA_FIN
	low, high uint32

	order int       // among those of the subflow, by appearance
	under *mapping  // the one announced before that starts there
	ends  []curtail // of an infinite one
}

type subflow struct {
	meta     *meta
	mappings itree[*mapping]  // by subflow sequence number
	all      []*mapping       // in order of appearance
	packets  itree[uint32]    // frames by data sequence number
	pieces   []piece          // the same, all of them
	infinite *mapping         // till another one ends it
	endless  *inode[*mapping] // where it was put
}

// curtail is a new end of an infinite mapping, since a frame.
type curtail struct{ frame, high uint32 }

// piece is data that a frame carried.
type piece struct {
	low, high uint64
	frame     uint32
}

type flow struct {
	src       netip.AddrPort
	sub       *subflow
	baseKnown bool
	sawSYN    bool
	start     uint32 // relative sequence number of the SYN
	isn       isn
	synData   uint32 // of which it is not known whether it was taken
	synTaken  bool

	// Of the last packet, for duplicate acks.
	window, acked, next uint32
	subtypes            uint16

	early    uint64 // the first key of its sender, valid iff hasEarly
	hasEarly bool

	scale    int8 // of windows: the shift count, valid iff hasScale; -1 not used
	hasScale bool

	// Raw numbers: the highest one, the end of what was captured without a hole, the last ack and when that was.
	top, whole, lastAck uint32
	ackTime             int64
	marked              bool  // the count of repeated acks is the mark of an ack of what was not captured
	repeated            int32 // that count
	unscaled            bool  // the last packet was a SYN

	base    uint32 // raw sequence number that counts as 0, valid iff hasBase
	hasBase bool

	movedAt, movedFrom uint32 // the latest SYN/ACK that changed it, and from what
}

type tcpStream struct {
	flows  [2]flow
	conn   *connection
	listed bool // in model.order

	version    uint8 // in its latest MP_CAPABLE, if hasVersion
	hasVersion bool

	agreed    uint8 // what the handshake settled on, if hasAgreed
	hasAgreed bool
	bySYNACK  bool
	byKeys    bool // by a packet with both keys

	signals bool   // a DSS was seen
	stray   *stray // the latest SYN/ACK that may begin another connection

	proven   *tcpStream // the initial subflow of the connection that the HMAC of its join is of, nil if that is not known
	provenTo int        // the flow of that whose sender the join is for
}

type connection struct {
	number   uint32
	subtypes uint16 // bit n: an option of subtype n was seen
	master   *tcpStream
	metas    [2]meta
	subflows []*tcpStream // newest first
}

type model struct {
	has     defect
	streams map[uint32]*tcpStream
	order   []*tcpStream      // by their first MPTCP options
	names   map[uint32]uint32 // Wireshark's number of each stream's connection after its first pass, nil for Wireshark as it is
	unnamed uint32            // the first number that Wireshark did not give away
	tokens  map[uint32]*connection
	closers map[uint64]*flow // what flows of unknown version were closed with
	count   uint32
	pass    pass
	repeats map[uint32]bool              // duplicate acks
	reused  map[uint32]bool              // reused ports
	quick   map[uint32]bool              // fast retransmissions that are none
	full    map[uint32]bool              // data that fills the window
	ahead   map[uint32]bool              // acks of what was not captured, false if that was told before
	tuples  map[[2]netip.AddrPort]uint32 // the stream of each, seen from both ends
	aborted bool                         // see aborts
	again   []uint32                     // the handshake of another connection between the ports of a stream, nil if there is none
	of      uint32                       // that stream
}

// pass is what is being done with the packets.
type pass uint8

const (
	build pass = iota
	settle
	show
)

func newModel(has defect) *model {
	return &model{has: has, streams: map[uint32]*tcpStream{}, tokens: map[uint32]*connection{}, closers: map[uint64]*flow{},
		repeats: map[uint32]bool{}, reused: map[uint32]bool{}, quick: map[uint32]bool{}, ahead: map[uint32]bool{}, full: map[uint32]bool{}, tuples: map[[2]netip.AddrPort]uint32{}}
}

// predict gives the cells of all packets, as a Wireshark with these defects has them.
func predict(segments []segment, has defect) []cells {
	m := newModel(has)
	out := make([]cells, len(segments))
	if m.lacks(lumps) || m.lacks(unanswered) {
		m.names, m.unnamed = names(segments)
	}
	if m.lacks(samePorts) {
		segments = apart(segments)
	}
	m.agree(segments)
	m.prove(segments)
	for m.pass = build; m.pass <= show; m.pass++ {
		if m.pass == settle {
			m.settleMappings()
		}
		for i := range segments {
			switch m.pass {
			case build:
				m.packet(&segments[i], &cells{})
			case settle:
				m.settle(&segments[i])
			case show:
				m.packet(&segments[i], &out[i])
			}
		}
	}
	return out
}

// aborts tells whether Wireshark aborts at these packets: its trees take no mapping that crosses subflow sequence number 2³², and no
// data that crosses data sequence number 2⁶⁴.
func aborts(segments []segment) bool {
	m := newModel(allDefects)
	for i := range segments {
		m.packet(&segments[i], &cells{})
	}
	return m.aborted
}

// lacks tells whether the model is without that defect.
func (m *model) lacks(d defect) bool { return m.has&d == 0 }

// visit is one packet under analysis.
type visit struct {
	*model
	s        *segment
	out      *cells
	stream   *tcpStream
	fwd, rev *flow
	tcp      *visit // as a packet of its TCP stream: itself, unless the stream is a part of that
	mptcp    bool   // has an MPTCP option
	subtypes uint16

	parts []piece // what the segment carries, if it was placed byte by byte

	signals int  // DSS options so far
	scale   int8 // the shift count of the window scale option, -1 without one

	lefts, rights [4]uint32 // edges of the first SACK blocks
	blocks        int

	// Found when options are only looked at: an MP_CAPABLE with a key, of that version; all options that are whole.
	hasKey  bool
	hasKeys bool // both
	version uint8
	keys    [2]uint64 // the sender's, and the receiver's
	raw     [][]byte
}

func (m *model) visit(s *segment, out *cells) *visit {
	v := m.visitAs(s.stream, s, out)
	v.tcp = v
	if s.tcp != s.stream {
		v.tcp = m.visitAs(s.tcp, s, out)
	}
	return v
}

// visitAs takes the packet for one of a stream.
func (m *model) visitAs(id uint32, s *segment, out *cells) *visit {
	t := m.streams[id]
	if t == nil {
		t = &tcpStream{}
		t.flows[0].src = s.src
		m.streams[id] = t
	}
	v := &visit{model: m, s: s, out: out, stream: t, fwd: &t.flows[0], rev: &t.flows[1], scale: -1}
	if s.src != v.fwd.src {
		v.fwd, v.rev = v.rev, v.fwd
	}
	return v
}

func (m *model) packet(s *segment, out *cells) {
	switch {
	case !s.whole:
		s = m.fragment(s, out)
	case s.ends:
		s = m.shortSegment(s, out)
	}
	if o := s.other; o != nil && !m.lacks(narrowFraction) {
		copied := *s
		copied.time, copied.analysis = o.time, o.analysis
		s = &copied
	}
	v := m.visit(s, out)
	if m.pass == build && s.whole {
		v.base()
		v.tcp.repeat()
		v.tcp.unseen()
	}
	v.tcp.ports()
	out.relativeSeq, out.relativeAck = decimal(uint64(s.rawSeq-v.tcp.fwd.base)), decimal(uint64(s.rawAck-v.tcp.rev.base))
	out.times = s.times[v.has&narrowFraction/narrowFraction]
	out.iface = s.iface
	if m.has&sectionNames != 0 {
		out.iface = s.firstIface
	}
	out.srcHost, out.dstHost = v.hosts(s.srcOuter, s.srcHost), v.hosts(s.dstOuter, s.dstHost)
	whole := v.walk() && !s.short
	out.window = v.window(whole)
	v.shortHeader()
	if !whole && !m.lacks(brokenOff) || s.bogus && !m.lacks(shortHeader) {
		return
	}
	out.analysis = v.flags()
	if m.reused[s.id] {
		out.reusedPorts = "1"
	}
	if m.repeats[s.id] {
		out.duplicateAck = "1"
	}
	if (v.mptcp || m.lacks(optionOnly)) && v.stream.conn != nil {
		v.analyse()
	}
}

// hosts is what ip.src_host and ip.dst_host show.
func (v *visit) hosts(outer, own string) string {
	if v.lacks(outerHeaders) || outer == "" {
		return own
	}
	return strings.TrimSuffix(outer+","+own, ",")
}

// analyse adds the fields that are made from the state.
func (v *visit) analyse() {
	v.out.stream = decimal(uint64(v.stream.conn.number))
	v.stream.conn.subtypes |= v.subtypes
	if c := v.tcp.stream.conn; c != nil {
		c.subtypes |= v.subtypes
	}
	if v.fwd.sub == nil || v.fwd.sub.meta == nil || !v.mptcp && v.s.length == 0 {
		return
	}
	m := v.fwd.sub.meta
	dsn, ok := v.number()
	if ok {
		v.out.rawDSN = decimal(dsn)
	}
	if ok && m.state&hasBase != 0 {
		v.out.dsn = decimal(dsn - m.base)
	}
	if v.s.length > 0 && (ok || len(v.parts) > 0) {
		if v.pass == build && v.has&firstPassData != 0 {
			v.register(dsn)
		}
		v.duplicates(dsn)
	}
}

// number is the data sequence number of the segment's first byte; on a SYN it is the initial one, on the first ack the
// next one.
func (v *visit) number() (dsn uint64, ok bool) {
	if !v.fwd.sawSYN && v.has&needsSYN != 0 {
		return 0, false
	}
	m := v.fwd.sub.meta
	known := m.state&hasBase != 0 || v.has&keylessNumber != 0
	switch {
	case v.s.syn && v.s.length > 0 && v.lacks(fastOpen):
		if v.fwd.synTaken {
			return 0, false
		}
	case v.s.syn:
		return m.base, known
	case !v.s.raw && v.s.seq-v.fwd.start == 1 && v.s.length == 0 && v.fwd.sawSYN:
		return m.base + 1, known
	case v.has&needsSYN == 0 && v.s.length == 0 && v.fwd.isn.certain && !v.fwd.synTaken && v.offset() == 1: // before any data
		return 0, false
	}
	return v.lookup()
}

// register notes which data the frame carries.
func (v *visit) register(dsn uint64) {
	f := v.fwd.sub
	for _, p := range v.carried(dsn) {
		v.aborted = v.aborted || p.low > p.high
		f.packets.insert(p.low, p.high, p.frame)
		f.pieces = append(f.pieces, p)
	}
}

// carried is the data of a segment whose first byte has a number.
func (v *visit) carried(dsn uint64) []piece {
	if len(v.parts) > 0 {
		return v.parts
	}
	return []piece{{low: dsn, high: dsn + uint64(v.s.length) - 1, frame: v.s.id}}
}

// duplicates lists the frames of other subflows that carry some of the segment's data.
func (v *visit) duplicates(dsn uint64) {
	var found []uint32
	for _, t := range v.stream.conn.subflows {
		other := t.flows[1].sub
		if t.flows[0].sub.meta == v.fwd.sub.meta {
			other = t.flows[0].sub
		}
		if other == v.fwd.sub {
			continue
		}
		for _, p := range v.carried(dsn) {
			found = append(found, v.carriers(other, p.low, p.high)...)
		}
	}
	if v.lacks(treeOrder) {
		slices.Sort(found)
		found = slices.Compact(found)
	}
	for _, id := range found {
		if v.s.id > id {
			v.out.reinjectionOf = list(v.out.reinjectionOf, id)
		} else {
			v.out.reinjectedIn = list(v.out.reinjectedIn, id)
		}
	}
}

func (v *visit) carriers(f *subflow, low, high uint64) []uint32 {
	if v.has&sameStart != 0 {
		return f.packets.find(low, high)
	}
	var found []uint32
	for _, p := range f.pieces {
		if p.low <= high && low <= p.high {
			found = append(found, p.frame)
		}
	}
	return found
}

func decimal(v uint64) string { return strconv.FormatUint(v, 10) }

func list(before string, v uint32) string {
	if before != "" {
		before += ","
	}
	return before + decimal(uint64(v))
}
