package mask

import (
	"encoding/binary"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// option replaces what an option tells, in place. What the capture cut, and what nobody knows, becomes zero.
func (m *Mask) option(o mptcp.Option, r *trace.Row, sender, receiver *conn.Endpoint) {
	subtype := o.Subtype()
	if o.Cut() && subtype != mptcp.SubDSS {
		blank(o, 4)
		return
	}
	switch subtype {
	case mptcp.SubCapable:
		m.capable(o)
	case mptcp.SubJoin:
		m.join(o, r, sender, receiver)
	case mptcp.SubDSS:
		m.dss(o, r, sender, receiver)
	case mptcp.SubAddAddr:
		m.address(o, sender, receiver)
	case mptcp.SubFail:
		if len(o) >= 12 {
			shift(o[4:12], m.delta(receiver))
		}
	case mptcp.SubFastclose:
		m.keyAt(o, 4)
	case mptcp.SubRemoveAddr, mptcp.SubPrio, mptcp.SubReset:
	default:
		blank(o, 3)
	}
}

func blank(o mptcp.Option, from int) { clear(o[min(from, len(o)):]) }

// shift moves a number of four or eight bytes.
func shift(b []byte, by uint64) {
	if len(b) == 8 {
		binary.BigEndian.PutUint64(b, binary.BigEndian.Uint64(b)+by)
	} else {
		binary.BigEndian.PutUint32(b, binary.BigEndian.Uint32(b)+uint32(by))
	}
}

// keyAt replaces the key at an offset, if there is one.
func (m *Mask) keyAt(o mptcp.Option, at int) {
	if len(o) >= at+8 {
		binary.BigEndian.PutUint64(o[at:], uint64(m.Key(mptcp.Key(binary.BigEndian.Uint64(o[at:])))))
	}
}

// capable: one key, two, and behind them a length and a checksum of the payload that is dropped.
func (m *Mask) capable(o mptcp.Option) {
	m.keyAt(o, 4)
	m.keyAt(o, 12)
	blank(o, 22)
}

// join: the token follows from the key, HMACs are made of the new keys.
func (m *Mask) join(o mptcp.Option, r *trace.Row, sender, receiver *conn.Endpoint) {
	j, _ := mptcp.ParseJoin(o)
	nonces := m.nonces[r.Stream]
	switch j.Form {
	case mptcp.JoinSYN:
		nonces[0] = j.Nonce
		m.nonces[r.Stream] = nonces
		binary.BigEndian.PutUint32(o[4:], m.Token(j.Token))
	case mptcp.JoinSYNACK:
		nonces[1] = j.Nonce
		m.nonces[r.Stream] = nonces
		clear(o[4:12])
		if old, s, ok := m.secrets(receiver, sender, nonces); ok {
			binary.BigEndian.PutUint64(o[4:], s.SYNACK()^amiss(j.HMAC64 != old.SYNACK()))
		}
	case mptcp.JoinACK:
		clear(o[4:])
		if old, s, ok := m.secrets(sender, receiver, nonces); ok {
			mac := s.ACK()
			mac[len(mac)-1] ^= byte(amiss(j.HMAC160 != old.ACK()))
			copy(o[4:], mac[:])
		}
	default:
		blank(o, 4)
	}
}

// amiss is by what an HMAC differs from that of the new keys: one that was wrong stays wrong.
func amiss(wrong bool) uint64 {
	if wrong {
		return 1
	}
	return 0
}

// secrets are what authenticates a subflow that a opens towards b: of their keys, and of their new ones.
func (m *Mask) secrets(a, b *conn.Endpoint, nonces [2]uint32) (old, s mptcp.JoinSecret, ok bool) {
	if a == nil || b == nil || !a.HasKey || !b.HasKey {
		return old, s, false
	}
	old = mptcp.JoinSecret{Version: version(a), KeyA: a.Key, KeyB: b.Key, NonceA: nonces[0], NonceB: nonces[1]}
	s = old
	s.KeyA, s.KeyB = m.Key(a.Key), m.Key(b.Key)
	return old, s, true
}

// dss: the numbers move with the keys; the checksum, of the payload that is dropped, becomes zero, but that of a DATA_FIN
// without payload is made anew.
func (m *Mask) dss(o mptcp.Option, r *trace.Row, sender, receiver *conn.Endpoint) {
	if len(o) < 4 {
		return
	}
	sent, acked := m.delta(sender), m.delta(receiver)
	checksum, bare := finChecksum(o, r, sender, sent)
	at, flags := 4, o[3]
	number := func(has, wide uint8, by uint64) bool {
		size := 4
		if flags&wide != 0 {
			size = 8
		}
		if flags&has == 0 {
			return true
		}
		if len(o) < at+size {
			blank(o, at)
			return false
		}
		shift(o[at:at+size], by)
		at += size
		return true
	}
	if number(mptcp.FlagDataAck, mptcp.FlagDataAck8, acked) && number(mptcp.FlagMapping, mptcp.FlagDSN8, sent) {
		at += 6 // the subflow sequence number and the length
		blank(o, at)
		if bare && len(o) >= at+2 {
			binary.BigEndian.PutUint16(o[at:], checksum)
		}
	}
}

// finChecksum is the checksum of a DATA_FIN without payload whose number moves; bare is false for any other mapping. One that
// was wrong stays wrong.
func finChecksum(o mptcp.Option, r *trace.Row, sender *conn.Endpoint, by uint64) (checksum uint16, bare bool) {
	d, _ := mptcp.ParseDSS(o)
	if !d.HasMapping || !d.HasChecksum || !d.DataFIN || d.Length != 1 || r.Len > 0 {
		return 0, false
	}
	dsn := d.DSN
	switch {
	case d.DSN8:
	case sender == nil || !sender.HasKey:
		return d.Checksum, true
	default: // the number nearest to the initial one
		dsn = sender.IDSN + uint64(int32(uint32(d.DSN)-uint32(sender.IDSN)))
		if r.HasDSN && !r.Low32 {
			dsn = r.DSN + uint64(int32(uint32(d.DSN)-uint32(r.DSN)))
		}
	}
	old, c := mptcp.NewChecksum(dsn, d.SSN, d.Length), mptcp.NewChecksum(dsn+by, d.SSN, d.Length)
	return c.Sum() ^ uint16(amiss(!old.Matches(d.Checksum))), true
}

// address: the address and the port are replaced, the HMAC made anew.
func (m *Mask) address(o mptcp.Option, sender, receiver *conn.Endpoint) {
	a, f := mptcp.ParseAddAddr(o, mptcp.VersionUnknown)
	if !a.Addr.IsValid() || f == mptcp.BadLength {
		blank(o, 4)
		return
	}
	before := a
	a.Addr = m.Addr(a.Addr)
	at := 4 + copy(o[4:], a.Addr.AsSlice())
	if a.HasPort {
		a.Port = m.ports[a.Port]
		binary.BigEndian.PutUint16(o[at:], a.Port)
		at += 2
	}
	blank(o, at)
	if a.HasHMAC && sender != nil && receiver != nil && sender.HasKey && receiver.HasKey && len(o) >= at+8 {
		wrong := before.Authenticate(sender.Key, receiver.Key) == mptcp.HMACWrong
		binary.BigEndian.PutUint64(o[at:], a.Expected(m.Key(sender.Key), m.Key(receiver.Key))^amiss(wrong))
	}
}
