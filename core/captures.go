package core

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// heldParam is a capture of the session.
var heldParam = Param{Name: "CAPTURE", Kind: Held, Doc: "its name or number, as captures lists them, or its file"}

var capturesCommand = Command{
	Name:    "captures",
	Aliases: []string{"list_captures"},
	Summary: "list the captures that are loaded",
	Help: `One row a capture, numbered in the order of loading. Commands answer from the current one, marked in the table; load makes
a new one current, use another one. A capture is called as its file is, or as load --as says. A file that is loaded again
keeps its name and number.`,
	Examples: []Example{
		{"captures", "list them"},
		{"load --as before monday.pcapng", "add one, called before"},
		{"use 1", "make the first one the current one, by its number; names and files do too"},
	},
	Params: listing(),
	Run: func(_ context.Context, c *Call) error {
		return c.showTable(&Loaded{}, captureTable(c.Session.Captures(), c.current))
	},
}

var useCommand = Command{
	Name:     "use",
	Summary:  "make a loaded capture the current one",
	Help:     `What follows is answered from this capture. A capture is named as captures lists it, by its number, or by its file.`,
	Examples: []Example{{"use 1", "go back to the capture loaded first"}},
	Params:   []Param{{Name: "CAPTURE", Kind: Held, Required: true, Doc: heldParam.Doc}},
	Run: func(_ context.Context, c *Call) error {
		l, err := c.Capture("CAPTURE")
		if err != nil {
			return err
		}
		c.Session.use(l)
		return c.Show(&display.Text{Body: loadedSentence(l)})
	},
}

// Capture is the loaded capture that the parameter names, the current one when it names none.
func (c *Call) Capture(param string) (*Loaded, error) {
	name := c.Word(param)
	if name == "" {
		return c.Loaded()
	}
	if l := c.Session.Capture(name); l != nil {
		return l, nil
	}
	held := c.Session.Captures()
	if len(held) == 0 {
		return c.Loaded()
	}
	var names []string
	for _, l := range held {
		names = append(names, l.Name)
	}
	e := c.Blame(param, "no capture is called %q (loaded: %s)", name, strings.Join(names, ", "))
	if n := nearest(name, names); n != "" {
		e.Suggestion = fmt.Sprintf("did you mean %s?", n)
	} else if isNumber(name) && len(held) == 1 {
		e.Suggestion = fmt.Sprintf("its number is %d", held[0].Number)
	} else if isNumber(name) {
		e.Suggestion = fmt.Sprintf("the numbers are %d to %d", held[0].Number, held[len(held)-1].Number)
	} else {
		e.Suggestion = "load it first: load " + Quote(name)
	}
	return nil, e
}

// CaptureOrFile is the loaded capture that the parameter names; a file that is not loaded is read now, and kept. The
// current capture stays the current one.
func (c *Call) CaptureOrFile(ctx context.Context, param string) (*Loaded, error) {
	if name := c.Word(param); c.Session.Capture(name) == nil && isNumber(name) {
		return c.Capture(param)
	}
	return c.captureNamed(ctx, param, c.Word(param))
}

// captureNamed is CaptureOrFile for a name that is only a part of the parameter's word; the current capture for none.
func (c *Call) captureNamed(ctx context.Context, param, name string) (*Loaded, error) {
	if name == "" {
		return c.Loaded()
	}
	if l := c.Session.Capture(name); l != nil {
		return l, nil
	}
	l, err := c.read(ctx, param, []string{name})
	if err != nil {
		return nil, err
	}
	if c.current != nil {
		c.Session.keepBeside(l)
		return l, nil
	}
	c.Session.keep(l, "")
	c.current = l
	return l, nil
}

// reopen opens the files of a capture again, from their beginnings, for trace.Walk. closeAll is to be called in any case.
func (c *Call) reopen(ctx context.Context, l *Loaded) (readers []io.Reader, closeAll func(), err error) {
	if slices.Contains(l.Files, "-") {
		return nil, func() {}, c.Fail("%s cannot be read again, which this needs: save it to a file first", l.Name)
	}
	readers, _, closeAll, err = c.open(ctx, "", l.Files)
	return readers, closeAll, err
}

// frames walks the frames of a capture again, beside its trace; visit says whether to go on. Payload and whole options are
// only there: a trace does not hold them.
func (c *Call) frames(ctx context.Context, l *Loaded, visit func(f *trace.Frame) (bool, error)) error {
	readers, closeAll, err := c.reopen(ctx, l)
	defer closeAll()
	if err != nil {
		return err
	}
	for f, err := range l.Trace.Walk(ctx, readers...) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return c.Fail("%s: %w", l.Name, err)
		}
		if more, err := visit(f); err != nil || !more {
			return err
		}
	}
	return nil
}

// captureTable lists captures.
func captureTable(held []*Loaded, current *Loaded) *display.Table {
	columns := []display.Column{
		{Key: "number", Head: "No", Exact: true, Doc: "order of loading"},
		{Key: "name", Head: "Name", Wide: true, Doc: "what commands call it"},
		{Key: "current", Head: "Current", Doc: "commands answer from this one"},
		{Key: "packets", Head: "Packets", Unit: display.Packets, Doc: "TCP packets"},
		{Key: "streams", Head: "TCP streams", Doc: "plain and MPTCP"},
		{Key: "connections", Head: "Connections", Doc: "MPTCP connections"},
		{Key: "start", Head: "Start", Doc: "time of the first frame"},
		{Key: "duration", Head: "Duration", Unit: display.Nanoseconds, Doc: "first to last frame"},
		{Key: "file", Head: "File", Wide: true, Doc: "as it was named"},
	}
	return &display.Table{
		Name: "captures", Title: "Captures", Columns: columns, Rows: len(held),
		Empty: "no capture is loaded (load FILE)",
		Cell:  func(row, col int) display.Value { return captureCell(held[row], held[row] == current, col) },
		Open:  func(row int) string { return "use " + strconv.Itoa(held[row].Number) },
	}
}

func captureCell(l *Loaded, current bool, col int) display.Value {
	c := &l.Trace.Capture
	switch col {
	case 0:
		return display.Uint(uint64(l.Number))
	case 1:
		return display.Str(l.Name)
	case 2:
		return display.Bool(current)
	case 3:
		return display.Uint(c.Kept)
	case 4:
		return display.Uint(uint64(len(l.Trace.Streams)))
	case 5:
		return display.Uint(uint64(len(l.Trace.Conns)))
	case 8:
		return display.Str(strings.Join(l.Files, ", "))
	}
	if c.Frames == 0 {
		return display.Value{}
	}
	if col == 6 {
		return display.Time(c.First)
	}
	return display.Duration(c.Last - c.First)
}

// captureItems are the captures for completion, by name.
func (s *Session) captureItems() []Item {
	var items []Item
	for _, l := range s.Captures() {
		items = append(items, Item{Text: l.Name, Type: "capture", Doc: loadedSentence(l), Space: true})
	}
	return items
}
