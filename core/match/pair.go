package match

import (
	"cmp"
	"context"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Pairing is two captures brought together. It never changes once made.
type Pairing struct {
	A, B    *trace.Trace
	Streams []StreamPair // ascending by A's stream
	Conns   []ConnPair   // ascending by A's connection
	Flows   []Flow       // two for each of Streams, in their order: towards the client's end, towards the server's
	// Near is the capture that was made nearer to the client of most of the traffic; Guess says that nothing tells, and A
	// was taken.
	Near  Capture
	Guess bool

	bounds [2]bounds
	index  [2][]int32 // by stream: index in Streams plus 1
}

// Capture names one of the two captures.
type Capture uint8

// The two captures.
const (
	A Capture = iota
	B
)

// Other is the other capture.
func (c Capture) Other() Capture { return 1 - c }

// Trace is the trace of one of the captures.
func (p *Pairing) Trace(c Capture) *trace.Trace {
	if c == A {
		return p.A
	}
	return p.B
}

// StreamPair is one TCP stream seen in both captures.
type StreamPair struct {
	A, B uint32 // tcp.stream
	Candidate
	// Near is the capture made nearer to A's client of this stream.
	Near Capture
}

// ConnPair is one MPTCP connection seen in both captures; A and B are mptcp.stream.
type ConnPair struct {
	A, B uint32
	Candidate
}

// In is the pair's stream in one of the captures.
func (s *StreamPair) In(c Capture) uint32 {
	if c == A {
		return s.A
	}
	return s.B
}

// Captures pairs the streams, connections and packets of two captures. A cancelled ctx ends it with ctx.Err().
func Captures(ctx context.Context, a, b *trace.Trace) (*Pairing, error) {
	p := &Pairing{A: a, B: b}
	r := newRanker(a, b)
	p.Streams = r.pairStreams()
	p.Conns = r.pairConns(p.Streams)
	p.index = [2][]int32{make([]int32, len(a.Streams)), make([]int32, len(b.Streams))}
	for i := range p.Streams {
		p.index[A][p.Streams[i].A], p.index[B][p.Streams[i].B] = int32(i+1), int32(i+1)
	}
	for i := range p.Streams {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p.match(i)
	}
	p.orient()
	p.finish()
	return p, ctx.Err()
}

// likely is a pair of streams that may be the same.
type likely struct {
	a, b uint32
	c    Candidate
}

// pairStreams gives each stream at most one partner, the best scores first.
func (r *ranker) pairStreams() []StreamPair {
	var all []likely
	index := newIndex(&r.b)
	alone := 0
	for i := range r.a.t.Streams {
		x := &r.a.t.Streams[i]
		found := false
		for _, id := range index.near(r, x) {
			if c := r.streams(x, &r.b.t.Streams[id]); c.Score >= enough {
				all = append(all, likely{x.ID, id, c})
				found = true
			}
		}
		if !found {
			alone++
			all = append(all, r.exhaustive(x, alone)...)
		}
	}
	slices.SortStableFunc(all, func(x, y likely) int { return cmp.Compare(y.c.Score, x.c.Score) })
	usedA, usedB := make([]bool, len(r.a.t.Streams)), make([]bool, len(r.b.t.Streams))
	var pairs []StreamPair
	for i := range all {
		l := &all[i]
		if usedA[l.a] || usedB[l.b] {
			continue
		}
		usedA[l.a], usedB[l.b] = true, true
		pairs = append(pairs, StreamPair{A: l.a, B: l.b, Candidate: l.c})
	}
	slices.SortFunc(pairs, func(x, y StreamPair) int { return cmp.Compare(x.A, y.A) })
	return pairs
}

// mostAlone and mostThere bound the comparisons of streams that no index finds: behind a NAT and without a handshake.
const (
	mostAlone = 200
	mostThere = 2000
)

// exhaustive compares a stream with all of the other capture.
func (r *ranker) exhaustive(x *stream.Stream, alone int) []likely {
	if alone > mostAlone || len(r.b.t.Streams) > mostThere {
		return nil
	}
	var found []likely
	for i := range r.b.t.Streams {
		if c := r.streams(x, &r.b.t.Streams[i]); c.Score >= enough {
			found = append(found, likely{x.ID, uint32(i), c})
		}
	}
	return found
}

// index finds the streams of a capture by what another capture of them shares.
type index struct {
	tuples map[[2]string][]uint32 // both ends, in order
	isns   map[uint32][]uint32    // of a SYN or a SYN/ACK
	keys   map[uint64][]uint32    // streams of a connection, by either key
	tokens map[uint32][]uint32
}

func newIndex(s *side) *index {
	x := &index{tuples: map[[2]string][]uint32{}, isns: map[uint32][]uint32{}, keys: map[uint64][]uint32{}, tokens: map[uint32][]uint32{}}
	for i := range s.t.Streams {
		st := &s.t.Streams[i]
		x.tuples[tuple(st)] = append(x.tuples[tuple(st)], st.ID)
		if st.SYN {
			x.isns[st.ClientISN] = append(x.isns[st.ClientISN], st.ID)
		}
		if st.SYNACK {
			x.isns[st.ServerISN] = append(x.isns[st.ServerISN], st.ID)
		}
		if m := s.member[i]; m.conn > 0 {
			c := &s.t.Conns[m.conn-1]
			for _, d := range []stream.Dest{stream.Client, stream.Server} {
				if e := c.End(d); e.HasKey {
					x.keys[uint64(e.Key)] = append(x.keys[uint64(e.Key)], st.ID)
				} else if e.HasToken {
					x.tokens[e.Token] = append(x.tokens[e.Token], st.ID)
				}
			}
		}
	}
	return x
}

func tuple(s *stream.Stream) [2]string {
	t := [2]string{s.Client.String(), s.Server.String()}
	if t[0] > t[1] {
		t[0], t[1] = t[1], t[0]
	}
	return t
}

// near lists the streams that share something with x, each once.
func (x *index) near(r *ranker, s *stream.Stream) []uint32 {
	list := slices.Clone(x.tuples[tuple(s)])
	if s.SYN {
		list = append(list, x.isns[s.ClientISN]...)
	}
	if s.SYNACK {
		list = append(list, x.isns[s.ServerISN]...)
	}
	if m := r.a.member[s.ID]; m.conn > 0 {
		c := &r.a.t.Conns[m.conn-1]
		for _, d := range []stream.Dest{stream.Client, stream.Server} {
			if e := c.End(d); e.HasKey {
				list = append(list, x.keys[uint64(e.Key)]...)
			}
			if e := c.End(d); e.HasToken {
				list = append(list, x.tokens[e.Token]...)
			}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// pairConns pairs connections: by keys and tokens, else by the most streams that are paired.
func (r *ranker) pairConns(streams []StreamPair) []ConnPair {
	votes := map[[2]int]int{}
	for i := range streams {
		x, y := r.a.member[streams[i].A].conn, r.b.member[streams[i].B].conn
		if x > 0 && y > 0 {
			votes[[2]int{x, y}]++
		}
	}
	type vote struct {
		x, y int
		c    Candidate
	}
	partners := partners(streams)
	var all []vote
	for v := range votes {
		all = append(all, vote{v[0], v[1], r.conns(&r.a.t.Conns[v[0]-1], &r.b.t.Conns[v[1]-1], partners)})
	}
	slices.SortFunc(all, func(x, y vote) int {
		return cmp.Or(cmp.Compare(y.c.Score, x.c.Score), cmp.Compare(x.x, y.x), cmp.Compare(x.y, y.y))
	})
	usedA, usedB := map[int]bool{}, map[int]bool{}
	var pairs []ConnPair
	for _, v := range all {
		if usedA[v.x] || usedB[v.y] || v.c.Score <= 0 {
			continue
		}
		usedA[v.x], usedB[v.y] = true, true
		pairs = append(pairs, ConnPair{r.a.t.Conns[v.x-1].ID, r.b.t.Conns[v.y-1].ID, v.c})
	}
	slices.SortFunc(pairs, func(x, y ConnPair) int { return cmp.Compare(x.A, y.A) })
	return pairs
}
