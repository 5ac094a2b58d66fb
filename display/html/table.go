package html

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

func (r Renderer) table(w *strings.Builder, t *display.Table) {
	if t.Rows == 0 {
		empty := t.Empty
		if empty == "" {
			empty = "no rows"
		}
		fmt.Fprintf(w, "<p class=\"mptcp-empty\">%s</p>\n", escape(empty))
		return
	}
	rows := r.Rows
	if rows <= 0 {
		rows = display.MostRows
	}
	rows = min(rows, t.Rows)
	w.WriteString("<div class=\"mptcp-scroll\"><table class=\"mptcp-table\">\n")
	caption(w, t)
	numbers := r.head(w, t, rows)
	w.WriteString("<tbody>\n")
	for row := range rows {
		r.row(w, t, row, numbers)
	}
	w.WriteString("</tbody></table></div>\n")
	if rows < t.Rows {
		more(w, t, rows)
	}
}

// caption says what the table is, by which command, of which capture.
func caption(w *strings.Builder, t *display.Table) {
	var parts []string
	if t.Title != "" {
		parts = append(parts, "<b>"+escape(t.Title)+"</b>")
	}
	if t.Command != "" {
		parts = append(parts, "<code>"+escape(t.Command)+"</code>")
	}
	if t.Source != "" {
		parts = append(parts, escape(t.Source))
	}
	if len(parts) > 0 {
		w.WriteString("<caption>" + strings.Join(parts, " · ") + "</caption>\n")
	}
}

// more says how many rows are not there and how to get them.
func more(w *strings.Builder, t *display.Table, rows int) {
	fmt.Fprintf(w, "<p class=\"mptcp-more\">the first %s of %s rows", display.Whole(rows), display.Whole(t.Rows))
	if all := t.AllRows(); all != "" {
		fmt.Fprintf(w, "; <code>%s</code> writes all", escape(all))
	}
	w.WriteString("</p>\n")
}

func (r Renderer) style() display.Style {
	if r.Exact {
		return display.Exact
	}
	return display.People
}

// head writes the heads and says which columns hold numbers.
func (r Renderer) head(w *strings.Builder, t *display.Table, rows int) []bool {
	numbers := make([]bool, len(t.Columns))
	w.WriteString("<thead><tr>")
	for i := range t.Columns {
		c := &t.Columns[i]
		numbers[i] = numeric(t, i, rows)
		w.WriteString("<th scope=\"col\" tabindex=\"0\"")
		if numbers[i] {
			w.WriteString(" class=\"mptcp-num\"")
		}
		if c.Doc != "" {
			w.WriteString(" title=\"" + escape(c.Doc) + "\"")
		}
		w.WriteString(">" + escape(c.Heading(r.style())) + "</th>")
	}
	w.WriteString("</tr></thead>\n")
	return numbers
}

// numeric says whether a column holds numbers: all its values that are there are, and there is one.
func numeric(t *display.Table, col, rows int) bool {
	found := false
	for row := range rows {
		switch t.Cell(row, col).Kind() {
		case display.Missing:
		case display.TextKind, display.BoolKind:
			return false
		default:
			found = true
		}
	}
	return found
}

func (r Renderer) row(w *strings.Builder, t *display.Table, row int, numbers []bool) {
	w.WriteString("<tr")
	if t.Open != nil {
		if command := t.Open(row); command != "" {
			w.WriteString(" data-open=\"" + escape(command) + "\"")
		}
	}
	w.WriteString(">")
	for col := range t.Columns {
		r.cell(w, t.Cell(row, col), &t.Columns[col], numbers[col])
	}
	w.WriteString("</tr>\n")
}

// cell writes a value: what people read, all digits on hover, what is sorted by in data-v.
func (r Renderer) cell(w *strings.Builder, v display.Value, c *display.Column, number bool) {
	shown := display.Format(v, c, r.style())
	var classes []string
	if number {
		classes = append(classes, "mptcp-num")
	}
	if c.Wide && utf8.RuneCountInString(shown) > longText {
		classes = append(classes, "mptcp-wide")
	}
	if v.Kind() == display.Missing {
		classes = append(classes, "mptcp-none")
	}
	w.WriteString("<td")
	if len(classes) > 0 {
		w.WriteString(" class=\"" + strings.Join(classes, " ") + "\"")
	}
	if exact := display.Format(v, c, display.Exact); exact != shown && v.Kind() != display.Missing {
		w.WriteString(" title=\"" + escape(exact) + "\"")
	}
	if machine := display.Format(v, c, display.Machine); number && machine != shown && v.Kind() != display.Missing {
		w.WriteString(" data-v=\"" + escape(machine) + "\"")
	}
	w.WriteString(">" + content(v, c, shown) + "</td>")
}

// longText is how many characters stay on one line in a wide column.
const longText = 48

// content is what stands in a cell: text, a subflow's chip, or a share with its bar.
func content(v display.Value, c *display.Column, shown string) string {
	switch {
	case v.Kind() == display.SubflowKind:
		ordinal, _ := v.Subflow()
		n := len(display.Palette{}.Subflows)
		class := fmt.Sprintf("mptcp-chip mptcp-s%d", ordinal%n)
		if cycle := ordinal / n % 3; cycle > 0 {
			class += fmt.Sprintf(" mptcp-chip-%d", cycle)
		}
		return "<span class=\"" + class + "\">" + escape(shown) + "</span>"
	case c.Share && v.Kind() == display.FloatKind && v.Float() >= 0:
		// An SVG's attribute, because strict pages allow no style attribute.
		return fmt.Sprintf("<span class=\"mptcp-share\"><svg viewBox=\"0 0 100 1\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"+
			"<rect width=\"%.1f\" height=\"1\"></rect></svg><span>%s</span></span>", min(v.Float(), 1)*100, escape(shown))
	}
	return escape(shown)
}
