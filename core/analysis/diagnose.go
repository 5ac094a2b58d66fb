package analysis

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// examination is what a diagnosis of one connection rests on.
type examination struct {
	t        *trace.Trace
	c        *conn.Conn
	lives    []life
	controls []control
	failed   failures
	fail     *control         // the first packet with MP_FAIL
	fails    map[int]*control // the first with MP_FAIL by subflow
	removals []*control       // packets with REMOVE_ADDR
	removed  removals         // of these, nil until needed
	around   *surroundings    // nil until needed
	ends     [2]lastData
	fins     *[3]uint32 // the first packets with DATA_FIN by sender, nil until needed
	infinite uint32     // the packet that announced an infinite mapping
	rows     []uint32   // of the connection, nil until needed
}

// examine reads all that is needed.
func examine(t *trace.Trace, c *conn.Conn) *examination { return examineRows(t, c, optionRows(t, c)) }

// examineRows does so where the rows with options are known.
func examineRows(t *trace.Trace, c *conn.Conn, rows []uint32) *examination {
	return new(room).examine(t, c, rows)
}

// room is memory for examinations of one connection after the other: none outlives the next.
type room struct {
	examination examination
	inquiry     inquiry
	options     []mptcp.Option // of the controls
}

func (r *room) examine(t *trace.Trace, c *conn.Conn, rows []uint32) *examination {
	e := &r.examination
	lives, controls, removals := e.lives[:0], e.controls[:0], e.removals[:0]
	controls, r.options = appendControls(controls, r.options[:0], t, c, rows)
	*e = examination{t: t, c: c, lives: appendLives(lives, t, c), controls: controls, removals: removals}
	r.inquiry = inquiry{t: t, c: c, seen: controls}
	e.failed = indexed(r.inquiry.check())
	e.gather()
	return e
}

// gather looks for what the findings ask of the control packets and of the ends.
func (e *examination) gather() {
	for i := range e.controls {
		p := &e.controls[i]
		if p.option(mptcp.SubRemoveAddr) != nil {
			e.removals = append(e.removals, p)
		}
		if p.option(mptcp.SubFail) == nil {
			continue
		}
		if e.fail == nil {
			e.fail = p
		}
		if e.fails == nil {
			e.fails = map[int]*control{}
		}
		if e.fails[p.ordinal] == nil {
			e.fails[p.ordinal] = p
		}
	}
	e.findEnds()
	if e.c.Fallback.Cause == conn.InfiniteMapping {
		e.infinite = e.c.Fallback.Packet
	}
}

// Diagnose concludes what became of a connection. The first finding is the verdict.
func Diagnose(t *trace.Trace, c *conn.Conn) []Finding { return examine(t, c).findings() }

// findings puts the verdict on the connection first; where nothing is wrong with it as a whole, the gravest of what is
// wrong with a part.
func (e *examination) findings() []Finding {
	whole := e.connection()
	parts := append(e.joins(!whole.Diagnosis.plain()), e.addresses()...)
	slices.SortStableFunc(parts, func(a, b Finding) int { return cmp.Compare(a.Diagnosis, b.Diagnosis) })
	switch {
	case len(parts) == 0 || whole.Diagnosis != Healthy && whole.Diagnosis != NotCaptured:
	case whole.Diagnosis == NotCaptured && parts[0].Diagnosis <= JoinStripped:
		return append(parts, whole)
	case parts[0].Diagnosis == JoinLate: // and so are all the others: nothing is wrong with the connection
	case whole.Diagnosis == Healthy && (parts[0].Diagnosis < JoinsForbidden || e.single()):
		return parts
	}
	return append([]Finding{whole}, parts...)
}

// single says whether the connection never had a second subflow that came up.
func (e *examination) single() bool {
	up := 0
	for i := range e.lives {
		if e.lives[i].up() {
			up++
		}
	}
	return up < 2
}

// connection concludes on the connection as a whole.
func (e *examination) connection() Finding {
	if len(e.lives) == 0 || !e.c.Subflows[0].Master || !e.lives[0].offer.seen() && !e.c.Handshake {
		return e.headless()
	}
	m := &e.lives[0]
	if f, done := e.handshake(m); done {
		return f
	}
	for _, concluded := range []func(*life) (Finding, bool){e.keysDiffer, e.checksum, e.vanishing, e.fastclose, e.portsReused, e.cutOff} {
		if f, ok := concluded(m); ok {
			return f
		}
	}
	return e.healthy(m)
}

