package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// report gathers the comparison of all captures.
type report struct {
	options
	version  string
	columns  []column
	tallies  []tally // by column
	captures int
	rows     int
	lines    []string // differences to be printed
}

// tally is what came of a column.
type tally struct {
	compared, equal, explained, unexplained int

	// causes counts the explained cells by the defects that make them differ, the last element those that only several
	// defects together explain.
	causes [len(defects) + 1]int
}

func newReport(version string, o options) *report {
	r := &report{options: o, version: version}
	for _, c := range columns() {
		if o.fields == nil || slices.Contains(o.fields, c.name) {
			r.columns = append(r.columns, c)
		}
	}
	r.tallies = make([]tally, len(r.columns))
	return r
}

// comparison is one capture under comparison.
type comparison struct {
	*report
	name      string
	trace     *trace.Trace
	context   trace.Context
	theories  *theories
	whole     *whole // nil if there are no IP fragments to put together
	row       trace.Row
	text      []byte
	seen      int
	printed   []int // by column
	explained []int
}

// compare runs tshark over the capture in a file and compares its rows with ours.
func (r *report) compare(t *tshark, name, file string) error {
	tr, segments, err := load(file)
	if err != nil {
		return err
	}
	c := &comparison{
		report:    r,
		name:      name,
		trace:     tr,
		context:   trace.Context{Interfaces: tr.Interfaces},
		theories:  newTheories(segments),
		printed:   make([]int, len(r.columns)),
		explained: make([]int, len(r.columns)),
	}
	if c.whole, err = newWhole(file, tr, segments); err != nil {
		return err
	}
	expected := tr.Len()
	if c.whole != nil {
		expected = c.whole.trace.Len()
		r.missing(c.whole.missing)
	}
	if err := t.rows(file, r.columns, c.add); errors.Is(err, errAborted) && aborts(segments) {
		r.lines = append(r.lines, name+": not compared: tshark aborts, as a mapping or data crosses the highest number")
		return nil
	} else if err != nil {
		return err
	}
	r.captures++
	r.rows += min(c.seen, expected)
	if c.seen != expected {
		r.tallies[0].unexplained++
		r.lines = append(r.lines, fmt.Sprintf("%s: %d rows, tshark has %d", name, expected, c.seen))
	}
	return nil
}

// add compares one row.
func (c *comparison) add(theirs []string) error {
	at := c.seen // among its rows
	c.seen++
	i := at
	if c.whole != nil {
		i = c.whole.row(at)
	}
	switch {
	case i >= c.trace.Len():
		return nil
	case i == none:
		c.lone(at, theirs)
		return nil
	}
	c.trace.Row(i, &c.row)
	for k := range c.columns {
		c.text = c.columns[k].append(c.text[:0], &c.context, &c.row, &c.theories.segments[i])
		n := &c.tallies[k]
		n.compared++
		if string(c.text) == theirs[k] || c.columns[k].flag && len(c.text) > 0 && theirs[k] != "" {
			n.equal++
			continue
		}
		if c.columns[k].flag && theirs[k] != "" {
			theirs[k] = "1"
		}
		c.differ(k, i, at, string(c.text), theirs[k])
	}
	return nil
}

// lone compares a row that tshark has of a segment whose first fragment tells too little for one of ours: it must follow from the datagram
// put together.
func (c *comparison) lone(at int, theirs []string) {
	for k := range c.columns {
		if !c.whole.tells(&c.columns[k], at, theirs[k]) {
			c.tallies[k].compared++
			c.tallies[k].unexplained++
			c.lines = append(c.lines, fmt.Sprintf("%s: row %d of tshark, of a fragment that is no row, has %s %q: unexplained", c.name, at+1, c.columns[k].name, theirs[k]))
			return
		}
	}
	c.missing(1)
}

// missing counts rows that tshark does not have, as it does not put their segments together.
func (r *report) missing(n int) {
	r.tallies[0].explained += n
	for d := range defects {
		if defects[d].is == reassembly {
			r.tallies[0].causes[d] += n
		}
	}
}

// differ looks for the cause of a difference in our row i, which is tshark's of another number.
func (c *comparison) differ(k, i, at int, ours, theirs string) {
	n := &c.tallies[k]
	causes, ok := c.theories.explain(&c.columns[k], i, ours, theirs)
	if c.whole != nil {
		causes, ok = c.whole.explain(&c.columns[k], c.theories, i, at, ours, theirs)
	}
	if !ok {
		n.unexplained++
		if c.printed[k]++; c.printed[k] <= c.show {
			c.note("unexplained"+c.theories.told(&c.columns[k], i), k, ours, theirs)
		}
		return
	}
	n.explained++
	if causes == 0 {
		n.causes[len(defects)]++
	}
	causes.each(func(d int) { n.causes[d]++ })
	if c.explained[k]++; c.verbose && c.explained[k] <= c.show {
		c.note(causes.String(), k, ours, theirs)
	}
}

func (c *comparison) note(what string, k int, ours, theirs string) {
	c.lines = append(c.lines, fmt.Sprintf("%s packet %d %s: ours %q, tshark %q: %s", c.name, c.row.ID, c.columns[k].name, ours, theirs, what))
}

// print writes the report. It is false if a difference is unexplained.
func (r *report) print(w io.Writer) bool {
	fmt.Fprintf(w, "%s\n%d captures, %d rows\n\n", r.version, r.captures, r.rows)
	for _, l := range r.lines {
		fmt.Fprintln(w, l)
	}
	if len(r.lines) > 0 {
		fmt.Fprintln(w)
	}
	var sum tally
	fmt.Fprintf(w, "%-23s %9s %9s %9s %9s %11s  %s\n", "column", "compared", "equal", "different", "explained", "unexplained", "by")
	for k, n := range r.tallies {
		n.line(w, r.columns[k].name)
		sum.compared += n.compared
		sum.equal += n.equal
		sum.explained += n.explained
		sum.unexplained += n.unexplained
	}
	sum.line(w, "all")
	r.printCauses(w)
	return sum.unexplained == 0
}

func (n *tally) line(w io.Writer, name string) {
	var by []string
	for d, count := range n.causes {
		if count > 0 && d < len(defects) {
			by = append(by, fmt.Sprintf("%s %d", defects[d].name, count))
		} else if count > 0 {
			by = append(by, fmt.Sprintf("several together %d", count))
		}
	}
	line := fmt.Sprintf("%-23s %9d %9d %9d %9d %11d  %s", name, n.compared, n.equal, n.explained+n.unexplained, n.explained, n.unexplained,
		strings.Join(by, ", "))
	fmt.Fprintln(w, strings.TrimRight(line, " "))
}

// printCauses tells what the names of the defects mean.
func (r *report) printCauses(w io.Writer) {
	fmt.Fprintln(w, "\nExplained: a model of Wireshark's analysis with these defects gives what tshark printed, and without them what")
	fmt.Fprintln(w, "is printed here. A cell is counted for each defect without which tshark would print something else, or, if")
	fmt.Fprintln(w, "there is none, for each that suffices.")
	for d := range defects {
		cells := 0
		for _, n := range r.tallies {
			cells += n.causes[d]
		}
		if cells > 0 {
			fmt.Fprintf(w, "  %-20s %6d cells: %s\n", defects[d].name, cells, defects[d].what)
		}
	}
}
