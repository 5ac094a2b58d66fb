package core

import (
	"context"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
)

var schedulerCommand = Command{
	Name:    "scheduler",
	Aliases: []string{"sched"},
	Summary: "tell how the sender spread its data over the subflows, and guess its scheduler",
	Help: `A choice is a segment with data that no packet had carried before; runs are choices on one subflow whose data follows each
other. The table gives each subflow's share, its runs, and its round trip and bytes in flight when it was chosen.
The guess compares the choices with what schedulers do. minRTT: a slower subflow only while the faster are full (nearly as
much is in flight as lately at most). Round-robin: runs of one length, equal shares. Redundant: everything over a second
subflow within a round trip. Backup: regular subflows while there are any. Weighted: data is bound to its subflow before it
can be sent, so that later data goes out elsewhere first, or a slower subflow is taken while a faster has room, as Linux's
own scheduler does; or, with nothing in flight anywhere, the first subflow is taken though another is faster. The confidence
is how well the best kind fits times how badly the next one does, halved where the capture was not made at the sender.`,
	Examples: []Example{
		{"scheduler 0", "both directions of connection 0"},
		{"scheduler 0 Server --choices", "every choice, with what there was to choose from"},
	},
	Params: listing(connParam, destParam, destOption,
		Param{Name: "--choices", Kind: Flag, Doc: "list the choices"}),
	Run: runScheduler,
}

func runScheduler(ctx context.Context, c *Call) error {
	l, connection, dest, err := c.subject()
	if err != nil {
		return err
	}
	var list []*analysis.Schedule
	for _, d := range analysis.ConnDirections(dest) {
		s, err := analysis.NewSchedule(ctx, l.Trace, connection, d)
		if err != nil {
			return err
		}
		list = append(list, s)
	}
	if c.Has("--choices") {
		return c.showTable(l, analysis.ChoiceTable(l.Trace, connection, list))
	}
	for _, s := range list {
		if s.Bytes > 0 {
			if err := c.verdictText(s.Verdict()); err != nil {
				return err
			}
		}
	}
	return c.showTable(l, analysis.ScheduleTable(l.Trace, connection, list))
}
