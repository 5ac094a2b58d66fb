package display_test

import (
	"math"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// luminance as WCAG 2 defines it.
func luminance(c display.Colour) float64 {
	r, g, b := c.RGB()
	channel := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(r) + 0.7152*channel(g) + 0.0722*channel(b)
}

func contrast(a, b display.Colour) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// A style's page decides which of the house's colours go with it, wherever it is shown.
func TestPaletteSuitsThePage(t *testing.T) {
	black, white := display.Paint{Set: true}, display.Paint{Set: true, Colour: 0xffffff}
	for _, c := range []struct {
		sheet display.Sheet
		want  display.Colour
	}{
		{display.Sheet{}, display.Dark().Text},
		{display.Sheet{Page: white}, display.Light().Text},
		{display.Sheet{Area: white}, display.Light().Text},
		{display.Sheet{Page: black, Area: white}, display.Dark().Text},
		{display.Sheet{Page: white, Text: black}, 0},
	} {
		if p := c.sheet.Palette(display.Dark()); p.Text != c.want {
			t.Errorf("%+v has text in %s, want %s", c.sheet, p.Text.Hex(), c.want.Hex())
		}
	}
}

func TestTextIsLegible(t *testing.T) {
	for _, p := range []display.Palette{display.Light(), display.Dark()} {
		for _, background := range []display.Colour{p.Page, p.Surface, p.Raised} {
			for _, text := range []display.Colour{p.Text, p.Muted, p.Accent, p.Good, p.Warning, p.Bad} {
				if c := contrast(text, background); c < 4.5 {
					t.Errorf("%s: %s on %s has a contrast of %.2f", p.Name, text.Hex(), background.Hex(), c)
				}
			}
		}
	}
}

func TestANSI256(t *testing.T) {
	for colour, want := range map[display.Colour]int{0x000000: 16, 0xffffff: 231, 0x808080: 244, 0xff0000: 196, 0x0072b2: 25} {
		if got := colour.ANSI256(); got != want {
			t.Errorf("%s is %d, want %d", colour.Hex(), got, want)
		}
	}
}

func TestSign(t *testing.T) {
	for label, want := range map[string][2]string{
		"SYN": {"▲", "SYN"}, "ADD_ADDR 3": {"+", "ADD_ADDR"}, "dup ack 2": {"╵", "dup ack"}, "SYNX 1": {"•", "SYNX 1"}, "": {"•", ""},
	} {
		if glyph, name := display.Sign(label); glyph != want[0] || name != want[1] {
			t.Errorf("%q is %q, %q; want %q", label, glyph, name, want)
		}
	}
}

// No two of the first 16 subflows, in either direction, look alike.
func TestStrokesDiffer(t *testing.T) {
	type stroke struct {
		colour display.Colour
		a, b   float64
	}
	seen := map[stroke]bool{}
	for group := range 24 {
		for _, towardsClient := range []bool{false, true} {
			s := stroke{colour: display.Light().Group(group)}
			if d := display.Dash(group, towardsClient); d != nil {
				s.a, s.b = d[0], d[1]
			}
			if seen[s] {
				t.Errorf("subflow %d, towards client %v: looks like another", group, towardsClient)
			}
			seen[s] = true
		}
	}
}
