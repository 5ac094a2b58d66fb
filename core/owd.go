package core

import (
	"context"
	"fmt"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

var owdCommand = Command{
	Name:    "owd",
	Aliases: []string{"print_owds"},
	Summary: "measure one-way delays between two captures, losses and reordering",
	Help: `Brings two captures of a connection together packet by packet, and tells for each direction and subflow how long packets
were under way, how many the path lost, delivered out of order or twice, and how much of the delay is queue. Packets are
told by what they carry, whatever a NAT or segmentation offload made of them. Clocks are compared and corrected, and the
answer says so (clock tells more). With --csv or --json it lists every packet that both captures have: numbers and times as
captured, delay in seconds. Where two captures are loaded, the number is that of the current one.`,
	Examples: []Example{
		{"owd 0", "both directions of connection 0, two captures being loaded"},
		{"owd 0 Server --with server.pcapng", "against a capture by its name, towards the server"},
		{"owd tcp client.pcapng 0 server.pcapng 0 --no-clock", "a TCP stream of two files, times as captured"},
	},
	Params: listing(pairWords()...),
	Run:    runOWD,
}

// mostNegative is how many packets with negative delays are listed to people.
const mostNegative = 20

func runOWD(ctx context.Context, c *Call) error {
	p, both, err := c.pairOf(ctx, ofOne, false)
	if err != nil {
		return err
	}
	if c.machine() {
		return c.showTable(both, analysis.DelayList(p))
	}
	if err := c.pairIntroduction(p); err != nil {
		return err
	}
	sums, err := analysis.DelayTable(ctx, p)
	if err != nil {
		return err
	}
	if err := c.showTable(both, sums); err != nil {
		return err
	}
	list, count := analysis.NegativeDelays(p, mostNegative)
	if count > 0 {
		if err := c.stamped(both, list); err != nil {
			return err
		}
	}
	return c.notes(append(negativeNotes(p, count), clockNotes(p)...))
}

// negativeNotes say how many delays are negative, and what that means.
func negativeNotes(p *analysis.Pair, n int) []string {
	if n == 0 {
		return nil
	}
	s := display.Count(n, "negative delay")
	if n > mostNegative {
		s += fmt.Sprintf(", of which the first %d are listed", mostNegative)
	}
	if p.ClockWords() == "" {
		return []string{s + ": the clocks differ."}
	}
	return []string{s + ": the clocks are not what the correction takes them for."}
}

func clockNotes(p *analysis.Pair) []string {
	if w := p.ClockWords(); w != "" {
		return []string{w}
	}
	return []string{"Delays are as captured: the clocks were not compared."}
}

var clockCommand = Command{
	Name:    "clock",
	Summary: "compare the clocks of two captures",
	Help: `A packet to the server shows the clocks' offset plus its delay, one to the client the offset less its delay. As no delay is
negative, all packets of all subflows together bound the offset: at least, at most. How the round trip is parted between
the two ways cannot be observed, so ahead is the middle of what is certain; it is right if the shortest delays there and back
are equal. The drift is the slope along which the least delays of both directions lie. Jumps of a clock shift both directions
at once, and times against the timestamps in the packets. The offset holds at the first frame of the client's capture. --json
writes one object: offset_ns, offset_low_ns, offset_high_ns, drift_ppm, method, steps.`,
	Examples: []Example{{"clock", "two captures being loaded"}, {"clock --json", "as one JSON object"}},
	Params:   listing(append([]Param{firstFileParam, connParam, otherFileParam, otherConnParam, withParam}, clockParams[:2]...)...),
	Run:      runClock,
}

func runClock(ctx context.Context, c *Call) error {
	p, both, err := c.pairOf(ctx, ofAny, false)
	if err != nil {
		return err
	}
	if c.Has("--json") {
		out, err := analysis.ClockJSON(p)
		if err != nil {
			return err
		}
		return c.Show(&display.Text{Body: out})
	}
	if err := c.pairIntroduction(p); err != nil {
		return err
	}
	if err := c.showTable(both, analysis.ClockTable(p)); err != nil || c.machine() {
		return err
	}
	if len(p.Clock.Steps) > 0 {
		if err := c.stamped(both, analysis.StepTable(p)); err != nil {
			return err
		}
	}
	return c.notes([]string{"Ahead is the middle of what is certain: right if the shortest delays there and back are equal, which nobody can observe."})
}
