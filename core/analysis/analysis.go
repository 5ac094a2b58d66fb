// Package analysis turns a trace into answers: one analysis a file, trace in, display blocks out. It reads columns, never
// bytes, prints nothing and keeps nothing. What the capture does not tell is a remark in the answer or a missing cell, never an
// error: errors are a context that has ended, and frames that cannot be read again.
//
//	list := analysis.Connections(t)                       // a table of the capture
//	trips, err := analysis.NewTrips(ctx, t, &t.Conns[0])  // what takes all packets of a connection can be cancelled
//	chart, err := analysis.RoundTrips(ctx, &analysis.Scope{Trace: t, Conn: &t.Conns[0], Window: analysis.Always()}, "Round trips")
//
// # Reading order
//
//   - table.go: how tables are made: columns as literals. scope.go: what a chart draws of a capture, in lanes. quantile.go,
//     spans.go: figures and ranges of bytes that several analyses need.
//   - Lists: connections.go, subflows.go, streams.go, endpoints.go, interfaces.go, summary.go, stream_summary.go, rank.go,
//     reinjections.go, filters.go. One packet: packet.go, packet_option.go.
//   - Verdicts: life.go, control.go and announcement.go gather what packets tell of a connection; diagnose.go and the files beside it
//     conclude, with the texts of diagnosis.go; verdict.go, explain.go, issues.go, advice.go tell. rebound.go, sweep.go: with the rest
//     of the capture, and for all connections in one pass. silence.go, standstill.go: subflows that pass nothing, for good or for a while.
//   - Checks: verify.go and the files beside it. counters.go: the kernel's counters. addresses.go, handover.go: path managers.
//   - Every byte: account.go, bytestream.go (follow), resent.go. Waiting: progress.go follows a direction, reorder.go a receiver's
//     queue; stall.go, pace.go, limits.go say what held data up. sched.go, guess.go: the scheduler. trip.go, turn.go: round trips.
//   - Two captures: pair.go, then owd.go, clock.go, unmapped.go, qualify.go, goodput.go.
//   - Charts: attribute.go, sequence.go, mapping.go, rate.go, flight.go, arrival.go, trip_chart.go, queue_chart.go, timeline.go;
//     shape.go makes distributions of any. manager.go, simulator.go: of files that are no captures.
package analysis

import (
	"fmt"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// streamSpan is the time of the first and the last packet of a TCP stream.
func streamSpan(toward *[3]stream.Direction) (first, last int64) {
	return span(toward, func(d *stream.Direction) (bool, int64, int64) { return d.Packets > 0, d.First, d.Last })
}

// connSpan is the time of a connection's first and last packet.
func connSpan(c *conn.Conn) (first, last int64) {
	return span(&c.Toward, func(d *conn.Direction) (bool, int64, int64) { return d.Packets > 0, d.First, d.Last })
}

// span is the first and the last time of those directions that have any, 0 where none has.
func span[D any](toward *[3]D, times func(*D) (any bool, first, last int64)) (first, last int64) {
	found := false
	for i := range toward {
		any, from, to := times(&toward[i])
		switch {
		case !any:
			continue
		case !found:
			found, first, last = true, from, to
		}
		first, last = min(first, from), max(last, to)
	}
	return first, last
}

// subflowToward is the direction of a subflow's stream that travels to that end of the MPTCP connection.
func subflowToward(s *conn.Subflow, d stream.Dest) stream.Dest {
	if s.Dest == stream.Client {
		return d.Other()
	}
	return d
}

// ConnDirections are the directions to answer for: the one asked, or both.
func ConnDirections(d stream.Dest) []stream.Dest {
	if d == stream.DestUnknown {
		return []stream.Dest{stream.Server, stream.Client}
	}
	return []stream.Dest{d}
}

// endpoints writes "10.0.1.1:48990 → 10.0.1.2:5001".
func endpoints(s *stream.Stream) string { return fmt.Sprintf("%s → %s", s.Client, s.Server) }
