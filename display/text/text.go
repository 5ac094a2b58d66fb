// Package text writes answers as plain text: tables, notes and text as a terminal shows them, charts drawn with
// characters, and tables as CSV and JSON for machines.
//
// A Renderer with its zero value writes the same bytes for the same block everywhere: no colour, no limit of width, all
// digits. Faces set Width and Colour for a terminal. Tables are drawn row by row and may be of any length, which is why
// the layout is made here and only the measuring, cutting and aligning of strings is go-pretty's. Control characters in
// cells (names in captures are anybody's) are shown, never sent to the terminal. It refuses nothing but *display.File,
// which is a face's to save.
package text

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// Renderer says for what the text is written.
type Renderer struct {
	// Width is how many columns there are; 0 is no limit (charts are then 80 wide).
	Width int
	// Colour uses bold, faint and 256 colours.
	Colour bool
	// Dark is a terminal with a dark background: subflows get their lighter colours.
	Dark bool
	// Human scales numbers to three significant digits with their unit; else all digits are written.
	Human bool
}

// Block writes one block, ending in a line feed.
func (r Renderer) Block(w io.Writer, b display.Block) error {
	out := bufio.NewWriter(w)
	switch b := b.(type) {
	case *display.Table:
		if err := r.tableAs(out, b); err != nil {
			return err
		}
	case *display.Chart:
		r.chart(out, b)
	case *display.Text:
		r.text(out, b)
	case *display.Note:
		r.note(out, b)
	case *display.Clear:
		return nil
	case *display.File:
		return fmt.Errorf("%s is a file to be saved, not text", b.Name)
	}
	return out.Flush()
}

// Page writes blocks with a blank line between two.
func (r Renderer) Page(w io.Writer, page display.Page) error {
	for i, b := range page {
		if i > 0 {
			if _, err := io.WriteString(w, "\n"); err != nil {
				return err
			}
		}
		if err := r.Block(w, b); err != nil {
			return err
		}
	}
	return nil
}

// Width is how many columns of a terminal a line takes; escape sequences take none.
func Width(s string) int {
	for _, b := range []byte(s) {
		if b < ' ' || b > '~' {
			return text.StringWidthWithoutEscSequences(s)
		}
	}
	return len(s) // as nearly all cells are
}

// style is how a piece of text stands out.
type style string

// Styles, as the parameters of an SGR escape sequence.
const (
	plain style = ""
	bold  style = "1"
	faint style = "2"
)

// paint puts text in a style when colour is on.
func (r Renderer) paint(s string, st style) string {
	if !r.Colour || st == plain || s == "" {
		return s
	}
	return "\x1b[" + string(st) + "m" + s + "\x1b[0m"
}

func (r Renderer) palette() display.Palette {
	if r.Dark {
		return display.Dark()
	}
	return display.Light()
}

// group is the style of a subflow, of the connection as a whole or of what accompanies.
func (r Renderer) group(group int) style {
	switch {
	case group == display.Grey:
		return faint
	case group < 0:
		return plain
	}
	return foreground(r.palette().Group(group))
}

func foreground(c display.Colour) style { return style("38;5;" + strconv.Itoa(c.ANSI256())) }

// format writes a value for whom the renderer writes.
func (r Renderer) format(v display.Value, c *display.Column) string {
	return clean(display.Format(v, c, r.numbers()))
}

func (r Renderer) numbers() display.Style {
	if r.Human {
		return display.People
	}
	return display.Exact
}

// clean makes what cannot be seen visible, so that one line stays one line and no name drives the terminal.
func clean(s string) string { return display.Visible(s) }

// cleanLines is clean for text of several lines.
func cleanLines(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "\t", "        "), "\n")
	for i := range lines {
		lines[i] = clean(lines[i])
	}
	return strings.Join(lines, "\n")
}

func (r Renderer) text(w *bufio.Writer, t *display.Text) {
	if t.Title != "" {
		fmt.Fprintln(w, r.paint(clean(t.Title), bold))
	}
	body := cleanLines(strings.TrimRight(t.Body, "\n"))
	if t.Pre {
		body = hung(body, r.Width)
	} else {
		body = wrap(body, r.Width)
	}
	if body != "" || t.Title == "" {
		fmt.Fprintln(w, body)
	}
}

func (r Renderer) note(w *bufio.Writer, n *display.Note) {
	word, st := "note: ", faint
	if n.Level >= display.Caution {
		word, st = "warning: ", foreground(r.palette().Warning)
	}
	body := strings.Split(wrap(word+cleanLines(n.Body), r.Width), "\n")
	body[0] = r.paint(word[:len(word)-1], st) + strings.TrimPrefix(body[0], word[:len(word)-1])
	fmt.Fprintln(w, strings.Join(body, "\n"))
}

// wrap breaks paragraphs at blanks so that lines fit the width; a word longer than that has a line of its own.
func wrap(s string, width int) string {
	if width <= 0 {
		return s
	}
	var out []string
	for _, paragraph := range strings.Split(s, "\n") {
		line, used := "", 0
		for _, word := range strings.Split(paragraph, " ") {
			size := Width(word)
			switch {
			case line == "" && used == 0:
				line, used = word, size
			case used+1+size > width:
				out = append(out, strings.TrimRight(line, " "))
				line, used = word, size
			default:
				line, used = line+" "+word, used+1+size
			}
		}
		out = append(out, strings.TrimRight(line, " "))
	}
	return strings.Join(out, "\n")
}
