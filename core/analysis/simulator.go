package analysis

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// SimulatorFile is one file that ns-3's MPTCP trace helper wrote: a row a change, a cell only where the value changed.
type SimulatorFile struct {
	Name    string // in legends
	Group   int    // colour: display.Connection for the connection's own file, or the subflow
	columns []string
	times   []int64 // ns since the start of the simulation
	cells   [][]string
}

// ReadSimulator reads such a file: comma separated, the first column is Time as "+10004319.0ns".
func ReadSimulator(r io.Reader) (*SimulatorFile, error) {
	in := csv.NewReader(r)
	in.ReuseRecord, in.FieldsPerRecord = true, -1 // cells at the end of a row may be left out
	head, err := in.Read()
	if err != nil || len(head) < 2 || head[0] != "Time" {
		return nil, errors.New("is no trace of ns-3: the first line must name columns, Time first")
	}
	f := &SimulatorFile{columns: append([]string(nil), head[1:]...)}
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		if err != nil {
			return nil, err
		}
		t, err := simulatedTime(record[0])
		if err != nil {
			line, _ := in.FieldPos(0)
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		f.times, f.cells = append(f.times, t), append(f.cells, append([]string(nil), record[1:]...))
	}
}

// simulatedTime reads "+10004319.0ns".
func simulatedTime(s string) (int64, error) {
	digits := strings.TrimSuffix(strings.TrimPrefix(s, "+"), "ns")
	whole, fraction, _ := strings.Cut(digits, ".")
	t, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || strings.Trim(fraction, "0123456789") != "" || !strings.HasSuffix(s, "ns") {
		return 0, fmt.Errorf("%q is no time, as +10004319.0ns is", s)
	}
	return t, nil
}

// Columns are the values that the file has, besides the time.
func (f *SimulatorFile) Columns() []string { return f.columns }

// Simulator draws values of such files over simulated time, a panel for each column, a level for each file. Sequence
// numbers count from the first one of their file unless raw.
func Simulator(files []*SimulatorFile, columns []string, raw bool) (*display.Chart, error) {
	c := &display.Chart{X: display.Axis{Label: "Simulated time", Unit: display.Nanoseconds}}
	var labels []string
	for panel, column := range columns {
		label, unit := simulatedColumn(column)
		labels = append(labels, label)
		axis := display.Axis{Label: label, Unit: unit}
		if panel == 0 {
			c.Y = axis
		} else {
			c.Panels = append(c.Panels, axis)
		}
		for i, f := range files {
			s, err := f.series(column, i)
			if err != nil {
				return nil, err
			}
			if unit == display.SequenceNumber && !raw {
				countFromFirst(&s)
			}
			s.Panel = panel
			c.Series = append(c.Series, s)
		}
	}
	c.Title, c.Series = strings.Join(labels, " / "), withPoints(c.Series)
	return c, nil
}

// countFromFirst makes sequence numbers relative to the first one; before a connection they are 0, which is left out.
func countFromFirst(s *display.Series) {
	first := slices.IndexFunc(s.Y, func(y float64) bool { return y != 0 })
	if first < 0 {
		return
	}
	s.X, s.Y = s.X[first:], s.Y[first:]
	zero := s.Y[0]
	for i := range s.Y {
		s.Y[i] -= zero
	}
}

// series is one column's values, where they change. A state is a sign with its name, at the height of its file.
func (f *SimulatorFile) series(column string, height int) (display.Series, error) {
	s := display.Series{Name: f.Name, Group: f.Group, Mark: display.Steps}
	at := slices.Index(f.columns, column)
	if at < 0 {
		return s, fmt.Errorf("%s has no column %q", f.Name, column)
	}
	if column == "state" {
		s.Mark = display.Event
	}
	for i, record := range f.cells {
		if at >= len(record) || record[at] == "" {
			continue
		}
		cell, y := record[at], float64(height)
		if s.Mark == display.Event {
			s.Labels = append(s.Labels, cell)
		} else {
			v, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				return s, fmt.Errorf("%s: %q in column %s is no number", f.Name, cell, column)
			}
			y = v
		}
		s.X, s.Y = append(s.X, f.times[i]), append(s.Y, y)
	}
	return s, nil
}

// simulatedColumn names a column of ns-3's socket for people.
func simulatedColumn(name string) (label string, unit display.Unit) {
	for _, known := range [...]struct {
		name, label string
		unit        display.Unit
	}{
		{"txNext", "Next sequence number to send", display.SequenceNumber},
		{"highestSeq", "Highest sequence number sent", display.SequenceNumber},
		{"unackSeq", "First unacknowledged number", display.SequenceNumber},
		{"rxNext", "Next sequence number expected", display.SequenceNumber},
		{"rxAvailable", "Bytes to be read", display.Bytes},
		{"rxTotal", "Bytes in the receive buffer", display.Bytes},
		{"cwnd", "Congestion window", display.Bytes},
		{"rWnd", "Receive window", display.Bytes},
		{"ssThresh", "Slow start threshold", display.Bytes},
		{"state", "State", display.None},
	} {
		if known.name == name {
			return known.label, known.unit
		}
	}
	return name, display.None
}
