package analysis

import (
	"fmt"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Connections lists the MPTCP connections of a capture.
func Connections(t *trace.Trace) *display.Table { return connections(t, NewDiagnoses(t)) }

// ConnectionsSoFar lists those of a capture that is still being read (see trace.Loader.SoFar): without their verdicts,
// which take their packets.
func ConnectionsSoFar(t *trace.Trace) *display.Table { return connections(t, nil) }

func connections(t *trace.Trace, verdicts *Diagnoses) *display.Table {
	list := table(t, connectionFields, len(t.Conns), func(row int) connectionRow { return connectionRow{&t.Conns[row], row, verdicts} })
	list.Name, list.Title = "connections", "MPTCP connections"
	list.Empty = NoMPTCP(t)
	list.Open = func(row int) string { return fmt.Sprintf("ls %d", t.Conns[row].ID) }
	return list
}

// NoMPTCP is what is said of a capture without a connection.
func NoMPTCP(t *trace.Trace) string {
	if n := OptionsCut(t); n > 0 {
		return fmt.Sprintf("no packet shows MPTCP, but the capture cut the TCP options of %s: %s", display.Count(n, "packet"), cureSnaplen)
	}
	return "no packet carries MPTCP"
}

// OptionsCut counts the packets of which the capture cut TCP options that may have been MPTCP's, and of which nothing else tells.
func OptionsCut(t *trace.Trace) uint64 {
	for i := range t.Issues {
		if v := &t.Issues[i]; v.What == trace.OptionsCut {
			return v.Count
		}
	}
	return 0
}

// connectionRow is a row of the list.
type connectionRow struct {
	*conn.Conn
	index    int
	verdicts *Diagnoses // nil while the capture is being read
}

var connectionFields = []field[connectionRow]{
	{id("mptcpstream", "Id", "mptcp.stream, as Wireshark numbers it"), func(_ *trace.Trace, c connectionRow) display.Value {
		return display.Uint(uint64(c.ID))
	}},
	{display.Column{Key: "client", Head: "Client", Doc: "address and port that sent the MP_CAPABLE SYN"}, func(t *trace.Trace, c connectionRow) display.Value {
		return masterAddress(t, c.Conn, stream.Client)
	}},
	{display.Column{Key: "server", Head: "Server", Doc: "address and port that the MP_CAPABLE SYN was sent to"}, func(t *trace.Trace, c connectionRow) display.Value {
		return masterAddress(t, c.Conn, stream.Server)
	}},
	{id("mptcpversion", "Version", "MPTCP version: 0 (RFC 6824) or 1 (RFC 8684)"), func(_ *trace.Trace, c connectionRow) display.Value {
		if c.Version > 1 {
			return display.Value{}
		}
		return display.Uint(uint64(c.Version))
	}},
	{id("subflows", "Subflows", "TCP streams of the connection"), func(_ *trace.Trace, c connectionRow) display.Value {
		return display.Uint(uint64(len(c.Subflows)))
	}},
	{display.Column{Key: "data_to_server", Head: "To server", Unit: display.Bytes, Doc: "application data, each byte counted once, plain TCP's included; not what one subflow of several carried without a mapping"}, func(_ *trace.Trace, c connectionRow) display.Value {
		return display.Uint(c.Toward[stream.Server].Unique)
	}},
	{display.Column{Key: "data_to_client", Head: "To client", Unit: display.Bytes, Doc: "application data, each byte counted once, plain TCP's included; not what one subflow of several carried without a mapping"}, func(_ *trace.Trace, c connectionRow) display.Value {
		return display.Uint(c.Toward[stream.Client].Unique)
	}},
	{display.Column{Key: "start", Head: "Start", Unit: display.Nanoseconds, Doc: "first packet, from the start of the capture"}, func(t *trace.Trace, c connectionRow) display.Value {
		first, _ := connSpan(c.Conn)
		return display.Duration(first - t.Capture.First)
	}},
	{display.Column{Key: "duration", Head: "Duration", Unit: display.Nanoseconds, Doc: "first to last packet"}, func(_ *trace.Trace, c connectionRow) display.Value {
		first, last := connSpan(c.Conn)
		return display.Duration(last - first)
	}},
	{display.Column{Key: "verdict", Head: "Verdict", Wide: true, Doc: "whether it stayed MPTCP, and why not"}, func(_ *trace.Trace, c connectionRow) display.Value {
		if c.verdicts == nil {
			return display.Value{}
		}
		return display.Str(c.verdicts.Of(c.index).Verdict())
	}},
}

// masterAddress is an end of the connection's first subflow, as the connection sees it.
func masterAddress(t *trace.Trace, c *conn.Conn, end stream.Dest) display.Value {
	if len(c.Subflows) == 0 {
		return display.Value{}
	}
	master := &c.Subflows[0]
	s := &t.Streams[master.Stream]
	if subflowToward(master, end) == stream.Client {
		return display.Str(s.Client.String())
	}
	return display.Str(s.Server.String())
}
