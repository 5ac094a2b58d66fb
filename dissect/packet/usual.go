package packet

import (
	"encoding/binary"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
)

// Nearly every frame of a capture is Ethernet with one IP header and a TCP segment that is neither first nor last, has
// timestamps and at most one MPTCP option. What follows decodes such a frame in one go, as the general way does it layer
// by layer; every frame that is different in anything is left to that one. A test compares the two.

// What the usual frame has in the places that tell: fields of several bytes as they lie in memory, read big-endian.
const (
	usualIPv4      = 0x0800_4500 // EtherType, version and header length 20; the service is masked
	usualIPv6      = 0x86dd_6000 // EtherType, version
	usualOptions   = 0x0101080a  // NOP, NOP, timestamps of 10 bytes
	usualPadding   = 0x0101      // NOP, NOP
	usualHead      = 20 + 12     // TCP header with timestamps
	unusualFlags   = 0x07        // SYN, FIN, RST
	fragmentFields = 0x3fff      // more fragments, offset
)

// Kinds of the options of usual segments, eight bytes as they lie in memory.
const (
	kindsTS       = optionNOP | optionNOP<<8 | optionTimestamp<<16
	kindsMPTCP    = kindsTS | mptcp.Kind<<24
	kindsTrailing = kindsMPTCP | optionNOP<<32 | optionNOP<<40
	kindsLeading  = kindsTS | optionNOP<<24 | optionNOP<<32 | mptcp.Kind<<40
)

// usual decodes an Ethernet frame of the usual kind, of so many bytes on the wire. It is false, and what it has set is set
// anew by the general way, if the frame is not one.
func (p *Packet) usual(b []byte, wire int) bool {
	if len(b) < 14+20+usualHead || len(b) > wire {
		return false
	}
	var at, segment int
	switch kind := be32(b[12:]) & 0xffff_ff00; {
	case kind == usualIPv4:
		head := b[14:34]
		segment = int(be16(head[2:])) - 20
		if head[9] != protoTCP || be16(head[6:])&fragmentFields != 0 || segment > wire-34 {
			return false
		}
		at = 34
		p.V6, p.IPID, p.IPHeader = false, be16(head[4:]), 20
		map4(&p.Src, be32(head[12:]))
		map4(&p.Dst, be32(head[16:]))
	case kind&0xffff_f000 == usualIPv6:
		if len(b) < 54+usualHead {
			return false
		}
		head := b[14:54]
		segment = int(be16(head[4:]))
		if head[6] != protoTCP || segment > wire-54 {
			return false
		}
		at = 54
		p.V6, p.IPID, p.IPHeader = true, 0, 40
		p.Src, p.Dst = Addr(head[8:24]), Addr(head[24:40])
	default:
		return false
	}
	return p.usualTCP(b[at:min(at+max(segment, 0), len(b))], segment)
}

// usualTCP decodes the segment in b, of so many bytes on the wire.
func (p *Packet) usualTCP(b []byte, wire int) bool {
	if len(b) < usualHead {
		return false
	}
	flags := be16(b[12:])
	header := int(flags>>12) * 4
	if flags&unusualFlags != 0 || header < usualHead || header > len(b) || be32(b[20:]) != usualOptions {
		return false
	}
	kinds, n, options := uint64(kindsTS), 3, 0
	if header > usualHead {
		o := b[usualHead:header]
		kinds, n = kindsMPTCP, 4
		if be16(o) == usualPadding {
			o = o[2:]
			kinds, n = kindsLeading, 6
		}
		size := int(o[1])
		switch {
		case o[0] != mptcp.Kind || size < 3:
			return false
		case size == len(o):
		case size == len(o)-2 && n == 4 && be16(o[size:]) == usualPadding:
			kinds, n = kindsTrailing, 6
		default:
			return false
		}
		p.MPTCP[0], options = o[:size:size], 1
	}
	p.NumMPTCP, p.NumKinds = options, n
	binary.LittleEndian.PutUint64(p.Kinds[:], kinds)
	p.Kind, p.Usual, p.HeaderLen, p.HeaderCut = TCP, true, uint8(header), false
	p.SrcPort, p.DstPort = be16(b), be16(b[2:])
	p.Seq, p.Ack, p.Flags, p.Window = be32(b[4:]), be32(b[8:]), flags&0x0fff, be16(b[14:])
	p.TSVal, p.TSEcr = be32(b[24:]), be32(b[28:])
	p.HasTS, p.HasTSEcr, p.HasMSS, p.HasWScale, p.BadOption = true, true, false, false, false
	p.SACK, p.Options, p.Payload = nil, b[20:header], nil
	p.PayloadLen = uint32(wire - header)
	if len(b) > header {
		p.Payload = b[header:]
	}
	return true
}
