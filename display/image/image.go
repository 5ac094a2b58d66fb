// Package image draws charts as pictures for print and for places where no script runs: PNG, SVG and PDF, in the look of
// the house, with the Liberation fonts that gonum bundles. PNG and SVG go through gonum/plot's canvases; PDF through
// go-pdf, because gonum's PDF canvas writes only the characters of code page 1252 and our legends have arrows.
//
// The same chart and options give the same bytes. The package draws whole charts; who wants a part cuts the chart before.
// It is for native programs: the fonts and image libraries are too heavy for the page, which renders its own.
package image

import (
	"bytes"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// Options of a picture. The zero value is 900 pixels wide, as high as it needs to be, at 96 dots per inch, on white.
type Options struct {
	// Width and Height in pixels of 1/96 inch. Height 0 is as high as the content asks.
	Width, Height int
	// DPI is the resolution of PNG: 192 is twice as sharp on the same size. 0 is 96.
	DPI int
	// Most is how many bytes a PNG may have: one that has more is drawn again less sharply, though not below 96 DPI. 0 is any.
	Most int
	// Dark draws on the dark background.
	Dark bool
}

// Limits keep a typing error from asking for gigabytes.
const (
	leastWidth   = 200
	mostWidth    = 10_000
	mostDPI      = 1200
	mostPixels   = 100_000_000
	defaultWidth = 900
	leastSharp   = 96 // DPI
)

func (o Options) normal() (Options, error) {
	if o.Width == 0 {
		o.Width = defaultWidth
	}
	if o.DPI == 0 {
		o.DPI = 96
	}
	switch {
	case o.Width < leastWidth || o.Width > mostWidth:
		return o, fmt.Errorf("a picture is %d to %d pixels wide, not %d", leastWidth, mostWidth, o.Width)
	case o.Height < 0 || o.Height > mostWidth:
		return o, fmt.Errorf("a picture is at most %d pixels high, not %d", mostWidth, o.Height)
	case o.DPI < 24 || o.DPI > mostDPI:
		return o, fmt.Errorf("the resolution is 24 to %d dots per inch, not %d", mostDPI, o.DPI)
	}
	return o, nil
}

// Formats lists the extensions that Write knows.
func Formats() []string { return []string{"png", "svg", "pdf"} }

// Write draws a chart in the format that a file name's extension says.
func Write(w io.Writer, name string, c *display.Chart, o Options) error {
	switch strings.ToLower(path.Ext(name)) {
	case ".png":
		return PNG(w, c, o)
	case ".svg":
		return SVG(w, c, o)
	case ".pdf":
		return PDF(w, c, o)
	}
	return fmt.Errorf("%s: a chart is drawn as %s", name, strings.Join(Formats(), ", "))
}

// PNG draws a chart as a PNG.
func PNG(w io.Writer, c *display.Chart, o Options) error {
	if o.Most == 0 {
		return draw(w, c, o, newPNG)
	}
	var b bytes.Buffer
	if err := draw(&b, c, o, newPNG); err != nil {
		return err
	}
	if o.DPI > leastSharp && b.Len() > o.Most && c.Sheet.DPI == 0 {
		o.DPI = max(leastSharp, o.DPI*o.Most/b.Len())
		b.Reset()
		if err := draw(&b, c, o, newPNG); err != nil {
			return err
		}
	}
	_, err := b.WriteTo(w)
	return err
}

// SVG draws a chart as an SVG; text stays text.
func SVG(w io.Writer, c *display.Chart, o Options) error { return draw(w, c, o, newSVG) }

// PDF draws a chart as a PDF of one page; text stays text.
func PDF(w io.Writer, c *display.Chart, o Options) error { return draw(w, c, o, newPDF) }

func draw(w io.Writer, c *display.Chart, o Options, open func(s *sheet, o Options) (canvas, error)) error {
	if c.Sheet.Width > 0 {
		o.Width, o.Height = int(c.Sheet.Width), int(c.Sheet.Height)
	}
	if c.Sheet.DPI > 0 {
		o.DPI = c.Sheet.DPI
	}
	o, err := o.normal()
	if err != nil {
		return err
	}
	s, err := newSheet(c, o)
	if err != nil {
		return err
	}
	if pixels := float64(o.Width) * s.height * float64(o.DPI*o.DPI) / (96 * 96); pixels > mostPixels {
		return fmt.Errorf("a picture of %.0f million dots is too large", pixels/1e6)
	}
	if s.canvas, err = open(s, o); err != nil {
		return err
	}
	s.draw()
	return s.canvas.write(w)
}
