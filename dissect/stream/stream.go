// Package stream keeps the table of TCP streams: which packets belong together, which end is the client, the sequence
// numbers relative to it, the window scale, and Wireshark's TCP analysis flags.
//
//	t := stream.NewTable()
//	at, flags := t.Take(&p, row)  // p is a packet.Packet of kind TCP, row its number from 0
//	core := at.Core()             // endpoints, base sequence numbers, scales
//
// Numbering is Wireshark's tcp.stream (4.0.17): in order of first appearance; a SYN with a new initial sequence number
// on a known 4-tuple opens a new stream, a repeated SYN stays where it is. A million streams are fine: a stream costs
// some 300 bytes. The package knows nothing of MPTCP, never reassembles, and takes any packet: nothing is an error.
//
// # Reading order
//
//   - stream.go: the results. table.go: Table.Add and Table.Take, the way of one packet. tuple.go: how its stream is found.
//   - sequence.go: what its numbers are relative to, window scales. analysis.go: Wireshark's flags, and the short way of usual
//     packets.
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

// End is the word within a sentence, and within names: "client", "server".
func (d Dest) End() string {
	switch d {
	case Client:
		return "client"
	case Server:
		return "server"
	}
	return "unknown"
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
	Role           Role   // how it is known which end is the client
	Interface      uint32 // interface of the first packet

	SYN, SYNACK          bool   // was the SYN, the SYN/ACK captured
	ClientISN, ServerISN uint32 // raw; one below the first sequence number seen where no SYN was captured
	FIN, RST             bool   // any in either direction

	// Window scale shift counts, -1 unknown (windows are shown unscaled), -2 not used by the connection (RFC 7323
	// section 2.2).
	ClientScale, ServerScale int8

	Toward [3]Direction // indexed by Dest: what travels to that end
}

// Direction sums up what travels one way on a stream. Times are nanoseconds since the epoch.
type Direction struct {
	Packets uint64 // segments, those without payload included
	Bytes   uint64 // sum of TCP payload lengths, retransmissions included
	First   int64  // the earliest, which is not the first captured where a capture is out of order
	Last    int64  // the latest
}

// Role says what a stream's client was told from, the strongest that was seen.
type Role uint8

// Roles.
const (
	Guessed    Role = iota // from the ports, or else the sender of the first packet
	FromSYNACK             // it is the receiver of a SYN/ACK
	FromSYN                // it is the sender of a SYN
)
