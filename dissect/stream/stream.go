// Package stream keeps the table of TCP streams: which packets belong together, which end is the client, and the
// sequence numbers relative to it. Numbering is Wireshark's tcp.stream: in order of first appearance, a SYN with a
// new initial sequence number on a known 4-tuple opens a new stream.
package stream

import "net/netip"

// Dest is the end of a connection that a packet travels to.
type Dest uint8

// The two ends; DestUnknown where no packet told which end is which.
const (
	DestUnknown Dest = iota
	Client
	Server
)

// String is the word used in commands and tables.
func (d Dest) String() string {
	switch d {
	case Client:
		return "Client"
	case Server:
		return "Server"
	}
	return "Unknown"
}

// Other is the opposite end.
func (d Dest) Other() Dest {
	switch d {
	case Client:
		return Server
	case Server:
		return Client
	}
	return DestUnknown
}

// Stream is one TCP connection as the capture shows it. For an MPTCP subflow, Client is the host that opened the
// subflow, which may be the MPTCP server.
type Stream struct {
	ID             uint32 // tcp.stream
	Client, Server netip.AddrPort
	Interface      uint32 // interface of the first packet

	SYN, SYNACK          bool   // was the SYN, the SYN/ACK captured
	ClientISN, ServerISN uint32 // raw; first sequence number seen where no SYN was captured
	FIN, RST             bool   // any in either direction

	Toward [3]Direction // indexed by Dest: what travels to that end
}

// Direction sums up what travels one way on a stream. Times are nanoseconds since the epoch.
type Direction struct {
	Packets uint64
	Bytes   uint64 // sum of TCP payload lengths, retransmissions included
	First   int64
	Last    int64
}
