package packet

import "github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"

// tcp decodes a TCP header (RFC 9293 section 3.1). The caller has set the addresses.
//
//	 0                   1                   2                   3
//	|          Source Port          |       Destination Port        |
//	|                        Sequence Number                        |
//	|                    Acknowledgment Number                      |
//	|  Data |       |C|E|U|A|P|R|S|F|                               |
//	| Offset| Rsrvd |W|C|R|C|S|S|Y|I|            Window             |
//	|               |R|E|G|K|H|T|N|N|                               |
//	|           Checksum            |         Urgent Pointer        |
//	|                           [Options]                           |
func (p *Packet) tcp(l layer) {
	if len(l.b) < 16 {
		p.need(l, 16)
		return
	}
	b := l.b
	p.Kind = TCP
	p.SrcPort, p.DstPort = be16(b), be16(b[2:])
	p.Seq, p.Ack = be32(b[4:]), be32(b[8:])
	p.Flags, p.Window = be16(b[12:])&0x0fff, be16(b[14:])
	p.numKinds, p.NumMPTCP = 0, 0
	p.HasMSS, p.HasWScale, p.HasTS, p.HasTSEcr, p.BadOption = false, false, false, false, false
	p.SACK, p.segment, p.PayloadLen = nil, nil, 0
	header := int(b[12]>>4) * 4
	p.HeaderLen = uint8(header)
	p.HeaderCut = len(b) < min(header, l.wire)
	if header < 20 {
		p.Faults |= TCPHeader
		return
	}
	if header > l.wire {
		p.Faults |= TCPLength
		header = l.wire
	}
	p.segment, p.PayloadLen = b, uint32(l.wire-header)
	if header > 20 {
		p.options(p.Options(), int(p.HeaderLen)-20) // what goes past the end is cut, as by a snaplen
	}
}

// TCP option kinds (IANA).
const (
	optionEnd       = 0
	optionNOP       = 1
	optionMSS       = 2
	optionWScale    = 3
	optionSACK      = 5
	optionTimestamp = 8
)

// options reads the captured option bytes o of an area of size bytes. Kinds are listed as Wireshark lists them: end-of-list
// marks are the last, each as often as it is repeated as padding; an option whose length lies, or was not captured, is
// not listed.
func (p *Packet) options(o []byte, size int) {
	at, n := 0, 0
	if len(o) >= 12 && be32(o) == 0x0101080a { // NOP, NOP, timestamps: how nearly every segment begins
		p.kinds[0], p.kinds[1], p.kinds[2] = optionNOP, optionNOP, optionTimestamp
		p.HasTS, p.HasTSEcr, p.TSVal, p.TSEcr = true, true, be32(o[4:]), be32(o[8:])
		at, n = 12, 3
	}
	for at < len(o) && n < len(p.kinds) {
		kind := o[at]
		if kind == optionNOP {
			p.kinds[n] = optionNOP
			n++
			at++
			continue
		}
		if kind == optionEnd {
			n = p.padding(o[at:], n)
			break
		}
		length := 0
		if at+1 < len(o) {
			length = int(o[at+1])
		}
		if length < 2 || at+length > len(o) {
			n = p.badOption(o[at:], size-at, n)
			break
		}
		p.kinds[n] = kind
		n++
		if kind == mptcp.Kind {
			p.view(o[at : at+length : at+length])
		} else {
			p.standard(kind, o[at:at+length])
		}
		at += length
	}
	p.numKinds = n
}

// view notes an MPTCP option, which is whole or ends where the capture does. One without a subtype cannot be told.
func (p *Packet) view(o []byte) {
	if len(o) >= 3 && p.NumMPTCP < len(p.MPTCP) {
		p.MPTCP[p.NumMPTCP] = o
		p.NumMPTCP++
	}
}

// padding lists the end-of-list mark at the head of o and those that follow it.
func (p *Packet) padding(o []byte, n int) int {
	for i := 0; i < len(o) && o[i] == optionEnd && n < len(p.kinds); i++ {
		p.kinds[n] = optionEnd
		n++
	}
	return n
}

// standard reads one of the standard options, which is whole; unknown kinds and impossible lengths are left alone. Of an
// option that occurs twice the last counts.
func (p *Packet) standard(kind uint8, o []byte) {
	switch {
	case kind == optionTimestamp && len(o) == 10: // RFC 7323 section 3.2
		p.HasTS, p.HasTSEcr, p.TSVal, p.TSEcr = true, true, be32(o[2:]), be32(o[6:])
	case kind == optionMSS && len(o) == 4: // RFC 9293 section 3.7.1
		p.HasMSS, p.MSS = true, be16(o[2:])
	case kind == optionWScale && len(o) == 3: // RFC 7323 section 2.2
		p.HasWScale, p.WScale = true, o[2]
	case kind == optionSACK: // RFC 2018 section 3
		p.SACK = o[2 : 2+(len(o)-2)/8*8]
	}
}

// badOption handles the option at the head of o that is not whole, size being what is left of the stated area: its length
// lies, or the capture cut it. It returns the number of kinds.
func (p *Packet) badOption(o []byte, size, n int) int {
	p.BadOption = true
	if len(o) < 2 && size > len(o) { // the capture ends before the length
		return n
	}
	if len(o) < 2 || o[1] < 2 || int(o[1]) > size {
		p.Faults |= OptionLength
		return n
	}
	p.kinds[n] = o[0]
	switch {
	case o[0] == mptcp.Kind:
		p.view(o[:len(o):len(o)])
	case o[0] == optionTimestamp && o[1] == 10 && len(o) >= 6:
		p.HasTS, p.HasTSEcr, p.TSVal = true, false, be32(o[2:])
	case o[0] == optionSACK:
		p.SACK = o[2 : 2+(len(o)-2)/4*4]
	}
	return n + 1
}
