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
	last     [3]sight    // by stream.Dest: the last packet with an option that travels there
	vanished [3]vanished // what travels there without options after it
	sent     bool        // the client's numbers tell of data, captured or not
	asking   int64       // time of the last of the offers
	asked    int64       // time of the last SYN before the answer
	vantage  Vantage     // at the stream's client or server
}

// sight is a packet that a verdict rests on.
type sight struct {
	packet uint32
	time   int64
	from   stream.Dest // the stream's end that sent it
	option bool        // it has an MPTCP option
	cut    bool        // the capture cut its options: there may have been one
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

// lives are the lives of all subflows of a connection.
func lives(t *trace.Trace, c *conn.Conn) []life {
	return appendLives(make([]life, 0, len(c.Subflows)), t, c)
}

func appendLives(list []life, t *trace.Trace, c *conn.Conn) []life {
	for i := range c.Subflows {
		list = append(list, life{ordinal: i, stream: &t.Streams[c.Subflows[i].Stream]})
		list[i].read(t)
	}
	return list
}

// liveOf goes through the packets of a stream.
func liveOf(t *trace.Trace, id uint32) life {
	l := life{ordinal: -1, stream: &t.Streams[id]}
	l.read(t)
	return l
}

func (l *life) read(t *trace.Trace) {
	for _, row := range t.StreamRows(l.stream.ID) {
		l.take(t, row)
	}
	l.vantage = l.where()
}

// take takes in the stream's next packet.
func (l *life) take(t *trace.Trace, row uint32) {
	flags, option := t.Flags(row), t.HasMPTCP(row)
	if l.opened() && flags&(stream.SYN|stream.RST) == 0 {
		l.follow(t, row, t.Dest(row), flags, option)
		return
	}
	l.open(t, row, flags, option)
}

// opened says whether nothing of the handshake is left to look for.
func (l *life) opened() bool { return l.third.seen() && l.reply.seen() }

func sightOf(t *trace.Trace, row uint32, option bool) sight {
	kinds := t.OptionKinds(row)
	o := sight{packet: row + 1, time: t.Time(row), from: t.Dest(row).Other(), option: option, hole: hole(kinds), reason: -1}
	if !option {
		_, tcp := t.Headers(row)
		o.cut = optionsCut(kinds, tcp)
		return o
	}
	var room [4]mptcp.Option
	for _, p := range t.Options(row, room[:0]) {
		if m, f := mptcp.ParseReset(p); f != mptcp.WrongSubtype && m.HasReason {
			o.reason = int16(m.Reason)
		}
		if m, f := mptcp.ParseJoin(p); f != mptcp.WrongSubtype {
			o.backup = o.backup || m.Backup
		}
	}
	return o
}

// open takes in a packet of the handshake, or a reset.
func (l *life) open(t *trace.Trace, row uint32, flags uint16, option bool) {
	o, dest := sightOf(t, row, option), t.Dest(row)
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
		keep(&l.refusal)
		if l.refusal.reason < 0 && o.reason >= 0 {
			l.refusal = o
		}
	case flags&(stream.SYN|stream.ACK) == stream.SYN && option:
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
		l.track(&o, dest, option, naked(t, row))
	default:
		if l.third.seen() || !l.answer.seen() {
			keep(&l.reply)
		}
		l.track(&o, dest, option, naked(t, row))
	}
}

// naked says whether a packet has a payload that no mapping covers.
func naked(t *trace.Trace, row uint32) bool {
	_, mapped := t.DSN(row)
	return !mapped && t.PayloadLen(row) > 0
}

// follow takes in a later packet, looked at closely only if it is one to remember.
func (l *life) follow(t *trace.Trace, row uint32, dest stream.Dest, flags uint16, option bool) {
	o := sight{packet: row + 1, time: t.Time(row), from: dest.Other(), option: option, reason: -1}
	if option { // as nearly all packets have
		l.track(&o, dest, option, false)
		return
	}
	naked := naked(t, row)
	if flags&stream.FIN != 0 && !naked {
		return // the last packets of a stream need no option
	}
	if !l.vanished[dest].first.seen() {
		o = sightOf(t, row, option)
	}
	l.track(&o, dest, option, naked)
}

// track follows the options of a direction.
func (l *life) track(o *sight, dest stream.Dest, option, naked bool) {
	v := &l.vanished[dest]
	if option {
		l.last[dest] = *o
		if v.packets > 0 {
			*v = vanished{}
		}
		return
	}
	if v.packets++; !v.first.seen() {
		v.first = *o
	}
	if naked {
		v.data++
	}
}

// sameMachine is the round trip below which both ends are on one machine or one switch, and no half of it tells anything.
const sameMachine = 200_000 // ns

// where tells at which end of the stream the capture was made.
func (l *life) where() Vantage {
	o := Opening{LastSYN: l.asked, SYNACK: l.answer.time, ACK: l.third.time}
	if o.RTT() < sameMachine {
		return Unknown
	}
	return o.vantage(stream.Client)
}
