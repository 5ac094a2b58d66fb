package analysis

import (
	"fmt"
	"net/netip"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// surroundings are what the rest of the capture tells of a connection.
type surroundings struct {
	servers map[netip.AddrPort]*conn.Conn // see capableServers
	moved   continuations
}

func surroundingsOf(t *trace.Trace) *surroundings {
	return &surroundings{servers: capableServers(t), moved: findContinuations(t)}
}

// others is what the rest of the capture tells.
func (e *examination) others() *surroundings {
	if e.around == nil {
		e.around = surroundingsOf(e.t)
	}
	return e.around
}

// drift is by how many bytes the numbers of a stream may differ from those of another one that it goes on with: no more is
// under way at once.
const drift = 1 << 20

// continuations are the streams without a beginning that go on with the TCP numbers of another one from another address or
// port: a NAT on the way forgot the first and gave another. By chance that happens once in four million pairs.
type continuations struct {
	t       *trace.Trace
	orphans map[goingOn][]orphan
	next    map[uint32]orphan // what goes on with a stream's numbers
	before  map[uint32]uint32 // the stream whose numbers a stream goes on with
}

// goingOn is where a stream without a beginning goes on: an address and port that it is sent to, and a number, by drift.
type goingOn struct {
	server netip.AddrPort
	seq    uint32
}

// orphan is one direction of a stream without a beginning.
type orphan struct {
	stream uint32
	from   netip.AddrPort
	first  trace.Wire
}

// findContinuations looks at the first packets of each stream without a beginning and, if there are any, at the last one of
// the others.
func findContinuations(t *trace.Trace) continuations {
	c := continuations{t: t}
	for id := range t.Streams {
		if s := &t.Streams[id]; !s.SYN && !s.SYNACK { // which end is the client is a guess
			c.orphan(uint32(id), stream.Server, s.Server, s.Client)
			c.orphan(uint32(id), stream.Client, s.Client, s.Server)
		}
	}
	for id := range t.Streams {
		if next, ok := c.find(uint32(id)); ok {
			c.next[uint32(id)], c.before[next.stream] = next, uint32(id)
		}
	}
	return c
}

func (c *continuations) orphan(id uint32, end stream.Dest, to, from netip.AddrPort) {
	w, ok := c.sent(id, end, false)
	if !ok {
		return
	}
	if c.orphans == nil {
		c.orphans, c.next, c.before = map[goingOn][]orphan{}, map[uint32]orphan{}, map[uint32]uint32{}
	}
	at := goingOn{to, w.Seq / drift}
	c.orphans[at] = append(c.orphans[at], orphan{id, from, w})
}

// sent is the first or the last packet with an ack that travels to an end of a stream.
func (c *continuations) sent(id uint32, to stream.Dest, last bool) (trace.Wire, bool) {
	rows := c.t.StreamRows(id)
	for i := range rows {
		row := rows[i]
		if last {
			row = rows[len(rows)-1-i]
		}
		if c.t.Dest(row) == to && c.t.Flags(row)&(stream.ACK|stream.RST) == stream.ACK {
			return c.t.Wire(row), true
		}
	}
	return trace.Wire{}, false
}

// find finds what goes on with a stream's numbers.
func (c *continuations) find(id uint32) (orphan, bool) {
	s := &c.t.Streams[id]
	if len(c.orphans) == 0 || !s.SYN {
		return orphan{}, false
	}
	before, ok := c.sent(id, stream.Server, true)
	if !ok {
		return orphan{}, false
	}
	end := before.Seq + before.Len
	for _, step := range []uint32{0, 1, ^uint32(0)} {
		for _, o := range c.orphans[goingOn{s.Server, end/drift + step}] {
			if o.from != s.Client && o.first.Time >= before.Time && near(o.first.Seq, end) && near(o.first.Ack, before.Ack) {
				return o, true
			}
		}
	}
	return orphan{}, false
}

// near says whether two numbers may be of one stream.
func near(a, b uint32) bool { return a-b < drift || b-a < drift }

// rebound concludes on a subflow whose numbers go on from another address.
func (e *examination) rebound(l *life) (Finding, bool) {
	next, ok := e.others().moved.next[l.stream.ID]
	if !ok {
		return Finding{}, false
	}
	return Finding{Diagnosis: SubflowRebound, Ordinal: l.ordinal, Packets: []uint32{e.t.StreamRows(next.stream)[0] + 1},
		Because: fmt.Sprintf("from there on its TCP numbers go on in stream %d, which comes from %s instead of %s: to the server that is no subflow", next.stream,
			next.from, l.stream.Client)}, true
}

// continues concludes on a connection without a beginning that goes on with the numbers of another stream.
func (e *examination) continues() (Finding, bool) {
	if len(e.lives) != 1 {
		return Finding{}, false
	}
	id := e.lives[0].stream.ID
	before, ok := e.others().moved.before[id]
	if !ok {
		return Finding{}, false
	}
	return find(SubflowRebound, fmt.Sprintf("it goes on with the TCP numbers of stream %d, which came from %s: to the server that is no subflow", before,
		e.t.Streams[before].Client), e.t.StreamRows(id)[0]+1), true
}
