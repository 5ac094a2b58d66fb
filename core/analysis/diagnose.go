package analysis

import (
	"cmp"
	"fmt"
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

// rowsOf are the rows of a life.
func (e *examination) rowsOf(l *life) []uint32 {
	if l.ordinal < 0 {
		return e.t.StreamRows(l.stream.ID)
	}
	return e.t.SubflowRows(e.c, l.ordinal)
}

// name writes a packet of a life for a sentence.
func (e *examination) name(o sight) string { return fmt.Sprintf("packet %d", o.packet) }

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
