package export

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Record is what the fields of one table row are read from. A table sets what its fields need; all of it is valid only
// until the next record.
type Record struct {
	Context *trace.Context
	Row     *trace.Row    // of packets, options, mappings, reinjections; nil for a frame that is no TCP; see Whole
	Numbers trace.Numbers // of packets
	Capture *Origin
	Frame   *trace.Frame // of packets, for formats that write packets
	Masked  bool         // what tells who spoke was replaced

	Option  mptcp.Option // of options
	Place   int          // number of the option in its packet, of the reinjection in its list
	Mapping Mapping      // of mappings
	Stream  *stream.Stream
	Conn    *conn.Conn
	Verdict *Verdict      // of connections; nil where the capture was streamed
	Subflow *conn.Subflow // of subflows, with Conn and Place
	Issue   *Issue        // of issues, with Conn if it is about one
	// verdicts concludes on connections by their place, nil where the capture was streamed.
	verdicts func(index int) Verdict
	issues   []Issue           // of the capture, nil where it was streamed
	single   trace.Row         // of options: a row with the option alone
	masked   [3]*conn.Endpoint // ends of the packet's connection, by stream.Dest, where Masked
	before   int64             // time of the row before; that of the row itself if it is the first
	settled  bool              // the whole capture is known
	// later is where Row is still to be read from, at a place; nil once it is.
	later *trace.Trace
	place int
}

// Whole puts Row together if it is not yet. Of the packets table only Numbers are there before; of others, once Shape was
// asked for, the row is.
func (r *Record) Whole() {
	if r.later != nil {
		r.later.Row(r.place, r.Row)
		r.later = nil
	}
}

// Origin names the capture that records come from.
type Origin struct {
	Name string // of its file, with as many folders as tell it from others of the run
}

// Mapping is one announcement of a data sequence mapping.
type Mapping struct {
	DSN      uint64
	SSN      uint32
	Length   uint16
	Checksum uint16
	Has      bool // Checksum is there
	Wide     bool // DSN has 64 bits, else only its low 32 are told
}

// end is an end of the packet's connection, nil if it has none.
func (r *Record) end(d stream.Dest) *conn.Endpoint {
	if r.Masked {
		return r.masked[d]
	}
	return r.Row.End(d)
}