// find makes a finding about the connection.
func find(d Diagnosis, because string, packets ...uint32) Finding {
	return Finding{Diagnosis: d, Ordinal: -1, Packets: packets, Because: because}
}

// headless concludes on a connection whose handshake is missing.
func (e *examination) headless() Finding {
	if e.c.Fastclose != 0 {
		return e.fastclosed()
	}
	if e.fail != nil && len(e.lives) == 1 {
		f, _ := e.checksum(&e.lives[0])
		return f
	}
	if f, ok := e.continues(); ok {
		return f
	}
	var first uint32
	if rows := e.connRows(); len(rows) > 0 {
		first = rows[0] + 1
	}
	if len(e.lives) == 0 {
		return find(NotCaptured, beginsLater, first)
	}
	return e.unopened(&e.lives[0], first)
}

const beginsLater = "the capture begins later than the connection, so that what was agreed is unknown"

// unopened concludes on a connection whose first subflow does not begin with an MP_CAPABLE of its client.
func (e *examination) unopened(l *life, first uint32) Finding {
	switch heard := e.hears(l, stream.Server); {
	case l.bare.cut || l.offer.lame:
		return find(NotCaptured, "the capture cut the options of the SYN", first).with(cureSnaplen)
	case l.offer.seen():
		return find(NotCaptured, fmt.Sprintf("it is known by a join only (%s): the handshake of the connection that this belongs to is not in the capture", e.name(l.offer)),
			first).with(cureAll)
	case l.bare.stray && !l.last[stream.Client].seen() && !l.last[stream.Server].seen():
		return find(NotAsked, "the SYN carries an MPTCP option, but neither MP_CAPABLE nor MP_JOIN, and no later packet has one", l.bare.packet)
	case l.bare.seen():
		return find(NotCaptured, "the SYN carries neither MP_CAPABLE nor MP_JOIN; only later packets have MPTCP options", first).with("capture nearer to the client")
	case l.answer.seen() && !heard:
		return find(NotCaptured, fmt.Sprintf("the SYN/ACK (%s) was captured, and no packet that the client sent", e.name(l.answer)), first).with(cureBoth)
	case l.answer.seen():
		return find(NotCaptured, fmt.Sprintf("the SYN/ACK (%s) was captured, and not the SYN", e.name(l.answer)), first).with(cureLost)
	}
	if first != 0 {
		if ran := e.t.Time(first-1) - e.t.Capture.First; ran >= lateReset {
			return find(NotCaptured, fmt.Sprintf("the capture had run for %s when the first packet of it came, and has none of its opening, so that what was agreed is unknown: it is older than the capture, or its opening was lost or went elsewhere",
				spanText(ran)), first)
		}
	}
	return find(NotCaptured, beginsLater, first)
}

// hears says whether a packet of a subflow that travels to an end of its stream was captured.
func (e *examination) hears(l *life, to stream.Dest) bool {
	return slices.ContainsFunc(e.rowsOf(l), func(row uint32) bool { return e.t.Dest(row) == to })
}

// stops says that the capture ends with, or soon after, a packet.
func (e *examination) stops(o *sight, what string) string {
	if after := e.t.Capture.Last - o.time; after > 0 {
		return fmt.Sprintf("the capture ends %s after %s", spanText(after), what)
	}
	return fmt.Sprintf("the capture ends with %s", what)
}

