package packet

import (
	"encoding/binary"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
)

// Nearly every frame of a capture is Ethernet, with a VLAN tag or without, or has a Linux cooked header, before one IP header
// and a TCP segment that is neither first nor last, and has at most timestamps and one MPTCP option. What follows decodes
// such a frame in one go, as the general way does it layer by layer; every frame that is different in anything is left to
// that one. A test compares the two.

// What the usual frame has in the places that tell: fields of several bytes as they lie in memory, read big-endian.
const (
	usualIPv4      = etherIPv4<<16 | 0x4500 // version and header length 20; the service is masked
	usualIPv6      = etherIPv6<<16 | 0x6000 // version
	usualOptions   = 0x0101080a             // NOP, NOP, timestamps of 10 bytes
	usualPadding   = 0x0101                 // NOP, NOP
	bareHead       = 20
	usualHead      = bareHead + 12 // TCP header with timestamps
	unusualFlags   = 0x07          // SYN, FIN, RST
	fragmentFields = 0x3fff        // more fragments, offset
)

// Kinds of the options of usual segments, eight bytes as they lie in memory.
const (
	kindsTS       = optionNOP | optionNOP<<8 | optionTimestamp<<16
	kindsMPTCP    = kindsTS | mptcp.Kind<<24
	kindsTrailing = kindsMPTCP | optionNOP<<32 | optionNOP<<40
	kindsLeading  = kindsTS | optionNOP<<24 | optionNOP<<32 | mptcp.Kind<<40
	lenTS         = 3 // kinds of kindsTS
)

// Layouts of the options of usual segments, behind NOP, NOP, timestamps, or without these.
const (
	onlyTS    = iota // nothing more
	onlyMPTCP        // an MPTCP option
	trailing         // and NOP, NOP behind it
	leading          // and NOP, NOP before it
)

// kindsOf are the kinds of the options of a layout with timestamps, and how many they are.
var kindsOf = [4]struct {
	kinds uint64
	n     int
}{{kindsTS, lenTS}, {kindsMPTCP, 4}, {kindsTrailing, 6}, {kindsLeading, 6}}

// Form names the lengths of the headers and the option kinds of a usual packet: equal ones have equal ones. It is below
// Forms.
type Form uint8

// NotUsual is the Form of all other packets.
const NotUsual Form = 0

// Forms is how many values a Form may have, NotUsual among them. From the top, a form has a bit where there are no timestamps, two bits
// for the layout, one for IPv6, and the length of the TCP header in words of 4 bytes, which is never 0.
const Forms = 256

const (
	formV6   = 0x10
	formBare = 0x80
)

// usual decodes a frame of the usual kind, of so many bytes on the wire, whose IP header stands behind 14 bytes; kind is the EtherType and
// the first two bytes of IP. It is false, and what it has set is set anew by the general way, if the frame is not one.
func (p *Packet) usual(kind uint32, b []byte, wire int) bool {
	if len(b) < 14+20+bareHead || len(b) > wire {
		return false
	}
	switch kind &= 0xffff_ff00; {
	case kind == usualIPv4:
		head := (*[20]byte)(b[14:])
		segment := int(be16(head[2:])) - 20
		middle := binary.BigEndian.Uint64(head[4:]) // identification, fragment, time to live, protocol, checksum
		if middle&(fragmentFields<<32|0xff<<16) != protoTCP<<16 || segment > wire-34 {
			return false
		}
		p.V6, p.IPID, p.IPHeader = false, uint16(middle>>48), 20
		map4(&p.Src, head[12:])
		map4(&p.Dst, head[16:])
		return p.usualTCP(b[34:], segment, 0)
	case kind&0xffff_f000 == usualIPv6:
		if len(b) < 54+bareHead {
			return false
		}
		head := (*[40]byte)(b[14:])
		segment := int(be16(head[4:]))
		if head[6] != protoTCP || segment > wire-54 {
			return false
		}
		p.V6, p.IPID, p.IPHeader = true, 0, 40
		p.Src = Addr(head[8:24]) // one by one: both at once would go through the stack
		p.Dst = Addr(head[24:40])
		return p.usualTCP(b[54:], segment, formV6)
	}
	return false
}

