// Package html writes tables, text and notes as HTML fragments for notebooks and as whole documents for files.
//
// A fragment stands on its own in a notebook's output: its style (classes prefixed mptcp-, nothing global) and, for
// tables, a small script that sorts by a click on a head come along; where scripts do not run the table is only not
// sortable. The colours are those of the front end where it names them (JupyterLab's --jp-* variables), else ours, light
// and dark. Bare fragments leave both to the page that shows them: see Style and Script.
//
// Everything from a capture is escaped with html.EscapeString. Charts are display/echarts' and refused here, files are a
// face's.
package html

import (
	_ "embed"
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

//go:embed mptcp.css
var css string

//go:embed sort.js
var sortScript string

// Renderer says how HTML is written.
type Renderer struct {
	// Rows is the most rows of a table; 0 is 1,000. What is left out is counted.
	Rows int
	// Bare leaves style and script to the page.
	Bare bool
	// Exact shows all digits; else numbers are scaled and have their digits on hover.
	Exact bool
}

// Block writes one block as a fragment: a <div class="mptcp">.
func (r Renderer) Block(w io.Writer, b display.Block) error { return r.Page(w, display.Page{b}) }

// Page writes blocks one below the other as one fragment, style and script once.
func (r Renderer) Page(w io.Writer, page display.Page) error {
	var out strings.Builder
	sortable := false
	for _, b := range page {
		switch b := b.(type) {
		case *display.Table:
			r.table(&out, b)
			sortable = true
		case *display.Text:
			text(&out, b)
		case *display.Note:
			note(&out, b)
		default:
			return fmt.Errorf("%T is not written as HTML text", b)
		}
	}
	style, script := "", ""
	if !r.Bare && !prose(page) {
		style = "<style>" + Style() + "</style>\n"
		if sortable {
			script = "<script>" + Script() + "</script>\n"
		}
	}
	_, err := io.WriteString(w, "<div class=\"mptcp\">\n"+style+out.String()+script+"</div>\n")
	return err
}

// prose says that a page is paragraphs only, which look well in the style of any front end: they need none of their own.
func prose(page display.Page) bool {
	for _, b := range page {
		if t, ok := b.(*display.Text); !ok || t.Pre || t.Title != "" {
			return false
		}
	}
	return true
}

// File writes a table as a document of its own, with every row.
func File(w io.Writer, t *display.Table) error {
	if _, err := fmt.Fprintf(w, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"+
		"<meta name=\"viewport\" content=\"width=device-width\">\n<title>%s</title>\n<style>%s</style>\n</head>\n<body>\n",
		escape(t.Title), documentStyle()); err != nil {
		return err
	}
	if err := (Renderer{Rows: max(t.Rows, 1)}).Block(w, t); err != nil {
		return err
	}
	_, err := io.WriteString(w, "</body>\n</html>\n")
	return err
}

// Style is the style sheet of the fragments, for a page that shows bare ones.
func Style() string { return variables() + css }

// Script is the script that sorts tables, for a page that shows bare ones.
func Script() string { return sortScript }

// escape makes text of a capture safe in HTML and attributes, and visible.
func escape(s string) string { return html.EscapeString(display.Visible(s)) }

func text(w *strings.Builder, t *display.Text) {
	if t.Title != "" {
		fmt.Fprintf(w, "<p class=\"mptcp-title\">%s</p>\n", escape(t.Title))
	}
	if t.Pre {
		fmt.Fprintf(w, "<pre class=\"mptcp-pre\">%s</pre>\n", lines(t.Body, "\n"))
		return
	}
	for _, paragraph := range strings.Split(t.Body, "\n\n") {
		if strings.TrimSpace(paragraph) != "" {
			fmt.Fprintf(w, "<p class=\"mptcp-prose\">%s</p>\n", lines(paragraph, "<br>\n"))
		}
	}
}

// lines escapes each line and joins them anew.
func lines(s, separator string) string {
	split := strings.Split(strings.ReplaceAll(strings.Trim(s, "\n"), "\t", "        "), "\n")
	for i := range split {
		split[i] = escape(split[i])
	}
	return strings.Join(split, separator)
}

func note(w *strings.Builder, n *display.Note) {
	class, word := "mptcp-note", "note:"
	if n.Level >= display.Caution {
		class, word = "mptcp-note mptcp-warning", "warning:"
	}
	fmt.Fprintf(w, "<p class=\"%s\"><b>%s</b> %s</p>\n", class, word, lines(n.Body, "<br>\n"))
}
