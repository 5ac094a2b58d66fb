package core

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
)

var filterCommand = Command{
	Name:    "filter",
	Summary: "write filters that pick a connection out, for tcpdump and Wireshark",
	Help: `The addresses and ports of all subflows of a connection, as a capture filter (tcpdump, libpcap, dumpcap) and as display
filters (Wireshark, tshark -Y). The last ones name ids, which are those of this capture only. With --tcp the filters are
for one TCP stream.`,
	Examples: []Example{
		{"filter 0", "filters for connection 0"},
		{"filter --tcp 3 --csv", "filters for one TCP stream, as CSV"},
	},
	Params: listing(connParam, Param{Name: "--tcp", Kind: StreamID, Value: "STREAM", Doc: "this TCP stream instead of a connection"}),
	Run: func(_ context.Context, c *Call) error {
		if !c.Has("--tcp") {
			l, connection, err := c.Conn("CONNECTION")
			if err != nil {
				return err
			}
			return c.showTable(l, analysis.ConnFilters(l.Trace, connection))
		}
		l, err := c.Loaded()
		if err != nil {
			return err
		}
		id, err := c.oneStream(l, "--tcp")
		if err != nil {
			return err
		}
		return c.showTable(l, analysis.StreamFilters(l.Trace, &l.Trace.Streams[id]))
	},
}
