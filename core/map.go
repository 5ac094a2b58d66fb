package core

import (
	"context"
	"strconv"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/match"
)

// rankParams are the options of commands that rank candidates.
var rankParams = []Param{
	{Name: "--limit", Kind: Text, Value: "N", Doc: "list so many, 10 if nothing is said"},
	{Name: "--trim", Kind: Text, Value: "SCORE", Doc: "only those with at least this score"},
	{Name: "--verbose", Short: "-v", Kind: Flag, Doc: "reasons are always given; for lines of the original"},
	withParam,
}

var mapTCPCommand = Command{
	Name:    "map_tcp",
	Aliases: []string{"map_tcp_connection"},
	Summary: "find a TCP stream of one capture in another",
	Help: `Ranks the TCP streams of another capture by what they have in common with one of this: 10 points for each equal address and
port, 100 for each equal initial sequence number, and as many against for different ones; where a handshake was not captured,
points for sequence numbers and timestamps that overlap; points for keys, tokens and address ids of subflows. So a stream
is found behind a NAT, and another one that uses the same ports again is not taken for it.`,
	Examples: []Example{
		{"map_tcp 0", "stream 0 of the current capture in the other one loaded"},
		{"map_tcp client.pcapng server.pcapng 0", "in the original's order"},
	},
	Params: listing(append([]Param{firstFileParam, otherFileParam, streamParam}, rankParams...)...),
	Run: func(ctx context.Context, c *Call) error {
		first, other, err := c.twoCaptures(ctx)
		if err != nil {
			return err
		}
		id, err := c.oneStream(first, "STREAM")
		if err != nil {
			return err
		}
		trim, limit, err := c.rank()
		if err != nil {
			return err
		}
		list := analysis.StreamCandidates(first.Trace, other.Trace, id, trim, limit)
		return c.showTable(other, list)
	},
}

var mapMPTCPCommand = Command{
	Name:    "map_mptcp",
	Aliases: []string{"map_mptcp_connection"},
	Summary: "find an MPTCP connection of one capture in another",
	Help: `Ranks the MPTCP connections of another capture: 200 points for both keys, 100 for one key or a token, 10 for each subflow
that is there too, 5 against for another number of subflows. Then the subflows of the connection with those of the other
capture.`,
	Examples: []Example{
		{"map_mptcp 0", "connection 0 of the current capture in the other one loaded"},
		{"map_mptcp client.pcapng server.pcapng 0 --limit 2", "in the original's order"},
	},
	Params: listing(append([]Param{firstFileParam, otherFileParam, connParam}, rankParams...)...),
	Run:    runMapMPTCP,
}

func runMapMPTCP(ctx context.Context, c *Call) error {
	first, other, err := c.twoCaptures(ctx)
	if err != nil {
		return err
	}
	connection, err := c.connectionOf(first, "CONNECTION")
	if err != nil {
		return err
	}
	trim, limit, err := c.rank()
	if err != nil {
		return err
	}
	if err := c.showTable(other, analysis.ConnCandidates(first.Trace, other.Trace, connection, trim, limit)); err != nil || c.machine() {
		return err
	}
	made, err := c.Session.paired(ctx, first, other)
	if err != nil {
		return err
	}
	p := &analysis.Pair{Pairing: made, Names: [2]string{first.Name, other.Name}, Conn: made.ConnOf(match.A, connection.ID)}
	if p.Conn == nil {
		return c.Note("%s has no connection that could be this one", other.Name)
	}
	return c.stamped(other, analysis.SubflowPairs(p))
}

// rank reads the options of a ranking.
func (c *Call) rank() (trim, limit int, err error) {
	trim, limit = -1<<31, 10
	for _, o := range []struct {
		name  string
		to    *int
		least int
	}{{"--trim", &trim, trim}, {"--limit", &limit, 1}} {
		if !c.Has(o.name) {
			continue
		}
		if *o.to, err = strconv.Atoi(c.Word(o.name)); err != nil || *o.to < o.least {
			return 0, 0, c.Misused(o.name, "%q is no number for %s", c.Word(o.name), o.name)
		}
	}
	return trim, limit, nil
}

var unmappedCommand = Command{
	Name:    "unmapped",
	Aliases: []string{"list_unmapped"},
	Summary: "list the packets that only one of two captures has, and why",
	Help: `Packets of streams that both captures have, without a partner in the other capture: lost on the path; acknowledged by the
receiver, so that its capture missed them; received, so that the sender's capture missed them; outside the other capture's
time; resets that the sender's capture does not have. Where one segment of the sender's capture is many on the path, a part of
it may be without partner. A packet without payload that is missing in a capture with other holes may have been lost or missed:
nothing tells. Then the streams that one capture has only.`,
	Examples: []Example{{"unmapped", "all streams of two captures"}, {"unmapped 0 Server", "of connection 0, what travels to the server"}},
	Params:   listing(pairWords()...),
	Run:      runUnmapped,
}

func runUnmapped(ctx context.Context, c *Call) error {
	p, both, err := c.pairOf(ctx, ofAny, false)
	if err != nil {
		return err
	}
	if err := c.pairIntroduction(p); err != nil {
		return err
	}
	if err := c.showTable(both, analysis.Unmapped(p)); err != nil || c.machine() {
		return err
	}
	if singles := analysis.SingleStreams(p); singles.Rows > 0 && p.Conn == nil && p.Stream == nil {
		if err := c.stamped(both, singles); err != nil {
			return err
		}
	}
	return c.notes(analysis.UnmappedWords(p))
}
