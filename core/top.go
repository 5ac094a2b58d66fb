package core

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
)

var topCommand = Command{
	Name:    "top",
	Aliases: []string{"rank"},
	Summary: "rank the connections of a capture",
	Help: `What became of all connections in a sentence: how many stayed MPTCP, how many did not and why. Then the first of them, in
the order asked for: bytes (data, each byte once), stalls (time in which the receivers held data as a byte before it was
missing), overhead (share of the IP bytes that is no unique data), fallback (those that are plain TCP), reinjected,
retransmitted, duration, rate, subflows.`,
	Examples: []Example{
		{"top", "the connections with most data"},
		{"top --by stalls -n 5", "the five whose receivers waited longest"},
		{"top --by fallback --all --csv", "all of them, plain TCP first"},
	},
	Params: listing(
		Param{Name: "--by", Kind: Choice, Choices: rankNames(), Value: "ORDER", Doc: "what to rank by; bytes if it is not said"},
		Param{Name: "--first", Short: "-n", Kind: Text, Value: "N", Doc: "how many to show; 0 is all; 20 if it is not said"},
		Param{Name: "--all", Kind: Flag, Doc: "show all"}),
	Run: runTop,
}

// rankNames are the orders by name.
func rankNames() (names []string) {
	for _, o := range analysis.RankOrders() {
		names = append(names, o.Name)
	}
	return names
}

func runTop(ctx context.Context, c *Call) error {
	l, err := c.Loaded()
	if err != nil {
		return err
	}
	by, first := "bytes", 20
	if c.Has("--by") {
		if by = c.Word("--by"); !slices.Contains(rankNames(), by) {
			e := c.Misused("--by", "%q is no order of connections (%s)", by, strings.Join(rankNames(), ", "))
			if n := nearest(by, rankNames()); n != "" {
				e.Suggestion = fmt.Sprintf("did you mean %s?", n)
			}
			return e
		}
	}
	if c.Has("--first") {
		if first, err = strconv.Atoi(c.Word("--first")); err != nil || first < 0 {
			return c.Misused("--first", "%q is no number of connections", c.Word("--first"))
		}
	}
	if c.Has("--all") {
		first = 0
	}
	list, err := analysis.Rank(ctx, l.Trace, by, first)
	if err != nil {
		return err
	}
	if len(list) > 0 {
		if err := c.verdictText(analysis.RankTotals(list)); err != nil {
			return err
		}
	}
	return c.showTable(l, analysis.RankTable(l.Trace, list, by, first))
}
