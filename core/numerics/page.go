package numerics

import (
	"fmt"
	"io"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// ns is a time of the package in the nanoseconds of display.
func ns(us int64) display.Value { return display.Duration(us * 1000) }

// Table lists the subflows of a topology.
func (t *Topology) Table() *display.Table {
	return &display.Table{
		Name: "topology", Title: strings.TrimSpace("Topology " + t.Name), Rows: len(t.Subflows),
		Columns: []display.Column{
			{Key: "subflow", Head: "Subflow", Doc: "name of the subflow"},
			{Key: "cwnd", Head: "Window", Exact: true, Doc: "congestion window in segments"},
			{Key: "mss", Head: "Segment", Exact: true, Doc: "size of a segment, in the unit of the buffers"},
			{Key: "fowd", Head: "To receiver", Unit: display.Nanoseconds, Doc: "one-way delay to the receiver"},
			{Key: "bowd", Head: "Back", Unit: display.Nanoseconds, Doc: "one-way delay of the acks"},
			{Key: "rtt", Head: "RTT", Unit: display.Nanoseconds, Doc: "round trip"},
			{Key: "rto", Head: "RTO", Unit: display.Nanoseconds, Doc: "retransmission timeout: at least 200 ms"},
			{Key: "throughput", Head: "A second", Doc: "a window each round trip, in the unit of the buffers"},
			{Key: "loss", Head: "Loss %", Doc: "per cent of segments lost; from a capture, of those with data the ones that had to be sent again; the model does not act on it"},
		},
		Cell: func(row, col int) display.Value {
			s := &t.Subflows[row]
			return []display.Value{display.Str(s.Name), display.Uint(uint64(s.Cwnd)), display.Uint(uint64(s.MSS)), ns(s.Fowd), ns(s.Bowd), ns(s.RTT()),
				ns(s.Timeout()), display.Float(s.Throughput()), display.Float(s.Loss)}[col]
		},
	}
}

// Ends is a sentence on the buffers.
func (t *Topology) Ends() string {
	say := func(n int64) string {
		if n == 0 {
			return "not given"
		}
		return fmt.Sprint(n)
	}
	text := fmt.Sprintf("Send buffer %s, receive buffer %s.", say(t.SendBuffer), say(t.RecvBuffer))
	if cycle, err := t.Cycle(); err == nil && cycle <= 60e6 {
		text += fmt.Sprintf(" The subflows are in step again every %g ms.", float64(cycle)/1000)
	}
	return text
}

// Table lists the buffers of RFC 6182; the first row is left out where only timeouts are of interest.
func (b RFC6182) Table(onlyRTO bool) *display.Table {
	type row struct {
		name   string
		at     int64
		buffer float64
	}
	rows := []row{{"fast retransmission: 2 × throughput × longest RTT", b.MaxRTT, b.Fast}, {"timeout: throughput × longest RTO", b.MaxRTO, b.RTO}}
	if onlyRTO {
		rows = rows[1:]
	}
	return &display.Table{
		Name: "buffers", Title: "Receive buffer that survives a loss (RFC 6182 section 5.3)", Rows: len(rows),
		Columns: []display.Column{{Key: "case", Head: "Survives"}, {Key: "time", Head: "Time", Unit: display.Nanoseconds}, {Key: "buffer", Head: "Buffer", Doc: "in the unit of the segments"}},
		Cell: func(r, col int) display.Value {
			return []display.Value{display.Str(rows[r].name), ns(rows[r].at), display.Float(rows[r].buffer)}[col]
		},
	}
}

// Table lists what each subflow contributes.
func (a *Answer) Table() *display.Table {
	return &display.Table{
		Name: "answer", Title: "What the subflows carry", Rows: len(a.Subflows), Empty: "there is no answer",
		Columns: []display.Column{
			{Key: "name", Head: "Subflow"}, {Key: "cwnd", Head: "Window", Exact: true, Doc: "congestion window in segments"},
			{Key: "rx", Head: "Received", Exact: true, Doc: "in order at the end, in the unit of the segments"},
			{Key: "contrib", Head: "Share", Unit: display.Ratio, Share: true, Doc: "of what is received"},
		},
		Cell: func(row, col int) display.Value {
			f := &a.Subflows[row]
			return []display.Value{display.Str(f.Name), display.Uint(uint64(f.Cwnd)), display.Uint(uint64(f.Rx)), display.Float(f.Contrib)}[col]
		},
	}
}

// Sentence says the answer in words.
func (p *Problem) Sentence(a *Answer) string {
	over := fmt.Sprintf("over %g ms (%s)", float64(p.history.duration)/1000, p.Options.Scheduler)
	if p.Options.Withstand != "" {
		over += ", the first window of " + p.Options.Withstand + " being lost"
	}
	switch {
	case a.Status == "Infeasible":
		return "Infeasible: no windows satisfy all constraints. These cannot hold together:\n" + bullets(a.Conflict)
	case a.Status == "Unbounded":
		return "Unbounded: no constraint keeps these from growing together without end:\n" + bullets(a.Growing)
	case p.buffer:
		return fmt.Sprintf("A receive buffer of %d lets every subflow send whenever it may, %s; %d are received in order, %s a second.", a.Buffer, over, a.RcvNext, rate(a.Rate))
	case a.RcvNext == 0:
		return "Nothing can be sent: only empty windows satisfy the constraints. These leave nothing else:\n" + bullets(a.Conflict)
	}
	return fmt.Sprintf("At best %d are received in order through a buffer of %d, %s: %s a second.", a.RcvNext, a.Buffer, over, rate(a.Rate))
}

// rate writes a throughput for people.
func rate(v float64) string {
	if v >= 1000 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.4g", v)
}

func bullets(lines []string) string {
	return "- " + strings.Join(lines, "\n- ")
}

// Chart shows what the receiver has in order and out of order, in the model; nil where there is no answer.
func (p *Problem) Chart(a *Answer) *display.Chart {
	if len(a.progress) == 0 || a.RcvNext == 0 {
		return nil
	}
	t := p.Topology
	inOrder := display.Series{Name: "in order", Group: -1, Mark: display.Steps}
	waiting := display.Series{Name: "out of order", Group: 1, Mark: display.Steps, Panel: 1}
	for _, m := range a.progress {
		inOrder.X, inOrder.Y = append(inOrder.X, m.at*1000), append(inOrder.Y, float64(m.inOrder.times(t, a.cwnd)))
		waiting.X, waiting.Y = append(waiting.X, m.at*1000), append(waiting.Y, float64(m.waiting.times(t, a.cwnd)))
	}
	limit := display.Series{Name: "buffer", Group: -2, Mark: display.Line, Dashed: true, Panel: 1, X: []int64{0, p.history.duration * 1000}, Y: []float64{float64(a.Buffer), float64(a.Buffer)}}
	return &display.Chart{
		ID: "numerics", Title: strings.TrimSpace("Receiver in the model · " + t.Name), Subtitle: p.Options.Scheduler.String(),
		X: display.Axis{Label: "Time", Unit: display.Nanoseconds}, Y: display.Axis{Label: "Received in order"},
		Panels: []display.Axis{{Label: "Waiting out of order"}}, Series: []display.Series{inOrder, waiting, limit},
	}
}

// OverheadChart shows the overhead by the amount of data, spread evenly over the subflows.
func (t *Topology) OverheadChart() *display.Chart {
	c := &display.Chart{ID: "overhead", Title: strings.TrimSpace("Overhead of the options · " + t.Name), Subtitle: fmt.Sprintf("a mapping each %d bytes", coverage),
		X: display.Axis{Label: "Application data", Unit: display.Bytes}, Y: display.Axis{Label: "Overhead", Unit: display.Ratio}}
	for i, f := range dssForms() {
		s := display.Series{Name: f.String(), Group: i, Mark: display.Line}
		for data := int64(10_000); data <= 10_000_000; data = data * 5 / 4 {
			s.X, s.Y = append(s.X, data), append(s.Y, t.Overhead(t.spread(data), f).Share())
		}
		c.Series = append(c.Series, s)
	}
	return c
}

// spread deals data out to the subflows evenly.
func (t *Topology) spread(data int64) []int64 {
	parts := make([]int64, len(t.Subflows))
	for i := range parts {
		parts[i] = data / int64(len(parts))
	}
	parts[0] += data % int64(len(parts))
	return parts
}

func dssForms() []DSSForm {
	return []DSSForm{{Ack: 32, DSN: 32}, {Ack: 64, DSN: 64}, {Ack: 64, DSN: 64, Checksum: true}}
}

// String names the form.
func (d DSSForm) String() string {
	text := fmt.Sprintf("%d-bit ack, %d-bit number", d.Ack, d.DSN)
	if d.Checksum {
		text += ", checksum"
	}
	return text
}

// OverheadTable lists the overhead for some amounts of data.
func (t *Topology) OverheadTable() *display.Table {
	amounts, forms := []int64{100_000, 1_000_000, 10_000_000, 100_000_000}, dssForms()
	return &display.Table{
		Name: "overhead", Title: fmt.Sprintf("Overhead of the options over %d subflows", len(t.Subflows)), Rows: len(amounts) * len(forms),
		Columns: []display.Column{
			{Key: "data", Head: "Data", Unit: display.Bytes}, {Key: "dss", Head: "DSS"}, {Key: "constant", Head: "Opening", Unit: display.Bytes, Doc: "MP_CAPABLE and MP_JOIN exchanges, and the last DSS"},
			{Key: "variable", Head: "Acks and mappings", Unit: display.Bytes}, {Key: "share", Head: "Overhead", Unit: display.Ratio},
		},
		Cell: func(row, col int) display.Value {
			data, f := amounts[row/len(forms)], forms[row%len(forms)]
			o := t.Overhead(t.spread(data), f)
			return []display.Value{display.Uint(uint64(data)), display.Str(f.String()), display.Uint(uint64(o.Constant)), display.Float(o.Variable), display.Float(o.Share())}[col]
		},
	}
}

// WriteTeX writes the overhead as a LaTeX table, with the formula.
func (t *Topology) WriteTeX(w io.Writer) error {
	table := t.OverheadTable()
	var b strings.Builder
	b.WriteString("% overhead = constant + sum over subflows (S_dack * bytes / MSS + S_dss * bytes / coverage)\n\\begin{tabular}{rlrrr}\n")
	b.WriteString("data (bytes) & DSS & opening (bytes) & acks and mappings (bytes) & overhead \\\\\n\\hline\n")
	for row := range table.Rows {
		data, dss, constant := table.Cell(row, 0).Uint(), table.Cell(row, 1).Text(), table.Cell(row, 2).Uint()
		fmt.Fprintf(&b, "%d & %s & %d & %.0f & %.2f\\,\\%% \\\\\n", data, dss, constant, table.Cell(row, 3).Float(), 100*table.Cell(row, 4).Float())
	}
	b.WriteString("\\end{tabular}\n")
	_, err := io.WriteString(w, b.String())
	return err
}
