package echarts

import (
	"encoding/base64"
	"encoding/binary"
	"math"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// column is numbers on their way to the script, all of one type:
//
//   - "delta": integers, each as its difference to the one before (the first to 0), zigzag-coded, in base-128 varints as
//     encoding/binary writes them; Bytes is their base64. Every number and difference is below 2⁵², so that JavaScript
//     reads them exactly.
//   - "float": little-endian float64, base64. NaN is a gap.
//   - "texts": Index (a column of integers) points into Texts, of which each goes on where it differs from the one before:
//     Same (integers) is how many characters they have in common.
type column struct {
	Type  string   `json:"t"`
	Bytes string   `json:"b,omitempty"`
	Parts float64  `json:"p,omitempty"` // of "delta": the numbers are so many times too large; 0: they are whole
	Texts []string `json:"d,omitempty"`
	Same  *column  `json:"s,omitempty"`
	Index *column  `json:"i,omitempty"`
}

// largest is the bound of numbers in delta columns: differences of two such numbers, doubled by the zigzag code, are
// still exact in JavaScript.
const largest = 1 << 51

// integers codes integers; those that are too large for JavaScript as floats.
func integers[T int64 | uint32 | int](values []T) *column {
	b := make([]byte, 0, 2*len(values)+binary.MaxVarintLen64)
	last := int64(0)
	for _, v := range values {
		n := int64(v)
		if n > largest || n < -largest {
			return floats(values)
		}
		b = binary.AppendVarint(b, n-last)
		last = n
	}
	return &column{Type: "delta", Bytes: base64.StdEncoding.EncodeToString(b)}
}

// floats codes numbers as they are.
func floats[T int64 | uint32 | int | float64](values []T) *column {
	b := make([]byte, 0, 8*len(values))
	for _, v := range values {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(float64(v)))
	}
	return &column{Type: "float", Bytes: base64.StdEncoding.EncodeToString(b)}
}

// numbers codes Y values: as integers where all are, or all have few decimals.
func numbers(values []float64) *column {
	whole := make([]int64, len(values))
	for _, parts := range []float64{1, 10, 100, 1000} {
		exact := true
		for i, v := range values {
			n := math.Round(v * parts)
			if exact = math.Abs(n) <= largest && n/parts == v; !exact { // NaN is not itself
				break
			}
			whole[i] = int64(n)
		}
		if exact {
			c := integers(whole)
			if parts > 1 {
				c.Parts = parts
			}
			return c
		}
	}
	return floats(values)
}

// texts codes labels by their place in a list of the different ones, each without what it has in common with the one before.
func texts(labels []string) *column {
	c := &column{Type: "texts"}
	index, at := make([]int, len(labels)), map[string]int{}
	var same []int
	var last []rune
	for i, label := range labels {
		k, ok := at[label]
		if !ok {
			k = len(c.Texts)
			at[label] = k
			text := []rune(display.Visible(label))
			n := common(last, text)
			c.Texts, same, last = append(c.Texts, string(text[n:])), append(same, n), text
		}
		index[i] = k
	}
	c.Index = integers(index)
	if len(c.Texts) > 1 {
		c.Same = integers(same)
	}
	return c
}

// common is how many characters two texts begin with alike.
func common(a, b []rune) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// points is one series in one level of detail.
type points struct {
	N      int     `json:"n"`
	X      *column `json:"x"`
	Y      *column `json:"y"`
	Length *column `json:"length,omitempty"` // of segments: Y2 less Y
	Frame  *column `json:"frame,omitempty"`
	Label  *column `json:"label,omitempty"`
	Count  *column `json:"count,omitempty"`
}

// level is a chart, or a window of it, reduced to a width.
type level struct {
	From   float64  `json:"from"` // the window
	To     float64  `json:"to"`
	Width  int      `json:"width"`  // columns of pixels that it was reduced to
	Points int      `json:"points"` // of the chart in the window
	Marks  int      `json:"marks"`  // that stand for them
	Series []points `json:"series"` // as the payload's
}

// newLevel reduces a chart that has been prepared.
func newLevel(c *display.Chart, w display.Window, width int) level {
	reduced, d := display.Reduce(c, w, width)
	l := level{From: float64(d.Window.From), To: float64(d.Window.To), Width: width, Points: d.Points, Marks: d.Marks}
	l.Series = []points{} // an empty list, not null
	for i := range reduced.Series {
		l.Series = append(l.Series, newPoints(&reduced.Series[i]))
	}
	return l
}

func newPoints(s *display.Series) points {
	n := s.Len()
	p := points{N: n, X: integers(s.X[:n]), Y: numbers(s.Y[:n])}
	if s.Mark == display.Segments {
		lengths := make([]float64, n)
		for i := range lengths {
			lengths[i] = s.Y2[i] - s.Y[i]
		}
		p.Length = numbers(lengths)
	}
	if len(s.Frame) >= n && n > 0 {
		p.Frame = integers(s.Frame[:n])
	}
	if len(s.Labels) >= n && slices.ContainsFunc(s.Labels[:n], func(label string) bool { return label != "" }) {
		p.Label = texts(s.Labels[:n])
	}
	if len(s.Count) >= n && slices.ContainsFunc(s.Count[:n], func(c uint32) bool { return c > 1 }) {
		p.Count = integers(s.Count[:n])
	}
	return p
}

// prepare splits events by their signs, so that each has its place in the legend, and keeps everything else.
func prepare(c *display.Chart) *display.Chart {
	out := *c
	out.Series = nil
	for i := range c.Series {
		s := &c.Series[i]
		if s.Mark != display.Event {
			out.Series = append(out.Series, *s)
			continue
		}
		out.Series = append(out.Series, split(s)...)
	}
	return &out
}

func split(s *display.Series) []display.Series {
	var parts []display.Series
	at := map[string]int{}
	for i := range s.Len() {
		_, name := display.Sign(s.Label(i))
		k, ok := at[name]
		if !ok {
			k = len(parts)
			at[name] = k
			part := display.Series{Name: name, Group: s.Group, Mark: s.Mark, Panel: s.Panel, Dashed: s.Dashed, Thin: s.Thin}
			parts = append(parts, part)
		}
		p := &parts[k]
		p.X, p.Y, p.Labels = append(p.X, s.X[i]), append(p.Y, s.Y[i]), append(p.Labels, s.Label(i))
		if i < len(s.Frame) {
			p.Frame = append(p.Frame, s.Frame[i])
		}
		if s.Count != nil {
			p.Count = append(p.Count, uint32(s.Points(i)))
		}
	}
	return parts
}
