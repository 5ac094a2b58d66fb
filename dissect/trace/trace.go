// Package trace holds what dissection made of a capture: packets, TCP streams, MPTCP connections, issues.
// A Trace never changes once built. A packet is a row of it; Columns (column.go) is the one home of the packet columns.
//
// A capture is loaded from a reader, or from chunks as they come:
//
//	t, err := trace.Load(ctx, file, trace.Options{})
//
//	l := trace.NewLoader(trace.Options{})
//	for each chunk { err = l.Feed(chunk) }
//	t, err := l.Finish()
//
// or its rows are streamed to a Sink, in memory bounded by the number of streams and connections:
//
//	read, err := trace.Scan(ctx, file, sink, trace.Options{})
//
// What a Trace does not hold, such as payload bytes or the frames that are no TCP, is had by reading the capture again:
//
//	for f, err := range t.Walk(ctx, file) { … }
//
// Rows are numbered from 0 in this package's functions; a packet's id (Row.ID, packetid) is its row plus 1.
//
// A TCP stream is what Wireshark takes for one. A subflow mostly is one too, but several may share a stream, one after the other: what
// a subflow has by itself is told by SubflowRows and SubflowStream.
//
// It refuses only what is no capture: an empty source, text, a format it does not know. A capture that breaks off gives
// what it holds, with Capture.Cut saying where and why.
//
// # Reading order
//
//   - trace.go: the results. loader.go, load.go: from bytes to packets. builder.go: from a packet to a row.
//   - store.go, block.go: rows in memory. sparse.go: what few rows have. index.go: the rows of a stream, of a connection.
//   - row.go: a row put together again. column.go, with column_text.go and column_option.go: the packet columns.
//   - access.go, header.go, pieces.go, sack.go, wire.go: single values of a row. brief.go, pass.go, numbers.go, number_pass.go:
//     several values of very many rows, quicker than whole rows; tests compare them with those.
//   - scan.go, ahead.go, digest.go: rows streamed to a sink. watch.go: a look at a capture that is still read. walk.go: the frames
//     again. issue.go: what was odd. save.go: a trace as bytes.
package trace

import (
	"net/netip"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// Trace is the immutable result of dissecting one capture.
type Trace struct {
	Capture    Capture
	Interfaces []Interface
	Streams    []stream.Stream // index is tcp.stream
	Conns      []conn.Conn     // ascending mptcp.stream; look up by ConnByID
	Issues     []Issue

	store
	streamRows rowLists
}

// Capture tells what was read.
type Capture struct {
	Format  string            // "pcap", "pcapng", with "gzip " or "zstd " before it
	Bytes   int64             // read from the source
	Frames  uint64            // in the file
	Kept    uint64            // rows: TCP segments (Wireshark's `mptcp or tcp and not icmp`)
	Skipped map[string]uint64 // the frames not kept, by reason
	First   int64             // ns since the epoch of the file's first frame
	Last    int64             // of its latest one
	// Cut is nil when the file ended where a packet ended, else it says where reading stopped and why.
	Cut error
}

// Interface is a capture interface. Name is what tells it best: its name, or else its description, or else its
// hardware, "unknown" where a pcapng file has none of them; empty in a pcap file.
type Interface struct {
	Name    string
	Link    uint32 // LINKTYPE_ number
	SnapLen uint32 // most bytes captured of a frame; 0 is no limit
}

// Severity orders issues.
type Severity uint8

// Severities, as Wireshark's expert levels.
const (
	Chat Severity = iota
	Warning
	Error
)

// String is the severity in tables: "chat", "warning", "error".
func (s Severity) String() string { return [...]string{"chat", "warning", "error"}[min(s, Error)] }

// NoStream is the Stream of an issue that is about no TCP stream.
const NoStream = -1

// Issue is something suspicious in the capture. Issues are counted in full; of a kind the first hundred are kept, and the first of each
// TCP stream up to a cap.
type Issue struct {
	Packet   uint32 // row id (packetid), 0 when not about a kept packet
	Frame    uint64 // frame.number
	Layer    string // "capture", "frame", "ip", "tcp", "mptcp"
	Severity Severity
	What     string
	Section  string // RFC section it rests on
	Stream   int64  // tcp.stream, or NoStream
	Count    uint64 // how many of this kind there are in the capture
	OnStream uint64 // how many of them on the stream
}

// Row is one kept packet, whole. Slices in it are valid until the next use of the same Row.
type Row struct {
	ID        uint32 // packetid: 1… over the kept packets
	Frame     uint32 // frame.number in the file
	Time      int64  // ns since the epoch
	RelTime   int64  // ns since the file's first frame
	NoTime    bool   // the frame has no time of its own (pcapng's Simple Packet Block): the latest before is put in its place
	Interface uint32
	Src, Dst  netip.AddrPort

	Stream      uint32
	Dest        stream.Dest // the end of the TCP connection it travels to
	Flags       uint16      // 12 bits, as tcp.flags
	Seq, Ack    uint32      // relative, as tcp.seq, tcp.ack
	RawSeq      uint32      // as it stands in the packet
	RawAck      uint32      // likewise
	Len         uint32      // tcp.len, the real one
	Window      uint32      // scaled, as tcp.window_size
	NoLen       bool        // first fragment of a datagram: Len is the fragment's
	Analysis    stream.Analysis
	OptionKinds []byte // tcp.option_kind, in order
	HasTS       bool
	HasTSEcr    bool // differs from HasTS only where the snaplen cut the option
	TSVal       uint32
	TSEcr       uint32

	// HasMPTCP: the packet carries an MPTCP option. InConn: it belongs to a subflow of a connection (ConnID).
	HasMPTCP bool
	InConn   bool
	ConnID   uint32 // mptcp.stream, also of packets without an MPTCP option
	Ordinal  int    // subflow's ordinal in its connection
	ConnDest stream.Dest

	Options []mptcp.Option // all MPTCP options of the packet, raw
	HasDSS  bool
	DSS     mptcp.DSS // the first DSS

	HasToken      bool
	ExpectedToken uint32 // derived from the sender key the packet shows

	// DSN is the 64-bit data sequence number of the first payload byte (mptcp.rawdsn64). Without payload it is what
	// Wireshark shows on packets with an MPTCP option: the initial number on a SYN, the next one on a pure ack.
	HasDSN bool
	DSN    uint64
	// Low32: only the low 32 bits of DSN are certain, as no key and no 64-bit number was captured before or after.
	Low32      bool
	RelDSN     uint64 // DSN - IDSN, valid iff HasRelDSN
	HasRelDSN  bool
	HasDACK    bool
	DACK       uint64 // 64-bit data ack; DACKLow32 as Low32
	DACKLow32  bool
	RelDACK    uint64 // DACK - IDSN of the other end, valid iff HasRelDACK
	HasRelDACK bool

	RelatedMappings []uint32 // packet ids whose mapping covers the payload
	ReinjectionOf   []uint32 // packet ids on other subflows that carried (part of) these bytes before
	ReinjectedIn    []uint32 // packet ids on other subflows that carry them again later

	option   [40]byte // the DSS option, put together again
	mapping  uint64   // number of its mapping, valid iff restored
	restored bool
	member   conn.Member
	near     near
	// Keys of Numbers.
	flow, header uint32
}

// near is where a Row's links stood in their lists: those of the next row stand near them.
type near struct{ before, after, also, ahead int }

// Sink takes the rows of a dissection in capture order. The row and its slices are only valid during the call.
type Sink interface {
	Add(c *Context, r *Row) error
}
