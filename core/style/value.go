package style

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"golang.org/x/image/colornames"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// paintOf reads a colour as matplotlib writes it: RRGGBB with # or not, a grey level from 0 to 1, a letter, a name of
// CSS, tab:blue, C0.
func paintOf(value string) (display.Paint, error) {
	text := strings.ToLower(unquoted(strings.TrimSpace(value)))
	for _, table := range [][]named{letters, tableau} {
		for _, n := range table {
			if n.name == text {
				return display.Paint{Set: true, Colour: n.colour}, nil
			}
		}
	}
	if c, ok := colornames.Map[text]; ok {
		return display.Paint{Set: true, Colour: display.Colour(c.R)<<16 | display.Colour(c.G)<<8 | display.Colour(c.B)}, nil
	}
	hex := strings.TrimPrefix(text, "#")
	switch {
	case len(hex) == 3 && hex != text:
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	case len(hex) == 8 && hex != text:
		hex = hex[:6] // without how opaque it is
	}
	if len(hex) == 6 {
		if v, err := strconv.ParseUint(hex, 16, 24); err == nil {
			return display.Paint{Set: true, Colour: display.Colour(v)}, nil
		}
	}
	if grey, err := strconv.ParseFloat(text, 64); err == nil && grey >= 0 && grey <= 1 {
		level := display.Colour(math.Round(grey * 255))
		return display.Paint{Set: true, Colour: level<<16 | level<<8 | level}, nil
	}
	return display.Paint{}, fmt.Errorf("%q is no colour, as 0072b2, r or orange is", value)
}

type named struct {
	name   string
	colour display.Colour
}

// letters are matplotlib's one-letter colours.
var letters = []named{
	{"b", 0x0000ff}, {"g", 0x008000}, {"r", 0xff0000}, {"c", 0x00bfbf}, {"m", 0xbf00bf}, {"y", 0xbfbf00}, {"k", 0x000000}, {"w", 0xffffff},
}

// tableau are matplotlib's default colours, by both their names.
var tableau = []named{
	{"tab:blue", 0x1f77b4}, {"tab:orange", 0xff7f0e}, {"tab:green", 0x2ca02c}, {"tab:red", 0xd62728}, {"tab:purple", 0x9467bd},
	{"tab:brown", 0x8c564b}, {"tab:pink", 0xe377c2}, {"tab:gray", 0x7f7f7f}, {"tab:olive", 0xbcbd22}, {"tab:cyan", 0x17becf},
	{"c0", 0x1f77b4}, {"c1", 0xff7f0e}, {"c2", 0x2ca02c}, {"c3", 0xd62728}, {"c4", 0x9467bd}, {"c5", 0x8c564b}, {"c6", 0xe377c2},
	{"c7", 0x7f7f7f}, {"c8", 0xbcbd22}, {"c9", 0x17becf},
}

// lineStyle reads a stroke: -, --, -., :, None, or their names.
func lineStyle(l *display.Look, value string) error {
	l.HasDash, l.NoLine, l.Dash = true, false, nil
	switch strings.ToLower(unquoted(value)) {
	case "-", "solid":
	case "--", "dashed":
		l.Dash = []float64{5, 4}
	case "-.", "dashdot":
		l.Dash = []float64{9, 3, 2, 3}
	case ":", "dotted":
		l.Dash = []float64{2, 2}
	case "none", "", " ":
		l.NoLine = true
	default:
		l.HasDash = false
		return fmt.Errorf("%q is no stroke: want -, --, -., : or None", value)
	}
	return nil
}

// markerOf reads a marker by matplotlib's letter.
func markerOf(value string) (display.Marker, error) {
	switch strings.ToLower(unquoted(value)) {
	case "none", "", " ", ",":
		return display.NoMarker, nil
	case "o", "h", "p", "8":
		return display.DiscMarker, nil
	case ".":
		return display.PointMarker, nil
	case "s":
		return display.SquareMarker, nil
	case "^":
		return display.UpMarker, nil
	case "v":
		return display.DownMarker, nil
	case "d":
		return display.DiamondMarker, nil
	case "x":
		return display.CrossMarker, nil
	case "+":
		return display.PlusMarker, nil
	case "*":
		return display.StarMarker, nil
	}
	return display.NoMarker, fmt.Errorf("%q is no marker: want o, ., s, ^, v, D, x, +, * or None", value)
}

// mostLooks bounds the length of a cycle, products of cycles included.
const mostLooks = 1000

