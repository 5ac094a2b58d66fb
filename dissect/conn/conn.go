// Package conn keeps the table of MPTCP connections: keys and tokens, the subflows that joined, addresses announced,
// data sequence mappings, reinjections, fallback, and what could be verified. Ids are Wireshark's mptcp.stream.
//
//	t := conn.NewTable(host, streams, 0)  // host is told what becomes known of earlier rows; 0: no limit of memory
//	r := t.Add(&p, at, core, row)         // every TCP packet, in capture order
//	t.Finish()
//	conns := t.Conns()
//
// Connections are rebuilt from whatever the capture holds (RFC 8684 sections 3.1-3.7, RFC 6824): keys from any packet
// that shows them, joins in both directions, mappings before or after their data, repeated, partial or infinite,
// 32-bit numbers widened across wraps. What is missing or wrong is recorded state or an [Issue], never an error, and
// no packet stops the others. The table knows nothing of files and keeps no packet, only numbers of rows.
//
// # Reading order
//
//   - conn.go: the results; issue.go: what may be odd. table.go: Table.Add, the way of one packet. subflow.go: connections (state)
//     and subflows (sub) while they are built.
//   - capable.go, join.go, dss.go, address.go, prio.go, close.go: one family of options each, as in package mptcp.
//   - key.go: what a key tells; closing.go: one in MP_FASTCLOSE. orphan.go: joins whose key comes later are attached and adopted.
//     collision.go: connections that share a token. hmac.go, checksum.go with check.go: what is verified, and when.
//   - era.go: a further connection between the same ports, whose SYN was not captured, is told from the stream's before.
//   - fallback.go: where a connection falls back to TCP. fastopen.go: the data of a SYN.
//   - way.go: one direction of a subflow, where TCP sequence numbers become offsets. isn.go: its initial sequence number, where no
//     SYN was captured or several were. mapping.go, infinite.go, overlap.go: which mapping covers an offset. payload.go:
//     the payload of a packet is given its data sequence numbers, at once or when its mapping comes; early.go: or when the initial
//     number is certain.
//   - space.go: data sequence numbers are widened to 64 bits, reinjections told from retransmissions. sorted.go, ranges.go,
//     room.go: its lists and their memory.
//   - steady.go: the short way of usual packets. Nothing happens there that the general way does not do.
//   - numbering.go: ids as Wireshark gives them. finish.go, sofar.go, member.go: what comes out at the end, before it, and for
//     a row.
package conn

import (
	"net/netip"

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
	Fastclose      uint32       // id of the first packet with MP_FASTCLOSE, 0 none
	Toward         [3]Direction // indexed by stream.Dest
	Addresses      []Announcement
	Verified       Tally // what of its options could be verified
	BadChecksums   []BadChecksum
	NoChecksum     [NumReasons]uint64 // DSS checksums that were not verifiable, by the reason
}

// Endpoint is what one end of the connection told of itself.
type Endpoint struct {
	Key    mptcp.Key // valid iff HasKey
	HasKey bool
	Source KeySource // where the key comes from
	Token  uint32    // valid iff HasToken: derived from the key or carried by a JOIN
	IDSN   uint64    // initial data sequence number, valid iff HasKey

	HasToken bool
	Version  int8 // version in this end's MP_CAPABLE; -1 unknown
}

// KeySource says which packet told a key, in order of trust.
type KeySource uint8

// Sources of keys.
const (
	NoKey         KeySource = iota
	FromFastclose           // the receiver's key in MP_FASTCLOSE
	FromHandshake           // the sender's key in SYN (version 0) or SYN/ACK
	FromData                // MP_CAPABLE with data (version 1)
	FromACK                 // the third ACK
)

// End is the endpoint of that name.
func (c *Conn) End(d stream.Dest) *Endpoint {
	if d == stream.Client {
		return &c.Client
	}
	return &c.Server
}

// Direction sums up the data level one way, in exact bytes. Times are nanoseconds since the epoch.
type Direction struct {
	Packets uint64
	Bytes   uint64 // TCP payload bytes of all subflows, retransmissions and reinjections included
	// Unique is the data, each byte counted once: the union of the payload's data sequence ranges, far ones included, and what
	// is data without a number, Plain and Early.
	Unique uint64
	// Plain is data that no mapping covers, told apart by TCP sequence number: of a connection that is plain TCP, and of one with
	// a single subflow, which has nothing to carry but data, whatever became of its options (RFC 8684 section 3.7).
	Plain uint64
	// DSNMin is the 64-bit data sequence number of the first payload byte, DSNEnd one past the last, of those that are not far
	// from the first one seen; valid iff HasDSN.
	// Low32: only their low 32 bits are certain, as no key and no 64-bit number was captured.
	DSNMin, DSNEnd uint64
	HasDSN         bool
	Low32          bool
	FIN            bool // a DATA_FIN was seen
	// Early is data of the SYN that the server took (TCP Fast Open): it comes before all other, and lies outside of the data
	// sequence space (RFC 8684 appendix B.2).
	Early         uint32
	Unmapped      uint64 // payload bytes that no mapping covers, of one subflow of several, however often sent: which data they are is not known
	Reinjected    uint64 // bytes sent on a subflow for the first time after another subflow had carried them
	Retransmitted uint64 // bytes sent again on the subflow that had carried them
	First         int64
	Last          int64
}

