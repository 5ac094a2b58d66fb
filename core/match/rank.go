package match

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Candidate is a stream or a connection of the other capture that may be the one asked about.
type Candidate struct {
	ID      uint32 // tcp.stream or mptcp.stream in the other capture
	Score   int    // sum of the Points of its Reasons: the higher, the likelier
	Certain bool   // keys, or initial sequence numbers, leave no doubt
	Flipped bool   // its client is this one's server: one capture lacks the handshake, and the roles were guessed
	Reasons []Reason
}

// Reason is one piece of evidence for or against a candidate.
type Reason struct {
	Points int
	What   string
}

// Points of evidence. An equal address or port gives what the original gave, 10.
const (
	pointsEqual    = 10  // an address or a port
	pointsISN      = 100 // an initial sequence number, one chance in 4 billion; as much against if it differs
	pointsRange    = 40  // sequence numbers overlap, where a handshake is missing
	pointsTime     = 20  // timestamps overlap
	pointsScale    = 5   // window scale
	pointsKeys     = 200 // both keys of the connection
	pointsKey      = 100 // one key, or a token
	pointsOrdinal  = 30  // the same address ids in the same connection
	pointsSubflows = -5  // another number of subflows, as in the original
)

// enough is the score from which two streams are taken for the same, if nothing scores more: the four of addresses and
// ports, or what a NAT leaves.
const enough = 40

func (c *Candidate) add(points int, format string, a ...any) {
	c.Score += points
	c.Reasons = append(c.Reasons, Reason{points, fmt.Sprintf(format, a...)})
}

// ranker compares streams and connections of two captures.
type ranker struct {
	a, b    side
	extents map[extentKey]extent
}

// side is one capture with what is looked up often.
type side struct {
	t      *trace.Trace
	member []member // by stream
}

// member is a stream's place in a connection: its index plus 1, 0 if it has none.
type member struct {
	conn    int
	ordinal int
}

func newSide(t *trace.Trace) side {
	s := side{t: t, member: make([]member, len(t.Streams))}
	for i := range t.Conns {
		for k := range t.Conns[i].Subflows {
			s.member[t.Conns[i].Subflows[k].Stream] = member{i + 1, k}
		}
	}
	return s
}

func newRanker(a, b *trace.Trace) *ranker {
	return &ranker{a: newSide(a), b: newSide(b), extents: map[extentKey]extent{}}
}

// RankStreams compares every TCP stream of b with stream id of a, the likeliest first.
func RankStreams(a, b *trace.Trace, id uint32) []Candidate {
	r := newRanker(a, b)
	list := make([]Candidate, 0, len(b.Streams))
	for i := range b.Streams {
		list = append(list, r.streams(&a.Streams[id], &b.Streams[i]))
	}
	return sorted(list)
}

// RankConns compares every MPTCP connection of b with the connection id of a, the likeliest first.
func RankConns(a, b *trace.Trace, id uint32) []Candidate {
	r := newRanker(a, b)
	of := a.ConnByID(id)
	if of == nil {
		return nil
	}
	partners := partners(r.pairStreams())
	list := make([]Candidate, 0, len(b.Conns))
	for i := range b.Conns {
		list = append(list, r.conns(of, &b.Conns[i], partners))
	}
	return sorted(list)
}

func sorted(list []Candidate) []Candidate {
	slices.SortStableFunc(list, func(x, y Candidate) int { return cmp.Compare(y.Score, x.Score) })
	return list
}

// streams compares two streams, the other way round too where it was guessed which end is the client.
func (r *ranker) streams(x, y *stream.Stream) Candidate {
	c := r.oriented(x, y, false)
	if x.Role != stream.Guessed && y.Role != stream.Guessed {
		return c
	}
	if f := r.oriented(x, y, true); f.Score > c.Score {
		return f
	}
	return c
}

// ends are the two ends of a stream, in the order in which they are compared.
func ends(s *stream.Stream, flip bool) [2]endpoint {
	e := [2]endpoint{
		{name: "client", dest: stream.Server, isn: s.ClientISN, known: s.SYN, scale: s.ClientScale},
		{name: "server", dest: stream.Client, isn: s.ServerISN, known: s.SYNACK, scale: s.ServerScale},
	}
	e[0].addr, e[0].port = s.Client.Addr().String(), s.Client.Port()
	e[1].addr, e[1].port = s.Server.Addr().String(), s.Server.Port()
	if flip {
		e[0], e[1] = e[1], e[0]
	}
	return e
}

// endpoint is one end of a stream.
type endpoint struct {
	name  string
	addr  string
	port  uint16
	dest  stream.Dest // of what it sends
	isn   uint32
	known bool // its SYN was captured
	scale int8
}

