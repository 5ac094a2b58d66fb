// Package packet decodes one frame into one [Packet] value, in place and without allocation: link layer, tunnels, IP,
// TCP, and the standard TCP options. MPTCP options are left as raw views for package mptcp.
//
//	var p packet.Packet
//	p.Number, p.Time = f.Number, f.Time
//	packet.Decode(&p, f.Link, f.Data, f.Length)
//	if p.Kind != packet.TCP {
//		skipped[p.Kind]++
//	}
//
// Lengths are those of the wire: they come from IP, or from the frame's original length where IP leaves them open
// (segmentation offload), never from what the capture kept. What a snaplen left whole is decoded and the rest flagged.
// Any bytes give a result: what cannot be decoded is a Kind, what is odd a [Fault], nothing is an error and nothing
// panics. The package keeps no state from frame to frame: it does not reassemble IP fragments (the first of a datagram
// is decoded, the others are told apart), does not check checksums, and guesses no protocol from ports but those of tunnels
// over UDP (see udp.go).
//
// # Reading order
//
//   - packet.go: the result. decode.go: Decode, and layer, what is left of a frame from some header on. usual.go: the short way
//     of nearly every frame; nothing happens there that the general way does not do.
//   - link.go, link_rare.go, wireless.go: link types. ethernet.go: what an EtherType announces, MPLS included.
//   - ip.go: IPv4, IPv6 and what they carry. tunnel.go, udp.go: tunnels over IP and over UDP.
//   - tcp.go: the segment and its options.
package packet

import (
	"net/netip"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
)

// Addr is an IPv6 address, or an IPv4 one mapped into it (::ffff:a.b.c.d), comparable and small.
type Addr [16]byte

// Netip is the address as the standard library has it, IPv4 unmapped unless v6 says that the packet was IPv6.
func (a Addr) Netip(v6 bool) netip.Addr {
	if v6 {
		return netip.AddrFrom16(a)
	}
	return netip.AddrFrom4([4]byte(a[12:]))
}

// Limits of the TCP option area: at most 40 bytes (RFC 9293 section 3.1), an MPTCP option has at least 3.
const (
	MaxOptionArea = 40
	MaxMPTCP      = MaxOptionArea / 3
)

// Packet is one decoded frame. Views point into the frame and are valid until the frame's buffer is reused. Fields of a
// layer that was not reached keep the values of an earlier Decode: look at Kind first.
type Packet struct {
	// What is read of every packet comes first, to lie together.

	// Frame, set by the caller before Decode.
	Number    uint32 // frame.number
	Interface uint32
	Time      int64 // ns since the epoch

	Kind      Kind   // TCP: everything below is meaningful
	Faults    Fault  // what is odd about the frame, whatever the Kind
	Tunnel    Tunnel // outermost encapsulation the segment was found in
	depth     uint8  // encapsulations followed so far
	HeaderCut bool   // the snaplen cut the TCP header
	HasMSS    bool
	HasWScale bool
	BadOption bool // option parsing stopped at a length that lies, or an option was cut
	HasTS     bool // TSVal is there
	HasTSEcr  bool // differs from HasTS only where the snaplen cut the option
	// Usual is the Form of a packet that was decoded the short way: it has no fault, is no fragment, no SYN, FIN or RST, nothing
	// of its TCP header is cut, and its options are at most timestamps first, then one of MPTCP, and padding. A packet may be
	// all that and yet NotUsual.
	Usual     Form
	V6        bool
	HeaderLen uint8  // stated, in bytes, as tcp.hdr_len; below 20 with the fault TCPHeader
	WScale    uint8  // shift count, valid iff HasWScale
	MSS       uint16 // valid iff HasMSS

	IPID             uint16 // IPv4 identification, 0 for IPv6
	IPHeader         uint16 // bytes of the innermost IP header, IPv6 extension headers included
	SrcPort, DstPort uint16
	Seq, Ack         uint32
	Flags            uint16 // 12 bits
	Window           uint16 // unscaled
	PayloadLen       uint32 // true length by IP, whatever the snaplen
	TSVal            uint32 // valid iff HasTS
	TSEcr            uint32 // valid iff HasTSEcr

	Src, Dst Addr // of the innermost IP header

	NumMPTCP int
	MPTCP    [MaxMPTCP]mptcp.Option // NumMPTCP valid; the last one may be cut by the capture (see mptcp.Option.Cut)
	SACK     []byte                 // view of the whole SACK blocks, 8 bytes each, and of the left edge of one that was cut behind it

	segment  []byte // captured part of the segment; nil if its header is below 20 bytes
	numKinds int
	kinds    [MaxOptionArea]uint8 // numKinds valid; see Kinds
}

