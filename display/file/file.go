// Package file writes a display.File in the format that the extension of its name asks for: charts as pictures, as a web
// page, or as their points; tables as CSV, JSON, a web page or text. It is for native faces; the page in the browser has
// renderers of its own.
package file

import (
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/echarts"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/html"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/image"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/text"
)

// Write writes what the file holds: what its own Write writes, else its chart or table in the format of its name.
func Write(w io.Writer, f *display.File) error {
	switch {
	case f.Write != nil:
		return f.Write(w)
	case f.Chart != nil:
		return chart(w, f.Name, f.Chart)
	case f.Table != nil:
		return table(w, f.Name, f.Table)
	}
	return fmt.Errorf("%s: there is nothing to write", f.Name)
}

// format is the extension of a name in lower case, without the dot.
func format(name string) string { return strings.TrimPrefix(strings.ToLower(path.Ext(name)), ".") }

func chart(w io.Writer, name string, c *display.Chart) error {
	switch format(name) {
	case "png":
		return image.PNG(w, c, image.Options{DPI: 192})
	case "svg", "pdf":
		return image.Write(w, name, c, image.Options{})
	case "csv", "json":
		return table(w, name, c.Table())
	case "html":
		return echarts.File(w, c)
	case "txt":
		return text.Renderer{Human: true}.Block(w, c)
	}
	return fmt.Errorf("%s: a chart is written as .png, .svg, .pdf, .html, .csv, .json or .txt", name)
}

func table(w io.Writer, name string, t *display.Table) error {
	switch format(name) {
	case "csv":
		return text.CSV(w, t, ',')
	case "tsv":
		return text.CSV(w, t, '\t')
	case "json":
		return text.JSON(w, t)
	case "html":
		return html.File(w, t)
	case "txt":
		return text.Renderer{}.Block(w, t)
	}
	return fmt.Errorf("%s: a table is written as .csv, .tsv, .json, .html or .txt", name)
}