func (r *ranker) oriented(x, y *stream.Stream, flip bool) Candidate {
	c := Candidate{ID: y.ID, Flipped: flip}
	isns := 0
	ex, ey := ends(x, false), ends(y, flip)
	for i := range ex {
		isns += r.end(&c, x, y, &ex[i], &ey[i])
	}
	r.membership(&c, x, y, flip)
	c.Certain = c.Certain || isns == 2 || isns == 1 && c.Score >= pointsISN+4*pointsEqual
	return c
}

// end compares one end; it returns 1 if both captures show the same initial sequence number.
func (r *ranker) end(c *Candidate, x, y *stream.Stream, ex, ey *endpoint) int {
	if ex.addr == ey.addr {
		c.add(pointsEqual, "%s address", ex.name)
	}
	if ex.port == ey.port {
		c.add(pointsEqual, "%s port", ex.name)
	}
	if ex.known && ey.known {
		if ex.isn != ey.isn {
			c.add(-pointsISN, "%s's initial sequence number differs", ex.name)
			return 0
		}
		c.add(pointsISN, "%s's initial sequence number", ex.name)
		if ex.scale >= 0 && ex.scale == ey.scale {
			c.add(pointsScale, "%s's window scale", ex.name)
		}
		return 1
	}
	r.overlap(c, r.extent(&r.a, x.ID, ex.dest), r.extent(&r.b, y.ID, ey.dest), ex.name)
	return 0
}

// membership compares the connections that the two streams are subflows of.
func (r *ranker) membership(c *Candidate, x, y *stream.Stream, flip bool) {
	mx, my := r.a.member[x.ID], r.b.member[y.ID]
	if mx.conn == 0 || my.conn == 0 {
		return
	}
	cx, cy := &r.a.t.Conns[mx.conn-1], &r.b.t.Conns[my.conn-1]
	points, what := keys(cx, cy)
	if what == "" {
		return
	}
	c.add(points, "%s", what)
	sx, sy := &cx.Subflows[mx.ordinal], &cy.Subflows[my.ordinal]
	if points <= 0 {
		return
	}
	switch {
	case sx.Master != sy.Master:
		c.add(-pointsISN, "only one of them opens the connection")
	case sx.Master && points == pointsKeys:
		c.Certain = true
		c.add(pointsISN, "both open the connection")
	case sx.HasAddrIDs && sy.HasAddrIDs && !flip:
		if sx.ClientAddrID == sy.ClientAddrID && sx.ServerAddrID == sy.ServerAddrID {
			c.add(pointsOrdinal, "address ids")
		} else {
			c.add(-pointsOrdinal, "address ids differ")
		}
	}
}

// keys compares the keys of two connections, or else their tokens.
func keys(x, y *conn.Conn) (points int, what string) {
	equal, unequal, tokens := 0, 0, 0
	for _, d := range []stream.Dest{stream.Client, stream.Server} {
		ex, ey := x.End(d), y.End(d)
		switch {
		case ex.HasKey && ey.HasKey && ex.Key == ey.Key:
			equal++
		case ex.HasKey && ey.HasKey:
			unequal++
		case ex.HasToken && ey.HasToken && ex.Token == ey.Token:
			tokens++
		case ex.HasToken && ey.HasToken:
			unequal++
		}
	}
	switch {
	case unequal > 0:
		return -pointsKeys, "the keys of the connections differ"
	case equal == 2:
		return pointsKeys, "both keys of the connection"
	case equal == 1:
		return pointsKey, "one key of the connection"
	case tokens > 0:
		return pointsKey, "a token of the connection"
	}
	return 0, ""
}

// partners are B's streams by A's.
func partners(pairs []StreamPair) map[uint32]uint32 {
	m := make(map[uint32]uint32, len(pairs))
	for i := range pairs {
		m[pairs[i].A] = pairs[i].B
	}
	return m
}

// mostNamed is how many subflows are named one by one among the reasons.
const mostNamed = 16

// conns compares two connections, whose streams have been paired.
func (r *ranker) conns(x, y *conn.Conn, partners map[uint32]uint32) Candidate {
	c := Candidate{ID: y.ID}
	if points, what := keys(x, y); what != "" {
		c.add(points, "%s", what)
		c.Certain = points == pointsKeys
	}
	if len(x.Subflows) != len(y.Subflows) {
		c.add(pointsSubflows, "%d subflows here, %d there", len(x.Subflows), len(y.Subflows))
	}
	there := map[uint32]bool{}
	for i := range y.Subflows {
		there[y.Subflows[i].Stream] = true
	}
	more := 0
	for i := range x.Subflows {
		id := x.Subflows[i].Stream
		partner, ok := partners[id]
		switch {
		case !ok || !there[partner]:
		case i < mostNamed:
			c.add(pointsEqual, "subflow %d is there as %d", id, partner)
		default:
			more++
		}
	}
	if more > 0 {
		c.add(pointsEqual*more, "%d more subflows are there", more)
	}
	return c
}