// handshake concludes where the handshake did not come to MPTCP.
func (e *examination) handshake(m *life) (Finding, bool) {
	switch {
	case !m.offer.seen():
		return Finding{}, false
	case !m.answer.seen() && m.refusal.seen() && m.refusal.from == stream.Server && !m.third.seen() && !m.reply.seen():
		return find(Refused, fmt.Sprintf("the SYN with MP_CAPABLE (%s) is answered by a reset", e.name(m.offer)), m.refusal.packet), true
	case !m.answer.seen():
		return e.unanswered(m)
	case m.answer.cut:
		return find(NotCaptured, "the capture cut the options of the SYN/ACK", m.answer.packet).with(cureSnaplen), true
	case m.third.cut:
		return find(NotCaptured, "the capture cut the options of the handshake's third packet", m.third.packet, m.answer.packet).with(cureSnaplen), true
	case !m.answer.option:
		return e.bareAnswer(m), true
	case !m.third.seen() && m.refusal.seen() && m.refusal.from == stream.Client && m.refusal.packet > m.answer.packet && !m.up() && !m.sent:
		return find(Unfinished, fmt.Sprintf("the client resets it %s after the SYN/ACK with MP_CAPABLE (%s), without a third packet", spanText(m.refusal.time-m.answer.time), e.name(m.answer)),
			m.refusal.packet, m.answer.packet).with("see whether the client's application gave up before it was connected, or its host did not know the SYN/ACK"), true
	case !m.third.seen() && e.goesOn(m.answer.time):
		return find(Unfinished, "the SYN/ACK carries MP_CAPABLE, and no answer of the client was captured", m.answer.packet, m.offer.packet), true
	case !m.third.seen():
		return find(NotCaptured, e.stops(&m.answer, "the SYN/ACK with MP_CAPABLE"), m.answer.packet).with(cureLonger), true
	}
	switch e.c.Fallback.Cause {
	case conn.NoCapableInACK:
		return e.bareThird(m), true
	case conn.NoDSS:
		if e.failed.in(anySubflow, checkKeys, checkIDSN) != nil {
			return Finding{}, false
		}
		if e.overtaken(m) {
			return find(PeerFellBack, fmt.Sprintf("the first packet that follows the SYN/ACK (%s) is not the third of the handshake, but one of later data without MP_CAPABLE: if that is what the server saw first, it goes on as plain TCP",
				e.name(m.third)), e.c.Fallback.Packet, m.third.packet).with("look for what reorders or loses packets on the way to the server"), true
		}
		return find(StrippedHandshake, "the handshake agrees on MPTCP, but the first data carries no option: what followed the SYNs arrived without",
			e.c.Fallback.Packet, m.answer.packet), true
	}
	return Finding{}, false
}

// patience is how long the capture must go on for the absence of an answer to be worth a word, in ns: few round trips take
// longer.
const patience = 100_000_000

// goesOn says whether the capture goes on for so long that an answer to what was sent at a time should have come.
func (e *examination) goesOn(time int64) bool { return e.t.Capture.Last-time >= patience }

// unanswered concludes on a SYN with MP_CAPABLE of which no answer was captured. That there was none shows in the client: it
// asks again, and does not go on.
func (e *examination) unanswered(m *life) (Finding, bool) {
	switch {
	case m.third.option || m.last[stream.Client].seen() || m.last[stream.Server].seen():
		return Finding{}, false // it was answered with MP_CAPABLE
	case m.third.seen() || m.reply.seen():
		cure := cureLost
		if !e.hears(m, stream.Client) {
			cure = cureBoth
		}
		return find(NotCaptured, "the SYN with MP_CAPABLE was answered, and the answer was not captured", m.offer.packet).with(cure), true
	case m.offers > 1:
		return find(NoAnswer, fmt.Sprintf("the SYN with MP_CAPABLE is sent %s and never answered", times(m.offers)), m.offer.packet), true
	case e.goesOn(m.offer.time):
		return find(Unfinished, "the SYN with MP_CAPABLE is sent once, and what came of it was not captured", m.offer.packet), true
	}
	return find(NotCaptured, e.stops(&m.offer, "the SYN with MP_CAPABLE"), m.offer.packet).with(cureLonger), true
}

// times writes how often something was done.
func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}

// rowsOf are the rows of a life.
func (e *examination) rowsOf(l *life) []uint32 {
	if l.ordinal < 0 {
		return e.t.StreamRows(l.stream.ID)
	}
	return e.t.SubflowRows(e.c, l.ordinal)
}

// name writes a packet of a life for a sentence.
func (e *examination) name(o sight) string { return fmt.Sprintf("packet %d", o.packet) }

// bareAnswer concludes on a SYN/ACK without MP_CAPABLE: who is to blame shows in what was left behind, in where the capture
// was taken, and in what the same server does elsewhere.
func (e *examination) bareAnswer(m *life) Finding {
	f := e.blame(m)
	if m.offer.bad > 0 && m.answer.hole == 0 {
		f.Because = fmt.Sprintf("the SYN's MP_CAPABLE is %d bytes long, which no version allows, so that a server passes it over; %s", m.offer.bad, f.Because)
		f.cure = "look for what builds that SYN: packet shows its bytes"
	}
	return f
}

