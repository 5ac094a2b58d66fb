package text

import (
	"math"
	"strings"
)

// canvas is a grid of characters of which each has 2 × 4 dots, as Braille has, an owner who drew there last, and perhaps
// a sign that stands over the dots.
type canvas struct {
	cols, rows int
	dots       []uint8
	owner      []int
	signs      []cell
}

func newCanvas(cols, rows int) *canvas {
	return &canvas{cols: cols, rows: rows, dots: make([]uint8, cols*rows), owner: make([]int, cols*rows), signs: make([]cell, cols*rows)}
}

// dot sets one dot; x to the right, y downwards, in dots.
func (c *canvas) dot(x, y, owner int) {
	if x < 0 || y < 0 || x >= 2*c.cols || y >= 4*c.rows {
		return
	}
	// The bits of U+2800: dots 1 2 3 7 in the left column, 4 5 6 8 in the right one.
	bits := [2][4]uint8{{0x01, 0x02, 0x04, 0x40}, {0x08, 0x10, 0x20, 0x80}}
	at := y/4*c.cols + x/2
	c.dots[at] |= bits[x%2][y%4]
	c.owner[at] = owner
}

// dash counts the dots of a line and leaves some of them out.
type dash struct {
	pattern []float64
	at      float64
}

func (d *dash) draws() bool {
	if len(d.pattern) == 0 {
		return true
	}
	total := 0.0
	for _, p := range d.pattern {
		total += p
	}
	at := math.Mod(d.at, total)
	d.at++
	for i, p := range d.pattern {
		if at < p {
			return i%2 == 0
		}
		at -= p
	}
	return true
}

// line joins two dots.
func (c *canvas) line(x0, y0, x1, y1, owner int, d *dash) {
	steps := max(abs(x1-x0), abs(y1-y0))
	for i := range steps + 1 {
		t := 0.0
		if steps > 0 {
			t = float64(i) / float64(steps)
		}
		if d.draws() {
			c.dot(x0+int(math.Round(t*float64(x1-x0))), y0+int(math.Round(t*float64(y1-y0))), owner)
		}
	}
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

// fill sets all dots of a rectangle, both corners in it.
func (c *canvas) fill(x0, y0, x1, y1, owner int) {
	for x := max(x0, 0); x <= min(x1, 2*c.cols-1); x++ {
		for y := max(min(y0, y1), 0); y <= min(max(y0, y1), 4*c.rows-1); y++ {
			c.dot(x, y, owner)
		}
	}
}

// sign puts a text over the character that holds a dot, and further to the right as far as it reaches. A text that
// begins over another sign is moved nowhere: what was there first stays.
func (c *canvas) sign(x, y int, s string, st style) {
	col, row := x/2, y/4
	if x < 0 || y < 0 || col >= c.cols || row >= c.rows {
		return
	}
	for i, glyph := range []rune(s) {
		if col+i >= c.cols || c.signs[row*c.cols+col+i].text != "" {
			return
		}
		c.signs[row*c.cols+col+i] = cell{text: string(glyph), style: st}
	}
}

// row gives one row of characters: signs, then dots by the ink of their owner, then the ground.
func (c *canvas) row(row int, ink func(owner int, dots uint8) cell, ground cell, paint func(string, style) string) string {
	var b strings.Builder
	var run strings.Builder
	var current style
	flush := func() {
		b.WriteString(paint(run.String(), current))
		run.Reset()
	}
	for at := row * c.cols; at < (row+1)*c.cols; at++ {
		next := ground
		switch {
		case c.signs[at].text != "":
			next = c.signs[at]
		case c.dots[at] != 0:
			next = ink(c.owner[at], c.dots[at])
		}
		if next.style != current {
			flush()
			current = next.style
		}
		run.WriteString(next.text)
	}
	flush()
	return b.String()
}
