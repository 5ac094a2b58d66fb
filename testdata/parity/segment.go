package main

import (
	"net/netip"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// segment is what the model needs of a packet.
type segment struct {
	id      uint32
	frame   uint32 // number in the file
	stream  uint32
	tcp     uint32 // its TCP stream, where stream is a part of that: see apart
	src     netip.AddrPort
	dst     netip.AddrPort
	syn     bool
	ack     bool
	fin     bool
	rst     bool
	seq     uint32 // relative
	acked   uint32 // relative acknowledgement
	rawSeq  uint32
	rawAck  uint32
	window  uint32
	time    int64
	times   [2]times // as they are, and as Wireshark has them
	other   *otherTime
	length  uint32
	whole   bool // has a length: not the first of several IP fragments
	ends    bool // within its own header
	options []byte
	area    int    // length of the option area by the header
	cut     bool   // some of the header was not captured
	raw     bool   // its numbers are
	room    int    // bytes of options in it, if it is a fragment
	bogus   bool   // the header claims less than 20 bytes
	bytes   int    // that Wireshark takes for payload, if bogus
	bits    uint16 // its flags, all 12
	short   bool   // captured up to the options at most, though the header has more

	interfaceNumber    uint32
	iface, firstIface  string // name of its interface, and of the one of that number in the first section
	srcHost, dstHost   string // the segment's own addresses, if IPv4
	srcOuter, dstOuter string // those of the headers of tunnels, outermost first

	// analysis is what package stream found, for packets where Wireshark breaks off before it shows it.
	analysis stream.Analysis

	// What package packet made of the other options, as text.
	mss, wscale, sackLeft, sackRight string
	sack                             []byte
	base                             uint32 // raw number that is 0 in sackLeft and sackRight
	baseless                         bool   // the segment does not tell it
}
