package plugin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
)

// protocol is the version that is spoken.
const protocol = 1

// description is what a plugin says of itself.
type description struct {
	Protocol   int         `json:"protocol"`
	Kind       string      `json:"kind"`
	Summary    string      `json:"summary"`
	Help       string      `json:"help"`
	Rows       string      `json:"rows"`
	Columns    []string    `json:"columns"`
	Parameters []parameter `json:"parameters"`
	Examples   []struct {
		Line string `json:"line"`
		What string `json:"what"`
	} `json:"examples"`
}

type parameter struct {
	Name     string   `json:"name"`
	Kind     string   `json:"kind"`
	Doc      string   `json:"doc"`
	Value    string   `json:"value"`
	Choices  []string `json:"choices"`
	Required bool     `json:"required"`
	Repeat   bool     `json:"repeat"`
}

// kinds are what a parameter can be.
func kinds() map[string]core.Kind {
	return map[string]core.Kind{"": core.Text, "text": core.Text, "flag": core.Flag, "path": core.Path, "connection": core.ConnID,
		"stream": core.StreamID, "dest": core.Dest, "field": core.Field, "choice": core.Choice}
}

// decode reads one JSON object; a key that is not known is a mistake that its author wants to hear of.
func decode(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		if err == io.EOF {
			return fmt.Errorf("nothing was written")
		}
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("something follows the object")
	}
	return nil
}

// check says what is wrong with a description.
func (d *description) check() error {
	switch {
	case d.Protocol != protocol:
		return fmt.Errorf("it speaks protocol %d, and %d is spoken here", d.Protocol, protocol)
	case d.Kind != "command" && d.Kind != "plot":
		return fmt.Errorf("kind is %q: command or plot is wanted", d.Kind)
	case d.Summary == "" || strings.ContainsAny(d.Summary, "\n") || strings.HasSuffix(d.Summary, "."):
		return fmt.Errorf("summary is %q: one line without a full stop is wanted", d.Summary)
	case !slices.Contains([]string{"", "none", "csv", "arrow"}, d.Rows):
		return fmt.Errorf("rows is %q: csv, arrow or none is wanted", d.Rows)
	}
	for _, name := range d.Columns {
		if !slices.Contains(core.PacketColumns(), name) {
			return fmt.Errorf("there is no column %q", name)
		}
	}
	return core.Validate([]*core.Command{d.command("name", "", nil)})
}

// command makes a command of a description.
func (d *description) command(name, program string, limit func() time.Duration) *core.Command {
	p := &plugin{description: d, name: name, program: program, limit: limit}
	c := &core.Command{Name: name, Summary: d.Summary, Help: strings.TrimSpace(d.Help), Origin: program, Draws: d.Kind == "plot", Run: p.run}
	if c.Help == "" {
		c.Help = "A plugin, which says no more of itself."
	}
	known := kinds()
	for _, param := range d.Parameters {
		kind, ok := known[param.Kind]
		doc := param.Doc
		if !ok || !validName(param.Name) {
			doc = "" // which check refuses
		}
		c.Params = append(c.Params, core.Param{Name: param.Name, Kind: kind, Doc: doc, Value: param.Value, Choices: param.Choices,
			Required: param.Required, Repeat: param.Repeat})
	}
	if d.gets() {
		c.Params = add(c.Params, core.PacketsWhere())
	}
	for _, shared := range core.ListingParams() {
		if shared.Name != "--where" {
			c.Params = add(c.Params, shared)
		}
	}
	if c.Draws {
		c.Params = add(c.Params, core.Param{Name: "--title", Kind: core.Text, Value: "TEXT", Doc: "another title; none is no title"})
		c.Params = add(c.Params, core.Param{Name: "--out", Short: "-o", Kind: core.Path, Value: "FILE", Doc: "write the chart to a file: .png, .svg, .pdf, .html, .csv"})
		c.Params = add(c.Params, core.Param{Name: "--display", Kind: core.Choice, Choices: []string{"term", "gui", "no"}, Doc: "where the chart is shown"})
	}
	for _, e := range d.Examples {
		c.Examples = append(c.Examples, core.Example{Line: e.Line, What: e.What})
	}
	return c
}

// gets says whether the plugin gets rows.
func (d *description) gets() bool { return d.Rows == "csv" || d.Rows == "arrow" }

func validName(name string) bool {
	return strings.Trim(name, "-") != "" && !strings.ContainsAny(name, " \t\n=;#'\"") && !core.Numeral(name)
}

// add appends a parameter, unless the plugin has one of that name itself.
func add(params []core.Param, p core.Param) []core.Param {
	for i := range params {
		if params[i].Name == p.Name {
			return params
		}
	}
	return append(params, p)
}
