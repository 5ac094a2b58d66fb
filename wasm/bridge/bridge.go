// Package bridge is the page's side of core.Session: JSON requests in, JSON events out. It knows no browser, so that it
// is tested where Go runs; package main beside it carries the bytes between a Web Worker and this package.
//
// A request is one JSON object whose "do" names what is wanted (see Request). Do answers it with events, each one JSON
// object with an "event" (table, chart, text, note, file, progress, error, …), and last with "done". Tables and charts
// stay here: an event carries a handle, the head and the first rows, and the page asks for further rows ("table") or
// for another window of a chart ("chart") when it shows them. Numbers of 64 bits are decimal strings, because
// JavaScript's numbers lose them above 2⁵³.
//
// A dropped file does not pass through JSON: see Begin.
//
// The bridge holds no command name and no analysis, and refuses nothing that the session accepts.
package bridge

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// Emit receives an event: one JSON object, and the bytes of a file where the event is one. Both belong to the receiver.
type Emit func(event []byte, data []byte)

// Bridge is one page's session. Requests may come from any goroutine; commands that come while one runs wait for it. A
// Loading is used by one goroutine.
type Bridge struct {
	session *core.Session
	breathe func()
	memory  int64
	running sync.Mutex // held by a command

	mu     sync.Mutex // guards what follows
	last   int
	tables map[int]*shownTable
	charts map[int]*display.Chart
}

// Options say how a bridge reaches the outside.
type Options struct {
	core.Options
	// Breathe, if set, is called while long work goes on: a face that has one thread lets its other events in.
	Breathe func()
	// Memory, if set, is how many bytes captures may take; one that would not fit is refused as soon as that shows.
	Memory int64
}

// New starts a session for a page.
func New(o Options) *Bridge {
	breathe := o.Breathe
	if breathe == nil {
		breathe = func() {}
	}
	return &Bridge{
		session: core.New(o.Options),
		breathe: breathe,
		memory:  o.Memory,
		tables:  map[int]*shownTable{},
		charts:  map[int]*display.Chart{},
	}
}

// Request is what a page asks. Which fields count is said by Do.
type Request struct {
	// Do is run, complete, inspect, check, commands, table, find, tally, chart, points, save, script or release.
	Do string `json:"do"`
	// Line is the cell of run, complete, inspect and check.
	Line string `json:"line"`
	// Later are the keys of columns that run leaves out of the first rows of tables, because they take long: the page asks for
	// the rows again.
	Later []string `json:"later"`
	// Cursor is where the cursor stands in Line, in UTF-16 units, as JavaScript counts.
	Cursor int `json:"cursor"`
	// Plain asks run for one "plain" event a block, as the terminal writes it without colour.
	Plain bool `json:"plain"`
	// Handle is the table or chart that is meant.
	Handle int `json:"handle"`
	// Handles are those to release.
	Handles []int `json:"handles"`
	// View is the rows of a table that are wanted.
	View
	// Key is the column in which find looks for Number.
	Key    string `json:"key"`
	Number uint64 `json:"number"`
	// Window is the part of a chart that is wanted.
	Window Window `json:"window"`
	// Name is the file to save: its extension gives the format.
	Name string `json:"name"`
	// Lines are the commands of script, and Text is what to say above them.
	Lines []string `json:"lines"`
	Text  string   `json:"text"`
}

// Do answers a request: events, and last "done". It returns when the work is over; a cancelled ctx ends it early.
func (b *Bridge) Do(ctx context.Context, request []byte, emit Emit) {
	out := &output{bridge: b, emit: emit}
	var r Request
	if err := json.Unmarshal(request, &r); err != nil {
		out.fail(fmt.Errorf("reading the request: %w", err))
		out.send(doneEvent{Event: "done"})
		return
	}
	out.plain, out.later = r.Plain, r.Later
	if err := b.answer(newBreather(ctx, b.breathe), &r, out); err != nil {
		out.fail(err)
	}
	out.send(doneEvent{Event: "done", Capture: b.session.Current()})
}

// answer runs what the request names.
func (b *Bridge) answer(ctx context.Context, r *Request, out *output) error {
	switch r.Do {
	case "run":
		b.running.Lock()
		defer b.running.Unlock()
		return b.session.Run(ctx, r.Line, out)
	case "complete":
		return b.complete(r, out)
	case "inspect":
		return b.inspect(r, out)
	case "check":
		out.send(checkEvent{Event: "check", Status: [...]string{"complete", "incomplete", "invalid"}[b.session.Check(r.Line)]})
		return nil
	case "commands":
		b.commands(out)
		return nil
	case "table":
		return b.rows(r, out)
	case "find":
		return b.find(r, out)
	case "tally":
		return b.tally(ctx, r, out)
	case "chart":
		return b.redraw(r, out)
	case "points":
		return b.points(r, out)
	case "save":
		return b.save(r, out)
	case "script":
		return b.script(r, out)
	case "release":
		b.release(r.Handles)
		return nil
	}
	return fmt.Errorf("unknown request %q", r.Do)
}

// complete answers with the words that can stand at the cursor.
func (b *Bridge) complete(r *Request, out *output) error {
	c := b.session.Complete(r.Line, fromUTF16(r.Line, r.Cursor))
	e := completeEvent{Event: "complete", Start: toUTF16(r.Line, c.Start), End: toUTF16(r.Line, c.End), Items: []completeItem{}}
	for _, item := range c.Items {
		e.Items = append(e.Items, completeItem(item))
	}
	out.send(e)
	return nil
}

// inspect answers with the help for the word at the cursor; nothing where there is none.
func (b *Bridge) inspect(r *Request, out *output) error {
	page, ok := b.session.Inspect(r.Line, fromUTF16(r.Line, r.Cursor))
	if !ok {
		return nil
	}
	for _, block := range page {
		if err := out.Show(block); err != nil {
			return err
		}
	}
	return nil
}

// commands answers with the words of the language, for a palette.
func (b *Bridge) commands(out *output) {
	e := commandsEvent{Event: "commands", Commands: []commandItem{}}
	for _, c := range b.session.Commands() {
		item := commandItem{Name: c.Name, Summary: c.Summary, Usage: c.Usage(), Alone: alone(c), Examples: []exampleItem{}}
		for _, x := range c.Examples {
			item.Examples = append(item.Examples, exampleItem{Line: x.Line, What: x.What})
		}
		e.Commands = append(e.Commands, item)
	}
	out.send(e)
}

// alone says whether a command can do without any word.
func alone(c *core.Command) bool {
	return !slices.ContainsFunc(c.Params, func(p core.Param) bool { return p.Required })
}

// release forgets tables and charts that the page no longer shows.
func (b *Bridge) release(handles []int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, h := range handles {
		delete(b.tables, h)
		delete(b.charts, h)
	}
}

// fromUTF16 is the byte offset of the n-th UTF-16 unit of s; the end of s where it has fewer.
func fromUTF16(s string, n int) int {
	for i, r := range s {
		if n <= 0 {
			return i
		}
		n -= units(r)
	}
	return len(s)
}

// toUTF16 is the number of UTF-16 units before byte offset n of s.
func toUTF16(s string, n int) int {
	count := 0
	for i, r := range s {
		if i >= n {
			break
		}
		count += units(r)
	}
	return count
}

// units is how many UTF-16 units a character takes; a byte that is no UTF-8 becomes one replacement character.
func units(r rune) int {
	if r > 0xffff && r <= utf8.MaxRune {
		return 2
	}
	return 1
}
