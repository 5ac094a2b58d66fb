package sheet

import (
	"encoding/binary"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// room is what the options of a TCP header may take (RFC 9293 section 3.1).
const room = 40

// keyring knows whose key is whose, for tables that tell data sequence numbers only relative to them.
type keyring struct {
	own      map[way]uint64          // the key of the sender of a direction
	conns    map[int64][]uint64      // the keys seen of a connection
	versions map[int64]mptcp.Version // of a connection
}

// options are the TCP options of a row. What the table does not tell stands last, and known is where it begins; 0 says
// that all is known.
func (w *writer) options(p *row) (all []byte, known int) {
	if p.syn() && w.syns[way{p.stream, p.src}] && w.syns[way{p.stream, p.dst}] {
		all = append(all, 3, 3, byte(w.scale[way{p.stream, p.src}]), 1)
	}
	if p.hasTS {
		all = append(all, 8, 10)
		all = binary.BigEndian.AppendUint32(all, p.ts[0])
		all = binary.BigEndian.AppendUint32(all, p.ts[1])
	}
	var last []byte // with a tail that is not known
	tail := 0
	for _, o := range w.mptcp(p) {
		switch {
		case len(all)+len(o.bytes)+len(last) > room:
		case o.known < len(o.bytes) && last == nil:
			last, tail = o.bytes, o.known
		case o.known == len(o.bytes):
			all = append(all, o.bytes...)
		}
	}
	if last == nil {
		return all, 0
	}
	for (len(all)+len(last))%4 != 0 && len(all)+len(last) < room {
		all = append(all, 1) // nothing but the unknown may stand behind it
	}
	return append(all, last...), len(all) + tail
}

// option is an MPTCP option, of which the first bytes are known.
type option struct {
	bytes []byte
	known int
}

func whole(b []byte) option {
	b[1] = byte(len(b))
	return option{b, len(b)}
}

// open is an option whose last n bytes the table does not tell.
func open(b []byte, n int) option {
	known := len(b)
	b = append(b, make([]byte, n)...)
	b[1] = byte(len(b))
	return option{b, known}
}

// take gives the first of a list and what is left.
func take(list *[]uint64) (n uint64, ok bool) {
	if len(*list) == 0 {
		return 0, false
	}
	n, *list = (*list)[0], (*list)[1:]
	return n, true
}

// mptcp are the MPTCP options of a row.
func (w *writer) mptcp(p *row) []option {
	w.learn(p)
	if !p.told {
		return w.guessed(p)
	}
	var all []option
	q := *p // its lists are used up
	for _, subtype := range p.subtypes {
		switch mptcp.Subtype(subtype) {
		case mptcp.SubCapable:
			all = append(all, capable(&q))
		case mptcp.SubJoin:
			all = append(all, join(&q))
		case mptcp.SubDSS:
			all = append(all, dss(&q))
		case mptcp.SubAddAddr:
			id, _ := take(&q.addresses)
			all = append(all, open([]byte{mptcp.Kind, 0, 0x34, byte(id)}, 4))
		case mptcp.SubRemoveAddr:
			o := []byte{mptcp.Kind, 0, 0x40}
			for id, ok := take(&q.addresses); ok && len(o) < 11; id, ok = take(&q.addresses) {
				o = append(o, byte(id))
			}
			all = append(all, whole(o))
		case mptcp.SubFail:
			dsn, _ := take(&q.dsns)
			all = append(all, whole(binary.BigEndian.AppendUint64([]byte{mptcp.Kind, 0, 0x60, 0}, dsn)))
		case mptcp.SubFastclose:
			key, _ := take(&q.recvKeys)
			all = append(all, whole(binary.BigEndian.AppendUint64([]byte{mptcp.Kind, 0, 0x70, 0}, key)))
		case mptcp.SubReset:
			all = append(all, open([]byte{mptcp.Kind, 0, 0x80}, 1))
		}
	}
	return all
}

// capable is MP_CAPABLE: its length says which keys it has (RFC 8684 section 3.1).
func capable(p *row) option {
	o := []byte{mptcp.Kind, 0, byte(p.version), 0x01}
	if key, ok := take(&p.sendKeys); ok {
		o = binary.BigEndian.AppendUint64(o, key)
		if key, ok := take(&p.recvKeys); ok {
			o = binary.BigEndian.AppendUint64(o, key)
			if p.version == 1 && p.length > 0 && !slices.Contains(p.subtypes, uint64(mptcp.SubDSS)) {
				if n, ok := take(&p.sizes); ok {
					o = binary.BigEndian.AppendUint16(o, uint16(n))
				}
			}
		}
	}
	return whole(o)
}

// join is MP_JOIN, of which no column has nonce or HMAC.
func join(p *row) option {
	id, _ := take(&p.addresses)
	o := []byte{mptcp.Kind, 0, 0x10, byte(id)}
	switch {
	case p.syn() && p.flags&stream.ACK == 0:
		token, ok := take(&p.tokens)
		if !ok {
			return open(o, 8)
		}
		return open(binary.BigEndian.AppendUint32(o, uint32(token)), 4)
	case p.syn():
		return open(o, 12)
	}
	return open([]byte{mptcp.Kind, 0, 0x10, 0}, 20)
}

// dss is a DSS option. Numbers above 32 bits took 64.
func dss(p *row) option {
	ack, hasAck := take(&p.acks)
	dsn, hasDSN := take(&p.dsns)
	fin, _ := take(&p.fins)
	flags := byte(fin&1) << 4
	o := []byte{mptcp.Kind, 0, 0x20, 0}
	if hasAck {
		o, flags = number(o, ack, flags|0x01, 0x02)
	}
	if hasDSN {
		ssn, _ := take(&p.ssns)
		size, _ := take(&p.sizes)
		o, flags = number(o, dsn, flags|0x04, 0x08)
		o = binary.BigEndian.AppendUint32(o, uint32(ssn))
		o = binary.BigEndian.AppendUint16(o, uint16(size))
	}
	o[3] = flags
	return whole(o)
}

// number appends a number of 32 or 64 bits; wide is the flag that says that it is the latter.
func number(o []byte, n uint64, flags, wide byte) ([]byte, byte) {
	if n > 0xffffffff {
		return binary.BigEndian.AppendUint64(o, n), flags | wide
	}
	return binary.BigEndian.AppendUint32(o, uint32(n)), flags
}

// learn takes note of the keys that a row shows, and of the ends of a subflow by the token of its join.
func (w *writer) learn(p *row) {
	own, other := way{p.stream, p.src}, way{p.stream, p.dst}
	if p.hasVersion {
		w.keys.versions[p.conn] = p.version
	}
	if len(p.sendKeys) > 0 {
		w.keys.own[own] = p.sendKeys[0]
		w.keys.conns[p.conn] = append(w.keys.conns[p.conn], p.sendKeys[0])
	}
	if len(p.recvKeys) > 0 && len(p.sendKeys) > 0 {
		w.keys.own[other] = p.recvKeys[0]
	}
	if len(p.tokens) == 0 {
		return
	}
	keys := w.keys.conns[p.conn]
	for _, key := range keys {
		for _, v := range [2]mptcp.Version{0, 1} {
			if uint64(mptcp.Key(key).Token(v)) != p.tokens[0] {
				continue
			}
			w.keys.own[other] = key
			for _, second := range keys {
				if second != key {
					w.keys.own[own] = second
				}
			}
		}
	}
}

// guessed are the options of a row whose table does not tell them, as the Haskell generation's: they follow from the keys,
// tokens and relative data sequence numbers.
func (w *writer) guessed(p *row) []option {
	var all []option
	q := *p
	switch {
	case len(p.recvKeys) > 0 && p.length > 0 && w.keys.versions[p.conn] == 1: // the first data: the option is its mapping
		// It begins with the first byte of all, whichever segment it stands on.
		q.version, q.sizes = 1, []uint64{min(uint64(p.seq)-1+uint64(p.length), 0xffff)}
		return append(all, capable(&q))
	case len(p.sendKeys) > 0, p.hasVersion:
		all = append(all, capable(&q))
	case len(p.tokens) > 0, p.syn() && slices.Contains(p.kinds, uint64(mptcp.Kind)):
		all = append(all, join(&q))
	}
	if p.syn() || p.conn < 0 || !p.hasDSN && !p.hasD {
		return all
	}
	if p.hasD {
		q.acks = []uint64{w.absolute(p.dack, way{p.stream, p.dst}, p.conn)}
	}
	if p.hasDSN && p.length > 0 {
		size := uint64(p.length)
		if len(p.fins) > 0 {
			size += p.fins[0] & 1 // a DATA_FIN has a number too
		}
		q.dsns, q.ssns, q.sizes = []uint64{w.absolute(p.dsn, way{p.stream, p.src}, p.conn)}, []uint64{uint64(p.seq)}, []uint64{min(size, 0xffff)}
	}
	return append(all, dss(&q))
}

// absolute makes a relative data sequence number what stood on the wire; without the key it is taken as it is.
func (w *writer) absolute(relative uint64, of way, conn int64) uint64 {
	key, ok := w.keys.own[of]
	if !ok {
		return relative
	}
	return mptcp.Key(key).IDSN(w.keys.versions[conn]) + relative
}
