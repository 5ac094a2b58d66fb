package analysis

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// life is what the packets of a TCP stream tell of its opening, of its MPTCP options and of its end. Packets are ids, 0 for
// none. The stream's client is the end that opened it.
type life struct {
	ordinal int // of the subflow, -1 for a plain stream
	stream  *stream.Stream

	offers   int         // SYNs with an MPTCP option, each sent anew
	offer    sight       // the first of them
	bare     sight       // the first SYN without an option
	answer   sight       // the first SYN/ACK
	third    sight       // the client's first packet behind it
	reply    sight       // the server's first packet behind that
	refusal  sight       // the first reset
	resets   int         // packets with RST
	down     [3]uint32   // the first of them that an end of the stream sent, by stream.Dest
	last     [3]sight    // by stream.Dest: the last packet with an option that travels there, once ended
	latest   [3]uint32   // the same packet so far, if it is a later one
	vanished [3]vanished // what travels there without options after it
	sent     bool        // the client's numbers tell of data, captured or not
	asking   int64       // time of the last of the offers
	asked    int64       // time of the last SYN before the answer; Never if none was captured
	vantage  Vantage     // at the stream's client or server
}

// sight is a packet that a verdict rests on.
type sight struct {
	packet uint32
	time   int64
	from   stream.Dest // the stream's end that sent it
	option bool        // it has an MPTCP option
	stray  bool        // it has MPTCP options, but neither MP_CAPABLE nor MP_JOIN: in a SYN they mean nothing, and do not count as option
	cut    bool        // the capture cut its options: there may have been one
	lame   bool        // it has MP_JOIN in a SYN, of which the capture cut the token
	bad    int         // so many bytes long is its MP_CAPABLE, which no version allows; 0 if it is right
	hole   int         // so many NOPs stand in a row: options were overwritten
	reason int16       // of MP_TCPRST, -1 none
	backup bool        // MP_JOIN has the B flag
}

// up says whether the subflow came up: after the client's third packet the server sent one, and not a reset, or the client
// sent data, which it may not before (RFC 8684 section 3.2).
func (l *life) up() bool {
	return l.reply.seen() && (!l.refusal.seen() || l.reply.packet < l.refusal.packet) || l.stream.Toward[stream.Server].Bytes > 0 || l.sent
}

func (o *sight) seen() bool { return o.packet != 0 }

// downBefore says whether an end of the stream sent a reset before a packet.
func (l *life) downBefore(end stream.Dest, packet uint32) bool {
	return l.down[end] != 0 && l.down[end] < packet
}

// until is the time of the stream's last packet.
func (l *life) until() int64 {
	return max(l.stream.Toward[stream.Client].Last, l.stream.Toward[stream.Server].Last)
}

// at is the packet's time, Never where there is none.
func (o *sight) at() int64 {
	if !o.seen() {
		return Never
	}
	return o.time
}

// vanished counts packets that should have an MPTCP option and do not.
type vanished struct {
	first   sight
	packets int
	data    int // with payload that no mapping covers
}

// holeLen is how many NOPs in a row show that an option was overwritten. Stacks pad with up to three; MP_CAPABLE in a SYN
// of version 1, the shortest option that is taken off, leaves four.
const holeLen = 4

