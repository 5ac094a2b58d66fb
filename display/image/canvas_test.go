package image

import (
	stdimage "image"
	"math"
	"testing"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgimg"
)

// A line that is stroked in pieces looks as one stroked at once, dashes and all.
func TestPieces(t *testing.T) {
	var zigzag []point
	for i := range 400 {
		zigzag = append(zigzag, point{x: 10 + float64(i)*0.7, y: 60 + 45*math.Sin(float64(i)*0.3)})
	}
	for name, dash := range map[string][]float64{"solid": nil, "dashed": {5, 4}, "dotted": {1.5, 2.5}} {
		draw := func(most int) *stdimage.RGBA {
			c := vgimg.NewWith(vgimg.UseWH(points(300), points(120)), vgimg.UseDPI(96), vgimg.UseBackgroundColor(rgb(0xffffff)))
			g := gonumCanvas{Canvas: vg.Canvas(c), height: 120, most: most}
			g.line(zigzag, stroke{colour: 0x0072b2, width: 1.5, dash: dash})
			return c.Image().(*stdimage.RGBA)
		}
		whole, pieces := draw(0), draw(strokePoints)
		drawn, apart := 0, 0
		for i := range whole.Pix {
			if whole.Pix[i] != 0xff {
				drawn++
			}
			if d := int(whole.Pix[i]) - int(pieces.Pix[i]); d > 64 || d < -64 {
				apart++
			}
		}
		if drawn == 0 || apart*50 > drawn {
			t.Errorf("%s: %d of %d drawn values differ", name, apart, drawn)
		}
	}
}
