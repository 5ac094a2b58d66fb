package conn

import (
	"cmp"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// Finish ends the table: what still waits is given up, ids are settled, what only adding packets needs is freed.
func (t *Table) Finish() {
	t.dropStrays()
	for _, c := range t.conns {
		if !c.gone {
			t.finish(c)
		}
	}
	t.number()
	t.room.close()
	t.states, t.rooms = batch[state]{}, batch[sub]{}
	t.tokens, t.olderOwners, t.closing, t.synData, t.early, t.strays, t.usual = nil, nil, nil, nil, nil, nil, nil
	t.ids, t.view = numbering{}, packetView{}
}

func (t *Table) finish(c *state) {
	if n := c.checks; n != nil {
		for i := range n.pending {
			t.giveUpHMAC(c, &n.pending[i])
		}
		n.pending = nil
	}
	for _, s := range c.subs {
		if s.master && s.stage == offered && c.fallback.Cause == NoFallback && !s.core.SYN[1-s.core.Client] {
			t.fallBack(c, NoAnswer, s.synRow, false)
		}
		for flow, w := range s.ways {
			if w == nil {
				continue
			}
			t.settleSYNData(s, uint8(flow), w.isn+1) // nothing tells that it was taken
			t.end(s, uint8(flow), w)
		}
	}
	t.takeBackFail(c)
	if c.fallback.Cause != NoFallback {
		t.host.Issue(FellBack, c.fallback.Packet-1)
	}
}

// end gives up what waits for a mapping.
func (t *Table) end(s *sub, flow uint8, w *way) {
	if !w.hasOffsets() && w.hasISN {
		t.useGuess(s, flow, w)
	}
	t.abandonChecks(s, flow, w)
	for _, p := range w.waiting {
		t.giveUp(s, flow, w, p)
	}
	w.waiting, w.acks, w.maps, w.lane = nil, nil, sorted{}, nil
}

// countTokens counts the JOIN SYNs of a subflow.
func (s *sub) countTokens(to *Count) {
	if s.join == nil || !s.join.hasToken {
		return
	}
	n := uint64(s.join.syns)
	if e := &s.conn.end[s.dest]; e.HasKey && e.Token == s.join.token {
		to.Verified += n
	} else {
		to.NotVerifiable += n
	}
}

// direction is the summary of what travelled to an end of a connection.
func (t *Table) direction(c *state, d stream.Dest) (n Direction) {
	sp := c.spaces[d]
	if sp != nil {
		n = sp.sum(len(c.subs) == 1)
		n.FIN = sp.fin
	}
	for _, s := range c.subs {
		n.count(t.sent(s, s.flowTo(d)))
	}
	if sp == nil {
		return n
	}
	if l := sp.seen.list.last(); l != nil && c.dataLevel(d) {
		n.HasDSN, n.Low32 = true, !sp.known
		n.DSNMin = sp.origin + sp.seen.list.chunk(0)[0].a
		n.DSNEnd = sp.origin + l.b
	}
	sp.seen, sp.lanes, sp.one, sp.far, sp.unnumbered = ranges{}, nil, [1]*lane{}, nil, nil
	return n
}

// count adds what a subflow carried.
func (n *Direction) count(d stream.Direction) {
	if d.Packets == 0 {
		return
	}
	if n.Packets == 0 || d.First < n.First {
		n.First = d.First
	}
	if n.Packets == 0 || d.Last > n.Last {
		n.Last = d.Last
	}
	n.Packets += d.Packets
	n.Bytes += d.Bytes
}

// dataLevel reports whether a mapping was seen in a direction, so that its bytes have data sequence numbers.
func (c *state) dataLevel(d stream.Dest) bool {
	for _, s := range c.subs {
		for flow, w := range s.ways {
			if w != nil && w.dss && s.toward(uint8(flow)) == d {
				return true
			}
		}
	}
	return false
}

// number settles the ids: a connection has the number that Wireshark gives to its master, or else to its first subflow,
// unless another one has it already; what Wireshark does not number, or lumps together, gets numbers behind all of
// its.
func (t *Table) number() {
	t.names = make([]bool, t.ids.next)
	unnamed := t.ids.next
	var rest []*state
	for _, c := range t.conns {
		if c.gone {
			continue
		}
		if m := c.first(len(c.subs)); m != nil && !t.names[m.id] {
			c.id, t.names[m.id] = m.id, true
			continue
		}
		rest = append(rest, c)
	}
	for _, c := range rest {
		c.id = unnamed
		unnamed++
	}
}

// first is Wireshark's connection that gives this one its id, as far as so many of its subflows tell.
func (c *state) first(subflows int) *wiresharkConn {
	var f *wiresharkConn
	for _, s := range c.subs[:min(subflows, len(c.subs))] {
		if s.wire.conn == nil || s.era > 0 {
			continue
		}
		if s.master {
			return s.wire.conn
		}
		if f == nil || s.wire.conn.id < f.id {
			f = s.wire.conn
		}
	}
	return f
}

// Conns lists the connections, ascending by id, after Finish and before the stream table is sealed.
func (t *Table) Conns() []Conn {
	if t.done != nil {
		return t.done
	}
	list := make([]*state, 0, len(t.conns))
	for _, c := range t.conns {
		if !c.gone {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b *state) int { return cmp.Compare(a.id, b.id) })
	t.done = make([]Conn, len(list))
	for i, c := range list {
		t.done[i] = t.result(c)
	}
	return t.done
}

func (t *Table) result(c *state) Conn {
	slices.SortStableFunc(c.subs, func(a, b *sub) int {
		if a.master != b.master {
			if a.master {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.stream, b.stream)
	})
	r := Conn{ID: c.id, Version: c.version, Client: c.end[stream.Client], Server: c.end[stream.Server],
		Subflows: make([]Subflow, len(c.subs)), Checksum: c.checksum, Fallback: c.fallback, Fastclose: c.fastclose,
		Addresses: c.announcements}
	if n := c.checks; n != nil {
		r.Verified, r.BadChecksums, r.NoChecksum = n.tally, n.bad, n.noSum
	}
	r.Handshake = c.hasKeys()
	for i, s := range c.subs {
		s.place = uint32(i)
		s.countTokens(&r.Verified.Token)
		r.Subflows[i] = s.result()
		r.Subflows[i].Part = t.part(s)
		id := r.Subflows[i].ID
		if id >= 0 && s.era == 0 && uint32(id) != c.id && !t.names[id] {
			r.Aliases = append(r.Aliases, uint32(id))
		}
	}
	slices.Sort(r.Aliases)
	r.Aliases = slices.Compact(r.Aliases)
	for _, d := range ends {
		r.Toward[d] = t.direction(c, d)
	}
	c.announcements, c.checks = nil, nil
	for _, s := range c.subs {
		s.join = nil
	}
	return r
}

func (s *sub) result() Subflow {
	r := Subflow{Stream: s.stream, ID: -1, Master: s.master, Dest: s.dest, ClientAddrID: s.addrID[s.core.Client],
		ServerAddrID: s.addrID[1-s.core.Client], HasAddrIDs: s.hasAddr || s.master, Backup: s.backup,
		Established: s.established, Joined: s.joined, ResetReason: s.reset}
	if s.wire.conn != nil {
		r.ID = int64(s.wire.conn.id)
	}
	if j := s.join; j != nil {
		r.Token, r.HasToken = j.token, j.hasToken
		r.SYNACKHMAC, r.SYNACKWhy, r.ACKHMAC, r.ACKWhy = j.synACK, j.whySYN, j.ack, j.whyA
	}
	return r
}