// Kinds lists the kinds of the options in order, as Wireshark's tcp.option_kind. The list is good until the next Decode.
func (p *Packet) Kinds() []uint8 {
	if p.Usual != NotUsual {
		p.usualKinds()
	}
	return p.kinds[:p.numKinds]
}

// Options is the captured part of the option area.
func (p *Packet) Options() []byte {
	if len(p.segment) <= 20 {
		return nil
	}
	return p.segment[20:min(int(p.HeaderLen), len(p.segment))]
}

// Payload is the captured part of the payload.
func (p *Packet) Payload() []byte {
	return p.segment[min(int(p.HeaderLen), len(p.segment)):]
}

// Kind says what a frame turned out to be.
type Kind uint8

// Kinds; only TCP is kept, the others are counted.
const (
	Undecodable   Kind = iota // a header contradicts itself
	TCP                       // decoded at least through the window field
	OtherProtocol             // IP, but no TCP
	NotIP
	Fragment    // a later fragment
	ICMPQuote   // ICMP error that quotes a segment
	Truncated   // cut by the capture before the first 16 bytes of TCP were whole
	UnknownLink // no decoder for the link type
)

// String is the kind as a reason for skipping the frame.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

var kindNames = [...]string{
	Undecodable:   "undecodable",
	TCP:           "tcp",
	OtherProtocol: "other protocol",
	NotIP:         "not IP",
	Fragment:      "later IP fragment",
	ICMPQuote:     "ICMP error",
	Truncated:     "cut before TCP",
	UnknownLink:   "unknown link type",
}

// Tunnel is an encapsulation around the analysed segment.
type Tunnel uint8

// Tunnels.
const (
	NoTunnel Tunnel = iota
	IPinIP          // IPv4 or IPv6 in IPv4 or IPv6 (protocols 4 and 41)
	GRE             // IP, Ethernet, PPP or ERSPAN in GRE
	VXLAN           // and its generic protocol extension
	GTPU
	Geneve
	NSH // network service header
	L2TP
	Teredo
	MPLSinUDP
	MPLSinIP
	EtherIP
	LISP // locator/ID separation protocol
	TZSP // TaZmen sniffer protocol
)

// String is the usual name of the tunnel, empty for NoTunnel.
func (t Tunnel) String() string {
	if int(t) < len(tunnelNames) {
		return tunnelNames[t]
	}
	return ""
}

var tunnelNames = [...]string{
	IPinIP:    "IP-in-IP",
	GRE:       "GRE",
	VXLAN:     "VXLAN",
	GTPU:      "GTP-U",
	Geneve:    "Geneve",
	NSH:       "NSH",
	L2TP:      "L2TP",
	Teredo:    "Teredo",
	MPLSinUDP: "MPLS-in-UDP",
	MPLSinIP:  "MPLS-in-IP",
	EtherIP:   "EtherIP",
	LISP:      "LISP",
	TZSP:      "TZSP",
}

// Fault is a set of oddities in one frame.
type Fault uint8

// Faults.
const (
	IPHeader       Fault = 1 << iota // IP version or header length impossible, or total length below it
	IPLength                         // the IP length goes past the frame's end: the frame's is taken
	TCPHeader                        // data offset below 5: ports, numbers and flags stand, no options, no payload
	TCPLength                        // the TCP header goes past the end of the segment: it ends there, no payload
	OptionLength                     // the length of a TCP option lies, what follows it is not read
	TooDeep                          // more encapsulations than maxDepth
	CapturedLength                   // the frame's original length is below what was captured: the captured one is taken
	FirstFragment                    // the datagram goes on in later IP fragments, so that PayloadLen is this fragment's only
)

// Split calls use with each fault of the set: the layer ("frame", "ip" or "tcp") and what is wrong.
func (f Fault) Split(use func(layer, what string)) {
	for _, t := range faultTexts {
		if f&t.fault != 0 {
			use(t.layer, t.what)
		}
	}
}

var faultTexts = [...]struct {
	fault       Fault
	layer, what string
}{
	{CapturedLength, "frame", "original length below captured length"},
	{TooDeep, "ip", "too many encapsulations"},
	{FirstFragment, "ip", "TCP segment in IP fragments: the first is read, the others are counted, its length is not known"},
	{IPHeader, "ip", "impossible IP header"},
	{IPLength, "ip", "IP length goes past the end of the frame"},
	{TCPHeader, "tcp", "TCP header length below 20 bytes"},
	{TCPLength, "tcp", "TCP header goes past the end of the segment"},
	{OptionLength, "tcp", "TCP option length lies"},
}