// hole is the longest run of NOPs among option kinds, 0 if it is what padding explains.
func hole(kinds string) int {
	const nop = 1
	longest, run := 0, 0
	for _, k := range []byte(kinds) {
		if k != nop {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	if longest < holeLen {
		return 0
	}
	return longest
}

// optionsCut says whether fewer options were captured than a TCP header of that length has. Where one of the kinds has no
// fixed length, that is not known.
func optionsCut(kinds string, header uint32) bool {
	const fixed = 20
	length := [...]uint32{1: 1, 2: 4, 3: 3, 4: 2, 8: 10}
	n := uint32(fixed)
	for _, k := range []byte(kinds) {
		if int(k) >= len(length) || length[k] == 0 {
			return false
		}
		n += length[k]
	}
	return n < header
}

func newLife(ordinal int, s *stream.Stream) life {
	return life{ordinal: ordinal, stream: s, asked: Never}
}

// lives are the lives of all subflows of a connection.
func lives(t *trace.Trace, c *conn.Conn) []life {
	return appendLives(make([]life, 0, len(c.Subflows)), t, c)
}

func appendLives(list []life, t *trace.Trace, c *conn.Conn) []life {
	for i := range c.Subflows {
		list = append(list, newLife(i, t.SubflowStream(c, i)))
		list[i].read(t, t.SubflowRows(c, i))
	}
	return list
}

// liveOf goes through the packets of a stream.
func liveOf(t *trace.Trace, id uint32) life {
	l := newLife(-1, &t.Streams[id])
	l.read(t, t.StreamRows(id))
	return l
}

func (l *life) read(t *trace.Trace, rows []uint32) {
	var g trace.Glance
	for _, row := range rows {
		t.Glance(row, &g)
		l.take(t, row, &g)
	}
	l.end(t)
}

// take takes in the stream's next packet.
func (l *life) take(t *trace.Trace, row uint32, g *trace.Glance) {
	switch {
	case !l.opened() || g.Flags&(stream.SYN|stream.RST) != 0:
		l.open(t, row, g)
	case g.HasMPTCP: // as nearly all packets have
		l.goesOn(row, g.Dest)
	default:
		l.follow(t, row, g)
	}
}

// opened says whether nothing of the handshake is left to look for.
func (l *life) opened() bool { return l.third.seen() && l.reply.seen() }

func sightOf(t *trace.Trace, row uint32, g *trace.Glance) sight {
	kinds := t.OptionKinds(row)
	o := sight{packet: row + 1, time: g.Time, from: g.Dest.Other(), option: g.HasMPTCP, hole: hole(kinds), reason: -1}
	if !o.option {
		_, tcp := t.Headers(row)
		o.cut = optionsCut(kinds, tcp)
		return o
	}
	var room [4]mptcp.Option
	o.stray = true
	for _, p := range t.Options(row, room[:0]) {
		o.stray = o.stray && len(p) > 2 && p.Subtype() != mptcp.SubCapable && p.Subtype() != mptcp.SubJoin
		if _, f := mptcp.ParseCapable(p); f == mptcp.BadLength {
			o.bad = len(p)
		}
		if m, f := mptcp.ParseReset(p); f != mptcp.WrongSubtype && m.HasReason {
			o.reason = int16(m.Reason)
		}
		if m, f := mptcp.ParseJoin(p); f != mptcp.WrongSubtype {
			o.backup, o.lame = o.backup || m.Backup, m.Form == mptcp.JoinSYN && !m.HasToken
		}
	}
	o.option = !o.stray || g.Flags&stream.SYN == 0
	return o
}

// open takes in a packet of the handshake, or a reset.
func (l *life) open(t *trace.Trace, row uint32, g *trace.Glance) {
	o, dest, flags := sightOf(t, row, g), g.Dest, g.Flags
	keep := func(at *sight) {
		if !at.seen() {
			*at = o
		}
	}
	if l.offer.seen() && dest == stream.Server && flags&(stream.SYN|stream.RST) == 0 {
		seq, _ := t.SeqAck(row)
		l.sent = l.sent || seq > 1
	}
	if flags&(stream.SYN|stream.ACK) == stream.SYN && !l.answer.seen() {
		l.asked = o.time
	}
	switch {
	case flags&stream.RST != 0:
		l.resets++
		if l.down[o.from] == 0 {
			l.down[o.from] = o.packet
		}
		keep(&l.refusal)
		if l.refusal.reason < 0 && o.reason >= 0 {
			l.refusal = o
		}
	case flags&(stream.SYN|stream.ACK) == stream.SYN && o.option:
		if !l.offer.seen() || o.time-l.asking >= patience { // else it is the same one, seen twice
			l.offers++
		}
		l.asking = o.time
		keep(&l.offer)
	case flags&(stream.SYN|stream.ACK) == stream.SYN:
		keep(&l.bare)
	case flags&stream.SYN != 0:
		keep(&l.answer)
	case dest == stream.Server:
		keep(&l.third)
		l.track(&o, g)
	default:
		if l.third.seen() || !l.answer.seen() {
			keep(&l.reply)
		}
		l.track(&o, g)
	}
}

// naked says whether a packet has a payload that no mapping covers.
func naked(g *trace.Glance) bool { return !g.HasDSN && g.Len > 0 }

// follow takes in a later packet without an option, looked at closely only if it is one to remember.
func (l *life) follow(t *trace.Trace, row uint32, g *trace.Glance) {
	bare := naked(g)
	if g.Flags&stream.FIN != 0 && !bare {
		return // the last packets of a stream need no option
	}
	v := &l.vanished[g.Dest]
	if !v.first.seen() {
		v.first = sightOf(t, row, g)
	}
	v.count(bare)
}

// goesOn takes in a packet with an option: its direction goes on having them.
func (l *life) goesOn(row uint32, dest stream.Dest) {
	l.latest[dest] = row + 1
	if v := &l.vanished[dest]; v.packets > 0 {
		*v = vanished{}
	}
}

// end says that there are no more packets.
func (l *life) end(t *trace.Trace) {
	for dest, packet := range l.latest {
		if packet > l.last[dest].packet {
			l.last[dest] = sight{packet: packet, time: t.Time(packet - 1), from: stream.Dest(dest).Other(), option: true, reason: -1}
		}
	}
	l.vantage = l.where()
}

// track follows the options of a direction through a handshake.
func (l *life) track(o *sight, g *trace.Glance) {
	v := &l.vanished[g.Dest]
	if o.option {
		l.last[g.Dest], *v = *o, vanished{}
		return
	}
	if !v.first.seen() {
		v.first = *o
	}
	v.count(naked(g))
}

// count counts a packet.
func (v *vanished) count(naked bool) {
	v.packets++
	if naked {
		v.data++
	}
}

// sameMachine is the round trip below which both ends are on one machine or one switch, and no half of it tells anything.
const sameMachine = 200_000 // ns

// where tells at which end of the stream the capture was made.
func (l *life) where() Vantage {
	o := Opening{LastSYN: l.asked, SYNACK: l.answer.at(), ACK: l.third.at()}
	if o.RTT() < sameMachine {
		return Unknown
	}
	return o.vantage(stream.Client)
}
