package display_test

import (
	"math"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

func TestFormat(t *testing.T) {
	const epoch = 1_700_000_000_123_456_789
	none, exact := display.Column{}, display.Column{Exact: true}
	size, ratio := display.Column{Unit: display.Bytes}, display.Column{Unit: display.Ratio}
	bits, ns := display.Column{Unit: display.BitsPerSecond}, display.Column{Unit: display.Nanoseconds}
	relative := display.Column{Unit: display.Nanoseconds, Origin: epoch - 1_500_000_400}
	for _, c := range []struct {
		value                  display.Value
		column                 display.Column
		people, exact, machine string
	}{
		{display.Value{}, none, "–", "–", ""},
		{display.Uint(0), none, "0", "0", "0"},
		{display.Uint(12345), none, "12 345", "12345", "12345"},
		{display.Uint(48990), exact, "48990", "48990", "48990"},
		{display.Uint(math.MaxUint64), exact, "18446744073709551615", "18446744073709551615", "18446744073709551615"},
		{display.Int(-1234), none, "-1 234", "-1234", "-1234"},
		{display.Int(math.MinInt64), exact, "-9223372036854775808", "-9223372036854775808", "-9223372036854775808"},
		{display.Uint(812), size, "812 B", "812", "812"},
		{display.Uint(1000), size, "1.00 kB", "1000", "1000"},
		{display.Uint(8_388_608), size, "8.39 MB", "8388608", "8388608"},
		{display.Uint(999_600), size, "1.00 MB", "999600", "999600"},
		{display.Uint(999_499), size, "999 kB", "999499", "999499"},
		{display.Uint(99_960), size, "100 kB", "99960", "99960"},
		{display.Float(12_345_678.5), bits, "12.3 Mbit/s", "12345678.5", "12345678.5"},
		{display.Float(0.452), ratio, "45.2 %", "0.452", "0.452"},
		{display.Float(1), ratio, "100 %", "1", "1"},
		{display.Float(0), ratio, "0 %", "0", "0"},
		{display.Float(0.00012), ratio, "0.0120 %", "0.00012", "0.00012"},
		{display.Float(math.NaN()), ratio, "–", "–", ""},
		{display.Float(math.Inf(1)), none, "∞", "+Inf", "+Inf"},
		{display.Float(1234.5), none, "1 234", "1234.5", "1234.5"},
		{display.Duration(1_500_000), ns, "1.50 ms", "0.001500000 s", "0.001500000"},
		{display.Duration(42), none, "42 ns", "0.000000042 s", "0.000000042"},
		{display.Duration(-20_400_000_000), none, "-20.4 s", "-20.400000000 s", "-20.400000000"},
		{display.Duration(83_200_000_000), none, "83.2 s", "83.200000000 s", "83.200000000"},
		{display.Duration(99_960_000_000), none, "100 s", "99.960000000 s", "99.960000000"},
		{display.Duration(725e9), none, "12 min 05 s", "725.000000000 s", "725.000000000"},
		{display.Duration(3*3600e9 + 12*60e9), none, "3 h 12 min", "11520.000000000 s", "11520.000000000"},
		{display.Duration(2*86400e9 + 3*3600e9), none, "2 d 03 h", "183600.000000000 s", "183600.000000000"},
		{display.Uint(1_500_000), ns, "1.50 ms", "1500000", "1500000"},
		{display.Time(epoch), relative, "1.500000 s", "2023-11-14 22:13:20.123456789 UTC", "1700000000.123456789"},
		{display.Time(epoch - 2_000_000_400), relative, "-0.500000 s", "2023-11-14 22:13:18.123456389 UTC", "1699999998.123456389"},
		{display.Time(-1), none, "1969-12-31 23:59:59.999999", "1969-12-31 23:59:59.999999999 UTC", "-0.000000001"},
		{display.Bool(true), none, "yes", "yes", "true"},
		{display.Bool(false), none, "no", "no", "false"},
		{display.Subflow(2, 7), none, "7", "7", "7"},
		{display.Str("a\nb"), none, "a\nb", "a\nb", "a\nb"},
	} {
		want := []string{c.people, c.exact, c.machine}
		for style := display.People; style <= display.Machine; style++ {
			w := want[style]
			if c.value.Kind() != display.TimeKind && c.value.Kind() != display.DurationKind {
				w = thousands(w, c.value.Kind())
			}
			if got := display.Format(c.value, &c.column, style); got != w {
				t.Errorf("style %d: got %q, want %q", style, got, w)
			}
		}
	}
}

// thousands writes the blanks of a table above as thin spaces where digits follow.
func thousands(s string, kind display.Kind) string {
	if kind == display.TextKind {
		return s
	}
	for _, d := range strings.Split("0123456789", "") {
		s = strings.ReplaceAll(s, " "+d, "\u2009"+d)
	}
	return s
}

// What people read is within half of the third digit of the raw number.
func TestScaledIsClose(t *testing.T) {
	for _, unit := range []display.Unit{display.Bytes, display.BitsPerSecond, display.BytesPerSecond} {
		for v := 1.0; v < 1e15; v *= 1.0137 {
			text := display.Scaled(math.Trunc(v), unit)
			number, symbol, _ := strings.Cut(text, " ")
			digits := strings.Trim(strings.ReplaceAll(strings.ReplaceAll(number, ".", ""), "\u2009", ""), " ")
			if len(digits) > 4 || v >= 100 && len(digits) < 3 {
				t.Errorf("%v %s: %q has %d digits", v, symbol, text, len(digits))
			}
		}
	}
}

func TestScale(t *testing.T) {
	for _, c := range []struct {
		unit display.Unit
		size float64
		want display.Scale
	}{
		{display.Bytes, 0, display.Scale{Div: 1, Symbol: "B"}},
		{display.Bytes, -2e6, display.Scale{Div: 1e6, Symbol: "MB"}},
		{display.Nanoseconds, 5e6, display.Scale{Div: 1e6, Symbol: "ms"}},
		{display.Nanoseconds, 5e12, display.Scale{Div: 1e9, Symbol: "s"}},
		{display.Packets, 5e12, display.Scale{Div: 1}},
		{display.Ratio, 0.1, display.Scale{Div: 0.01, Symbol: "%"}},
	} {
		if got := c.unit.Scale(c.size); got != c.want {
			t.Errorf("%v of unit %d: %+v", c.size, c.unit, got)
		}
	}
}

func TestHeading(t *testing.T) {
	c := display.Column{Key: "bytes", Head: "Bytes", Unit: display.Bytes}
	for style, want := range map[display.Style]string{display.People: "Bytes", display.Exact: "Bytes (B)", display.Machine: "bytes"} {
		if got := c.Heading(style); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