// usualOn is usual for other links than Ethernet, and for Ethernet with a VLAN tag.
func (p *Packet) usualOn(link uint32, b []byte, wire int) bool {
	if len(b) < 6+14+20+bareHead {
		return false
	}
	var hardware, kind uint16
	more := 0 // bytes before IP beside 14
	switch link {
	case linkEthernet:
		kind, more = be16(b[16:]), 4
	case linkSLL:
		hardware, kind, more = be16(b[2:]), be16(b[14:]), 2
	case linkSLL2:
		hardware, kind, more = be16(b[8:]), be16(b), 6
	}
	return hardware != arphrdNetlink && p.usual(uint32(kind)<<16|uint32(be16(b[14+more:])), b[more:], wire-more)
}

// usualTCP decodes the segment at the head of b, which has bareHead bytes at least, of so many bytes on the wire; form is
// formV6 where it came over IPv6.
func (p *Packet) usualTCP(b []byte, wire int, form Form) bool {
	t := (*[bareHead]byte)(b)
	flags := be16(t[12:])
	header := int(flags>>12) * 4
	if flags&unusualFlags != 0 || header < bareHead || header > wire || header > len(b) {
		return false
	}
	at := bareHead
	if header >= usualHead && be32(b[bareHead:]) == usualOptions {
		p.TSVal, p.TSEcr, p.HasTS, p.HasTSEcr = be32(b[24:]), be32(b[28:]), true, true
		at = usualHead
	} else {
		p.HasTS, p.HasTSEcr = false, false
		form |= formBare
	}
	layout := Form(onlyTS)
	p.NumMPTCP = 0
	if header > at { // by 4 at least
		// Which layout comes next is a matter of chance: places are computed, a branch would be foreseen wrongly.
		head := binary.LittleEndian.Uint32(b[at:])
		other := head&0xffff ^ usualPadding
		leads := (other - 1) >> 31 // 1 if there is padding, else 0
		head >>= 16 * leads
		at += 2 * int(leads)
		end := at + int(uint8(head>>8))
		layout = onlyMPTCP + (leading-onlyMPTCP)*Form(leads)
		if end != header {
			if end != header-2 || leads != 0 || be16(b[end:]) != usualPadding {
				return false
			}
			layout = trailing
		}
		if uint8(head) != mptcp.Kind || end < at+3 {
			return false
		}
		p.MPTCP[0], p.NumMPTCP = b[at:end:end], 1
	}
	p.Usual = layout<<5 | form | Form(flags>>12)
	// What all of them have lies together, and is set by few stores.
	p.Kind, p.Faults, p.Tunnel, p.depth = TCP, 0, NoTunnel, 0
	p.HeaderCut, p.HasMSS, p.HasWScale, p.BadOption = false, false, false, false
	p.HeaderLen = uint8(header)
	p.SrcPort, p.DstPort = be16(t[0:]), be16(t[2:])
	p.Seq, p.Ack, p.Flags, p.Window = be32(t[4:]), be32(t[8:]), flags&0x0fff, be16(t[14:])
	p.PayloadLen = uint32(wire - header)
	p.segment = b[:min(wire, len(b))]
	if p.SACK != nil {
		p.SACK = nil
	}
	return true
}

// usualKinds lists the option kinds of a usual packet: few want to know them.
func (p *Packet) usualKinds() {
	k := &kindsOf[p.Usual>>5&3]
	kinds, n := k.kinds, k.n
	if p.Usual&formBare != 0 {
		kinds, n = kinds>>(8*lenTS), n-lenTS
	}
	binary.LittleEndian.PutUint64(p.kinds[:], kinds)
	p.numKinds = n
}
