package analysis

import (
	"fmt"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// joins concludes on each subflow beside the initial one and, if the connection stayed MPTCP, on what ended one alone.
func (e *examination) joins(stayed bool) []Finding {
	var list []Finding
	for i := range e.lives {
		l := &e.lives[i]
		if i > 0 || !e.c.Subflows[i].Master {
			if f, ok := e.join(l); ok {
				list = append(list, f)
				continue
			}
		}
		if f, ok := e.rebound(l); ok && stayed {
			list = append(list, f)
			continue
		}
		if len(e.lives) == 1 || !stayed {
			continue
		}
		if f, ok := e.broken(l); ok {
			list = append(list, f)
		}
	}
	return list
}

// join concludes on the opening of a joining subflow.
func (e *examination) join(l *life) (Finding, bool) {
	about := func(d Diagnosis, because string, packets ...uint32) (Finding, bool) {
		return Finding{Diagnosis: d, Ordinal: l.ordinal, Packets: packets, Because: because}, true
	}
	if k := e.failed.in(l.ordinal, checkSYNACK, checkACK); k != nil {
		return about(JoinForged, fmt.Sprintf("the %s is %s and should be %s", checkTexts[k.kind].name, k.found, k.expected), k.packet)
	}
	if !l.offer.seen() && l.bare.hole > 0 {
		return about(JoinStripped, fmt.Sprintf("the SYN has no MP_JOIN but %d NOPs in a row, which is what a box leaves that overwrites an option", l.bare.hole), l.bare.packet)
	}
	switch {
	case !l.offer.seen():
		return Finding{}, false
	case l.answer.seen() && !l.answer.option && !l.answer.cut:
		trace := "; whether it was taken off the SYN or the SYN/ACK cannot be told"
		if l.answer.hole > 0 {
			trace = fmt.Sprintf(" but %d NOPs in a row, which is what a box leaves that overwrites an option", l.answer.hole)
		}
		return about(JoinStripped, "the SYN/ACK has no MP_JOIN"+trace, l.answer.packet, l.offer.packet)
	case l.up():
		return Finding{}, false
	case l.refusal.seen():
		return e.refusedJoin(l)
	case l.answer.seen() && !l.third.seen() && e.goesOn(l.answer.time):
		return about(JoinUnfinished, "no answer to the SYN/ACK with MP_JOIN was captured", l.answer.packet, l.offer.packet)
	case l.answer.seen() || l.third.seen():
	case l.offers > 1:
		return about(JoinUnanswered, fmt.Sprintf("the SYN with MP_JOIN is sent %s and never answered", times(l.offers)), l.offer.packet)
	case e.goesOn(l.offer.time):
		return about(JoinUnfinished, "the SYN with MP_JOIN is sent once, and what came of it was not captured", l.offer.packet)
	}
	return Finding{}, false
}

// lateReset is how long after a handshake a reset no longer answers it, in ns: what came between may not have been captured.
const lateReset = 1_000_000_000

// refusedJoin concludes on a join that was reset before it was up.
func (e *examination) refusedJoin(l *life) (Finding, bool) {
	o := &l.refusal
	if o.from == stream.Client && l.third.seen() {
		return Finding{Diagnosis: JoinUnfinished, Ordinal: l.ordinal, Packets: []uint32{o.packet, l.third.packet},
			Because: fmt.Sprintf("the %s that asked to join resets it after the handshake's third packet, and nothing that the other end sent after that was captured", e.sender(l, o.from).End())}, true
	}
	if o.from == stream.Client && !l.answer.seen() && o.reason < 0 {
		return Finding{Diagnosis: JoinUnfinished, Ordinal: l.ordinal, Packets: []uint32{o.packet, l.offer.packet},
			Because: fmt.Sprintf("the %s that asked to join resets it, and what it was answered was not captured", e.sender(l, o.from).End())}, true
	}
	if begun := max(l.asked, l.answer.at(), l.third.at()); o.time-begun > lateReset {
		return Finding{Diagnosis: JoinUnfinished, Ordinal: l.ordinal, Packets: []uint32{o.packet, l.offer.packet},
			Because: fmt.Sprintf("the %s resets it %s after the handshake's last packet, and nothing between was captured", e.sender(l, o.from).End(), spanText(o.time-begun))}, true
	}
	f := Finding{Diagnosis: JoinReset, Ordinal: l.ordinal, Packets: []uint32{o.packet, l.offer.packet}}
	end := e.sender(l, o.from).End()
	if third := &l.third; o.from == stream.Server && l.answer.option && third.seen() && !third.option && !third.stray && !third.cut {
		f.Diagnosis, f.Packets = JoinStripped, []uint32{third.packet, o.packet}
		f.Because = fmt.Sprintf("the handshake's third packet has no MP_JOIN, and the %s resets the subflow", end)
		return f.with("a middlebox on that path removes option 30 behind the SYNs"), true
	}
	if p := e.c.Fastclose; p != 0 && p < o.packet {
		f.Diagnosis, f.Packets = JoinLate, append(f.Packets, p)
		f.Because = fmt.Sprintf("the %s resets it; before that the connection had been given up (MP_FASTCLOSE, packet %d), so that there was nothing left to join", end, p)
		return f, true
	}
	f.Because = fmt.Sprintf("the %s resets it and gives no reason", end)
	if l.answer.seen() {
		f.cure = cureResets
	}
	if o.reason < 0 && o.packet > l.offer.packet {
		e.tooLate(&f, e.sender(l, o.from), o.packet)
	}
	if o.reason < 0 && o.from == stream.Client && f.Diagnosis == JoinReset && e.t.Flags(o.packet-1)&stream.ACK == 0 {
		return e.disowned(l, &f), true
	}
	if o.reason >= 0 {
		f.Diagnosis, f.cure = JoinRefused, ""
		f.Because = fmt.Sprintf("the %s resets it with MP_TCPRST (%s)", end, resetWord(o.reason))
		keys := e.c.Client.HasKey && e.c.Server.HasKey
		if who, packet := e.endedEither(e.sender(l, o.from), o.packet); packet != 0 && (o.reason == prohibited || o.reason == mptcpSpecific) {
			f.Because += fmt.Sprintf("; before that %s had ended its data (DATA_FIN, packet %d), which alone makes Linux refuse a join", who, packet)
			f.Packets = append(f.Packets, packet)
		} else if o.reason == mptcpSpecific && keys && l.answer.option && (o.from == stream.Client || l.third.option) {
			f.Because += "; MP_JOIN and its HMAC are right in this capture, so that the option was lost or changed behind it"
			f.cure = "capture at the host that resets, to see whether MP_JOIN arrives"
		}
	}
	return f, true
}

// disowned completes what is said of a join that its own host resets without an ack: the SYN/ACK found no socket that waited for it (RFC
// 9293 section 3.10.7.1).
func (e *examination) disowned(l *life, f *Finding) Finding {
	f.Because = strings.Replace(f.Because, " resets it", ", which asked, resets what answers it", 1)
	cure := "no socket of that host waited for the SYN/ACK: it was closed by then, or the SYN/ACK came by another interface than the SYN left by (ip route get at the other host)"
	const route = "the SYN/ACK does not come where a socket waits for it: let it take the interface that the SYN left by (ip route get at the other host)"
	if l.offers > 1 {
		f.Because += ", and goes on asking"
		cure = route
	}
	asked, answered := e.t.InterfaceOf(l.offer.packet-1), e.t.InterfaceOf(l.answer.packet-1)
	if asked != answered && max(asked, answered) < uint32(len(e.t.Interfaces)) {
		cure = route
		f.Because += "; the SYN/ACK passes another interface than the SYN"
		if a, b := e.t.Interfaces[asked].Name, e.t.Interfaces[answered].Name; a != b {
			f.Because += fmt.Sprintf(" (%s, not %s)", b, a)
		}
	}
	if strings.Contains(f.Because, "DATA_FIN") {
		return f.with("nothing, if the application was done: no socket waited for the SYN/ACK any more")
	}
	return f.with(cure)
}

// tooLate says of a join that was reset without a reason what is known of the end of the data by then: where both ends had ended
// theirs, that is the reason.
func (e *examination) tooLate(f *Finding, from stream.Dest, before uint32) {
	own, other := e.ended(from, before), e.ended(from.Other(), before)
	switch {
	case own != 0 && other != 0:
		f.Diagnosis, f.cure = JoinLate, ""
		f.Because += fmt.Sprintf("; before that both ends had ended their data (DATA_FIN, packets %d and %d), so that there was nothing left to join",
			min(own, other), max(own, other))
		f.Packets = append(f.Packets, min(own, other), max(own, other))
	case own != 0 || other != 0:
		who, packet := e.endedEither(from, before)
		f.Because += fmt.Sprintf("; before that %s had ended its data (DATA_FIN, packet %d)", who, packet)
		f.Packets = append(f.Packets, packet)
		if f.cure != "" {
			f.cure = "let the join be done before an end ends its data: Linux takes none after that"
		}
	}
}

// endedEither is the first packet before another with which an end, or if it has none the other one, told that its data ends,
// and that end as a sentence about the first names it: either leaves the state in which Linux takes joins.
func (e *examination) endedEither(from stream.Dest, before uint32) (who string, packet uint32) {
	if packet = e.ended(from, before); packet != 0 {
		return "it", packet
	}
	return "the " + from.Other().End(), e.ended(from.Other(), before)
}

// ended is the first packet with which an end told that its data ends, 0 if there is none before a packet.
func (e *examination) ended(from stream.Dest, before uint32) uint32 {
	if e.fins == nil {
		e.fins = firstFINs(e.t, e.c)
	}
	if first := e.fins[from]; first < before {
		return first
	}
	return 0
}

// firstFINs are the first packets with DATA_FIN by the end that sent them, 0 where it sent none.
func firstFINs(t *trace.Trace, c *conn.Conn) *[3]uint32 {
	var first [3]uint32
	for i := range c.Subflows {
		for _, row := range t.SubflowRows(c, i) {
			if !t.DataFIN(row) {
				continue
			}
			if from := t.ConnDest(row).Other(); first[from] == 0 || row+1 < first[from] {
				first[from] = row + 1
			}
		}
	}
	return &first
}

// broken concludes on a subflow of several that stopped being one.
func (e *examination) broken(l *life) (Finding, bool) {
	if p := e.fails[l.ordinal]; p != nil {
		f := Finding{Diagnosis: SubflowChecksum, Ordinal: l.ordinal, Packets: []uint32{p.packet},
			Because: fmt.Sprintf("the %s answers a wrong DSS checksum with MP_FAIL", p.from.End())}
		if k := e.blamed(p); k != nil {
			f.Because += fmt.Sprintf("; that of packet %d is %s and should be %s", k.packet, k.found, k.expected)
			f.Packets = append(f.Packets, k.packet)
		} else {
			f.cure = "a box on that path rewrites payload; " + cureWhole
		}
		return f, true
	}
	if f, ok := e.vanished(l, SubflowStripped, SubflowStripped); ok && l.up() {
		return f, true
	}
	return e.cut(l)
}

// cut concludes on a subflow that was reset while the connection went on.
func (e *examination) cut(l *life) (Finding, bool) {
	o := &l.refusal
	if !o.seen() || e.c.Fastclose != 0 || !e.after(o.time, l.ordinal) {
		return Finding{}, false
	}
	if e.takenBack(l.ordinal, o.time, e.sender(l, o.from)) || e.closedBy(l, o) {
		return Finding{}, false
	}
	f := Finding{Diagnosis: SubflowReset, Ordinal: l.ordinal, Packets: []uint32{o.packet},
		Because: fmt.Sprintf("the %s resets it while data is under way elsewhere, and gives no reason", e.sender(l, o.from).End())}
	if o.reason >= 0 {
		f.Because = fmt.Sprintf("the %s resets it with MP_TCPRST (%s) while data is under way elsewhere", e.sender(l, o.from).End(), resetWord(o.reason))
	}
	if p := contradicted(e.t, l); p != 0 {
		f.Because += fmt.Sprintf("; right before, the mapping of packet %d contradicts an earlier one for the same bytes", p)
		f.Packets, f.cure = append(f.Packets, p), "find what changes DSS options, or segments, on that path: packet shows the mappings"
	}
	return f, true
}

// closedBy says whether the end that resets a subflow had closed it before (FIN): it gave the subflow up then.
func (e *examination) closedBy(l *life, reset *sight) bool {
	if !l.stream.FIN {
		return false
	}
	for _, row := range e.rowsOf(l) {
		if row+1 >= reset.packet {
			break
		}
		if e.t.Flags(row)&stream.FIN != 0 && e.t.Dest(row) != reset.from {
			return true
		}
	}
	return false
}

// removalAfter is how long after the reset of a subflow the REMOVE_ADDR may be captured that tells why, in ns: Linux sends that right
// after it, and on another path.
const removalAfter = 1_000_000_000

// takenBack says whether a REMOVE_ADDR named an address of the subflow by the time of its end, or right after that where it is of the
// same sender: then that is why it ends (RFC 8684 section 3.4.2). One from before its SYN was about another subflow: an id may be used
// again.
func (e *examination) takenBack(ordinal int, by int64, sender stream.Dest) bool {
	if len(e.removals) == 0 {
		return false
	}
	if e.removed == nil {
		e.removed = removalsOf(e.removals)
	}
	part, since := &e.c.Subflows[ordinal], e.lives[ordinal].asked
	for _, end := range ConnDirections(stream.DestUnknown) {
		until := by
		if end == sender {
			until += removalAfter
		}
		if e.removed.within(holderOf(part, end), since, until) {
			return true
		}
	}
	return false
}

// lastData is when a subflow last carried data.
type lastData struct {
	ordinal int
	time    int64
}

// findEnds notes the two subflows that carried data last.
func (e *examination) findEnds() {
	e.ends = [2]lastData{{ordinal: -1}, {ordinal: -1}}
	for i := range e.lives {
		rows := e.rowsOf(&e.lives[i])
		k := len(rows) - 1
		for k >= 0 && e.t.PayloadLen(rows[k]) == 0 {
			k--
		}
		if k < 0 {
			continue
		}
		switch at := (lastData{i, e.t.Time(rows[k])}); {
		case at.time > e.ends[0].time:
			e.ends[1], e.ends[0] = e.ends[0], at
		case at.time > e.ends[1].time:
			e.ends[1] = at
		}
	}
}

// after says whether another subflow carried data after a time.
func (e *examination) after(time int64, ordinal int) bool {
	for _, end := range e.ends {
		if end.ordinal != ordinal && end.time > time {
			return true
		}
	}
	return false
}

// addresses concludes on what was announced, and on the C flag.
func (e *examination) addresses() []Finding {
	var list []Finding
	if f, ok := e.forbidden(); ok {
		list = append(list, f)
	}
	for _, a := range announcements(e.t, e.c, e.controls) {
		if k := e.failed.packet[checkOn{checkAddress, int(a.packet)}]; k != nil {
			list = append(list, find(AddressForged, fmt.Sprintf("the HMAC of the %s's ADD_ADDR for %s is %s and should be %s", a.from.End(), a.address(), k.found, k.expected), a.packet))
			continue
		}
		switch {
		case a.join != nil || a.removed != 0 || e.inUse(a):
		case a.echo == 0 && (e.c.Version != 1 || a.sent < 2 && !e.heard(a.from, a.time)):
		case a.echo == 0:
			list = append(list, find(AddressUnanswered, fmt.Sprintf("the %s's ADD_ADDR for %s is sent %s, and no echo was captured", a.from.End(), a.address(), times(a.sent)), a.packet))
		case a.echo != 0:
			f := find(AddressUnused, fmt.Sprintf("the %s echoes the %s's ADD_ADDR for %s, and no join to it follows", a.from.Other().End(), a.from.End(), a.address()), a.echo, a.packet)
			if a.repeated != 0 {
				f.Because += fmt.Sprintf("; the %s repeats it all the same (packet %d), so that the echo did not reach it", a.from.End(), a.repeated)
				f.Packets = append(f.Packets, a.repeated)
			}
			list = append(list, f)
		}
	}
	return list
}

// heard says whether packets with options went on to travel to an end for as long as an echo takes.
func (e *examination) heard(to stream.Dest, since int64) bool {
	for i := range e.lives {
		l := &e.lives[i]
		if last := l.last[subflowToward(&e.c.Subflows[i], to)]; last.seen() && last.time-since > max(2*between(l.asked, l.third.at()), sameMachine) {
			return true
		}
	}
	return false
}

// inUse says whether a subflow had the address already.
func (e *examination) inUse(a *announcement) bool {
	for i := range e.lives {
		s := e.lives[i].stream
		end := s.Server
		if subflowToward(&e.c.Subflows[i], a.from) == stream.Client {
			end = s.Client
		}
		if e.lives[i].up() && end.Addr() == a.addr.Addr() && (a.addr.Port() == 0 || a.addr.Port() == end.Port()) {
			return true
		}
	}
	return false
}

// forbidden concludes on the C flag, where it left the connection with one subflow.
func (e *examination) forbidden() (Finding, bool) {
	if len(e.lives) > 1 {
		return Finding{}, false
	}
	for i := range e.controls {
		p := &e.controls[i]
		m, f := mptcp.ParseCapable(p.option(mptcp.SubCapable))
		if f == mptcp.NoFault && m.DenyJoinID0() && p.from == stream.Server {
			return find(JoinsForbidden, "the server's MP_CAPABLE has the C flag: no subflow may be opened to its initial address and port", p.packet), true
		}
	}
	return Finding{}, false
}