// blame concludes on it where the SYN may be right.
func (e *examination) blame(m *life) Finding {
	switch {
	case m.bare.seen() && m.bare.time > m.offer.time && m.bare.time < m.answer.time:
		return find(SYNDropped, fmt.Sprintf("the SYN with MP_CAPABLE is sent %s in vain; the one without (%s) is answered", times(m.offers), e.name(m.bare)),
			m.bare.packet, m.offer.packet, m.answer.packet)
	case m.answer.hole > 0:
		return find(StrippedSYNACK, fmt.Sprintf("the SYN/ACK has no MP_CAPABLE but %d NOPs in a row, which is what a box leaves that overwrites an option", m.answer.hole),
			m.answer.packet)
	case m.vantage == AtServer:
		return find(ServerWithout, "the SYN arrives with MP_CAPABLE, and the server, beside which this was captured, answers without", m.answer.packet, m.offer.packet)
	}
	if other := e.capable(m.stream); other != nil {
		return find(StrippedEither, fmt.Sprintf("the SYN/ACK has no MP_CAPABLE, though this server speaks MPTCP (connection %d): a middlebox took it off SYN or SYN/ACK", other.ID),
			m.answer.packet, m.offer.packet)
	}
	return find(NoCapable, "the SYN/ACK carries no MP_CAPABLE, and this side cannot see whether the SYN arrived with it",
		m.answer.packet, m.offer.packet)
}

// capable finds another connection to the same address and port that the server did with MPTCP.
func (e *examination) capable(s *stream.Stream) *conn.Conn {
	if c := e.others().servers[s.Server]; c != e.c {
		return c
	}
	return nil
}

// capableServers lists the addresses and ports of servers that spoke MPTCP, each with a connection that shows it.
func capableServers(t *trace.Trace) map[netip.AddrPort]*conn.Conn {
	servers := map[netip.AddrPort]*conn.Conn{}
	for i := range t.Conns {
		c := &t.Conns[i]
		if !c.Handshake || len(c.Subflows) == 0 || !c.Subflows[0].Master {
			continue
		}
		if at := t.Streams[c.Subflows[0].Stream].Server; servers[at] == nil {
			servers[at] = c
		}
	}
	return servers
}

// keysDiffer concludes from what verify found.
func (e *examination) keysDiffer(*life) (Finding, bool) {
	k := e.failed.in(anySubflow, checkKeys, checkIDSN)
	if k == nil {
		if k = e.failed.in(anySubflow, checkDACK); k == nil || !k.far {
			return Finding{}, false
		}
	}
	return find(KeysDiffer, fmt.Sprintf("%s: expected %s, found %s", k.why, k.expected, k.found), k.packet), true
}

// portsReused tells of packets that stand behind the end of the stream that they are counted to.
func (e *examination) portsReused(*life) (Finding, bool) {
	k := e.failed.alien
	if k == nil {
		return Finding{}, false
	}
	return find(PortsReused, "the stream had ended before; what stands behind has other numbers and keys, and a SYN that was not captured: figures are those of both", k.packet), true
}

// checksum concludes on MP_FAIL where there was one subflow, and on an infinite mapping.
func (e *examination) checksum(*life) (Finding, bool) {
	switch {
	case e.fail != nil && len(e.lives) == 1 && e.infinite == 0 && e.c.Fallback.Cause == conn.NoFallback:
		f := e.checksumFailed()
		f.Diagnosis = SubflowChecksum
		f.Because += "; no infinite mapping answers that, and the data that follows has mappings as before"
		return f, true
	case e.fail != nil && (len(e.lives) == 1 || e.infinite != 0 || e.c.Fallback.Cause == conn.ChecksumFailed):
		return e.checksumFailed(), true
	case e.infinite != 0:
		return find(InfiniteMapping, "a mapping of length 0 is announced: from there on the data is plain TCP", e.infinite), true
	}
	return Finding{}, false
}

// checksumFailed is the verdict after MP_FAIL, with the checksum if it can be recomputed here.
func (e *examination) checksumFailed() Finding {
	f := find(ChecksumFailed, fmt.Sprintf("the %s answers a wrong DSS checksum with MP_FAIL", e.fail.from.End()), e.fail.packet)
	if k := e.blamed(e.fail); k != nil {
		f.Because += fmt.Sprintf("; that of packet %d is %s and should be %s", k.packet, k.found, k.expected)
		f.Packets = append(f.Packets, k.packet)
	} else {
		f.cure = "find the box that rewrites payload (application gateway, proxy); " + cureWhole
	}
	if e.infinite != 0 {
		f.Packets = append(f.Packets, e.infinite)
	}
	return f
}

// blamed is the first wrong checksum that an MP_FAIL can mean: of data that had come to its sender, on that subflow.
func (e *examination) blamed(p *control) *check {
	for i := range e.failed.all {
		k := &e.failed.all[i]
		if k.kind == checkSum && k.subflow == p.ordinal && k.packet < p.packet && e.t.ConnDest(k.packet-1) == p.from {
			return k
		}
	}
	return nil
}

