package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/text"
)

// firstRows is how many rows a table brings along before the page asks for more.
const firstRows = 100

// output turns the blocks of an answer into events.
type output struct {
	bridge   *Bridge
	emit     Emit
	plain    bool     // blocks as the terminal writes them
	later    []string // see Request
	shown    bool     // a block was written that the next one keeps a distance from
	breathed time.Time
}

// send emits an event that carries no bytes.
func (o *output) send(event any) { o.sendWith(event, nil) }

func (o *output) sendWith(event any, data []byte) {
	line, err := json.Marshal(event)
	if err != nil {
		line, data = []byte(`{"event":"error","message":"an answer could not be written as JSON","start":0,"end":0}`), nil
	}
	o.emit(line, data)
}

// Show emits a block.
func (o *output) Show(b display.Block) error {
	if _, file := b.(*display.File); o.plain && !file {
		return o.showPlain(b)
	}
	switch b := b.(type) {
	case *display.Table:
		if b.Machine() {
			return o.showRaw(b)
		}
		o.send(o.bridge.present(b, o.later))
	case *display.Chart:
		return o.bridge.draw(b, o)
	case *display.Text:
		o.send(textEvent{Event: "text", Title: b.Title, Body: b.Body, Pre: b.Pre, Long: b.Pager})
	case *display.Note:
		o.send(noteEvent{Event: "note", Caution: b.Level == display.Caution, Body: b.Body})
	case *display.File:
		return o.bridge.deliver(b, o)
	case *display.Clear:
		o.send(clearEvent{Event: "clear"})
	}
	return nil
}

// showRaw emits a table in the form for machines that was asked for.
func (o *output) showRaw(t *display.Table) error {
	var body strings.Builder
	if err := (text.Renderer{}).Block(&body, t); err != nil {
		return err
	}
	o.send(textEvent{Event: "text", Title: t.Title, Body: body.String(), Pre: true})
	return nil
}

// showPlain emits a block as the terminal writes it: a blank line before all but the first, and warnings in between.
func (o *output) showPlain(b display.Block) error {
	if _, clears := b.(*display.Clear); clears {
		return nil
	}
	var body strings.Builder
	if n, ok := b.(*display.Note); !ok || n.Level < display.Caution {
		if o.shown {
			body.WriteString("\n")
		}
		o.shown = true
	}
	if err := (text.Renderer{Human: true}).Block(&body, b); err != nil {
		return err
	}
	o.send(plainEvent{Event: "plain", Body: body.String()})
	return nil
}

// Progress emits how far work has come, and lets other events in.
func (o *output) Progress(p display.Progress) {
	o.send(progress(p))
	if now := time.Now(); now.Sub(o.breathed) > breathing {
		o.breathed = now
		o.bridge.breathe()
	}
}

func progress(p display.Progress) progressEvent {
	c := display.Column{Unit: p.Unit}
	e := progressEvent{Event: "progress", Task: p.Task, Share: -1, Count: p.Done, Note: p.Note, End: p.End}
	e.Done = display.Format(display.Int(p.Done), &c, display.People)
	if p.Total > 0 {
		e.Total = display.Format(display.Int(p.Total), &c, display.People)
		e.Share = min(max(float64(p.Done)/float64(p.Total), 0), 1)
	}
	return e
}

// Ask has nobody to ask: a page shows what is missing and lets the line be typed again.
func (o *output) Ask(context.Context, string) (string, error) { return "", core.ErrNoInput }

// fail emits an error.
func (o *output) fail(err error) { o.send(failure(err)) }

func failure(err error) errorEvent {
	e := errorEvent{Event: "error", Message: err.Error(), Cancelled: errors.Is(err, context.Canceled)}
	var le *core.LineError
	if errors.As(err, &le) {
		e.Message, e.Suggestion, e.Usage = le.Message, le.Suggestion, le.Usage
		e.Line, e.Text = le.Line, le.Text
		e.Start, e.End = toUTF16(le.Text, le.Start), toUTF16(le.Text, le.End)
	}
	return e
}
