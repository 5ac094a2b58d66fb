package image_test

import (
	"bytes"
	"flag"
	stdimage "image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/displaytest"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/image"
)

var update = flag.Bool("update", false, "draw the golden pictures anew")

// manySubflows has more subflows than there are colours, in both directions.
func manySubflows() *display.Chart {
	c := displaytest.Shares()
	c.Title, c.Series, c.Y = "Ten subflows", nil, display.Axis{Label: "Throughput", Unit: display.BitsPerSecond}
	for group := range 10 {
		s := display.Series{Name: "subflow", Group: group, Dashed: group%2 == 1, Mark: []display.Mark{display.Line, display.Steps, display.Dots}[group%3]}
		for i := range int64(12) {
			s.X, s.Y = append(s.X, i*1e9), append(s.Y, 1e6*float64(group+1)+2e5*float64(i%3))
		}
		c.Series = append(c.Series, s)
	}
	return c
}

func styled() *display.Chart {
	c := displaytest.Throughput(30)
	c.Apply(&display.Stylesheet{
		Cycle: []display.Look{{Colour: display.Paint{Set: true, Colour: 0xff0000}, Marker: display.SquareMarker}, {Colour: display.Paint{Set: true, Colour: 0x008000}, HasDash: true, Dash: []float64{2, 2}}},
		Sheet: display.Sheet{Width: 600, Height: 420, Grid: display.Grid{None: true}, Page: display.Paint{Set: true, Colour: 0xf4f4e8}},
	})
	return c
}

// Pictures look as they did: at most one pixel in two hundred differs clearly from the golden one. Look at every one that
// -update draws.
func TestGolden(t *testing.T) {
	for name, c := range map[string]*display.Chart{
		"dsn": displaytest.DSN(300), "throughput": displaytest.Throughput(80), "histogram": displaytest.Histogram(),
		"shares": displaytest.Shares(), "ten-subflows": manySubflows(), "style": styled(), "decimated": displaytest.DSN(20_000),
	} {
		for _, dark := range []bool{false, true} {
			if dark && name != "dsn" {
				continue
			}
			file := filepath.Join("testdata", name+".png")
			if dark {
				file = filepath.Join("testdata", name+"-dark.png")
			}
			var b bytes.Buffer
			if err := image.PNG(&b, c, image.Options{Width: 600, Dark: dark}); err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
				continue
			}
			if share := difference(t, b.Bytes(), file); share > 0.005 {
				t.Errorf("%s: %.2f %% of the pixels differ", file, 100*share)
			}
		}
	}
}

// difference is the share of the pixels that differ clearly.
func difference(t *testing.T, picture []byte, file string) float64 {
	t.Helper()
	golden, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got, want := decoded(t, picture), decoded(t, golden)
	if got.Bounds() != want.Bounds() {
		t.Errorf("%s: is %v, was %v", file, got.Bounds(), want.Bounds())
		return 0
	}
	other, b := 0, got.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r1, g1, b1, _ := got.At(x, y).RGBA()
			r2, g2, b2, _ := want.At(x, y).RGBA()
			if apart(r1, r2)+apart(g1, g2)+apart(b1, b2) > 3*0x2000 {
				other++
			}
		}
	}
	return float64(other) / float64(b.Dx()*b.Dy())
}

func apart(a, b uint32) uint32 { return max(a, b) - min(a, b) }

func decoded(t *testing.T, b []byte) stdimage.Image {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return img
}
