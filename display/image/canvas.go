package image

import (
	"bytes"
	"fmt"
	"image/color"
	"io"
	"math"
	"time"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"codeberg.org/go-pdf/fpdf"
	stdfont "golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// point is a place in pixels from the top left.
type point struct{ x, y float64 }

// stroke is how a line is drawn.
type stroke struct {
	colour display.Colour
	width  float64
	dash   []float64
}

// canvas is what a format offers. Lengths are pixels of 1/96 inch.
type canvas interface {
	line(points []point, s stroke)
	fill(points []point, c display.Colour)
	// text is drawn from its left end on a base line.
	text(at point, s string, size float64, bold bool, c display.Colour)
	write(w io.Writer) error
}

// fonts measures text and holds the faces of gonum's canvases.
type fonts struct{ cache *font.Cache }

func newFonts() (fonts, error) {
	var collection font.Collection
	for weight, ttf := range map[stdfont.Weight][]byte{
		stdfont.WeightNormal: liberationsansregular.TTF,
		stdfont.WeightBold:   liberationsansbold.TTF,
	} {
		face, err := opentype.Parse(ttf)
		if err != nil {
			return fonts{}, fmt.Errorf("reading the bundled font: %w", err)
		}
		collection = append(collection, font.Face{Font: font.Font{Typeface: "Liberation", Variant: "Sans", Weight: weight}, Face: face})
	}
	return fonts{cache: font.NewCache(collection)}, nil
}

func (f fonts) face(size float64, bold bool) font.Face {
	wanted := font.Font{Typeface: "Liberation", Variant: "Sans"}
	if bold {
		wanted.Weight = stdfont.WeightBold
	}
	return f.cache.Lookup(wanted, points(size))
}

// measure is the width of a text in pixels.
func (f fonts) measure(s string, size float64, bold bool) float64 {
	face := f.face(size, bold)
	return float64(face.Width(s)) * 96 / 72
}

// points turns pixels into gonum's unit.
func points(pixels float64) vg.Length { return vg.Length(pixels * 72 / 96) }

// gonumCanvas draws on one of gonum's canvases, which count upwards.
type gonumCanvas struct {
	vg.Canvas
	fonts
	height float64
	out    io.WriterTo
	most   int // points that are stroked at once; 0: any number
}

// strokePoints is how many points of a line a PNG strokes at once: for each pixel the rasterizer walks through all that it
// has of the same row, so that a long line that goes up and down takes the square of its length.
const strokePoints = 24

func newPNG(s *sheet, o Options) (canvas, error) {
	c := vgimg.NewWith(vgimg.UseWH(points(s.width), points(s.height)), vgimg.UseDPI(o.DPI))
	return &gonumCanvas{Canvas: c, fonts: s.fonts, height: s.height, out: fewColours{c}, most: strokePoints}, nil
}

func newSVG(s *sheet, _ Options) (canvas, error) {
	c := vgsvg.NewWith(vgsvg.UseWH(points(s.width), points(s.height)))
	return &gonumCanvas{Canvas: c, fonts: s.fonts, height: s.height, out: families{c}}, nil
}

// families names fonts to fall back on: a reader without Liberation would else take one with serifs.
type families struct{ io.WriterTo }

// WriteTo writes the SVG.
func (f families) WriteTo(w io.Writer) (int64, error) {
	var b bytes.Buffer
	if _, err := f.WriterTo.WriteTo(&b); err != nil {
		return 0, err
	}
	svg := bytes.ReplaceAll(b.Bytes(), []byte("font-family:Liberation Sans;"), []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif;"))
	n, err := w.Write(svg)
	return int64(n), err
}

func (g *gonumCanvas) path(at []point) vg.Path {
	var p vg.Path
	for i, q := range at {
		place := vg.Point{X: points(q.x), Y: points(g.height - q.y)}
		if i == 0 {
			p.Move(place)
		} else {
			p.Line(place)
		}
	}
	return p
}

func (g *gonumCanvas) line(at []point, s stroke) {
	g.SetColor(rgb(s.colour))
	g.SetLineWidth(points(s.width))
	var dash []vg.Length
	for _, d := range s.dash {
		dash = append(dash, points(d))
	}
	done := 0.0
	for g.most > 0 && len(at) > g.most {
		g.SetLineDash(dash, points(done))
		g.Stroke(g.path(at[:g.most]))
		done += length(at[:g.most])
		at = at[g.most-1:]
	}
	g.SetLineDash(dash, points(done))
	g.Stroke(g.path(at))
}

// length is that of a line in pixels.
func length(at []point) (n float64) {
	for i := 1; i < len(at); i++ {
		n += math.Hypot(at[i].x-at[i-1].x, at[i].y-at[i-1].y)
	}
	return n
}

func (g *gonumCanvas) fill(at []point, c display.Colour) {
	g.SetColor(rgb(c))
	p := g.path(at)
	p.Close()
	g.Fill(p)
}

func (g *gonumCanvas) text(at point, s string, size float64, bold bool, c display.Colour) {
	g.SetColor(rgb(c))
	g.FillString(g.face(size, bold), vg.Point{X: points(at.x), Y: points(g.height - at.y)}, s)
}

func (g *gonumCanvas) write(w io.Writer) error {
	_, err := g.out.WriteTo(w)
	return err
}

func rgb(c display.Colour) color.Color {
	r, g, b := c.RGB()
	return color.RGBA{R: r, G: g, B: b, A: 255}
}

// pdfCanvas draws a page of a PDF, with fonts that know more than code page 1252.
type pdfCanvas struct{ *fpdf.Fpdf }

func newPDF(s *sheet, _ Options) (canvas, error) {
	size := fpdf.SizeType{Wd: s.width * 72 / 96, Ht: s.height * 72 / 96}
	p := fpdf.NewCustom(&fpdf.InitType{UnitStr: "pt", Size: size})
	p.SetCatalogSort(true) // with fixed dates: the same bytes at every call
	p.SetCreationDate(time.Unix(0, 0).UTC())
	p.SetModificationDate(time.Unix(0, 0).UTC())
	p.SetProducer("mptcpanalyzer", true)
	p.SetAutoPageBreak(false, 0)
	p.AddUTF8FontFromBytes("sans", "", liberationsansregular.TTF)
	p.AddUTF8FontFromBytes("sans", "B", liberationsansbold.TTF)
	p.SetLineJoinStyle("round")
	p.AddPageFormat("P", size)
	return pdfCanvas{p}, p.Error()
}

func (p pdfCanvas) path(at []point) {
	for i, q := range at {
		if i == 0 {
			p.MoveTo(q.x*72/96, q.y*72/96)
		} else {
			p.LineTo(q.x*72/96, q.y*72/96)
		}
	}
}

func (p pdfCanvas) line(at []point, s stroke) {
	r, g, b := s.colour.RGB()
	p.SetDrawColor(int(r), int(g), int(b))
	p.SetLineWidth(s.width * 72 / 96)
	dash := make([]float64, len(s.dash))
	for i, d := range s.dash {
		dash[i] = d * 72 / 96
	}
	p.SetDashPattern(dash, 0)
	p.path(at)
	p.DrawPath("D")
}

func (p pdfCanvas) fill(at []point, c display.Colour) {
	r, g, b := c.RGB()
	p.SetFillColor(int(r), int(g), int(b))
	p.path(at)
	p.ClosePath()
	p.DrawPath("F")
}

func (p pdfCanvas) text(at point, s string, size float64, bold bool, c display.Colour) {
	style := ""
	if bold {
		style = "B"
	}
	r, g, b := c.RGB()
	p.SetTextColor(int(r), int(g), int(b))
	p.SetFont("sans", style, size*72/96)
	p.Text(at.x*72/96, at.y*72/96, s)
}

func (p pdfCanvas) write(w io.Writer) error { return p.Output(w) }
