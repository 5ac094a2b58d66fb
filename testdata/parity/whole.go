package main

import (
	"math"
	"os"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// whole is a capture with its IP fragments put together, as Wireshark sees it.
type whole struct {
	trace    *trace.Trace
	context  trace.Context
	theories *theories
	rows     []int // of the capture as it is, by those of this one
	missing  int   // of those, that this one does not have
}

// newWhole puts the fragments of a capture together, nil if there are none.
func newWhole(name string, of *trace.Trace, segments []segment) (*whole, error) {
	rows := map[uint32]int{}
	for i := range segments {
		rows[segments[i].frame] = i
	}
	file, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	m, err := mend(file)
	if err != nil || !m.fragments {
		return nil, err
	}
	t, mended, err := loadSegments(m.file)
	if err != nil {
		return nil, err
	}
	if err := readStamps(file).note(mended, m.file, func(frame uint32) uint32 { return m.frames[frame-1] }); err != nil {
		return nil, err
	}
	nameInterfaces(mended, of.Interfaces, m.interfaces)
	w := &whole{trace: t, context: trace.Context{Interfaces: of.Interfaces}, theories: newTheories(mended)}
	for _, frame := range m.rows {
		row, known := rows[frame]
		if !known {
			row = none
		}
		w.rows = append(w.rows, row)
		delete(rows, frame)
	}
	for _, i := range rows {
		if !segments[i].whole {
			w.missing++
		}
	}
	return w, nil
}

// none is the row of a segment whose first fragment ends before its window.
const none = -1

// row is the row of the capture as it is.
func (w *whole) row(at int) int {
	if at >= len(w.rows) {
		return math.MaxInt
	}
	return w.rows[at]
}

// tells reports whether tshark's cell of a row follows from the datagrams put together.
func (w *whole) tells(c *column, at int, theirs string) bool {
	var row trace.Row
	w.trace.Row(at, &row)
	text := string(c.append(nil, &w.context, &row, &w.theories.segments[at]))
	if text == theirs || c.flag && text != "" && theirs != "" {
		return true
	}
	_, ok := w.theories.explain(c, at, text, theirs)
	return ok
}

// explain does what theories does, for row i, which is of another number here: tshark's cell must follow from the datagrams put
// together, and ours from the capture as it is.
func (w *whole) explain(c *column, own *theories, i, at int, ours, theirs string) (causes defect, ok bool) {
	var row trace.Row
	w.trace.Row(at, &row)
	text := string(c.append(nil, &w.context, &row, &w.theories.segments[at]))
	same := func(a, b string) bool { return a == b || c.flag && a != "" && b != "" }
	if same(ours, text) && own.segments[i].whole {
		if causes, ok = own.explain(c, i, ours, theirs); ok { // of the file, which the other one does not have
			return causes, true
		}
	}
	if !same(text, theirs) {
		if causes, ok = w.theories.explain(c, at, text, theirs); !ok {
			return 0, false
		}
	}
	if same(ours, text) {
		return causes, causes != 0
	}
	if own.segments[i].whole { // else it is what the first fragment holds
		if right, known := ownCell(own, c, i); known && !same(right, ours) || !known && c.name != "packetid" && c.name != "tcpstream" {
			return 0, false
		}
	}
	return causes | reassembly, true
}

// ownCell is what a cell of the capture as it is has by the model without defects. There the first segment of a stream may be another
// one, which numbers are relative to.
func ownCell(own *theories, c *column, i int) (text string, known bool) {
	switch c.name {
	case "tcpseq":
		return own.with(0)[i].relativeSeq, true
	case "tcpack":
		return own.with(0)[i].relativeAck, true
	}
	return own.cell(0, c, i)
}
