package analysis

import (
	"cmp"
	"fmt"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// subflow is a row of the subflow table.
type subflow struct {
	ordinal int
	part    *conn.Subflow
	stream  *stream.Stream
	of      *conn.Conn
	all     *[3]uint64 // bytes that all subflows carried, by where to
}

// subflowRow gives the rows of the subflow table.
func subflowRow(t *trace.Trace, c *conn.Conn) func(row int) subflow {
	var all [3]uint64
	for d := range all {
		all[d] = transferred(t, c, stream.Dest(d)).Bytes
	}
	return func(row int) subflow {
		return subflow{row, &c.Subflows[row], t.SubflowStream(c, row), c, &all}
	}
}

// Subflows lists the subflows of a connection, the master first.
func Subflows(t *trace.Trace, c *conn.Conn) *display.Table {
	list := table(t, subflowFields, len(c.Subflows), subflowRow(t, c))
	list.Name, list.Title = "subflows", fmt.Sprintf("Subflows of connection %d", c.ID)
	list.Empty = "no subflow was captured"
	return list
}

var subflowFields = []field[subflow]{
	{id("tcpstream", "Subflow", "tcp.stream, as Wireshark numbers it"), func(_ *trace.Trace, s subflow) display.Value {
		return display.Subflow(s.ordinal, uint64(s.stream.ID))
	}},
	{display.Column{Key: "client", Head: "From", Doc: "address and port that opened the subflow"}, func(_ *trace.Trace, s subflow) display.Value {
		return display.Str(s.stream.Client.String())
	}},
	{display.Column{Key: "server", Head: "To", Doc: "address and port that the subflow was opened to"}, func(_ *trace.Trace, s subflow) display.Value {
		return display.Str(s.stream.Server.String())
	}},
	{display.Column{Key: "state", Head: "State", Wide: true, Doc: "how it came up and ended"}, func(_ *trace.Trace, s subflow) display.Value {
		return display.Str(subflowState(s))
	}},
	{display.Column{Key: "bytes_to_server", Head: "To server", Unit: display.Bytes, Doc: "TCP payload, retransmissions included"}, func(_ *trace.Trace, s subflow) display.Value {
		return display.Uint(subflowBytes(s, stream.Server))
	}},
	{display.Column{Key: "share_to_server", Head: "Share", Unit: display.Ratio, Share: true, Doc: "of what all subflows carried to the server"}, func(_ *trace.Trace, s subflow) display.Value {
		return share(s, stream.Server)
	}},
	{display.Column{Key: "bytes_to_client", Head: "To client", Unit: display.Bytes, Doc: "TCP payload, retransmissions included"}, func(_ *trace.Trace, s subflow) display.Value {
		return display.Uint(subflowBytes(s, stream.Client))
	}},
	{display.Column{Key: "share_to_client", Head: "Share", Unit: display.Ratio, Share: true, Doc: "of what all subflows carried to the client"}, func(_ *trace.Trace, s subflow) display.Value {
		return share(s, stream.Client)
	}},
	{display.Column{Key: "packets", Head: "Packets", Unit: display.Packets, Doc: "both directions"}, func(_ *trace.Trace, s subflow) display.Value {
		return display.Uint(s.stream.Toward[stream.Client].Packets + s.stream.Toward[stream.Server].Packets)
	}},
	{display.Column{Key: "start", Head: "Start", Unit: display.Nanoseconds, Doc: "first packet, from the start of the capture"}, func(t *trace.Trace, s subflow) display.Value {
		first, _ := streamSpan(&s.stream.Toward)
		return display.Duration(first - t.Capture.First)
	}},
	{display.Column{Key: "duration", Head: "Duration", Unit: display.Nanoseconds, Doc: "first to last packet"}, func(_ *trace.Trace, s subflow) display.Value {
		first, last := streamSpan(&s.stream.Toward)
		return display.Duration(last - first)
	}},
	{display.Column{Key: "mptcpdest", Head: "Opened towards", Doc: "the end of the connection that the subflow was opened to"}, func(_ *trace.Trace, s subflow) display.Value {
		return display.Str(s.part.Dest.String())
	}},
	{display.Column{Key: "addrids", Head: "Address ids", Doc: "address identifiers of both ends (RFC 8684 section 3.2)"}, func(_ *trace.Trace, s subflow) display.Value {
		if !s.part.HasAddrIDs || (s.of.Fallback.Cause != conn.NoFallback && !s.of.Handshake) {
			return display.Value{}
		}
		return display.Str(fmt.Sprintf("%d → %d", s.part.ClientAddrID, s.part.ServerAddrID))
	}},
}

func subflowBytes(s subflow, d stream.Dest) uint64 {
	return s.stream.Toward[subflowToward(s.part, d)].Bytes
}

// share is the subflow's part of what all subflows carried that way; missing when nothing was.
func share(s subflow, d stream.Dest) display.Value { return part(subflowBytes(s, d), s.all[d]) }

// subflowState puts together what is worth knowing of a subflow's life.
func subflowState(s subflow) string {
	state := "joined"
	switch {
	case s.part.Master:
		state = "initial"
	case !s.stream.SYN && !s.stream.SYNACK:
		state = "opening not captured"
	case s.part.ACKHMAC == conn.Failed || s.part.SYNACKHMAC == conn.Failed:
		state = "join, wrong HMAC"
	case !s.part.Established:
		state = "join, never established"
	case s.part.ACKHMAC == conn.Verified && s.part.SYNACKHMAC == conn.Verified:
		state = "joined, HMAC verified"
	}
	if s.part.Backup {
		state += ", backup"
	}
	switch {
	case s.part.ResetReason >= 0:
		state += fmt.Sprintf(", reset (%s)", resetReason(s.part.ResetReason))
	case s.stream.RST:
		state += ", reset"
	case s.stream.FIN:
		state += ", closed"
	}
	return state
}

// resetReason is the meaning of a reason code of MP_TCPRST, or the code.
func resetReason(code int16) string {
	return cmp.Or(mptcp.ReasonName(uint8(code)), resetWord(code))
}