// cycleOf reads "cycler('color', ['r', 'g']) + cycler('linestyle', ['-', '--'])": + goes through both at once, * through
// every pair.
func cycleOf(value string) ([]display.Look, error) {
	rest := strings.TrimSpace(value)
	var all []display.Look
	for operator := byte('+'); ; {
		part, after, err := oneCycle(rest)
		if err != nil {
			return nil, err
		}
		if all, err = combined(all, part, operator); err != nil {
			return nil, err
		}
		if rest = strings.TrimSpace(after); rest == "" {
			return all, nil
		}
		operator, rest = rest[0], strings.TrimSpace(rest[1:])
		if operator != '+' && operator != '*' {
			return nil, fmt.Errorf("%q is no cycle: want cycler('color', […]), joined by + or *", value)
		}
	}
}

// combined joins two cycles.
func combined(all, part []display.Look, operator byte) ([]display.Look, error) {
	switch {
	case all == nil:
		return part, nil
	case operator == '+' && len(all) != len(part):
		return nil, fmt.Errorf("cycles of %d and %d cannot be added", len(all), len(part))
	case len(all)*len(part) > mostLooks:
		return nil, fmt.Errorf("a cycle of %d is too long", len(all)*len(part))
	}
	var out []display.Look
	for i := range all {
		if operator == '+' {
			out = append(out, merged(all[i], part[i]))
			continue
		}
		for k := range part {
			out = append(out, merged(all[i], part[k]))
		}
	}
	return out, nil
}

// merged has what either of two looks sets.
func merged(a, b display.Look) display.Look {
	if b.Colour.Set {
		a.Colour = b.Colour
	}
	if b.HasDash {
		a.HasDash, a.Dash, a.NoLine = true, b.Dash, b.NoLine
	}
	if b.Line != 0 {
		a.Line = b.Line
	}
	if b.Marker != display.NoMarker {
		a.Marker = b.Marker
	}
	return a
}

// oneCycle reads cycler('color', ['r', 'g']), cycler('color', 'rg') or cycler(color=['r', 'g'], lw=[1, 2]), and gives what
// comes after.
func oneCycle(text string) (looks []display.Look, rest string, err error) {
	inside, found := strings.CutPrefix(text, "cycler(")
	end := strings.IndexByte(inside, ')')
	if !found || end < 0 {
		return nil, "", fmt.Errorf("%q is no cycle, as cycler('color', ['r', 'g']) is", text)
	}
	inside, rest = inside[:end], inside[end+1:]
	if key, letters, ok := strings.Cut(inside, ","); ok && !strings.Contains(inside, "[") {
		looks, err = listOf(strings.Trim(key, " '\""), strings.Join(strings.Split(unquoted(strings.TrimSpace(letters)), ""), ","))
		return looks, rest, err
	}
	for strings.TrimSpace(inside) != "" {
		key, after, ok := strings.Cut(inside, "[")
		list, next, closed := strings.Cut(after, "]")
		if !ok || !closed {
			return nil, "", fmt.Errorf("%q lists no values in [ ]", inside)
		}
		part, err := listOf(strings.Trim(key, " ,='\""), list)
		if err != nil {
			return nil, "", err
		}
		if looks, err = combined(looks, part, '+'); err != nil {
			return nil, "", err
		}
		inside = strings.TrimLeft(next, " ,")
	}
	if len(looks) == 0 {
		return nil, "", fmt.Errorf("the cycle is empty")
	}
	return looks, rest, nil
}

// listOf reads the values of one key of a cycle.
func listOf(key, list string) ([]display.Look, error) {
	var looks []display.Look
	for _, item := range strings.Split(list, ",") {
		if item = unquoted(strings.TrimSpace(item)); item == "" && len(looks) > 0 {
			continue // a comma after the last one
		}
		var l display.Look
		var err error
		switch key {
		case "color", "c":
			l.Colour, err = paintOf(item)
		case "linestyle", "ls":
			err = lineStyle(&l, item)
		case "linewidth", "lw":
			l.Line, err = numberTo(mostStroke, item)
			l.Line = pixels(l.Line)
		case "marker":
			l.Marker, err = markerOf(item)
		default:
			return nil, fmt.Errorf("a cycle of %q has no meaning here: color, linestyle, linewidth and marker have", key)
		}
		if err != nil {
			return nil, err
		}
		looks = append(looks, l)
	}
	return looks, nil
}