// Subflow is a TCP stream's part in a connection.
type Subflow struct {
	Stream uint32 // tcp.stream
	Token  uint32 // in its JOIN SYN, valid iff HasToken
	// ID is the mptcp.stream that Wireshark gives to this stream's packets: the connection's ID or one of its Aliases;
	// -1 if it gives none.
	ID     int64
	Part   *Part // nil if all packets of the stream are its own, as nearly always
	Joined int64 // time of its SYN, ns since the epoch; first packet if the SYN is missing
	Master bool  // carried the MP_CAPABLE handshake
	// Dest is where the subflow's own TCP client sends to: Server, or Client for a subflow that the MPTCP server opened.
	Dest         stream.Dest
	ClientAddrID uint8 // address ids of the subflow's TCP client and TCP server end
	ServerAddrID uint8
	HasAddrIDs   bool
	Backup       bool // B flag of either JOIN, or the latest MP_PRIO
	Established  bool // the packet after the third, data, or on the master an MPTCP option showed that it is up
	HasToken     bool
	ResetReason  int16 // MP_TCPRST reason, -1 none
	SYNACKHMAC   Verdict
	SYNACKWhy    Reason // why SYNACKHMAC is NotVerifiable
	ACKHMAC      Verdict
	ACKWhy       Reason
}

// Announcement is one ADD_ADDR or REMOVE_ADDR option, of the first few thousand of a connection.
type Announcement struct {
	Packet  uint32      // id
	Time    int64       // ns since the epoch
	From    stream.Dest // the end that sent it
	Removed bool        // REMOVE_ADDR
	Echo    bool
	AddrID  uint8
	Addr    netip.AddrPort // port 0 if none was told; invalid in a REMOVE_ADDR
	HMAC    Verdict
	Why     Reason
	// Early: the HMAC was cut on the wrong side, as the first kernels with version 1 did.
	Early bool
}

// BadChecksum is a DSS checksum that failed, of the first thousand of a connection (RFC 8684 section 3.3).
type BadChecksum struct {
	Packet   uint32 // id of the packet that announced the mapping
	Last     uint32 // id of the last packet with payload of it; what was changed is in Packet to Last
	Stream   uint32 // tcp.stream
	To       stream.Dest
	DSN      uint64 // of the mapping
	SSN      uint32
	Length   uint16
	Found    uint16 // on the wire
	Expected uint16 // of the payload as captured
	Options  uint64 // that carried it
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

// String is the verdict in a word or two.
func (v Verdict) String() string {
	return [...]string{"not seen", "not verifiable", "verified", "failed"}[v&3]
}

// Reason says what a verification lacks.
type Reason uint8

// Reasons.
const (
	NoReason      Reason = iota
	MissingKey           // a key of the connection
	MissingNonce         // the SYN or SYN/ACK of the subflow
	MissingBytes         // payload was cut by the capture, or a segment is missing
	MissingDSN           // the upper half of the data sequence number
	MissingOption        // the option itself was cut
	NumReasons
)

// String is the reason in words, empty for NoReason.
func (r Reason) String() string {
	return [...]string{"", "a key is unknown", "the nonces are unknown", "payload is missing",
		"the 64-bit data sequence number is unknown", "the option was cut"}[min(int(r), 5)]
}

// Count counts verdicts of one kind of check.
type Count struct {
	Verified, Failed, NotVerifiable uint64
}

// Tally counts the verdicts, one for each option.
type Tally struct {
	SYNACK, ACK Count  // HMACs of MP_JOIN
	AddAddr     Count  // HMACs of ADD_ADDR
	EarlyLinux  uint64 // of those in AddAddr.Verified, see Announcement.Early
	Checksum    Count  // of DSS and of MP_CAPABLE with data
	// Token: a JOIN SYN is verified when its token is that of a key seen in the capture.
	Token Count
}

// Add adds up two tallies.
func (t *Tally) Add(o *Tally) {
	t.SYNACK.add(o.SYNACK)
	t.ACK.add(o.ACK)
	t.AddAddr.add(o.AddAddr)
	t.EarlyLinux += o.EarlyLinux
	t.Checksum.add(o.Checksum)
	t.Token.add(o.Token)
}

func (c *Count) add(o Count) {
	c.Verified += o.Verified
	c.Failed += o.Failed
	c.NotVerifiable += o.NotVerifiable
}

// count adds n verdicts.
func (c *Count) count(v Verdict, n uint64) {
	switch v {
	case Verified:
		c.Verified += n
	case Failed:
		c.Failed += n
	case NotVerifiable:
		c.NotVerifiable += n
	}
}

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

// String is the cause in words, empty for NoFallback.
func (c Cause) String() string {
	return [...]string{"", "no MP_CAPABLE in the SYN/ACK", "no MP_CAPABLE in the third packet",
		"no MPTCP option on the first data", "infinite mapping", "checksum failed (MP_FAIL)", "refused",
		"no answer"}[c&7]
}

// Fallback is where and why a connection went back to TCP; Cause NoFallback if it did not.
type Fallback struct {
	Cause  Cause
	Packet uint32 // id of the packet that shows it
}
