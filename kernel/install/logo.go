package install

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// The logo: two paths leave one end, in the colours of the first two subflows, and meet in the other. It is drawn on a
// square of side 1.

// point is a place on the logo.
type point struct{ x, y float64 }

// curve is a cubic Bézier curve.
type curve [4]point

// Sizes on the logo.
const (
	stroke = 0.105 // width of a path
	dot    = 0.115 // radius of an end
)

// paths are the two subflows, the lower one drawn first.
func paths() [2]curve {
	return [2]curve{
		{{0.16, 0.5}, {0.36, 0.98}, {0.62, 0.98}, {0.84, 0.5}},
		{{0.16, 0.5}, {0.36, 0.02}, {0.62, 0.02}, {0.84, 0.5}},
	}
}

func ends() [2]point { return [2]point{{0.16, 0.5}, {0.84, 0.5}} }

// ink of the paths and of the ends.
func ink() (lower, upper, end display.Colour) {
	p := display.Light()
	return p.Subflows[1], p.Subflows[0], p.Text
}

// logo is a picture that front ends look for in a kernelspec.
type logo struct {
	name string
	draw func() ([]byte, error)
}

func logos() []logo {
	return []logo{
		{"logo-32x32.png", func() ([]byte, error) { return logoPNG(32) }},
		{"logo-64x64.png", func() ([]byte, error) { return logoPNG(64) }},
		{"logo-svg.svg", func() ([]byte, error) { return []byte(logoSVG()), nil }},
	}
}

func logoSVG() string {
	lower, upper, end := ink()
	var b bytes.Buffer
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" role="img" aria-label="mptcpanalyzer">`)
	for i, c := range paths() {
		colour := [2]display.Colour{lower, upper}[i]
		fmt.Fprintf(&b, `<path fill="none" stroke="%s" stroke-width="%g" d="M%g %gC%g %g %g %g %g %g"/>`, colour.Hex(), 100*stroke,
			100*c[0].x, 100*c[0].y, 100*c[1].x, 100*c[1].y, 100*c[2].x, 100*c[2].y, 100*c[3].x, 100*c[3].y)
	}
	for _, e := range ends() {
		fmt.Fprintf(&b, `<circle cx="%g" cy="%g" r="%g" fill="%s"/>`, 100*e.x, 100*e.y, 100*dot, end.Hex())
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// at is the point of a curve at t, 0…1.
func (c curve) at(t float64) point {
	u := 1 - t
	a, b, d, e := u*u*u, 3*u*u*t, 3*u*t*t, t*t*t
	return point{a*c[0].x + b*c[1].x + d*c[2].x + e*c[3].x, a*c[0].y + b*c[1].y + d*c[2].y + e*c[3].y}
}

// distance from a point to a curve, near enough for a picture of some dozen pixels.
func (c curve) distance(p point) float64 {
	best := math.Inf(1)
	for i := range 101 {
		q := c.at(float64(i) / 100)
		best = min(best, math.Hypot(p.x-q.x, p.y-q.y))
	}
	return best
}

// logoPNG draws the logo in size × size pixels on nothing.
func logoPNG(size int) ([]byte, error) {
	img := image.NewNRGBA(image.Rect(0, 0, size, size))
	for y := range size {
		for x := range size {
			img.SetNRGBA(x, y, pixel(x, y, float64(size)))
		}
	}
	var b bytes.Buffer
	err := png.Encode(&b, img)
	return b.Bytes(), err
}

// pixel lays lower path, upper path and ends over each other; edges are soft over one pixel.
func pixel(x, y int, size float64) color.NRGBA {
	p := point{(float64(x) + 0.5) / size, (float64(y) + 0.5) / size}
	lower, upper, end := ink()
	var r, g, b, alpha float64 // premultiplied
	over := func(c display.Colour, distance float64) {
		a := max(0, min(1, 0.5-distance*size))
		cr, cg, cb := c.RGB()
		r, g, b = float64(cr)*a+r*(1-a), float64(cg)*a+g*(1-a), float64(cb)*a+b*(1-a)
		alpha = a + alpha*(1-a)
	}
	c := paths()
	over(lower, c[0].distance(p)-stroke/2)
	over(upper, c[1].distance(p)-stroke/2)
	for _, e := range ends() {
		over(end, math.Hypot(p.x-e.x, p.y-e.y)-dot)
	}
	if alpha == 0 {
		return color.NRGBA{}
	}
	straight := func(v float64) uint8 { return uint8(math.Round(v / alpha)) }
	return color.NRGBA{R: straight(r), G: straight(g), B: straight(b), A: uint8(math.Round(255 * alpha))}
}
