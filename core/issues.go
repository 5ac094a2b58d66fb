package core

import (
	"context"
	"fmt"
	"strconv"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/where"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
)

var issuesCommand = Command{
	Name:    "issues",
	Aliases: []string{"expert"},
	Summary: "list everything suspicious, the gravest first",
	Help: `The expert view: faulty frames and options, forged or changed values, fallbacks and refusals with their cause, unmapped and
reinjected data, zero windows, retransmissions. Each has its packet, the section of the RFC that it rests on, what it means,
and what to do. Of each kind the first hundred are listed, and the others counted in one row; --all lists them too, and so do
--where, --csv and --json.`,
	Examples: []Example{
		{"issues", "everything suspicious in the current capture"},
		{"issues -n 5", "the five gravest"},
		{"issues 0 --where severity != 'chat'", "what is grave in connection 0"},
	},
	Params: listing(someConn, Param{Name: "-n", Kind: Text, Value: "COUNT", Doc: "how many rows; 0 is all"}, Param{Name: "--all", Kind: Flag, Doc: "list more than the first hundred of a kind"}),
	Run: func(_ context.Context, c *Call) error {
		l, err := c.Loaded()
		if err != nil {
			return err
		}
		of, whole := everyConn(l.Trace), !c.Has("CONNECTION")
		if !whole {
			var one *conn.Conn
			if l, one, err = c.Conn("CONNECTION"); err != nil {
				return err
			}
			of = []*conn.Conn{one}
		}
		most := maxAlike
		if c.Has("--all") || c.Has("--where") || c.Has("-n") || c.machine() { // a condition, a count and a program choose from all
			most = 0
		}
		list, more := analysis.Issues(l.Trace, of, whole, most)
		list, remarks, err := c.gravest(list)
		if err != nil {
			return err
		}
		if more {
			remarks = append(remarks, fmt.Sprintf("Of some kinds only the first %d are listed, and the others counted: --all lists them.", most))
		}
		return c.answer(l, remarks, list)
	},
}

// maxAlike is how many issues of one kind are listed unless told.
const maxAlike = 100

// gravest leaves as many rows as -n says, and tells how many there are.
func (c *Call) gravest(list *display.Table) (fewer *display.Table, remarks []string, err error) {
	if !c.Has("-n") {
		return list, nil, nil
	}
	n, err := strconv.Atoi(c.Word("-n"))
	if err != nil || n < 0 {
		return nil, nil, c.Misused("-n", "%q is no count of rows", c.Word("-n"))
	}
	if c.Has("--where") {
		if list, err = where.Table(c.Word("--where"), list); err != nil {
			return nil, nil, c.blameExpression("--where", err)
		}
	}
	if n > 0 && n < list.Rows {
		remarks = append(remarks, fmt.Sprintf("These are the first %s of %s rows.", display.Whole(n), display.Whole(list.Rows)))
		list.Rows = n
	}
	return list, remarks, nil
}
