package core

import (
	"context"
	"fmt"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

var qualifyCommand = Command{
	Name:    "qualify_reinjections",
	Aliases: []string{"analyze"},
	Summary: "tell which reinjections helped, what they cost, and why they were sent",
	Help: `Judges every segment that carried data which another subflow had carried before, by what both captures show. Useful: what had
been sent of its data never arrived, or arrived later; redundant: all of it had arrived; lost itself. Earlier by is the time
gained, below zero how late it came. Data ack is how much earlier the receiver had all data up to its end, so that the
cumulative data ack could advance: a segment can be first and yet move nothing. Causes: link down (all that the original's
subflow was given was lost, and nothing came back), loss, ack lost, reordering, queue (under way for longer than an answer
usually takes), scheduler (under way or acknowledged: sent without need), retransmission (its own subflow had carried the
bytes too, so that TCP must send them: Wireshark takes it for a reinjection, the sums leave it out). Sums first, then the useful ones; --failed lists all, and so do --csv and --json.`,
	Examples: []Example{
		{"qualify_reinjections 0", "two captures being loaded"},
		{"analyze 0 Server --failed", "all towards the server"},
		{"qualify_reinjections client.pcapng 0 server.pcapng 0", "of two files"},
	},
	Params: listing(pairWords(Param{Name: "--failed", Kind: Flag, Doc: "list those too that did not help"},
		Param{Name: "--debug", Kind: Flag, Doc: "does nothing; for lines of the original"})...),
	Run: runQualify,
}

func runQualify(ctx context.Context, c *Call) error {
	p, both, err := c.pairOf(ctx, ofOne, false)
	if err != nil {
		return err
	}
	if p.Conn == nil {
		return c.Misused("PROTOCOL", "a TCP stream has no reinjections: name a connection")
	}
	q, err := analysis.NewQualities(ctx, p)
	if err != nil {
		return err
	}
	if c.machine() {
		return c.showTable(both, q.List(true))
	}
	if err := c.pairIntroduction(p); err != nil {
		return err
	}
	if err := c.stamped(both, q.Sums()); err != nil {
		return err
	}
	useful, all, again := q.Useful()
	if all+again == 0 {
		return nil
	}
	if err := c.showTable(both, q.List(c.Has("--failed"))); err != nil {
		return err
	}
	var more []string
	if useful < all && !c.Has("--failed") {
		more = append(more, fmt.Sprintf("%d of %s helped: --failed lists the others.", useful, display.Count(all, "reinjection")))
	}
	if again > 0 {
		more = append(more, fmt.Sprintf("%s, whose bytes another subflow had carried in between, are not counted here: --failed, --csv and --json list them.",
			display.Count(again, "retransmission")))
	}
	return c.notes(append(more, clockNotes(p)...))
}

var summaryExtendedCommand = Command{
	Name:    "summary_extended",
	Summary: "tell what each subflow sent, and what of it was the first to arrive",
	Help: `For each direction, the connection and its subflows: payload sent (throughput), payload that arrived, and data that the
subflow was the first to bring (goodput), each byte of the connection counted once. So goodput leaves out what was lost, and
what another subflow or an earlier transmission had brought.`,
	Examples: []Example{
		{"summary_extended 0", "two captures being loaded"},
		{"summary_extended client.pcapng 0 server.pcapng 0 --dest Server", "of two files, towards the server"},
	},
	Params: listing(pairWords()...),
	Run: func(ctx context.Context, c *Call) error {
		p, both, err := c.pairOf(ctx, ofOne, false)
		if err != nil {
			return err
		}
		if p.Conn == nil {
			return c.Misused("PROTOCOL", "this sums up the subflows of a connection: name a connection")
		}
		if err := c.pairIntroduction(p); err != nil {
			return err
		}
		list, err := analysis.GoodputTable(ctx, p)
		if err != nil {
			return err
		}
		return c.showTable(both, list)
	},
}
