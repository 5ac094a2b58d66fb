package core

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
)

var rttCommand = Command{
	Name:    "rtt",
	Aliases: []string{"round_trips"},
	Summary: "measure the round trips of each subflow",
	Help: `Three measures, for each direction and subflow. Segment → ack: from a segment to the first ack that covers it; segments
of which a byte was sent twice do not count (Karn's rule). Timestamp: from a segment to the ack that echoes its timestamp.
Data → data ack: from a segment to the first data ack on any subflow that covers its data; data sent twice, on whichever
subflow, does not count. A percentage is what so many of the measurements do not exceed. A capture made where the data
arrives measures the answer only, and a note says so.`,
	Examples: []Example{{"rtt 0", "both directions of connection 0"}, {"rtt 0 Server", "of what travels to the server"}},
	Params:   listing(connParam, destParam, destOption),
	Run: func(ctx context.Context, c *Call) error {
		l, connection, dest, err := c.subject()
		if err != nil {
			return err
		}
		trips, err := analysis.NewTrips(ctx, l.Trace, connection)
		if err != nil {
			return err
		}
		return c.answer(l, trips.Notes(l.Trace, dest), trips.Table(l.Trace, dest))
	},
}

var handshakeCommand = Command{
	Name:    "handshake",
	Aliases: []string{"setup"},
	Summary: "tell how each subflow came up and how long it took",
	Help: `One row a subflow, the initial one first: when its SYN was sent and how often, how long the answer, the ACK and the packet
that confirms it took, when the first data came, how long after the connection's own handshake a join began, and how long
after the announcement of its address (ADD_ADDR). Waited is the time lost with SYNs that got no answer.`,
	Examples: []Example{{"handshake 0", "the subflows of connection 0"}},
	Params:   listing(connParam),
	Run: func(_ context.Context, c *Call) error {
		l, connection, err := c.Conn("CONNECTION")
		if err != nil {
			return err
		}
		return c.answer(l, analysis.OpeningNotes(l.Trace, connection), analysis.OpeningTable(l.Trace, connection))
	},
}
