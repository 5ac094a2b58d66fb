package core

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
)

var compareCommand = Command{
	Name:    "compare",
	Summary: "put two connections side by side",
	Help: `Figures of two connections, and how many times the first one the second is: size, speed, what was sent again, round trips,
stalls, the share of each subflow (paired in the order of ls, under its number there) and the scheduler. A connection is named by
its id in the current capture, or CAPTURE:ID, where CAPTURE is what captures calls it, its number, or a file; :ID is not
needed where a capture has only one. account, stalls, rtt, handshake and scheduler explain the figures.`,
	Examples: []Example{
		{"compare 0 1", "two connections of the current capture"},
		{"compare two-path-upload.client.pcapng:0 two-path-upload.server.pcapng:0 Server", "one connection, seen from both ends"},
	},
	Params: listing(
		Param{Name: "FIRST", Kind: Text, Required: true, Doc: "connection: ID, CAPTURE:ID or CAPTURE"},
		Param{Name: "SECOND", Kind: Text, Required: true, Doc: "connection to compare it with"},
		destParam, destOption),
	Run: runCompare,
}

func runCompare(ctx context.Context, c *Call) error {
	first, err := c.named(ctx, "FIRST")
	if err != nil {
		return err
	}
	second, err := c.named(ctx, "SECOND")
	if err != nil {
		return err
	}
	dest, err := c.Dest("DEST", "--dest")
	if err != nil {
		return err
	}
	a, err := analysis.Profile(ctx, first.l.Trace, first.conn)
	if err != nil {
		return err
	}
	b, err := analysis.Profile(ctx, second.l.Trace, second.conn)
	if err != nil {
		return err
	}
	whole := first.l != second.l
	source := *first.l
	if whole {
		source.Name += " and " + second.l.Name
	}
	return c.showTable(&source, analysis.Compare(a, b, first.label(whole), second.label(whole), dest, c.Has("-H")))
}

// namedConn is a connection of a capture.
type namedConn struct {
	l    *Loaded
	conn *conn.Conn
}

// label is what the connection is called beside another one, with its capture or without.
func (n *namedConn) label(whole bool) string {
	if whole {
		return fmt.Sprintf("%s:%d", n.l.Name, n.conn.ID)
	}
	return fmt.Sprintf("connection %d", n.conn.ID)
}

// named is the connection that a parameter names, of any capture: ID, CAPTURE:ID or CAPTURE.
func (c *Call) named(ctx context.Context, param string) (*namedConn, error) {
	text := c.Word(param)
	capture, id := "", text
	if !isNumber(text) {
		capture, id = text, ""
		if k := strings.LastIndexByte(text, ':'); k >= 0 && isNumber(text[k+1:]) {
			capture, id = text[:k], text[k+1:]
		}
	}
	l, err := c.captureNamed(ctx, param, capture)
	if err != nil {
		return nil, err
	}
	switch n := len(l.Trace.Conns); {
	case n == 0:
		return nil, c.Blame(param, "%s has no MPTCP connection (lt lists its TCP streams)", l.Name)
	case id == "" && n > 1:
		return nil, c.Blame(param, "which connection of %s? %s: %s:ID", l.Name, connRange(l.Trace), capture)
	case id == "":
		return &namedConn{l, &l.Trace.Conns[0]}, nil
	}
	number, err := strconv.ParseUint(id, 10, 32)
	if err != nil {
		return nil, c.Blame(param, "%q is no connection id: %s", id, connRange(l.Trace))
	}
	found := l.Trace.ConnByID(uint32(number))
	if found == nil {
		return nil, c.Blame(param, "%s has no connection %s: %s", l.Name, id, connRange(l.Trace))
	}
	return &namedConn{l, found}, nil
}
