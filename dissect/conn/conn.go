// Package conn keeps the table of MPTCP connections: keys and tokens, the subflows that joined, addresses announced,
// data sequence mappings, fallback. Ids are Wireshark's mptcp.stream.
package conn

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// Conn is one MPTCP connection.
type Conn struct {
	ID      uint32   // mptcp.stream
	Aliases []uint32 // further ids that Wireshark gives to the same connection (orphan joins adopted later)
	Version mptcp.Version
	// Client sent the MP_CAPABLE SYN; indexed by stream.Dest through End.
	Client, Server Endpoint
	Subflows       []Subflow // master first, then by tcp.stream; the index is the subflow's ordinal
	Checksum       bool      // DSS checksums negotiated
	Handshake      bool      // the MP_CAPABLE exchange was captured far enough to know both keys
	Fallback       Fallback
	Toward         [3]Direction // indexed by stream.Dest
}

// Endpoint is what one end of the connection told of itself.
type Endpoint struct {
	Key    mptcp.Key // valid iff HasKey
	HasKey bool
	Token  uint32 // valid iff HasToken: derived from the key or carried by a JOIN
	IDSN   uint64 // initial data sequence number, valid iff HasKey

	HasToken bool
	Version  int8 // version in this end's MP_CAPABLE; -1 unknown
}

// End is the endpoint of that name.
func (c *Conn) End(d stream.Dest) *Endpoint {
	if d == stream.Client {
		return &c.Client
	}
	return &c.Server
}

// Direction sums up the data level one way, in exact bytes. Times are nanoseconds since the epoch.
type Direction struct {
	Packets    uint64
	Bytes      uint64 // TCP payload bytes of all subflows, retransmissions and reinjections included
	Unique     uint64 // data bytes counted once: the union of the payload's data sequence ranges
	DSNMin     uint64 // 64-bit data sequence number of the first payload byte seen, valid iff HasDSN
	DSNEnd     uint64 // one past the last payload byte seen
	HasDSN     bool
	Reinjected uint64 // bytes sent on a subflow after another subflow had carried them
	First      int64
	Last       int64
}

// Subflow is a TCP stream's part in a connection.
type Subflow struct {
	Stream uint32 // tcp.stream
	Master bool   // carried the MP_CAPABLE handshake
	// Dest is where the subflow's own TCP client sends to: Server, or Client for a subflow that the MPTCP server opened.
	Dest         stream.Dest
	ClientAddrID uint8 // address ids of the subflow's TCP client and TCP server end
	ServerAddrID uint8
	HasAddrIDs   bool
	Backup       bool  // B flag of either JOIN, or the latest MP_PRIO
	Established  bool  // a fourth packet or data showed it up
	Joined       int64 // time of its SYN, ns since the epoch; first packet if the SYN is missing
	ResetReason  int16 // MP_TCPRST reason, -1 none
	SYNACKHMAC   Verdict
	ACKHMAC      Verdict
}

// Verdict is the outcome of a verification.
type Verdict uint8

// Not verifiable means that a key, a nonce or bytes are missing, not that something is wrong.
const (
	NotSeen Verdict = iota
	NotVerifiable
	Verified
	Failed
)

// Cause says why a connection is, or fell back to, plain TCP.
type Cause uint8

// Causes of fallback, RFC 8684 section 3.7.
const (
	NoFallback        Cause = iota
	NoCapableInSYNACK       // SYN with, SYN/ACK without MP_CAPABLE: server without MPTCP, or a middlebox removed it
	NoCapableInACK          // options vanished with the third packet
	NoDSS                   // the first data carried no MPTCP option
	InfiniteMapping         // data-level length 0
	ChecksumFailed          // MP_FAIL
	Refused                 // answered by RST
	NoAnswer                // the SYN with MP_CAPABLE was never answered
)

// Fallback is where and why a connection went back to TCP; Cause NoFallback if it did not.
type Fallback struct {
	Cause  Cause
	Packet uint32 // id of the packet that shows it
}
