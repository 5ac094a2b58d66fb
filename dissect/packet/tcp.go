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
	p.NumKinds, p.NumMPTCP = 0, 0
	p.HasMSS, p.HasWScale, p.HasTS, p.BadOption = false, false, false, false
	p.SACK, p.Options, p.Payload, p.PayloadLen = nil, nil, nil, 0
	header := int(b[12]>>4) * 4
	p.HeaderCut = len(b) < header && l.wire > len(b)
	if header < 20 {
		p.Faults |= TCPHeader
		return
	}
	if header > l.wire {
		p.Faults |= TCPLength
		return
	}
	p.PayloadLen = uint32(l.wire - header)
	if len(b) > header {
		p.Payload = b[header:]
	}
	if header > 20 && len(b) > 20 {
		p.Options = b[20:min(header, len(b))]
		p.options(p.Options, header-20)
	} else if header > 20 {
		p.BadOption = true
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

// options reads the captured option bytes o of an area of size bytes. Kinds are listed as Wireshark lists them: an
// end-of-list mark is the last, an option whose length lies is not listed.
func (p *Packet) options(o []byte, size int) {
	at, n := 0, 0
	if len(o) >= 12 && be32(o) == 0x0101080a { // NOP, NOP, timestamps: how nearly every segment begins
		p.Kinds[0], p.Kinds[1], p.Kinds[2] = optionNOP, optionNOP, optionTimestamp
		p.HasTS, p.TSVal, p.TSEcr = true, be32(o[4:]), be32(o[8:])
		at, n = 12, 3
	}
	for at < len(o) && n < len(p.Kinds) {
		kind := o[at]
		if kind <= optionNOP {
			p.Kinds[n] = kind
			n++
			at++
			if kind == optionEnd {
				break
			}
			continue
		}
		length := 0
		if at+1 < len(o) {
			length = int(o[at+1])
		}
		if length < 2 || at+length > len(o) {
			n = p.badOption(o[at:], size-at, n)
			break
		}
		p.Kinds[n] = kind
		n++
		if kind == mptcp.Kind {
			if length >= 3 && p.NumMPTCP < len(p.MPTCP) {
				p.MPTCP[p.NumMPTCP] = mptcp.Option(o[at : at+length : at+length])
				p.NumMPTCP++
			}
		} else {
			p.standard(kind, o[at:at+length])
		}
		at += length
	}
	p.NumKinds = n
}

// standard reads one of the standard options, whole; unknown kinds and impossible lengths are left alone.
func (p *Packet) standard(kind uint8, o []byte) {
	switch {
	case kind == optionTimestamp && len(o) == 10: // RFC 7323 section 3.2
		p.HasTS, p.TSVal, p.TSEcr = true, be32(o[2:]), be32(o[6:])
	case kind == optionMSS && len(o) == 4: // RFC 9293 section 3.7.1
		p.HasMSS, p.MSS = true, be16(o[2:])
	case kind == optionWScale && len(o) == 3: // RFC 7323 section 2.2
		p.HasWScale, p.WScale = true, o[2]
	case kind == optionSACK && len(o) >= 10 && len(o)%8 == 2: // RFC 2018 section 3
		p.SACK = o[2:]
	}
}

// badOption handles the option at the head of o that is not whole, size being what is left of the stated area: its
// length lies, or the capture cut it. It returns the number of kinds.
func (p *Packet) badOption(o []byte, size, n int) int {
	p.BadOption = true
	if len(o) == size || len(o) >= 2 && (o[1] < 2 || int(o[1]) > size) {
		p.Faults |= OptionLength
		return n
	}
	if len(o) >= 3 && o[0] == mptcp.Kind && p.NumMPTCP < len(p.MPTCP) {
		p.MPTCP[p.NumMPTCP] = mptcp.Option(o[:len(o):len(o)])
		p.NumMPTCP++
	}
	return n
}
