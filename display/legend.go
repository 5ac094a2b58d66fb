package display

import (
	"fmt"
	"strings"
)

// LegendEntry explains the marks of one name.
type LegendEntry struct {
	Series int    // the first series of the name: how it is drawn
	Event  string // the label of an event, whose sign stands for all of its name; empty for other marks
	Name   string // what to write
	Full   string // the whole name
	Shared bool   // of several groups: the sign is drawn in the text colour
}

// Limits of a legend: up to mostAddresses subflows are named by their addresses, the others by their number only; more than
// mostEntries would hide the chart.
const (
	mostAddresses = 12
	mostEntries   = 96
	fewNumbers    = 6 // so few numbers alone would not say what they are
)

// Legend lists what is on the chart and nothing else, each name once, and says how many more there are. Where short is
// asked for, or many subflows are drawn, they are named by their tcp.stream, with an arrow for what travels to the client.
func (c *Chart) Legend(short bool) (entries []LegendEntry, more int) {
	at := map[string]int{}
	groups := map[string]int{}
	add := func(i int, name, event string) {
		s := &c.Series[i]
		if k, known := at[name]; known {
			if k < len(entries) && groups[name] != s.Group {
				entries[k].Shared = true
			}
			return
		}
		at[name], groups[name] = len(entries), s.Group
		entries = append(entries, LegendEntry{Series: i, Event: event, Name: name, Full: name})
	}
	for i := range c.Series {
		s := &c.Series[i]
		if s.Mark != Event {
			if s.Len() > 0 && s.Name != "" {
				add(i, Visible(s.Name), "")
			}
			continue
		}
		for k := range s.Len() {
			_, name := Sign(s.Label(k))
			add(i, Visible(name), s.Label(k))
		}
	}
	c.shorten(entries, short)
	if len(entries) > mostEntries {
		entries, more = entries[:mostEntries], len(entries)-mostEntries
	}
	return entries, more
}

// shorten leaves out the addresses of subflows, where asked for or where there are many.
func (c *Chart) shorten(entries []LegendEntry, short bool) {
	addressed := 0
	for _, e := range entries {
		if _, ok := c.shortName(&e); ok {
			addressed++
		}
	}
	if !short && addressed <= mostAddresses {
		return
	}
	for i := range entries {
		name, ok := c.shortName(&entries[i])
		if !ok {
			continue
		}
		if addressed <= fewNumbers && strings.TrimLeft(name, "0123456789 ←") == "" {
			name = "subflow " + name
		}
		entries[i].Name = name
	}
}

// shortName is the number that begins the name of a subflow, with an arrow for what travels to the client.
func (c *Chart) shortName(e *LegendEntry) (string, bool) {
	s := &c.Series[e.Series]
	number, rest, ok := strings.Cut(e.Full, " · ")
	if !ok || s.Group < 0 || e.Event != "" || !strings.Contains(rest, " → ") {
		return "", false
	}
	if s.Dashed {
		number += " ←"
	}
	return number, true
}

// LegendRest says how many entries a legend leaves out, empty for none.
func LegendRest(more int) string {
	if more == 0 {
		return ""
	}
	return fmt.Sprintf("… and %d more", more)
}
