package image_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image"
	"image/png"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/display/displaytest"
	picture "github.com/mptcpanalyzer/mptcpanalyzer/display/image"
)

func charts() map[string]*display.Chart {
	odd := displaytest.Throughput(20)
	for i := range odd.Series {
		odd.Series[i].Y[3], odd.Series[i].Y[4] = math.Inf(1), math.NaN()
	}
	return map[string]*display.Chart{
		"dsn": displaytest.DSN(300), "dense": displaytest.DSN(20_000), "panels": displaytest.Throughput(50), "histogram": displaytest.Histogram(),
		"shares": displaytest.Shares(), "hostile": displaytest.HostileChart(), "odd": odd, "empty": {}, "title": {Title: "nothing"},
		"one point": {Series: []display.Series{{X: []int64{5}, Y: []float64{3}}}},
	}
}

func draw(t *testing.T, name string, c *display.Chart, o picture.Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := picture.Write(&b, name, c, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func decode(t *testing.T, b []byte) image.Image {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// Every chart is drawn in every format, and twice alike.
func TestFormats(t *testing.T) {
	for name, c := range charts() {
		for _, format := range picture.Formats() {
			first := draw(t, "x."+format, c, picture.Options{})
			if !bytes.Equal(first, draw(t, "x."+strings.ToUpper(format), c, picture.Options{})) {
				t.Errorf("%s: two %ss of one chart differ", name, format)
			}
			if len(first) > 1<<20 {
				t.Errorf("%s.%s has %d bytes", name, format, len(first))
			}
		}
	}
}

func TestSize(t *testing.T) {
	for _, c := range []struct {
		options       picture.Options
		width, height int
	}{
		{picture.Options{}, 900, 0}, {picture.Options{Width: 600, Height: 400}, 600, 400}, {picture.Options{Width: 300, Height: 500, DPI: 192}, 600, 1000},
	} {
		size := decode(t, draw(t, "x.png", displaytest.Histogram(), c.options)).Bounds().Size()
		if size.X != c.width || c.height != 0 && (size.Y < c.height-2 || size.Y > c.height+2) {
			t.Errorf("%+v is drawn in %v", c.options, size)
		}
	}
}

// The picture shows each subflow in its colour, on the background of its scheme.
func TestColours(t *testing.T) {
	for _, dark := range []bool{false, true} {
		palette := display.Light()
		if dark {
			palette = display.Dark()
		}
		img := decode(t, draw(t, "x.png", displaytest.Shares(), picture.Options{Dark: dark}))
		count := map[display.Colour]int{}
		for x := range img.Bounds().Dx() {
			for y := range img.Bounds().Dy() {
				r, g, b, _ := img.At(x, y).RGBA()
				count[display.Colour(r>>8<<16|g>>8<<8|b>>8)]++
			}
		}
		total := img.Bounds().Dx() * img.Bounds().Dy()
		for group, least := range map[int]int{0: total / 10, 1: total / 10, 2: total / 20} {
			if n := count[palette.Group(group)]; n < least {
				t.Errorf("%s: %d of %d dots in the colour of subflow %d", palette.Name, n, total, group)
			}
		}
		if count[palette.Page] < total/10 {
			t.Errorf("%s: the background is not %s", palette.Name, palette.Page.Hex())
		}
	}
}

// An SVG is well-formed whatever names a capture has, and holds no element that runs.
func TestSVGIsInert(t *testing.T) {
	svg := draw(t, "x.svg", displaytest.HostileChart(), picture.Options{})
	d := xml.NewDecoder(bytes.NewReader(svg))
	texts := 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			if name := e.Name.Local; name != "svg" && name != "g" && name != "path" && name != "text" {
				t.Errorf("an element <%s>", name)
			}
		case xml.CharData:
			if strings.Contains(string(e), "<script>window.pwned=1</script>") {
				texts++
			}
		}
	}
	if texts < 5 {
		t.Errorf("the name is shown %d times", texts)
	}
}

func TestRefusals(t *testing.T) {
	c := displaytest.Histogram()
	for _, x := range []struct {
		name    string
		options picture.Options
		want    string
	}{
		{"x.gif", picture.Options{}, "png, svg, pdf"},
		{"x.png", picture.Options{Width: 20}, "200 to 10000"},
		{"x.png", picture.Options{Height: -1}, "10000 pixels high"},
		{"x.png", picture.Options{DPI: 5000}, "dots per inch"},
		{"x.png", picture.Options{Width: 10_000, Height: 10_000, DPI: 1200}, "too large"},
	} {
		err := picture.Write(io.Discard, x.name, c, x.options)
		if err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s %+v: %v", x.name, x.options, err)
		}
	}
}

// A picture that is to have few bytes is less sharp, and no smaller in what it shows.
func TestMost(t *testing.T) {
	c := displaytest.DSN(20_000)
	draw := func(o picture.Options) (size, width int) {
		var b bytes.Buffer
		if err := picture.PNG(&b, c, o); err != nil {
			t.Fatal(err)
		}
		size = b.Len()
		shape, err := png.DecodeConfig(&b)
		if err != nil {
			t.Fatal(err)
		}
		return size, shape.Width
	}
	sharp, width := draw(picture.Options{Width: 600, DPI: 192})
	if width != 1200 {
		t.Fatalf("%d pixels wide", width)
	}
	if size, width := draw(picture.Options{Width: 600, DPI: 192, Most: sharp}); size != sharp || width != 1200 {
		t.Errorf("%d bytes, %d pixels: the picture fitted", size, width)
	}
	if size, width := draw(picture.Options{Width: 600, DPI: 192, Most: sharp * 3 / 4}); size > sharp*4/5 || width >= 1200 || width < 600 {
		t.Errorf("%d bytes of %d, %d pixels", size, sharp, width)
	}
	if _, width := draw(picture.Options{Width: 600, DPI: 192, Most: 1}); width != 600 {
		t.Errorf("%d pixels: less than 96 DPI, or more", width)
	}
}
