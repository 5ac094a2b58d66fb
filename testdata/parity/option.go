package main

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// MPTCP subtypes, and the flags of a DSS.
const (
	subCapable = 0
	subJoin    = 1
	subDSS     = 2

	subFastclose = 7

	flagAck  = 0x01
	flagAck8 = 0x02
	flagMap  = 0x04
	flagDSN8 = 0x08
	flagFIN  = 0x10
)

// option reads an MPTCP option from its start; cut says that a byte was not there, be it that the capture or the option
// ends before it. Wireshark then breaks off the whole segment.
type option struct {
	b    []byte // captured part
	size int    // by its length byte
	at   int
	cut  bool
}

func (o *option) take(n int) []byte {
	if o.cut || o.at+n > len(o.b) {
		o.cut = true
		return make([]byte, n)
	}
	o.at += n
	return o.b[o.at-n : o.at]
}

func (o *option) u8() byte    { return o.take(1)[0] }
func (o *option) u16() uint16 { return binary.BigEndian.Uint16(o.take(2)) }
func (o *option) u32() uint32 { return binary.BigEndian.Uint32(o.take(4)) }
func (o *option) u64() uint64 { return binary.BigEndian.Uint64(o.take(8)) }

// option dissects one MPTCP option. It is false if dissection was broken off.
func (v *visit) option(o *option) bool {
	if o.size < 3 && v.lacks(anyLength) { // without a subtype
		return true
	}
	v.mptcp = true
	if v.pass == settle {
		if len(o.b) >= 12 && o.b[2]>>4 == subCapable {
			v.hasKey, v.hasKeys, v.version = true, len(o.b) >= 20, o.b[2]&15
			v.keys[0] = binary.BigEndian.Uint64(o.b[4:])
			if v.hasKeys {
				v.keys[1] = binary.BigEndian.Uint64(o.b[12:])
			}
		}
		if len(o.b) == o.size && o.size > 2 {
			v.raw = append(v.raw, o.b)
		}
		return len(o.b) == o.size
	}
	for _, f := range [...]*flow{v.fwd, v.rev} {
		if f.sub == nil {
			f.sub = &subflow{}
			f.sub.mappings.sound, f.sub.packets.sound = v.lacks(treeEdges), v.lacks(treeEdges)
		}
	}
	o.at = 2
	head := o.u8()
	if o.cut {
		return false
	}
	if !v.stream.listed {
		v.order, v.stream.listed = append(v.order, v.stream), true
	}
	v.subtypes |= 1 << (head >> 4) & 0xff
	if head>>4 > subJoin && v.stream.conn == nil {
		v.allocate()
	}
	if size, low := o.fitting(); v.lacks(anyLength) && (size != o.size || low != head&15) {
		return len(o.b) == o.size
	}
	switch head >> 4 {
	case subCapable:
		return v.capable(o, head&15)
	case subJoin:
		return v.join(o)
	case subDSS:
		return v.dss(o)
	case subFastclose:
		v.closing(o)
	}
	for _, n := range rest(head>>4, o.size) {
		o.take(n)
	}
	return !o.cut
}

// rest is the lengths of the fields behind the third byte that Wireshark reads of the other options.
func rest(subtype byte, size int) []int {
	switch subtype {
	case 3: // ADD_ADDR
		addr, port := 4, 2
		if size >= 20 {
			addr = 16
		}
		switch size - addr {
		case 4:
			return []int{1, addr}
		case 6:
			return []int{1, addr, port}
		case 12:
			return []int{1, addr, 8}
		case 14:
			return []int{1, addr, port, 8}
		}
		return []int{1}
	case 4: // REMOVE_ADDR
		return slices.Repeat([]int{1}, size-3)
	case 5: // MP_PRIO
		if size == 4 {
			return []int{1}
		}
	case 6, 7: // MP_FAIL, MP_FASTCLOSE
		return []int{1, 8}
	case 8: // MP_TCPRST
		return []int{1}
	}
	return nil
}

// capable handles MP_CAPABLE. One of unexpected length, as version 1 has on its SYN, tells nothing.
func (v *visit) capable(o *option, version uint8) bool {
	v.stream.version, v.stream.hasVersion = version, true
	o.u8()
	if o.cut {
		return v.cutImplicit(o)
	}
	switch o.size {
	case 12, 20, 22, 24:
	default:
		return true
	}
	if o.size == 20 {
		v.thirdPacket()
	}
	key := o.u64()
	if o.cut {
		return v.cutImplicit(o)
	}
	v.begins()
	v.noteStray(version, key)
	if o.size >= 20 && len(o.b) >= 20 {
		v.reopened(version, key, binary.BigEndian.Uint64(o.b[12:]))
	}
	if !v.byKey(v.fwd, version, key) {
		return false
	}
	v.stream.conn.master = v.stream
	v.out.token = decimal(uint64(v.fwd.sub.meta.token))
	if v.lacks(firstKey) {
		token, _ := derive(min(version, 1), key) // versions to come hash as the newest one
		v.out.token = decimal(uint64(token))
	}
	if o.size >= 20 {
		other := o.u64()
		if o.cut {
			return v.cutImplicit(o)
		}
		if !v.byKey(v.rev, version, other) {
			return false
		}
		if v.lacks(firstKey) {
			from := keysOf(o.size)
			v.rekey(v.fwd.sub.meta, version, key, from)
			v.rekey(v.rev.sub.meta, version, other, from)
		}
	}
	if o.size >= 22 {
		length := o.u16()
		if o.cut {
			return v.cutImplicit(o)
		}
		at := v.s.seq
		switch {
		case v.lacks(implicitAtSegment):
			at = 1
		case v.s.raw:
			at = v.s.rawSeq
		}
		v.mapped(length, v.fwd.sub.meta.base+1, true, at, false)
		if o.size == 24 {
			return v.checksum(o)
		}
	}
	return true
}

