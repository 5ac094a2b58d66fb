// Package packet decodes one frame into one Packet value, in place and without allocation: link layer, IP, TCP, and
// the standard TCP options. MPTCP options are left as raw views for package mptcp.
package packet

import "github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"

// Addr is an IPv6 address, or an IPv4 one mapped into it (::ffff:a.b.c.d), comparable and small.
type Addr [16]byte

// Packet is one decoded frame. Views point into the frame and are valid until the frame's buffer is reused.
type Packet struct {
	// Frame, set by the caller before Decode.
	Number    uint32 // frame.number
	Time      int64  // ns since the epoch
	Interface uint32

	Kind Kind // TCP: everything below is meaningful

	Src, Dst         Addr
	V6               bool
	SrcPort, DstPort uint16
	IPID             uint16 // IPv4 identification, 0 for IPv6
	Tunnel           Tunnel // outermost encapsulation the segment was found in

	Seq, Ack   uint32
	Flags      uint16 // 12 bits
	Window     uint16 // unscaled
	PayloadLen uint32 // true length by IP, whatever the snaplen
	Payload    []byte // captured part of the payload
	Options    []byte // captured part of the option area
	HeaderCut  bool   // the snaplen cut the TCP header

	Kinds     [40]uint8 // option kinds in order, NumKinds valid
	NumKinds  int
	MSS       uint16 // valid iff HasMSS
	HasMSS    bool
	WScale    uint8 // valid iff HasWScale
	HasWScale bool
	HasTS     bool
	TSVal     uint32
	TSEcr     uint32
	SACK      []byte // view of the SACK blocks, 8 bytes each

	MPTCP     [8]mptcp.Option // NumMPTCP valid
	NumMPTCP  int
	BadOption bool // option parsing stopped at a length that lies, or an option was cut
}

// Kind says what a frame turned out to be.
type Kind uint8

// Kinds; only TCP is kept, the others are counted.
const (
	Undecodable Kind = iota
	TCP
	OtherProtocol // IP, but no TCP
	NotIP
	Fragment  // a later fragment
	ICMPQuote // ICMP error that quotes a segment
	Truncated // cut before the TCP ports
)

// Tunnel is an encapsulation around the analysed segment.
type Tunnel uint8

// Tunnels.
const (
	NoTunnel Tunnel = iota
	IPinIP
	GRE
	VXLAN
	GTPU
)
