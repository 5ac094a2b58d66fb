package analysis

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// nonces are what the handshake of a join showed by a packet.
type nonces struct {
	a    []uint32 // of its SYNs, the newest last: a repeated one may have another
	b    uint32
	hasB bool
}

// joins compares the HMACs of SYN/ACK and third packet with those of the keys. The nonces are read from the packets: this
// is done apart from what the connection table verifies while it reads, and a test compares the two.
func (q *inquiry) joins() {
	var of []nonces // by subflow; most connections have no join
	for i := range q.seen {
		p := &q.seen[i]
		m, f := mptcp.ParseJoin(p.option(mptcp.SubJoin))
		if f == mptcp.WrongSubtype {
			continue
		}
		if of == nil {
			of = make([]nonces, len(q.c.Subflows))
		}
		n := &of[p.ordinal]
		switch {
		case m.Form == mptcp.JoinSYN && m.HasNonce:
			n.a = append(n.a, m.Nonce)
		case m.Form == mptcp.JoinSYNACK:
			if m.HasNonce {
				n.b, n.hasB = m.Nonce, true
			}
			q.joinHMAC(checkSYNACK, p, &m, n)
		case m.Form == mptcp.JoinACK:
			q.joinHMAC(checkACK, p, &m, n)
		}
	}
}

// joinMeanings say what a wrong HMAC means.
var joinMeanings = map[checkKind]string{
	checkSYNACK: "the answering host does not know the keys, or the option was changed on the way: the join is refused",
	checkACK:    "the joining host does not know the keys, or the option was changed on the way: the join is refused",
}

func (q *inquiry) joinHMAC(kind checkKind, p *control, m *mptcp.Join, n *nonces) {
	found := joinSum{full: m.HMAC160}
	if kind == checkSYNACK {
		found = joinSum{short: m.HMAC64, cut: true}
	}
	opener := p.part.Dest.Other()
	a, b := q.c.End(opener), q.c.End(opener.Other())
	switch {
	case !m.HasHMAC:
		q.cannot(kind, p, "", conn.MissingOption.String())
		return
	case !a.HasKey || !b.HasKey:
		q.cannot(kind, p, found.String(), conn.MissingKey.String())
		return
	case len(n.a) == 0 || !n.hasB:
		q.cannot(kind, p, found.String(), conn.MissingNonce.String())
		return
	}
	secret := mptcp.JoinSecret{Version: q.c.Version, KeyA: a.Key, KeyB: b.Key, NonceB: n.b}
	var expected joinSum
	for _, nonce := range n.a[max(0, len(n.a)-2):] {
		secret.NonceA = nonce
		if kind == checkSYNACK {
			expected = joinSum{short: secret.SYNACK(), cut: true}
		} else {
			expected = joinSum{full: secret.ACK()}
		}
		if expected == found {
			break
		}
	}
	judge(q, kind, p, expected, found, joinSum.String, joinMeanings[kind])
}

// joinSum is the HMAC of a join: whole, or cut to 64 bits as a SYN/ACK carries it (RFC 8684 section 3.2).
type joinSum struct {
	full  [20]byte
	short uint64
	cut   bool
}

func (s joinSum) String() string {
	if s.cut {
		return hexHMAC(s.short)
	}
	return hex.EncodeToString(s.full[:])
}

// addresses compares the HMACs of ADD_ADDR (version 1) with those of the keys.
func (q *inquiry) addresses() {
	for i := range q.seen {
		p := &q.seen[i]
		o := p.option(mptcp.SubAddAddr)
		if o == nil {
			continue
		}
		m, f := mptcp.ParseAddAddr(o, q.c.Version)
		if m.Version != 1 || m.Echo || f == mptcp.BadLength {
			continue
		}
		sender, receiver := q.c.End(p.from), q.c.End(p.from.Other())
		switch {
		case !m.HasHMAC:
			q.cannot(checkAddress, p, "", conn.MissingOption.String())
		case !sender.HasKey || !receiver.HasKey:
			q.cannot(checkAddress, p, hexHMAC(m.HMAC), conn.MissingKey.String())
		case m.Authenticate(sender.Key, receiver.Key) == mptcp.HMACLeft:
			judge(q, checkAddress, p, m.HMAC, m.HMAC, hexHMAC, "")
		default:
			judge(q, checkAddress, p, m.Expected(sender.Key, receiver.Key), m.HMAC, hexHMAC, "the receiver ignores the address: it was changed on the way, or is forged")
		}
	}
}

// told is an address that an end gave an id.
type told struct {
	end stream.Dest
	id  uint8
}

// ids compares the addresses that stand behind an end's address ids: in joins, in ADD_ADDR, and 0 for the initial subflow.
func (q *inquiry) ids() {
	var known knownIDs
	for i := range q.seen {
		p := &q.seen[i]
		src, dst := q.t.Ends(p.packet - 1)
		if p.option(mptcp.SubCapable) != nil {
			known.first(told{p.from, 0}, src.Addr())
			known.first(told{p.from.Other(), 0}, dst.Addr())
		}
		if m, f := mptcp.ParseJoin(p.option(mptcp.SubJoin)); f != mptcp.WrongSubtype && (m.Form == mptcp.JoinSYN || m.Form == mptcp.JoinSYNACK) {
			q.id(p, &known, told{p.from, m.AddrID}, src.Addr())
		}
		if o := p.option(mptcp.SubAddAddr); o != nil {
			m, f := mptcp.ParseAddAddr(o, q.c.Version)
			if f == mptcp.BadLength || !m.Addr.IsValid() {
				continue
			}
			end := p.from
			if m.Echo {
				end = end.Other()
			}
			q.id(p, &known, told{end, m.ID}, m.Addr)
		}
		if o := p.option(mptcp.SubRemoveAddr); o != nil {
			m, _ := mptcp.ParseRemoveAddr(o)
			for _, id := range m.IDs {
				known.drop(told{p.from, id})
			}
		}
	}
}

// knownIDs are the addresses that ids stood for first: those of id 0 apart, as every connection has them.
type knownIDs struct {
	zero [3]netip.Addr // by stream.Dest
	more []knownID
}

// knownID is an id with its address.
type knownID struct {
	told
	addr netip.Addr
}

// first notes the address unless the id has one, and gives that which it has.
func (k *knownIDs) first(key told, addr netip.Addr) (before netip.Addr, had bool) {
	if key.id == 0 {
		if before = k.zero[key.end]; !before.IsValid() {
			k.zero[key.end] = addr
		}
		return before, before.IsValid()
	}
	for i := range k.more {
		if k.more[i].told == key {
			return k.more[i].addr, true
		}
	}
	k.more = append(k.more, knownID{key, addr})
	return netip.Addr{}, false
}

// drop forgets what an id stood for.
func (k *knownIDs) drop(key told) {
	k.more = slices.DeleteFunc(k.more, func(known knownID) bool { return known.told == key })
	if key.id == 0 {
		k.zero[key.end] = netip.Addr{}
	}
}

// id compares an address with the one that had the id first.
func (q *inquiry) id(p *control, known *knownIDs, key told, addr netip.Addr) {
	before, had := known.first(key, addr)
	if !had {
		return
	}
	if key.id == 0 && before != addr {
		q.cannot(checkIDs, p, addr.String(), "id 0 from another address: one that is no endpoint of that host, as Linux puts it, or a translated one")
		return
	}
	text := func(a netip.Addr) string { return fmt.Sprintf("%s for id %d of the %s", a, key.id, key.end.End()) }
	judge(q, checkIDs, p, before, addr, text, "one id stands for two addresses: an address was translated on the way, or the id used again")
}
