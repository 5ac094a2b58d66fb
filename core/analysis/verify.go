package analysis

import (
	"fmt"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// check is one thing that was verified, with its evidence.
type check struct {
	kind     checkKind
	verdict  conn.Verdict
	conn     *conn.Conn
	packet   uint32 // id, 0 when it is about no packet
	subflow  int    // ordinal, -1 none
	expected string
	found    string
	why      string // why it cannot be told, or what a failure means
	count    uint64 // how many are alike, for what is only counted
	far      bool   // the number is of another connection's, or of another key's
	alien    bool   // the packet is of another connection: it stands behind the end of the stream
}

// checkKind is what is verified.
type checkKind uint8

const (
	checkKeys checkKind = iota
	checkToken
	checkIDSN
	checkSYNACK
	checkACK
	checkAddress
	checkIDs
	checkSum
	checkFIN
	checkDACK
	numChecks
)

// checkTexts name the kinds, say what each compares, and where the rule stands.
var checkTexts = [numChecks]struct{ name, what, section string }{
	checkKeys:    {"echoed keys", "each key in MP_CAPABLE and MP_FASTCLOSE against that of the handshake", "RFC 8684 3.1"},
	checkToken:   {"token", "the token of a JOIN SYN against the hash of the receiver's key", "RFC 8684 3.2"},
	checkIDSN:    {"IDSN", "the first mapping of a direction against the hash of the sender's key", "RFC 8684 3.1"},
	checkSYNACK:  {"JOIN SYN/ACK HMAC", "the truncated HMAC against one of keys and nonces", "RFC 8684 3.2"},
	checkACK:     {"JOIN ACK HMAC", "the HMAC against one of keys and nonces", "RFC 8684 3.2"},
	checkAddress: {"ADD_ADDR HMAC", "the truncated HMAC against one of keys, id, address and port", "RFC 8684 3.4.1"},
	checkIDs:     {"address ids", "one address for each address id of an end", "RFC 8684 3.2"},
	checkSum:     {"DSS checksum", "the checksum against one of mapping and payload", "RFC 8684 3.3"},
	checkFIN:     {"DATA_FIN", "its number against the end of the data, and against its repetitions", "RFC 8684 3.3.3"},
	checkDACK:    {"DATA_ACK", "what is acknowledged against what was sent", "RFC 8684 3.3.2"},
}

// inquiry verifies one connection.
type inquiry struct {
	t       *trace.Trace
	c       *conn.Conn
	list    []check
	seen    []control
	all     bool // keep what is right too, written out
	dir     [3]dataLevel
	next    int            // in seen
	strange map[int]uint32 // by ordinal, of subflows with a failed check: the first packet behind the end, 0 none

	row    trace.Row // the packet that is looked at
	glance trace.Glance
}

// verify checks all that can be checked of a connection, from its control packets.
func verify(t *trace.Trace, c *conn.Conn, seen []control) []check {
	return (&inquiry{t: t, c: c, seen: seen, all: true}).check()
}

// refute does so and keeps only what failed.
func refute(t *trace.Trace, c *conn.Conn, seen []control) []check {
	return (&inquiry{t: t, c: c, seen: seen}).check()
}

func (q *inquiry) check() []check {
	q.handshakes()
	q.begin()
	for row, ordinal := range connRows(q.t, q.c) {
		q.t.Glance(row, &q.glance)
		q.packet(row, ordinal, &q.glance, &q.row)
	}
	q.closing()
	return q.list
}

// handshakes checks what control packets tell.
func (q *inquiry) handshakes() {
	q.keys()
	q.tokens()
	q.joins()
	q.addresses()
	q.ids()
	q.checksums()
}

func (q *inquiry) add(k check) {
	if k.verdict == conn.Failed && k.packet != 0 && q.behindFIN(k.packet-1) {
		k.verdict, k.alien, k.why = conn.NotVerifiable, true, "the packet stands behind the end of the stream: it is of another connection between the same ports, whose SYN was not captured"
	}
	if !q.all && k.verdict != conn.Failed && !k.alien {
		return
	}
	k.conn = q.c
	k.count = max(k.count, 1)
	q.list = append(q.list, k)
}

// behindFIN says whether a packet is not before one with numbers that cannot be its stream's: its sender had ended that before, or it
// acknowledges more than there was when the other end did.
func (q *inquiry) behindFIN(row uint32) bool {
	ordinal := q.t.OrdinalOf(row)
	first, known := q.strange[ordinal]
	if !known {
		first = q.firstBehindFIN(ordinal)
		if q.strange == nil {
			q.strange = map[int]uint32{}
		}
		q.strange[ordinal] = first
	}
	return first != 0 && row+1 >= first
}

// firstBehindFIN is the first such packet of a subflow, 0 if there is none.
func (q *inquiry) firstBehindFIN(ordinal int) uint32 {
	var ended [3]bool
	var next [3]uint32 // the relative number that follows the end, by the end that it travels to; of a reset, which may be forged, far behind it
	for _, row := range q.t.SubflowRows(q.c, ordinal) {
		to := q.t.Dest(row)
		end := q.t.Flags(row)&(stream.FIN|stream.RST) != 0
		if !end && !ended[to] && !ended[to.Other()] {
			continue
		}
		seq, ack := q.t.SeqAck(row)
		if ended[to] && int32(seq-next[to]) > 0 || ended[to.Other()] && q.t.Flags(row)&stream.ACK != 0 && int32(ack-next[to.Other()]) > 0 {
			return row + 1
		}
		if end && !ended[to] {
			ended[to], next[to] = true, seq+q.t.PayloadLen(row)+1
			if q.t.Flags(row)&stream.RST != 0 {
				next[to] += 1 << 16
			}
		}
	}
	return 0
}

// judge adds the outcome of a comparison of two values, which text writes.
func judge[V comparable](q *inquiry, kind checkKind, p *control, expected, found V, text func(V) string, meaning string) {
	if !q.all && expected == found {
		return
	}
	k := check{kind: kind, verdict: conn.Verified, packet: p.packet, subflow: p.ordinal, expected: text(expected), found: text(found)}
	if expected != found {
		k.verdict, k.why = conn.Failed, meaning
	}
	q.add(k)
}

// cannot adds what could not be told, and why.
func (q *inquiry) cannot(kind checkKind, p *control, found, why string) {
	q.add(check{kind: kind, verdict: conn.NotVerifiable, packet: p.packet, subflow: p.ordinal, found: found, why: why})
}

// keys compares every key with the first packet that showed that end's.
func (q *inquiry) keys() {
	var first [3]mptcp.Key
	var known [3]bool
	for i := range q.seen {
		p := &q.seen[i]
		to := p.from.Other()
		if m, f := mptcp.ParseCapable(p.option(mptcp.SubCapable)); f != mptcp.WrongSubtype {
			if m.HasSender {
				q.key(p, p.from, m.Sender, &first, &known)
			}
			if m.HasReceiver {
				q.key(p, to, m.Receiver, &first, &known)
			}
		}
		if m, f := mptcp.ParseFastclose(p.option(mptcp.SubFastclose)); f != mptcp.WrongSubtype && m.HasKey {
			if end := q.c.End(to); end.HasKey {
				judge(q, checkKeys, p, end.Key, m.Key, hexKey, "the sender of MP_FASTCLOSE does not know the receiver's key: it is ignored")
			}
		}
	}
}

func (q *inquiry) key(p *control, end stream.Dest, key mptcp.Key, first *[3]mptcp.Key, known *[3]bool) {
	if !known[end] {
		first[end], known[end] = key, true
		return
	}
	judge(q, checkKeys, p, first[end], key, hexKey, keyMeanings[end])
}

// keyMeanings say whose key changed, by stream.Dest.
var keyMeanings = [3]string{
	stream.Client: "the client's key is not the one that the handshake began with",
	stream.Server: "the server's key is not the one that the handshake began with",
}

func hexKey(k mptcp.Key) string { return fmt.Sprintf("%016x", uint64(k)) }

// tokens compares the tokens of JOIN SYNs with the key of the end that they are sent to.
func (q *inquiry) tokens() {
	for i := range q.seen {
		p := &q.seen[i]
		m, f := mptcp.ParseJoin(p.option(mptcp.SubJoin))
		if f == mptcp.WrongSubtype || m.Form != mptcp.JoinSYN || !m.HasToken {
			continue
		}
		if end := q.c.End(p.from.Other()); end.HasKey {
			judge(q, checkToken, p, end.Key.Token(q.c.Version), m.Token, hexToken, "the token is that of another connection, or of none")
		} else {
			q.cannot(checkToken, p, hexToken(m.Token), "no packet of this capture shows the key that it stands for")
		}
	}
}

func hexToken(v uint32) string { return fmt.Sprintf("%08x", v) }

// hexHMAC writes a truncated HMAC.
func hexHMAC(v uint64) string { return fmt.Sprintf("%016x", v) }

// Verify answers with the outcome by kind, each failure with what was expected and found, and for machines each check. of
// are the connections to verify.
func Verify(t *trace.Trace, of []*conn.Conn) (outcome, failures, each *display.Table) {
	var all []check
	if len(of) == 1 {
		all = verify(t, of[0], controls(t, of[0], optionRows(t, of[0])))
	} else {
		x := indexOptions(t)
		for i := range t.Conns {
			all = append(all, verify(t, &t.Conns[i], controls(t, &t.Conns[i], x.of(i)))...)
		}
	}
	every := table(t, checkFields, len(all), func(row int) check { return all[row] })
	every.Name, every.Title = "checks", "Checks of "+ofConnections(of)
	return verifyOutcome(t, of, all), verifyFailures(t, of, all), every
}

// tallied is a row of the outcome: one kind of check.
type tallied struct {
	kind   checkKind
	counts [4]uint64 // by conn.Verdict
	why    string    // of what cannot be told
}

func tallyChecks(all []check) []tallied {
	rows := make([]tallied, numChecks)
	for k := range rows {
		rows[k].kind = checkKind(k)
	}
	for i := range all {
		k := &all[i]
		row := &rows[k.kind]
		row.counts[k.verdict] += k.count
		if k.verdict == conn.NotVerifiable && row.why == "" {
			row.why = k.why
		}
	}
	return rows
}

// verdict is the worst of the kind's outcomes.
func (r tallied) verdict() string {
	switch {
	case r.counts[conn.Failed] > 0:
		return "failed"
	case r.counts[conn.Verified] > 0 && r.counts[conn.NotVerifiable] > 0:
		return "verified in part"
	case r.counts[conn.Verified] > 0:
		return "verified"
	case r.counts[conn.NotVerifiable] > 0:
		return "cannot tell"
	}
	return "not seen"
}

func verifyOutcome(t *trace.Trace, of []*conn.Conn, all []check) *display.Table {
	rows := tallyChecks(all)
	list := table(t, verifyFields, len(rows), func(row int) tallied { return rows[row] })
	list.Name, list.Title = "verification", "Verification of "+ofConnections(of)
	return list
}

// ofConnections names what an answer is about.
func ofConnections(of []*conn.Conn) string {
	if len(of) == 1 {
		return fmt.Sprintf("connection %d", of[0].ID)
	}
	return fmt.Sprintf("%d connections", len(of))
}

var verifyFields = []field[tallied]{
	{display.Column{Key: "check", Head: "Check", Doc: "what is verified"}, func(_ *trace.Trace, r tallied) display.Value {
		return display.Str(checkTexts[r.kind].name)
	}},
	{display.Column{Key: "verdict", Head: "Verdict", Doc: "verified, failed, cannot tell, or not seen in this capture"}, func(_ *trace.Trace, r tallied) display.Value {
		return display.Str(r.verdict())
	}},
	{display.Column{Key: "verified", Head: "Verified", Exact: true, Doc: "how many are right"}, func(_ *trace.Trace, r tallied) display.Value {
		return display.Uint(r.counts[conn.Verified])
	}},
	{display.Column{Key: "failed", Head: "Failed", Exact: true, Doc: "how many are wrong"}, func(_ *trace.Trace, r tallied) display.Value {
		return display.Uint(r.counts[conn.Failed])
	}},
	{display.Column{Key: "cannot_tell", Head: "Cannot tell", Exact: true, Doc: "how many lack what the verification needs"}, func(_ *trace.Trace, r tallied) display.Value {
		return display.Uint(r.counts[conn.NotVerifiable])
	}},
	{display.Column{Key: "compares", Head: "Compares", Wide: true, Doc: "what is compared with what"}, func(_ *trace.Trace, r tallied) display.Value {
		return display.Str(checkTexts[r.kind].what)
	}},
	{display.Column{Key: "why", Head: "Why it cannot be told", Wide: true, Doc: "what the first of those that cannot be told lacks"}, func(_ *trace.Trace, r tallied) display.Value {
		if r.why == "" {
			return display.Value{}
		}
		return display.Str(r.why)
	}},
	{display.Column{Key: "section", Head: "Section", Doc: "where the rule stands"}, func(_ *trace.Trace, r tallied) display.Value {
		return display.Str(checkTexts[r.kind].section)
	}},
}

func verifyFailures(t *trace.Trace, of []*conn.Conn, all []check) *display.Table {
	var failed []check
	for i := range all {
		if all[i].verdict == conn.Failed {
			failed = append(failed, all[i])
		}
	}
	list := table(t, failureFields, len(failed), func(row int) check { return failed[row] })
	list.Name, list.Title = "failures", "What failed in "+ofConnections(of)
	list.Empty = "nothing failed"
	return list
}

var failureFields = []field[check]{
	{id("mptcpstream", "Connection", "mptcp.stream"), func(_ *trace.Trace, k check) display.Value {
		return display.Uint(uint64(k.conn.ID))
	}},
	packetField("packetid", "Packet", "the packet that shows it, as this program counts", func(k check) uint32 { return k.packet }),
	frameField(func(k check) uint32 { return k.packet }),
	{id("tcpstream", "Subflow", "tcp.stream"), func(_ *trace.Trace, k check) display.Value {
		return subflowValue(k.conn, k.subflow)
	}},
	{display.Column{Key: "check", Head: "Check", Doc: "what is wrong"}, func(_ *trace.Trace, k check) display.Value {
		return display.Str(checkTexts[k.kind].name)
	}},
	{display.Column{Key: "expected", Head: "Expected", Wide: true, Doc: "what it should be"}, func(_ *trace.Trace, k check) display.Value {
		return display.Str(k.expected)
	}},
	{display.Column{Key: "found", Head: "Found", Wide: true, Doc: "what stands in the packet"}, func(_ *trace.Trace, k check) display.Value {
		return display.Str(k.found)
	}},
	{display.Column{Key: "meaning", Head: "Meaning", Wide: true, Doc: "what follows from it"}, func(_ *trace.Trace, k check) display.Value {
		return display.Str(k.why)
	}},
}

// checkFields are the failures' columns with the verdict, and how many checks are alike.
var checkFields = append(failureFields[:len(failureFields):len(failureFields)],
	field[check]{display.Column{Key: "verdict", Head: "Verdict", Doc: "verified, failed or not verifiable"}, func(_ *trace.Trace, k check) display.Value {
		return display.Str(k.verdict.String())
	}},
	field[check]{display.Column{Key: "count", Head: "Count", Exact: true, Doc: "how many options this stands for"}, func(_ *trace.Trace, k check) display.Value {
		return display.Uint(k.count)
	}},
)