// cutImplicit handles MP_CAPABLE with data that the capture cut before the data's length, perhaps within the keys, if the sender's is
// known: its mapping covers the segment.
func (v *visit) cutImplicit(o *option) bool {
	m := v.fwd.sub.meta
	if v.has&brokenOff != 0 || o.size < 22 || m == nil || m.state&hasKey != hasKey {
		return false
	}
	if length := v.atLeast(1); length > 0 {
		v.mapped(length, m.base+1, true, 1, false)
	}
	return true
}

// join handles MP_JOIN. The SYN names the connection by the receiver's token.
func (v *visit) join(o *option) bool {
	if o.size != 12 {
		if v.stream.conn == nil {
			v.allocate()
		}
		switch o.size {
		case 16:
			o.take(13)
		case 24:
			v.thirdPacket()
			o.take(21)
		}
		return !o.cut
	}
	o.u8()
	token := o.u32()
	if o.cut || !v.byToken(v.rev, token, nil) {
		return false
	}
	// The first meta is that of the key seen first: in version 1 the server's. That is put right, but at each sight
	// of the SYN, and so undone at every second one.
	if v.lacks(joinSwap) {
		v.orient(token)
	} else if v.fwd.sub.meta.version == 1 {
		v.fwd.sub.meta, v.rev.sub.meta = v.rev.sub.meta, v.fwd.sub.meta
	}
	o.take(4)
	return !o.cut
}

// orient gives the receiver of a join the meta that its token names, or will name as the HMAC tells.
func (v *visit) orient(token uint32) {
	c := v.stream.conn
	if p := v.stream.proven; p != nil && p.conn == c && p.flows[v.stream.provenTo].sub != nil {
		v.rev.sub.meta = p.flows[v.stream.provenTo].sub.meta
		v.fwd.sub.meta = c.peer(v.rev.sub.meta)
		return
	}
	metas := &c.metas
	v.rev.sub.meta, v.fwd.sub.meta = &metas[0], &metas[1]
	if metas[1].state&hasToken != 0 && metas[1].token == token {
		v.rev.sub.meta, v.fwd.sub.meta = &metas[1], &metas[0]
	}
}

// dss handles the data ack and the mapping.
func (v *visit) dss(o *option) bool {
	v.signals++
	v.stream.signals = true
	flags := o.u8()
	if o.cut {
		return false
	}
	if flags&flagAck != 0 {
		var ack uint64
		wide := flags&flagAck8 != 0
		if wide {
			ack = o.u64()
		} else {
			ack = uint64(o.u32())
		}
		if o.cut {
			return false
		}
		m := v.rev.sub.meta
		if v.lacks(deafToAcks) && v.pass == build {
			m.marks = append(m.marks, mark{frame: v.s.id, number: ack, narrow: !wide})
		}
		if m.state&hasBase != 0 && (v.signals == 1 || v.has&everyOption != 0) {
			v.addAck(v.widenAck(m, ack, wide) - m.base)
		}
	}
	if flags&flagMap != 0 {
		return v.dssMapping(o, flags)
	}
	return true
}

// widenAck makes 64 bits of a data ack, from the initial number or from the mapping before it.
func (v *visit) widenAck(m *meta, ack uint64, wide bool) uint64 {
	switch {
	case wide:
		return ack
	case v.has&pasteHigh != 0:
		return m.paste(ack)
	}
	return nearest(m.near(v.s.id), ack)
}

func (v *visit) addAck(ack uint64) {
	if v.out.dack != "" {
		v.out.dack += ","
	}
	v.out.dack += decimal(ack)
}

// dssMapping handles the mapping of a DSS.
func (v *visit) dssMapping(o *option, flags byte) bool {
	var dsn uint64
	if flags&flagDSN8 != 0 {
		dsn = o.u64()
		if o.cut {
			return false
		}
		if v.has&zeroBase != 0 {
			v.fwd.sub.meta.state |= hasBase
		}
	} else {
		dsn = uint64(o.u32())
	}
	ssn := o.u32()
	whole := !o.cut
	length := o.u16()
	if o.cut {
		if !whole || v.has&brokenOff != 0 {
			return false
		}
		if length = v.atLeast(ssn); length == 0 {
			return true
		}
	}
	wide := flags&flagAck8 != 0
	if v.lacks(widthFromAck) {
		wide = flags&flagDSN8 != 0
	}
	v.mapped(length, dsn, wide, ssn, flags&flagFIN != 0 && !o.cut)
	if room := o.size - o.at; room >= 4 || room == 2 && v.lacks(noChecksum) {
		return v.checksum(o)
	}
	return !o.cut || v.lacks(brokenOff)
}

// atLeast is how long a mapping is whose length the capture cut: it covers the segment. It is 0 if that cannot be told.
func (v *visit) atLeast(ssn uint32) uint16 {
	n := v.offset() - ssn + v.s.length
	if v.s.length == 0 || !v.fwd.isn.certain && v.lacks(needsSYN) || n >= 1<<16 {
		return 0
	}
	return uint16(n)
}

func (v *visit) checksum(o *option) bool {
	if sum := o.u16(); !o.cut {
		v.out.checksum = list0x(v.out.checksum, sum)
	}
	return !o.cut
}

func list0x(before string, v uint16) string {
	if before != "" {
		before += ","
	}
	return before + fmt.Sprintf("0x%04x", v)
}
