package conn

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// ends are the two ends of a connection, to loop over.
var ends = [...]stream.Dest{stream.Client, stream.Server}

// state is a connection while it is built.
type state struct {
	index         uint32
	version       mptcp.Version
	end           [3]Endpoint // by stream.Dest
	subs          []*sub
	enrolled      uint32    // subflows so far, those that were moved to another one included
	spaces        [3]*space // by stream.Dest: what travels to that end
	fallback      Fallback
	failedFor     stream.Dest // of the MP_FAIL that is the fallback's cause: who is to fall back
	checks        *verdicts   // nil until there was something to verify
	announcements []Announcement
	closed        *closed // nil unless an MP_FASTCLOSE was seen whose key's version is not known
	one           [1]*sub // room of subs: many have one only
	room          *room

	id        uint32 // given by numbering at the end
	fastclose uint32
	checksum  bool
	tentative bool // fallback may be taken back
	failHeard bool // the end that MP_FAIL was for did fall back
	orphan    bool // opened by a JOIN whose token is unknown
	gone      bool // adopted by another connection
	led       bool // MP_CAPABLE was seen
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
	ways        [2]*way
	ordinal     uint32 // order of appearance in the connection
	stream      uint32
	conn        *state
	wire        wiresharkSubflow // Wireshark's view
	core        *stream.Core
	dss         [2]bool // a DSS option was seen
	dataAcked   [2]bool // its data was acknowledged as MPTCP's
	client      uint8   // core.Client as it was when dest was set
	dest        stream.Dest
	stage       stage
	master      bool
	backup      bool
	established bool
	fellBack    bool   // to regular TCP: data is counted by subflow sequence number
	bareFlow    uint8  // 1 + the flow whose first data came without an option, 0 none
	place       uint32 // in Conn.Subflows, once finished
	join        *join  // nil unless a JOIN was seen
	joined      int64
	synRow      uint32
	reset       int16
	addrID      [2]uint8
	hasAddr     bool
	era         uint32 // of the stream, 0 if it is its first: see era
}

// stage is how far a subflow's handshake has come.
type stage uint8

const (
	fresh    stage = iota
	offered        // SYN with the option
	answered       // SYN/ACK with the option
	settled        // nothing of the handshake is left to watch
)

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
		s.newWay(flow)
		if s.core.SYN[flow] {
			s.ways[flow].fix(s.core.Base[flow])
		}
	}
	return s.ways[flow]
}

func (s *sub) newWay(flow uint8) *way {
	w := s.conn.room.way()
	w.top, w.maps.room = bias, s.conn.room
	w.enrolled(s)
	s.ways[flow] = w
	return w
}

// newSub makes a stream a subflow, which begins in a row.
func (t *Table) newSub(id uint32, core *stream.Core, joined int64, row uint32) *sub {
	s := t.rooms.one()
	s.core, s.stream, s.client, s.dest, s.joined, s.synRow, s.reset = core, id, core.Client, stream.Server, joined, row, -1
	s.wire.flows = [2]int8{-1, -1}
	t.subs, t.usual = append(t.subs, s), append(t.usual, [2]*way{})
	core.Part = uint32(len(t.subs))
	return s
}

// open makes a stream a subflow: of the connection that a JOIN names, else of a new one.
func (t *Table) open(id uint32, core *stream.Core, v *packetView) {
	s := t.newSub(id, core, v.Time, v.row)
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
