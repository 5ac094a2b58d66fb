package image

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"io"
	"maps"
	"slices"

	"gonum.org/v1/plot/vg/vgimg"
)

// fewColours writes a drawing as a PNG of at most 256 colours, a third of the size of one with all: a chart has a dozen
// colours and the shades of their edges.
type fewColours struct{ *vgimg.Canvas }

// WriteTo writes the PNG.
func (f fewColours) WriteTo(w io.Writer) (int64, error) {
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.DefaultCompression}
	if err := encoder.Encode(&b, indexed(f.Image())); err != nil {
		return 0, err
	}
	n, err := w.Write(b.Bytes())
	return int64(n), err
}

// indexed gives the picture with a palette: the most exact one that has no more than 256 colours, coarsened by leaving
// out low bits of the channels, where a cell is shown in its commonest colour.
func indexed(img image.Image) image.Image {
	rgba, ok := img.(*image.RGBA)
	if !ok {
		return img
	}
	counts := colourCounts(rgba)
	for bits := uint(0); bits < 8; bits++ {
		if palette, index := cellsOf(counts, bits); palette != nil {
			return remap(rgba, palette, index)
		}
	}
	return img
}

// pixel is the colour at a place in Pix as one number.
func pixel(p []uint8) uint32 { return uint32(p[0])<<16 | uint32(p[1])<<8 | uint32(p[2]) }

// colourCounts counts the pixels of each colour.
func colourCounts(img *image.RGBA) map[uint32]int {
	counts := map[uint32]int{}
	last, run := uint32(0), 0
	for i := 0; i+3 < len(img.Pix); i += 4 {
		if c := pixel(img.Pix[i:]); c != last {
			counts[last] += run
			last, run = c, 0
		}
		run++
	}
	counts[last] += run
	return counts
}

// cellsOf makes a palette of cells of 2^bits values a channel, and says which colour has which place in it; nil where
// there are more than 256. It is the same for the same counts.
func cellsOf(counts map[uint32]int, bits uint) (color.Palette, map[uint32]uint8) {
	mask := uint32(0xff>>bits<<bits) * 0x010101
	best := map[uint32]uint32{}
	for c, n := range counts {
		b, ok := best[c&mask]
		if !ok || n > counts[b] || n == counts[b] && c < b {
			best[c&mask] = c
		}
		if len(best) > 256 {
			return nil, nil
		}
	}
	places := map[uint32]uint8{}
	var palette color.Palette
	for _, cell := range slices.Sorted(maps.Keys(best)) {
		c := best[cell]
		places[cell] = uint8(len(palette))
		palette = append(palette, color.RGBA{R: uint8(c >> 16), G: uint8(c >> 8), B: uint8(c), A: 255})
	}
	index := make(map[uint32]uint8, len(counts))
	for c := range counts {
		index[c] = places[c&mask]
	}
	return palette, index
}

func remap(img *image.RGBA, palette color.Palette, index map[uint32]uint8) *image.Paletted {
	out := image.NewPaletted(img.Rect, palette)
	last, place := ^uint32(0), uint8(0)
	for k := range out.Pix { // both are stored without gaps
		if c := pixel(img.Pix[4*k:]); c != last {
			last, place = c, index[c]
		}
		out.Pix[k] = place
	}
	return out
}
