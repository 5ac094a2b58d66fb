package text

import (
	"bufio"
	"fmt"
	"slices"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// gutter is between two columns.
const gutter = 2

// layout is how a table is laid out.
type layout struct {
	*display.Table
	columns []column
	folded  []column // those for which there is no room beside the others: they stand below each row
	width   int      // of the terminal
	full    int      // the width at which nothing is broken or folded
}

// column is one column's place.
type column struct {
	index int
	head  []string // lines
	cells int      // width of the widest cell
	width int
	right bool
	text  bool // of text, which may be broken into lines; a number never is
	wide  bool
	bar   bool // has a share's bar behind the number
}

// barWidth is the width of a share's bar with the blank before it.
const barWidth = 9

// tableAs writes a table in the form that was asked for.
func (r Renderer) tableAs(w *bufio.Writer, t *display.Table) error {
	switch t.Form {
	case display.AsCSV:
		return CSV(w, t, ',')
	case display.AsJSON:
		return JSON(w, t)
	case display.AsPeople:
		r.Human = true
	}
	r.table(w, t)
	return nil
}

func (r Renderer) table(w *bufio.Writer, t *display.Table) {
	if title := r.caption(t); title != "" {
		fmt.Fprintln(w, title)
	}
	if t.Rows == 0 {
		empty := t.Empty
		if empty == "" {
			empty = "no rows"
		}
		fmt.Fprintln(w, wrap(clean(empty), r.Width))
		return
	}
	l := r.measure(t)
	l.fit(r.Width)
	r.head(w, l)
	for row := range t.Rows {
		r.row(w, l, row)
	}
}

// caption says what the table is and of which capture.
func (r Renderer) caption(t *display.Table) string {
	if t.Title == "" {
		return ""
	}
	title, source := clean(t.Title), clean(t.Source)
	switch {
	case source == "":
		return r.paint(title, bold)
	case r.Width > 0 && Width(title+" · "+source) > r.Width:
		return r.paint(wrap(title, r.Width), bold) + "\n" + r.paint(wrap(source, r.Width), faint)
	}
	return r.paint(title, bold) + r.paint(" · "+source, faint)
}

// measure finds the widest cell of every column.
func (r Renderer) measure(t *display.Table) *layout {
	l := &layout{Table: t}
	for i := range t.Columns {
		c := &t.Columns[i]
		made := column{index: i, head: []string{clean(c.Heading(r.numbers()))}, wide: c.Wide, bar: c.Share && r.Colour}
		numbers, texts := 0, 0
		for row := range t.Rows {
			v := t.Cell(row, i)
			switch v.Kind() {
			case display.Missing:
			case display.TextKind, display.BoolKind:
				texts++
			default:
				numbers++
			}
			size := Width(r.format(v, c))
			if made.bar {
				size += barWidth
			}
			made.cells = max(made.cells, size)
		}
		made.width = max(made.cells, Width(made.head[0]))
		made.right = numbers > 0 && texts == 0
		made.text = texts > 0
		l.columns = append(l.columns, made)
	}
	l.full = l.taken()
	return l
}

func (l *layout) taken() int {
	total := 0
	for i := range l.columns {
		total += l.columns[i].width + gutter
	}
	return total - gutter
}

// Least widths of text that is broken into lines.
const (
	leastText = 21 // an IPv4 address and a port
	leastWide = 21
)

// fit makes the table as narrow as asked: long heads are broken into lines, bars go, then text is broken, wide text last, then columns are
// folded from the right, wide text last again: they stand below each row, so that nothing is lost.
func (l *layout) fit(width int) {
	l.width = width
	if width <= 0 || l.full <= width {
		return
	}
	l.breakHeads(width)
	l.dropBars(width)
	l.narrow(width, leastText, func(c *column) bool { return c.text && !c.wide })
	l.narrow(width, leastWide, func(c *column) bool { return c.text && c.wide })
	l.fold(width, func(c *column) bool { return !c.wide })
	l.fold(width, func(c *column) bool { return true })
	l.widen(width)
}

// fold takes the chosen columns from the right until the table fits; the first column stays.
func (l *layout) fold(width int, chosen func(*column) bool) {
	for i := len(l.columns) - 1; i > 0 && l.taken() > width; i-- {
		if c := l.columns[i]; chosen(&c) {
			l.folded = append([]column{c}, l.folded...)
			l.columns = append(l.columns[:i], l.columns[i+1:]...)
		}
	}
	slices.SortFunc(l.folded, func(a, b column) int { return a.index - b.index })
}

// dropBars leaves out the bars behind shares until the table fits: the numbers say the same.
func (l *layout) dropBars(width int) {
	for i := range l.columns {
		if c := &l.columns[i]; c.bar && l.taken() > width {
			c.bar = false
			c.cells -= barWidth
			c.width = max(c.cells, widest(c.head))
		}
	}
}

// breakHeads puts heads that are wider than their cells on several lines, the widest gain first.
func (l *layout) breakHeads(width int) {
	for l.taken() > width {
		best, gain := -1, 0
		var broken []string
		for i := range l.columns {
			c := &l.columns[i]
			if len(c.head) > 1 {
				continue
			}
			lines := strings.Fields(c.head[0])
			size := max(widest(lines), c.cells)
			if c.width-size > gain {
				best, gain, broken = i, c.width-size, lines
			}
		}
		if best < 0 {
			return
		}
		l.columns[best].head, l.columns[best].width = broken, l.columns[best].width-gain
	}
}

func widest(lines []string) int {
	size := 0
	for _, line := range lines {
		size = max(size, Width(line))
	}
	return size
}

// narrow narrows the chosen columns, the widest first, until the table fits or all are at the least width.
func (l *layout) narrow(width, least int, chosen func(*column) bool) {
	for l.taken() > width {
		best := -1
		for i := range l.columns {
			c := &l.columns[i]
			if chosen(c) && c.width > max(least, widest(c.head)) && (best < 0 || c.width > l.columns[best].width) {
				best = i
			}
		}
		if best < 0 {
			return
		}
		l.columns[best].width--
	}
}

// widen gives room that folded columns have freed to text that was broken.
func (l *layout) widen(width int) {
	if len(l.folded) == 0 {
		return
	}
	for i := len(l.columns) - 1; i >= 0; i-- {
		c := &l.columns[i]
		if c.text && c.width < c.cells {
			c.width += min(width-l.taken(), c.cells-c.width)
		}
	}
}

func (r Renderer) head(w *bufio.Writer, l *layout) {
	lines := 1
	for i := range l.columns {
		lines = max(lines, len(l.columns[i].head))
	}
	for line := range lines {
		cells := make([]cell, len(l.columns))
		for i := range l.columns {
			c := &l.columns[i]
			if at := line - (lines - len(c.head)); at >= 0 { // heads stand on the rule
				cells[i] = cell{text: c.head[at], style: bold}
			}
		}
		r.line(w, l, cells)
	}
	fmt.Fprintln(w, r.paint(strings.Repeat("─", l.taken()), faint))
}

// cell is a piece of text in a style, with what follows it.
type cell struct {
	text  string
	style style
	after string // drawn already, of barWidth
}

func (r Renderer) row(w *bufio.Writer, l *layout, row int) {
	cells := make([]cell, len(l.columns))
	for i := range l.columns {
		c := &l.columns[i]
		cells[i] = r.cell(l, c, row)
		if c.bar {
			cells[i].after = r.bar(l.Cell(row, c.index))
		}
	}
	for cells != nil {
		cells = r.line(w, l, cells)
	}
	r.below(w, l, row)
}

func (r Renderer) cell(l *layout, c *column, row int) cell {
	v := l.Cell(row, c.index)
	made := cell{text: r.format(v, &l.Columns[c.index])}
	switch v.Kind() {
	case display.Missing:
		made.style = faint
	case display.SubflowKind:
		ordinal, _ := v.Subflow()
		made.style = r.group(ordinal)
	}
	return made
}

// below writes the folded columns of a row: each with its head, as many in a line as there is room for.
func (r Renderer) below(w *bufio.Writer, l *layout, row int) {
	indent := strings.Repeat(" ", min(l.columns[0].width+gutter, l.width/2))
	room := max(l.width-len(indent), 1)
	used := 0
	for i := range l.folded {
		c := &l.folded[i]
		if l.Cell(row, c.index).Kind() == display.Missing {
			continue
		}
		head, at := strings.Join(c.head, " "), r.cell(l, c, row)
		size := Width(head) + 1 + Width(at.text)
		if used > 0 && used+len(separator)-1+size > room {
			w.WriteByte('\n')
			used = 0
		}
		if used > 0 {
			w.WriteString(r.paint(separator, faint))
			used += len(separator) - 1
		} else {
			w.WriteString(indent)
		}
		if size > room {
			w.WriteString(strings.ReplaceAll(breakText(head+" "+at.text, room), "\n", "\n"+indent))
			used = room
			continue
		}
		w.WriteString(r.paint(head, faint) + " " + r.paint(at.text, at.style))
		used += size
	}
	if used > 0 {
		w.WriteByte('\n')
	}
}

// separator stands between folded cells; its dot takes two bytes and one column.
const separator = " · "

// breakText breaks text at blanks so that no line is longer than width; a longer word is broken too.
func breakText(s string, width int) string {
	lines := strings.Split(text.WrapSoft(s, width), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

// line writes the first line of cells in their places, without blanks at its end. It returns what is left of cells that
// are longer than their columns, nil if nothing is.
func (r Renderer) line(w *bufio.Writer, l *layout, cells []cell) (rest []cell) {
	pending := 0
	for i := range l.columns {
		c, at := &l.columns[i], &cells[i]
		room := c.width
		if at.after != "" {
			room -= barWidth
		}
		s := at.text
		if Width(s) > room {
			lines := strings.SplitN(breakText(s, room), "\n", 2)
			s = strings.TrimRight(lines[0], " ")
			if left := strings.TrimLeft(strings.TrimPrefix(at.text, s), " "); left != "" {
				if rest == nil {
					rest = make([]cell, len(cells))
				}
				rest[i] = cell{text: left, style: at.style}
			}
		}
		left := 0
		if c.right {
			left = room - Width(s)
		}
		if s != "" {
			w.WriteString(strings.Repeat(" ", pending+left))
			w.WriteString(r.paint(s, at.style))
			pending = room - left - Width(s)
		} else {
			pending += room
		}
		if at.after != "" {
			w.WriteString(strings.Repeat(" ", pending) + at.after)
			pending = 0
		}
		pending += gutter
	}
	w.WriteByte('\n')
	return rest
}

// bar draws a share between 0 and 1 in eighths of a character.
func (r Renderer) bar(v display.Value) string {
	const blocks = " ▏▎▍▌▋▊▉█"
	glyphs := []rune(blocks)
	share := 0.0
	if v.Kind() == display.FloatKind && v.Float() > 0 {
		share = min(v.Float(), 1)
	}
	eighths := int(share*8*(barWidth-1) + 0.5)
	var b strings.Builder
	for i := range barWidth - 1 {
		b.WriteRune(glyphs[min(max(eighths-8*i, 0), 8)])
	}
	return " " + r.paint(b.String(), foreground(r.palette().Accent))
}
