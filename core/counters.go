package core

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

var countersCommand = Command{
	Name:    "counters",
	Aliases: []string{"nstat"},
	Summary: "compute the kernel's MPTcpExt counters from the packets",
	Help: `All counters that nstat shows as MPTcpExt, with what the capture tells of them, for both ends. What the kernel counts by the
packet is equal to its own counter, in a capture made at that end; a capture made elsewhere misses what was lost or changed
in between. Out-of-order and duplicate figures are related ones: the kernel counts buffers, which it merges, not segments.
The rest never leaves the host: it has no value here.`,
	Examples: []Example{
		{"counters", "the counters of all connections, both ends"},
		{"counters 0 --side server", "those of the server of connection 0"},
	},
	Params: listing(someConn,
		Param{Name: "--side", Kind: Choice, Value: "SIDE", Choices: []string{"client", "server"}, Doc: "only this end's: client or server"}),
	Run: func(_ context.Context, c *Call) error {
		l, of, err := c.conns("CONNECTION")
		if err != nil {
			return err
		}
		side := stream.DestUnknown
		switch c.Word("--side") {
		case "":
		case "client":
			side = stream.Client
		case "server":
			side = stream.Server
		default:
			return c.Misused("--side", "%q is no side (client, server)", c.Word("--side"))
		}
		if err := c.showTable(l, analysis.Counters(l.Trace, of, side)); err != nil || c.machine() {
			return err
		}
		return c.Show(&display.Note{Body: "the kernel's own: nstat -az 'MPTcpExt*' at that end, in the same network namespace"})
	},
}
