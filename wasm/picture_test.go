//go:build !js

package main_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"os"
	"strings"
	"testing"
)

// Pictures that are saved are such to other programs too, whatever the capture is called: the SVG is well-formed and
// has a ground, the PNG has marks.
func TestSavedPictures(t *testing.T) {
	content, err := os.ReadFile(capture(t, "two-path-upload.client.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	const name = `two "paths" <b>&amp;' & more.pcapng`
	b := openTab(t, "")
	b.state("ready")
	b.choose(altered(t, name, content))
	b.state("idle")
	b.Wait(drawn)
	var texts strings.Builder
	ground := "" // what the first rectangle, which is behind all, is filled with
	in := xml.NewDecoder(bytes.NewReader(b.saved(func() { b.press("#view", "SVG") })))
	for {
		token, err := in.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("the SVG is no XML: %v", err)
		}
		switch token := token.(type) {
		case xml.CharData:
			texts.Write(token)
		case xml.StartElement:
			if token.Name.Local == "rect" && ground == "" {
				for _, a := range token.Attr {
					if a.Name.Local == "fill" {
						ground = a.Value
					}
				}
			}
		}
	}
	for _, want := range []string{"Data sequence number · connection 0", "0 · 10.0.1.1:34026 → 10.0.1.2:5001", name} {
		if !strings.Contains(texts.String(), want) {
			t.Errorf("the SVG does not say %q: %s", want, texts.String())
		}
	}
	if ground != "#ffffff" {
		t.Errorf("the SVG's ground is %q: on another page its text is not to be read", ground)
	}
	picture, err := png.Decode(bytes.NewReader(b.saved(func() { b.press("#view", "PNG") })))
	if err != nil {
		t.Fatal(err)
	}
	colours := map[[3]uint32]int{}
	for x := picture.Bounds().Min.X; x < picture.Bounds().Max.X; x++ {
		for y := picture.Bounds().Min.Y; y < picture.Bounds().Max.Y; y++ {
			r, g, bl, _ := picture.At(x, y).RGBA()
			colours[[3]uint32{r >> 8, g >> 8, bl >> 8}]++
		}
	}
	for _, subflow := range [][3]uint32{{0x00, 0x72, 0xb2}, {0xd5, 0x5e, 0x00}} {
		if colours[subflow] < 100 {
			t.Errorf("the PNG has %d points of a subflow's colour %x", colours[subflow], subflow)
		}
	}
	b.Quiet()
}
