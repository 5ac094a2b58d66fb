package export

import (
	"fmt"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// AbsentError says that a capture does not have a connection or a stream that Select asks for.
type AbsentError struct {
	What string // "MPTCP connection 99"
	Hint string // what there is instead
}

func (e *AbsentError) Error() string { return "there is no " + e.What + ": " + e.Hint }

// Absent is an error for each of the connections and streams asked for that a capture does not have.
func (s *Select) Absent(d *trace.Digest) []*AbsentError {
	var absent []*AbsentError
	for _, id := range s.MPTCP {
		if hint := connectionHint(d, id); hint != "" {
			absent = append(absent, &AbsentError{What: fmt.Sprintf("MPTCP connection %d", id), Hint: hint})
		}
	}
	for _, id := range s.TCP {
		switch last := len(d.Streams) - 1; {
		case last < 0:
			absent = append(absent, &AbsentError{What: fmt.Sprintf("TCP stream %d", id), Hint: "the capture has no TCP"})
		case int64(id) > int64(last):
			absent = append(absent, &AbsentError{What: fmt.Sprintf("TCP stream %d", id), Hint: between(0, uint32(last), len(d.Streams))})
		}
	}
	return absent
}

// connectionHint says what there is in the place of a connection that is not there, nothing if it is.
func connectionHint(d *trace.Digest, id uint32) string {
	if len(d.Conns) == 0 {
		return "the capture has no MPTCP"
	}
	for i := range d.Conns {
		if d.Conns[i].ID == id {
			return ""
		}
		if slices.Contains(d.Conns[i].Aliases, id) {
			return fmt.Sprintf("Wireshark numbers packets of connection %d so", d.Conns[i].ID)
		}
	}
	return between(d.Conns[0].ID, d.Conns[len(d.Conns)-1].ID, len(d.Conns))
}

// between tells of a number of ids that ascend from the first to the last.
func between(first, last uint32, n int) string {
	switch {
	case n == 1:
		return fmt.Sprintf("the only one is %d", first)
	case int64(last)-int64(first) == int64(n)-1:
		return fmt.Sprintf("the ids are %d to %d", first, last)
	}
	return fmt.Sprintf("there are %d, between %d and %d", n, first, last)
}
