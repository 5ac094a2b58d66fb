// Package analysis turns a trace into answers: one analysis a file, trace in, display blocks out. It reads columns, never
// bytes, prints nothing and keeps nothing.
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
