package core

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// someConn is the parameter of commands that answer for one connection or, without it, for all.
var someConn = Param{Name: "CONNECTION", Kind: ConnID, Doc: "mptcp.stream; all connections without it"}

var verifyCommand = Command{
	Name:    "verify",
	Summary: "check keys, tokens, HMACs, checksums and numbers of connections",
	Help: `Compares what the packets say with what follows from the keys: echoed keys, tokens of joins, initial data sequence numbers,
the HMACs of MP_JOIN and ADD_ADDR, address ids, DSS checksums, DATA_FIN and DATA_ACK. Each is verified, failed, or cannot be
told, and then the answer says what is missing. What failed is listed with its packet, with what was expected and what was
found. Nothing is guessed: without the keys, no HMAC is called wrong.`,
	Examples: []Example{
		{"verify 0", "check connection 0"},
		{"verify", "check all connections of the current capture"},
	},
	Params: listing(someConn),
	Run: func(_ context.Context, c *Call) error {
		l, of, err := c.conns("CONNECTION")
		if err != nil {
			return err
		}
		outcome, failures, each := analysis.Verify(l.Trace, of)
		if c.machine() || c.Has("--where") {
			return c.showTable(l, each)
		}
		if err := c.showTable(l, outcome); err != nil {
			return err
		}
		return c.showTable(l, failures)
	},
}

// conns is the connection that the parameter names, or all of them.
func (c *Call) conns(name string) (*Loaded, []*conn.Conn, error) {
	l, err := c.Loaded()
	if err != nil {
		return nil, nil, err
	}
	if c.Has(name) || len(l.Trace.Conns) < 2 {
		l, one, err := c.Conn(name)
		return l, []*conn.Conn{one}, err
	}
	return l, everyConn(l.Trace), nil
}

func everyConn(t *trace.Trace) []*conn.Conn {
	all := make([]*conn.Conn, len(t.Conns))
	for i := range all {
		all[i] = &t.Conns[i]
	}
	return all
}