// quiet is how many packets without payload must lack an option before that means something.
const quiet = 4

// vanishing concludes on options that end in the middle.
func (e *examination) vanishing(m *life) (Finding, bool) {
	if len(e.lives) > 1 && e.othersLive() {
		return Finding{}, false
	}
	return e.vanished(m, StrippedLater, PeerFellBack)
}

// othersLive says whether another subflow kept its options: then the connection goes on without the first one.
func (e *examination) othersLive() bool {
	for i := range e.lives[1:] {
		if l := &e.lives[i+1]; l.last[stream.Client].seen() && l.last[stream.Server].seen() && e.c.Subflows[i+1].Established {
			return true
		}
	}
	return false
}

// vanished finds the direction of a stream in which options end, the one with the clearer sign first.
func (e *examination) vanished(l *life, box, unclear Diagnosis) (Finding, bool) {
	var found *vanished
	for _, d := range ConnDirections(stream.DestUnknown) {
		v := &l.vanished[d]
		if !l.last[d].seen() || v.data == 0 && v.packets < quiet {
			continue
		}
		if found == nil || v.first.hole > found.first.hole || v.first.hole == found.first.hole && v.first.packet < found.first.packet {
			found = v
		}
	}
	if found == nil {
		return Finding{}, false
	}
	end := e.sender(l, found.first.from).End()
	if found.first.hole > 0 {
		return Finding{Diagnosis: box, Ordinal: l.ordinal, Packets: []uint32{found.first.packet},
			Because: fmt.Sprintf("from there on %d packets of the %s have no MPTCP option; the first has %d NOPs in a row, which is what a box leaves that overwrites an option", found.packets, end, found.first.hole)}, true
	}
	if n := e.mappedSince(l, found); n >= quiet {
		return Finding{Diagnosis: AcksBare, Ordinal: l.ordinal, Packets: []uint32{found.first.packet},
			Because: fmt.Sprintf("from there on %d packets of the %s, none of them with data, have no MPTCP option, and so no DATA_ACK, while the other end sends %d more with data and a mapping: a box removes them without a trace, or the %[2]s went back to TCP by itself",
				found.packets, end, n)}, true
	}
	return Finding{Diagnosis: unclear, Ordinal: l.ordinal, Packets: []uint32{found.first.packet},
		Because: fmt.Sprintf("from there on %d packets of the %s have no MPTCP option, %d of them with data: it went back to TCP by itself, or a box removes the options without a trace", found.packets, end, found.data)}, true
}

// mappedSince counts what travels to an end with data and a mapping since that end sends no options any more: 0 if it sends data, or
// if the other end has stopped as well.
func (e *examination) mappedSince(l *life, v *vanished) (n int) {
	if v.data > 0 || l.vanished[v.first.from].packets > 0 {
		return 0
	}
	rows := e.rowsOf(l)
	i, _ := slices.BinarySearch(rows, v.first.packet)
	for _, row := range rows[i:] {
		if _, mapped := e.t.DSN(row); mapped && e.t.Dest(row) == v.first.from && e.t.PayloadLen(row) > 0 {
			n++
		}
	}
	return n
}

// sender is the connection's end behind an end of a stream.
func (e *examination) sender(l *life, end stream.Dest) stream.Dest {
	if l.ordinal >= 0 && e.c.Subflows[l.ordinal].Dest == stream.Client {
		return end.Other()
	}
	return end
}

func (e *examination) fastclose(*life) (Finding, bool) {
	if e.c.Fastclose == 0 {
		return Finding{}, false
	}
	return e.fastclosed(), true
}

func (e *examination) fastclosed() Finding {
	f := find(FastClosed, "an end gives the connection up with MP_FASTCLOSE", e.c.Fastclose)
	for i := range e.controls {
		if p := &e.controls[i]; p.packet == e.c.Fastclose {
			f.Because = fmt.Sprintf("the %s gives the connection up with MP_FASTCLOSE", p.from.End())
		}
	}
	return f
}

// healthy is the verdict on a connection without fault.
func (e *examination) healthy(m *life) Finding {
	f := find(Healthy, "both ends agree on it in the handshake")
	for _, o := range []sight{m.offer, m.answer, m.third} {
		if o.seen() {
			f.Packets = append(f.Packets, o.packet)
		}
	}
	return f
}
