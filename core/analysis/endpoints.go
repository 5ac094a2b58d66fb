package analysis

import (
	"fmt"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// endpoint is an end of a connection, as a row.
type endpoint struct {
	dest stream.Dest
	*conn.Endpoint
}

// Endpoints tells what either end of a connection told of itself: version, key and what follows from it (RFC 8684 section
// 3.1, RFC 6824 for version 0).
func Endpoints(t *trace.Trace, c *conn.Conn) *display.Table {
	rows := []endpoint{{stream.Client, &c.Client}, {stream.Server, &c.Server}}
	list := table(t, endpointFields, len(rows), func(row int) endpoint { return rows[row] })
	list.Name, list.Title = "endpoints", fmt.Sprintf("Ends of connection %d", c.ID)
	return list
}

var endpointFields = []field[endpoint]{
	{display.Column{Key: "end", Head: "End", Doc: "Client sent the MP_CAPABLE SYN"}, func(_ *trace.Trace, e endpoint) display.Value {
		return display.Str(e.dest.String())
	}},
	{id("mptcpversion", "Version", "in its MP_CAPABLE"), func(_ *trace.Trace, e endpoint) display.Value {
		if e.Version < 0 {
			return display.Value{}
		}
		return display.Uint(uint64(e.Version))
	}},
	{display.Column{Key: "key", Head: "Key", Exact: true, Big: true, Doc: "as Wireshark writes it, decimal"}, func(_ *trace.Trace, e endpoint) display.Value {
		if !e.HasKey {
			return display.Value{}
		}
		return display.Uint(uint64(e.Key))
	}},
	{display.Column{Key: "token", Head: "Token", Exact: true, Doc: "the key's hash, its first 32 bits; what joins name"}, func(_ *trace.Trace, e endpoint) display.Value {
		if !e.HasToken {
			return display.Value{}
		}
		return display.Uint(uint64(e.Token))
	}},
	{display.Column{Key: "idsn", Head: "First DSN", Exact: true, Big: true, Doc: "initial data sequence number: the key's hash, its last 64 bits"}, func(_ *trace.Trace, e endpoint) display.Value {
		if !e.HasKey {
			return display.Value{}
		}
		return display.Uint(e.IDSN)
	}},
	{display.Column{Key: "key_from", Head: "Key seen in", Doc: "the packet that told the key"}, func(_ *trace.Trace, e endpoint) display.Value {
		return display.Str([...]string{"not captured", "MP_FASTCLOSE", "the handshake", "MP_CAPABLE with data", "the third packet"}[min(int(e.Source), 4)])
	}},
}

// SubflowsInFull lists the subflows of a connection with what Subflows leaves out: the interface they were captured on,
// and what their joins prove.
func SubflowsInFull(t *trace.Trace, c *conn.Conn) *display.Table {
	fields := append(subflowFields[:len(subflowFields):len(subflowFields)],
		field[subflow]{display.Column{Key: "interface", Head: "Interface", Doc: "that the first packet was captured on"}, func(t *trace.Trace, s subflow) display.Value {
			if int(s.stream.Interface) >= len(t.Interfaces) || t.Interfaces[s.stream.Interface].Name == "" {
				return display.Value{}
			}
			return display.Str(t.Interfaces[s.stream.Interface].Name)
		}},
		field[subflow]{display.Column{Key: "token", Head: "Token", Exact: true, Doc: "in its MP_JOIN SYN"}, func(_ *trace.Trace, s subflow) display.Value {
			if !s.part.HasToken {
				return display.Value{}
			}
			return display.Uint(uint64(s.part.Token))
		}},
		field[subflow]{display.Column{Key: "synack_hmac", Head: "SYN/ACK's HMAC", Doc: "of MP_JOIN (RFC 8684 section 3.2)"}, func(_ *trace.Trace, s subflow) display.Value {
			return hmacVerdict(s, s.part.SYNACKHMAC, s.part.SYNACKWhy)
		}},
		field[subflow]{display.Column{Key: "ack_hmac", Head: "ACK's HMAC", Doc: "of MP_JOIN (RFC 8684 section 3.2)"}, func(_ *trace.Trace, s subflow) display.Value {
			return hmacVerdict(s, s.part.ACKHMAC, s.part.ACKWhy)
		}},
	)
	list := Subflows(t, c)
	full := table(t, fields, len(c.Subflows), subflowRow(t, c))
	full.Name, full.Title, full.Empty = list.Name, list.Title, list.Empty
	return full
}

func hmacVerdict(s subflow, v conn.Verdict, why conn.Reason) display.Value {
	if s.part.Master {
		return display.Value{}
	}
	return display.Str(verdictWords(v, why))
}
