package main

import (
	"errors"
	"fmt"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// asked follows whether captures have the connections and streams that --mptcp and --tcp name.
type asked struct {
	sel      *export.Select
	captures int // in all
	lacking  []lacking
}

// lacking is something that a capture does not have.
type lacking struct {
	capture string
	*export.AbsentError
}

// absent is an error where a loaded capture, the only one, lacks something: nothing was written yet.
func (a *asked) absent(t *trace.Trace) error {
	if t == nil || a.captures > 1 {
		return nil
	}
	if absent := a.sel.Absent(t.Digest()); len(absent) > 0 {
		return absent[0]
	}
	return nil
}

// read notes what a capture lacks.
func (a *asked) read(name string, d *trace.Digest) {
	for _, e := range a.sel.Absent(d) {
		a.lacking = append(a.lacking, lacking{capture: name, AbsentError: e})
	}
}

// conclude is an error for what no capture has, and warnings where only some lack it. Of a pipe there is a warning, too: what
// is asked for may still have come.
func (a *asked) conclude() (warnings []string, err error) {
	times := map[string]int{}
	for _, l := range a.lacking {
		times[l.What]++
	}
	for _, l := range a.lacking {
		if l.capture == "-" {
			warnings = append(warnings, fmt.Sprintf("standard input: %v", l.AbsentError))
		} else if message := fmt.Sprintf("%s: %v", l.capture, l.AbsentError); times[l.What] < a.captures {
			warnings = append(warnings, message)
		} else if err == nil {
			err = errors.New(message)
		}
	}
	return warnings, err
}
