package analysis

import (
	"math"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// reach says how far a capture can tell it.
type reach uint8

const (
	onWire  reach = iota // what the kernel counts is a packet that is sent or received
	related              // the kernel counts what it does with packets: the figure here is its cause, not the same
	unseen               // nothing of it is on the wire
)

var reachWords = [...]string{"equal to the kernel's", "related", "not visible on the wire"}

// Counts are the kernel's MPTcpExt counters of both ends, by name.
type Counts struct {
	values [3]map[string]uint64 // by stream.Dest
}

// Of is the counter of an end, 0 if nothing was counted.
func (n *Counts) Of(end stream.Dest, name string) uint64 { return n.values[end][name] }

func (n *Counts) add(end stream.Dest, name string, by uint64) {
	if by == 0 {
		return
	}
	if n.values[end] == nil {
		n.values[end] = map[string]uint64{}
	}
	n.values[end][name] += by
}

// CountersOf computes the counters of connections from their packets. A capture sees what passes it: the client's counters
// are exact in a capture made at the client, the server's in one made at the server.
func CountersOf(t *trace.Trace, of []*conn.Conn) *Counts {
	n := &Counts{}
	if len(of) == 1 {
		n.count(t, of[0], optionRows(t, of[0]))
		return n
	}
	x := indexOptions(t)
	for i := range t.Conns {
		n.count(t, &t.Conns[i], x.of(i))
	}
	return n
}

// tally counts one connection.
type tally struct {
	*Counts
	t      *trace.Trace
	c      *conn.Conn
	lives  []life
	list   []control
	failed failures
	fell   [3]bool // by stream.Dest: the end went on as plain TCP
	// resetBy are the subflows that an end has reset with MP_TCPRST, by stream.Dest and ordinal.
	resetBy [3]map[int]bool
	// denied are the subflows that an end reset for MPTCP's own reasons, as it does with a token that it does not know, likewise.
	denied [3]map[int]bool
	// holders are the subflows by the ids of their ends, nil until a REMOVE_ADDR asks.
	holders map[holder][]int
	endings []ending // of the subflows' streams, likewise
}

func (n *Counts) count(t *trace.Trace, c *conn.Conn, rows []uint32) {
	k := &tally{Counts: n, t: t, c: c, lives: lives(t, c), list: controls(t, c, rows)}
	k.failed = failuresOf(t, c, k.list)
	k.deny()
	for i := range k.lives {
		if c.Subflows[i].Master {
			k.master(&k.lives[i])
		} else {
			k.join(&k.lives[i], &c.Subflows[i])
		}
	}
	for i := range k.list {
		k.option(&k.list[i])
	}
	k.closings()
	k.fallback()
	k.order()
}

// master counts the handshake of the connection (RFC 8684 section 3.1).
func (k *tally) master(l *life) {
	if !l.offer.seen() {
		return
	}
	const c, s = stream.Client, stream.Server
	k.add(c, "MPCapableSYNTX", 1)
	silent := k.c.Fallback.Cause == conn.NoDSS
	switch {
	case l.bare.seen() && l.bare.packet > l.offer.packet:
		k.add(c, "MPCapableSYNTXDrop", 1)
		if l.answer.seen() && !l.answer.option {
			k.add(c, "Blackhole", 1)
		}
	case l.answer.seen() && !l.answer.option:
		k.add(c, "MPCapableFallbackSYNACK", 1)
	case l.answer.option:
		k.add(s, "MPCapableSYNRX", 1)
		switch {
		case !l.third.seen():
		case !l.third.option && l.third.hole == 0:
			k.add(c, "MPCapableFallbackSYNACK", 1)
			k.add(s, "MPCapableFallbackACK", 1)
			k.fell[s] = true
		case silent && l.third.option && k.bareStart(l): // the data lost its options before this capture, the third packet did not
			k.add(c, "MPCapableSYNACKRX", 1)
			k.add(s, "MPCapableACKRX", 1)
		case !l.third.option || silent:
			k.add(c, "MPCapableSYNACKRX", 1)
			k.add(s, "MPCapableFallbackACK", 1)
			k.fell[s] = true
		default:
			k.add(c, "MPCapableSYNACKRX", 1)
			k.add(s, "MPCapableACKRX", 1)
		}
	}
	if silent && l.third.option {
		k.add(c, "MPCapableDataFallback", 1)
		k.fell[c] = true
	}
}

// bareStart says whether the first data to the server came without an option.
func (k *tally) bareStart(l *life) bool {
	for _, row := range k.t.StreamRows(l.stream.ID) {
		if k.t.PayloadLen(row) > 0 && k.t.Dest(row) == stream.Server {
			return !k.t.HasMPTCP(row)
		}
	}
	return false
}

// join counts the handshake of a join (section 3.2).
func (k *tally) join(l *life, part *conn.Subflow) {
	opener, acceptor := part.Dest.Other(), part.Dest
	if !l.offer.seen() {
		return
	}
	k.add(opener, "MPJoinSynTx", 1)
	port := k.otherPort(l, part)
	both := func(end stream.Dest, name, portName string) {
		k.add(end, name, 1)
		if port {
			k.add(end, portName, 1)
		}
	}
	unknown := !l.answer.seen() && k.denied[acceptor][l.ordinal]
	if l.answer.option || unknown {
		for range k.requests(l) {
			both(acceptor, "MPJoinSynRx", "MPJoinPortSynRx")
			if l.offer.backup {
				k.add(acceptor, "MPJoinSynBackupRx", 1)
			}
		}
	}
	switch {
	case unknown:
		k.add(acceptor, "MPJoinNoTokenFound", 1)
		return
	case !l.answer.option:
		return
	case k.failed.in(l.ordinal, checkSYNACK) != nil:
		if l.refusal.reason >= 0 { // without one the opener had given up already
			k.add(opener, "MPJoinSynAckHMacFailure", 1)
		}
		return
	case !l.third.seen() || !l.third.option:
		return
	}
	both(opener, "MPJoinSynAckRx", "MPJoinPortSynAckRx")
	if l.answer.backup {
		k.add(opener, "MPJoinSynAckBackupRx", 1)
	}
	switch {
	case k.failed.in(l.ordinal, checkACK) != nil:
		k.add(acceptor, "MPJoinAckHMacFailure", 1)
	case !l.up() && l.refusal.seen() && l.refusal.from == stream.Server && l.refusal.reason == prohibited:
		k.add(acceptor, "MPJoinRejected", 1)
	case !l.up() && l.refusal.seen() && l.refusal.from == stream.Server:
	default:
		both(acceptor, "MPJoinAckRx", "MPJoinPortAckRx")
	}
}

// requests is how often the acceptor of a join takes its SYN for a new one: once, and again after each reset of the opener, which
// makes it forget the one before.
func (k *tally) requests(l *life) int {
	if !l.downBefore(stream.Client, math.MaxUint32) || l.offers < 2 {
		return 1
	}
	n, forgotten := 0, true
	for _, row := range k.t.StreamRows(l.stream.ID) {
		switch flags := k.t.Flags(row); {
		case k.t.Dest(row) != stream.Server:
		case flags&stream.RST != 0:
			forgotten = true
		case flags&(stream.SYN|stream.ACK) == stream.SYN && forgotten && k.t.HasMPTCP(row):
			n, forgotten = n+1, false
		}
	}
	return n
}

// Reasons in MP_TCPRST (RFC 8684 section 3.6).
const (
	mptcpSpecific = 1
	prohibited    = 3
)

// otherPort says whether a join is opened to another port than the connection.
func (k *tally) otherPort(l *life, part *conn.Subflow) bool {
	if !k.c.Subflows[0].Master {
		return false
	}
	port := k.lives[0].stream.Server.Port()
	if part.Dest == stream.Client {
		port = k.lives[0].stream.Client.Port()
	}
	return l.stream.Server.Port() != port
}

// option counts the options of a packet beside the handshakes, for its sender and its receiver.
func (k *tally) option(p *control) {
	from, to := p.from, p.from.Other()
	old := k.tooOld(p)
	hear := func(name string, n uint64) {
		if !old {
			k.add(to, name, n)
		}
	}
	for _, o := range p.options {
		if len(o) < 3 {
			continue
		}
		switch o.Subtype() {
		case mptcp.SubAddAddr:
			k.address(p, o, hear)
		case mptcp.SubRemoveAddr:
			m, _ := mptcp.ParseRemoveAddr(o)
			k.add(from, "RmAddrTx", uint64(len(m.IDs)))
			hear("RmAddr", uint64(len(m.IDs)))
			k.add(from, "RmSubflow", k.removed(p, m.IDs))
		case mptcp.SubPrio:
			k.add(from, "MPPrioTx", 1)
			hear("MPPrioRx", 1)
		case mptcp.SubFail:
			k.add(from, "MPFailTx", 1)
			if !k.resetBy[to][p.ordinal] { // else the socket it is sent to is no more
				hear("MPFailRx", 1)
			}
		case mptcp.SubFastclose:
			k.add(from, "MPFastcloseTx", 1)
			m, _ := mptcp.ParseFastclose(o)
			l := &k.lives[p.ordinal]
			early := l.offer.seen() && !l.third.seen() // there is no socket yet that it could close
			early = early || k.resetBy[to][p.ordinal]  // likewise, no more
			if end := k.c.End(to); !early && (!end.HasKey || m.Key == end.Key) {
				hear("MPFastcloseRx", 1)
			}
		case mptcp.SubReset:
			k.reset(p)
		}
	}
}

// address counts an ADD_ADDR or an echo; hear counts for its receiver.
func (k *tally) address(p *control, o mptcp.Option, hear func(name string, n uint64)) {
	m, f := mptcp.ParseAddAddr(o, k.c.Version)
	if f == mptcp.BadLength {
		return
	}
	sent, received := "AddAddrTx", "AddAddr"
	if m.Echo {
		sent, received = "EchoAddTx", "EchoAdd"
	}
	k.add(p.from, sent, 1)
	if k.failed.packet[checkOn{checkAddress, int(p.packet)}] != nil {
		return // the receiver ignores it
	}
	hear(received, 1)
	if m.HasPort {
		hear("PortAdd", 1)
	}
}

// gone says whether the receiver of a mapping had reset the subflow before all of it was there.
func (k *tally) gone(b *conn.BadChecksum) bool {
	for i := range k.lives {
		if l := &k.lives[i]; k.c.Subflows[i].Stream == b.Stream {
			return l.downBefore(subflowToward(&k.c.Subflows[i], b.To), b.Last)
		}
	}
	return false
}

// fallback counts what ended MPTCP after the handshake (section 3.7).
func (k *tally) fallback() {
	given := [3]uint32{stream.Client: k.infinite(stream.Server), stream.Server: k.infinite(stream.Client)} // by the end that sent it
	for i := range k.c.BadChecksums {
		if b := &k.c.BadChecksums[i]; (given[b.To] == 0 || b.Last < given[b.To]) && !k.gone(b) { // else it no longer looks at checksums
			k.add(b.To, "DataCsumErr", 1)
		}
	}
	single := true
	for i := range k.lives {
		if i > 0 && k.lives[i].up() {
			single = false
		}
	}
	for _, to := range []stream.Dest{stream.Server, stream.Client} {
		infinite := given[to.Other()]
		if infinite > 0 {
			k.add(to.Other(), "InfiniteMapTx", 1)
			k.add(to, "InfiniteMapRx", 1)
		}
		wrong := k.mismatch(to)
		if wrong > 0 {
			k.add(to, "DSSNotMatching", 1)
		}
		k.add(to, "DSSNotMatching", k.clashes(to))
		sign := earliest(infinite, wrong, k.naked(to))
		if own := given[to]; single && !k.fell[to] && sign > 0 && (own == 0 || sign < own) { // else it fell back with its own infinite mapping
			k.add(to, "DssFallback", 1)
		}
	}
}

// earliest is the first of packets, of which 0 is none.
func earliest(packets ...uint32) (first uint32) {
	for _, p := range packets {
		if p != 0 && (first == 0 || p < first) {
			first = p
		}
	}
	return first
}

// infinite is the packet that announces an infinite mapping towards an end, 0 if there is none: after it there is no other.
func (k *tally) infinite(to stream.Dest) uint32 {
	if k.c.Fallback.Cause == conn.NoDSS {
		return 0
	}
	var r trace.Row
	for _, row := range k.t.ConnRows(k.c.ID) {
		if k.t.ConnDest(row) != to || !k.t.HasMPTCP(row) {
			continue
		}
		k.t.Row(int(row), &r)
		if r.HasDSS && r.DSS.HasMapping && r.DSS.Length == 0 {
			return row + 1
		}
	}
	return 0
}

// mismatch is the first packet to an end with numbers that are not those of the sender's key, 0 if there is none.
func (k *tally) mismatch(to stream.Dest) uint32 {
	for i := range k.failed.all {
		if c := &k.failed.all[i]; c.kind == checkIDSN && k.t.ConnDest(c.packet-1) == to {
			return c.packet
		}
	}
	return 0
}

// naked is the first packet of those without a mapping that brought data to an end which still expected one, 0 if there is none.
func (k *tally) naked(to stream.Dest) uint32 {
	if len(k.lives) == 0 || !k.lives[0].third.option || !k.lives[0].answer.option {
		return 0
	}
	if v := &k.lives[0].vanished[to]; v.data > 0 {
		return v.first.packet
	}
	return 0
}

// Counters answers with the counters of one end, or of both for stream.DestUnknown.
func Counters(t *trace.Trace, of []*conn.Conn, side stream.Dest) *display.Table {
	n := CountersOf(t, of)
	var fields []field[counterName]
	for _, f := range counterFields(n) {
		if side == stream.Client && f.Key == "server" || side == stream.Server && f.Key == "client" {
			continue
		}
		fields = append(fields, f)
	}
	list := table(t, fields, len(counterNames), func(row int) counterName { return counterNames[row] })
	list.Name, list.Title = "counters", "MPTcpExt counters of "+ofConnections(of)
	return list
}

func counterFields(n *Counts) []field[counterName] {
	of := func(end stream.Dest) func(*trace.Trace, counterName) display.Value {
		return func(_ *trace.Trace, c counterName) display.Value {
			if c.reach == unseen {
				return display.Value{}
			}
			return display.Uint(n.Of(end, c.name))
		}
	}
	return []field[counterName]{
		{display.Column{Key: "counter", Head: "Counter", Doc: "as nstat names it, after MPTcpExt"}, func(_ *trace.Trace, c counterName) display.Value {
			return display.Str(c.name)
		}},
		{display.Column{Key: "client", Head: "Client", Exact: true, Doc: "of the client's kernel, as far as this capture shows"}, of(stream.Client)},
		{display.Column{Key: "server", Head: "Server", Exact: true, Doc: "of the server's kernel, as far as this capture shows"}, of(stream.Server)},
		{display.Column{Key: "kind", Head: "Compared with the kernel", Doc: "equal, related, or not visible on the wire"}, func(_ *trace.Trace, c counterName) display.Value {
			return display.Str(reachWords[c.reach])
		}},
		{display.Column{Key: "meaning", Head: "Counts", Wide: true, Doc: "what is counted"}, func(_ *trace.Trace, c counterName) display.Value {
			return display.Str(c.meaning)
		}},
	}
}
