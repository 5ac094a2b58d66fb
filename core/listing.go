package core

import "github.com/mptcpanalyzer/mptcpanalyzer/display"

// listing gives a command that answers with tables the options that all of those share, after its own parameters.
func listing(own ...Param) []Param {
	return append(own,
		Param{Name: "--csv", Kind: Flag, Doc: "write CSV: stable column names, raw numbers"},
		Param{Name: "--json", Kind: Flag, Doc: "write JSON: an object a row, 64-bit integers as strings"},
		Param{Name: "-H", Kind: Flag, Doc: "numbers scaled for people, with their unit"},
	)
}

// showTable stamps a table with where it comes from and shows it in the form asked for.
func (c *Call) showTable(l *Loaded, t *display.Table) error {
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
