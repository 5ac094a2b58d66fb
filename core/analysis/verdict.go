package analysis

import (
	"fmt"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// causeWords are the reasons of a fallback (RFC 8684 section 3.7), short for tables and as the end of a sentence.
var causeWords = map[conn.Cause][2]string{
	conn.NoCapableInSYNACK: {"no MP_CAPABLE in SYN/ACK", "the SYN/ACK carried no MP_CAPABLE (server without MPTCP, or a middlebox removed it)"},
	conn.NoCapableInACK:    {"no MPTCP in third packet", "the third packet of the handshake carried no MPTCP option (a middlebox removed it)"},
	conn.NoDSS:             {"data without DSS", "the first data carried no MPTCP option (a middlebox removed it)"},
	conn.InfiniteMapping:   {"infinite mapping", "a DSS announced an infinite mapping"},
	conn.ChecksumFailed:    {"MP_FAIL", "a DSS checksum failed and the receiver sent MP_FAIL (something changed the payload on the way)"},
	conn.Refused:           {"refused", "the SYN with MP_CAPABLE was answered by a reset"},
	conn.NoAnswer:          {"no answer", "the SYN with MP_CAPABLE was never answered in this capture"},
}

// shortVerdict says in a few words whether the connection is MPTCP.
func shortVerdict(c *conn.Conn) string {
	switch c.Fallback.Cause {
	case conn.NoFallback:
		if !c.Handshake {
			return "MPTCP, handshake not captured"
		}
		if c.Fastclose != 0 {
			return "MPTCP, aborted by fast close"
		}
		return "MPTCP"
	case conn.Refused, conn.NoAnswer:
		return causeWords[c.Fallback.Cause][0]
	}
	return "fell back: " + causeWords[c.Fallback.Cause][0]
}

// Verdict is one sentence with its evidence: MPTCP or not, since when and why. Where packets are numbered otherwise than
// the frames of the file, Wireshark's number stands beside.
func Verdict(t *trace.Trace, c *conn.Conn) string {
	because := causeWords[c.Fallback.Cause][1]
	switch c.Fallback.Cause {
	case conn.NoFallback:
		return mptcpVerdict(t, c)
	case conn.Refused, conn.NoAnswer:
		return fmt.Sprintf("Not established: %s (%s).", because, packetName(t, c.Fallback.Packet))
	}
	return fmt.Sprintf("Fell back to TCP at %s: %s.", packetName(t, c.Fallback.Packet), because)
}

// packetName writes "packet 2", or "packet 2 (frame 7 in Wireshark)" where frames that are not TCP came before.
func packetName(t *trace.Trace, packet uint32) string {
	var row trace.Row
	if packet == 0 || int(packet) > t.Len() {
		return fmt.Sprintf("packet %d", packet)
	}
	if t.Row(int(packet)-1, &row); row.Frame == packet {
		return fmt.Sprintf("packet %d", packet)
	}
	return fmt.Sprintf("packet %d (frame %d in Wireshark)", packet, row.Frame)
}

func mptcpVerdict(t *trace.Trace, c *conn.Conn) string {
	s := "MPTCP"
	if c.Version <= 1 {
		s += fmt.Sprintf(" version %d", c.Version)
	}
	s += fmt.Sprintf(" over %d subflow", len(c.Subflows))
	if len(c.Subflows) != 1 {
		s += "s"
	}
	if c.Checksum {
		s += ", with DSS checksums"
	}
	if !c.Handshake {
		s += "; the handshake was not captured, so that keys are missing and numbers are not relative"
	}
	if c.Fastclose != 0 {
		s += "; aborted by MP_FASTCLOSE at " + packetName(t, c.Fastclose)
	}
	return s + "."
}
