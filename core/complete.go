package core

import (
	"fmt"
	"sort"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// Complete gives what can stand at the cursor, a byte offset into text.
func (s *Session) Complete(text string, cursor int) Completion {
	cursor = max(0, min(cursor, len(text)))
	words, at, inside := wordsAround(text, cursor)
	w := word{start: cursor, end: cursor}
	if inside {
		w = words[at]
		w.text = textBefore(text, w, cursor)
	}
	completion := Completion{Start: w.start, End: cursor}
	for _, item := range s.candidates(words, at, w) {
		if strings.HasPrefix(item.Text, w.text) {
			if item.Type == "path" {
				item.Text = QuoteFile(item.Text)
			} else {
				item.Text = Quote(item.Text)
			}
			completion.Items = append(completion.Items, item)
		}
	}
	return completion
}

// textBefore is the part of a word that stands before the cursor, without its quotes.
func textBefore(text string, w word, cursor int) string {
	if cursor >= w.end {
		return w.text
	}
	return scanWord(text[:cursor], w.start).text
}

// wordsAround finds the command that the cursor is in: its words, with offsets into text, and how many of them end before
// the cursor. inside says that the next one is under the cursor.
func wordsAround(text string, cursor int) (words []word, at int, inside bool) {
	start := strings.LastIndexByte(text[:cursor], '\n') + 1
	end := len(text)
	if i := strings.IndexByte(text[cursor:], '\n'); i >= 0 {
		end = cursor + i
	}
	for _, command := range splitWords(text[start:end]) {
		if words != nil && (len(command) == 0 || command[0].start+start > cursor) {
			break
		}
		words = command
	}
	for i := range words {
		words[i].start, words[i].end = words[i].start+start, words[i].end+start
		if words[i].end < cursor {
			at = i + 1
		}
	}
	if at > 0 && at == len(words) && strings.Contains(text[words[at-1].end:cursor], ";") {
		return nil, 0, false // a new command begins
	}
	return words, at, at < len(words) && words[at].start <= cursor
}

// candidates are the items that may stand as word number at.
func (s *Session) candidates(words []word, at int, w word) []Item {
	if at == 0 {
		return s.commandItems()
	}
	c := lookup(s.commands, words[0].text)
	if c == nil {
		return nil
	}
	if d, after := s.drawn(c, words); d != c && at > 1 {
		c, words, at = d, after, at-1
	}
	params := s.paramsOf(c, words)
	if at > 1 {
		if p := optionNamed(params, words[at-1].text); p != nil && p.Kind != Flag {
			return s.valueItems(p, w)
		}
	}
	if strings.HasPrefix(w.text, "-") {
		return optionItems(params)
	}
	return s.positionalItems(params, words[1:at], w)
}

// paramsOf are the command's parameters, with those that its first word brings.
func (s *Session) paramsOf(c *Command, words []word) []Param {
	if c.More == nil || len(words) < 2 {
		return c.Params
	}
	return append(c.Params[:len(c.Params):len(c.Params)], c.More(words[1].text)...)
}

func optionNamed(params []Param, name string) *Param {
	for i := range params {
		if p := &params[i]; p.option() && (p.Name == name || p.Short == name) {
			return p
		}
	}
	return nil
}

// positionalItems gives the values of every parameter that may come next: the optional ones and the first required one.
func (s *Session) positionalItems(params []Param, before []word, w word) []Item {
	next := 0
	for i := 0; i < len(before); i++ {
		if p := optionNamed(params, before[i].text); p != nil {
			if p.Kind != Flag {
				i++
			}
			continue
		}
		if _, after := s.positional(params, next, before[i]); after > next {
			next = after
		}
	}
	var items []Item
	for i := next; i < len(params); i++ {
		p := &params[i]
		if p.option() {
			continue
		}
		items = append(items, s.valueItems(p, w)...)
		if p.Required {
			break
		}
	}
	return items
}

func (s *Session) commandItems() []Item {
	var items []Item
	for _, c := range s.commands {
		items = append(items, Item{Text: c.Name, Type: "command", Doc: c.Summary, Space: len(c.Params) > 0})
	}
	return items
}

func optionItems(params []Param) []Item {
	var items []Item
	for i := range params {
		if p := &params[i]; p.option() {
			items = append(items, Item{Text: p.Name, Type: "option", Doc: p.Doc, Space: true})
		}
	}
	return items
}

// fieldItems are the columns that can be plotted.
func fieldItems() []Item {
	var items []Item
	for _, c := range plottableColumns() {
		items = append(items, Item{Text: c.Name, Type: "field", Doc: c.Label, Space: true})
	}
	return items
}

// valueItems are the known values of a parameter.
func (s *Session) valueItems(p *Param, w word) []Item {
	var items []Item
	switch p.Kind {
	case Choice:
		for _, choice := range p.Choices {
			items = append(items, Item{Text: choice, Type: "value", Space: true})
		}
	case PlotType:
		for _, c := range s.plugins() {
			if c.Draws {
				items = append(items, Item{Text: c.Name, Type: "value", Doc: c.Summary, Space: true})
			}
		}
		for _, t := range plotTypes() {
			items = append(items, Item{Text: t.Name, Type: "value", Doc: t.Summary, Space: true})
		}
		return append(items, fieldItems()...)
	case Field:
		return fieldItems()
	case Column, Expression:
		for _, c := range shownColumns() {
			items = append(items, Item{Text: c.Name, Type: "field", Doc: c.Doc, Space: true})
		}
	case Dest:
		for _, d := range []Item{{Text: "Client", Doc: "what travels to the client"}, {Text: "Server", Doc: "what travels to the server"}, {Text: "Both", Doc: "both directions"}} {
			d.Type, d.Space = "value", true
			items = append(items, d)
		}
	case SettingName:
		return settingItems()
	case Interface:
		return s.interfaceItems()
	case Topic:
		items := s.commandItems()
		for _, t := range topics() {
			items = append(items, Item{Text: t.name, Type: "value", Doc: t.summary})
		}
		return items
	case Path, Capture, CaptureFile:
		return s.pathItems(w)
	case ConnID, StreamID:
		return s.idItems(p.Kind)
	case Held:
		return s.captureItems()
	}
	return items
}

func (s *Session) interfaceItems() []Item {
	if s.options.Live == nil {
		return nil
	}
	list, _ := s.options.Live.Interfaces() // without them there is nothing to offer
	var items []Item
	for _, i := range list {
		items = append(items, Item{Text: i.Name, Type: "value", Doc: strings.Join(i.Addresses, ", "), Space: true})
	}
	return items
}

func (s *Session) pathItems(w word) []Item {
	if s.options.Paths == nil {
		return nil
	}
	var items []Item
	for _, name := range s.options.Paths(w.text) {
		items = append(items, Item{Text: name, Type: "path", Space: !strings.HasSuffix(name, "/")})
	}
	sort.Slice(items, func(i, j int) bool { return items[i].Text < items[j].Text })
	return items
}

// maxIDs is how many ids completion offers: beyond it a list helps nobody.
const maxIDs = 1000

func (s *Session) idItems(kind Kind) []Item {
	l := s.current()
	if l == nil {
		return nil
	}
	if kind == ConnID {
		return connItems(l.Trace)
	}
	var items []Item
	for i := range l.Trace.Streams[:min(len(l.Trace.Streams), maxIDs)] {
		st := &l.Trace.Streams[i]
		items = append(items, Item{Text: fmt.Sprint(st.ID), Type: "stream", Doc: fmt.Sprintf("%s → %s", st.Client, st.Server), Space: true})
	}
	return items
}

func connItems(t *trace.Trace) []Item {
	var items []Item
	for i := range t.Conns[:min(len(t.Conns), maxIDs)] {
		c := &t.Conns[i]
		doc := display.Count(len(c.Subflows), "subflow")
		if len(c.Subflows) > 0 {
			st := &t.Streams[c.Subflows[0].Stream]
			doc = fmt.Sprintf("%s → %s, %s", st.Client, st.Server, doc)
		}
		items = append(items, Item{Text: fmt.Sprint(c.ID), Type: "connection", Doc: doc, Space: true})
	}
	return items
}
