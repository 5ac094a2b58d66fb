package core

import (
	"errors"
	"slices"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/where"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// packetsWhere is the option of commands that go through packets.
var packetsWhere = Param{Name: "--where", Kind: Expression, Value: "EXPR",
	Doc: "only the packets for which it is true, as in --where tcplen > 0 && dsn != nil (help where)"}

// listing gives a command that answers with tables the options that all of those share, after its own parameters. One that
// brings a --where of its own selects by it itself, and shows its table with stamped.
func listing(own ...Param) []Param {
	all := append(own[:len(own):len(own)],
		Param{Name: "--csv", Kind: Flag, Doc: "write CSV: stable column names, raw numbers"},
		Param{Name: "--json", Kind: Flag, Doc: "write JSON: an object a row, 64-bit integers as strings"},
		Param{Name: "-H", Kind: Flag, Doc: "numbers scaled for people, with their unit"},
	)
	if slices.ContainsFunc(own, func(p Param) bool { return p.Name == "--where" }) {
		return all
	}
	return append(all,
		Param{Name: "--where", Kind: Expression, Value: "EXPR", Doc: "only the rows for which it is true, as in --where packets > 9 (help where)"})
}

// showTable stamps a table with where it comes from and shows it in the form asked for.
func (c *Call) showTable(l *Loaded, t *display.Table) error {
	if c.Has("--where") {
		fewer, err := where.Table(c.Word("--where"), t)
		if err != nil {
			return c.blameExpression("--where", err)
		}
		t = fewer
	}
	return c.stamped(l, t)
}

// stamped shows a table whose rows are selected already.
func (c *Call) stamped(l *Loaded, t *display.Table) error {
	t.Command, t.Source, t.Form = c.Line, l.Name, c.form()
	return c.Show(t)
}

// machine says whether the answer goes to a machine: nothing but the table may be shown.
func (c *Call) machine() bool { return c.Has("--csv") || c.Has("--json") }

func (c *Call) form() display.Form {
	switch {
	case c.Has("--json"):
		return display.AsJSON
	case c.Has("--csv"):
		return display.AsCSV
	case c.Has("-H"):
		return display.AsPeople
	}
	return display.AsGrid
}

// verdictText shows a sentence before a table, where people read the answer.
func (c *Call) verdictText(body string) error {
	if c.machine() {
		return nil
	}
	return c.Show(&display.Text{Body: body})
}

// packetsThat is the condition on packets that --where gives, nil where it is not given.
func (c *Call) packetsThat() (*where.Predicate, error) {
	if !c.Has("--where") {
		return nil, nil
	}
	p, err := where.Compile(c.Word("--where"))
	if err != nil {
		return nil, c.blameExpression("--where", err)
	}
	return p, nil
}

// blameExpression puts an error of package where into the line: it marks the word of the expression.
func (c *Call) blameExpression(param string, err error) error {
	var wrong *where.Error
	if !errors.As(err, &wrong) {
		return err
	}
	e := c.Misused(param, "%s: %s", param, wrong.Message)
	e.Suggestion = wrong.Suggestion
	raw := c.Line[e.Start-c.start : e.End-c.start]
	if raw == c.Word(param) && strings.Contains(raw, " -") {
		e.Suggestion = param + " takes the rest of the line: write other options before it, or the expression in quotes"
	} else if raw == c.Word(param) && strings.Count(raw, " > ") > 1 {
		e.Suggestion = strings.TrimPrefix(e.Suggestion+"; to write the answer to a file, put the expression in quotes", "; ")
	}
	switch text := c.Word(param); raw {
	case text:
		e.Start, e.End = e.Start+wrong.Start, e.Start+wrong.End
	case "'" + text + "'", `"` + text + `"`:
		e.Start, e.End = e.Start+1+wrong.Start, e.Start+1+wrong.End
	}
	return e
}
