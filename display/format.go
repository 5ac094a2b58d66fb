package display

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Style says for whom a value is written.
type Style uint8

// Styles of writing.
const (
	People  Style = iota // scaled to three significant digits with the unit, thousands apart: "8.39 MB", "12 345"
	Exact                // all digits, none apart, with the unit: what a table shows with --raw and on hover
	Machine              // CSV and JSON: plain digits, seconds with nine decimals, empty when missing
)

// thin separates thousands.
const thin = "\u2009"

// absent stands for a missing value where people read.
const absent = "–"

// Format writes a cell of column c.
func Format(v Value, c *Column, s Style) string {
	switch v.kind {
	case UintKind:
		return formatUint(v.bits, c, s)
	case IntKind:
		if v.Int() < 0 {
			return "-" + formatUint(-v.bits, c, s)
		}
		return formatUint(v.bits, c, s)
	case FloatKind:
		return formatFloat(v.Float(), c, s)
	case TextKind:
		return v.text
	case BoolKind:
		return formatBool(v.Bool(), s)
	case TimeKind:
		return formatTime(v.Int(), c, s)
	case DurationKind:
		return formatDuration(v.Int(), s)
	case SubflowKind:
		_, id := v.Subflow()
		return strconv.FormatUint(id, 10)
	}
	if s == Machine {
		return ""
	}
	return absent
}

// formatUint writes an unsigned number; the caller has written its sign.
func formatUint(v uint64, c *Column, s Style) string {
	digits := strconv.FormatUint(v, 10)
	switch {
	case s != People || c.Exact:
		return digits
	}
	switch c.Unit {
	case Bytes, BytesPerSecond, BitsPerSecond:
		return Scaled(float64(v), c.Unit)
	case Nanoseconds:
		if v <= math.MaxInt64 {
			return formatDuration(int64(v), People)
		}
	}
	return Thousands(digits)
}

func formatFloat(v float64, c *Column, s Style) string {
	switch {
	case math.IsNaN(v) && s == Machine:
		return ""
	case math.IsNaN(v):
		return absent
	case s != People:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case c.Unit == Nanoseconds && math.Abs(v) < math.MaxInt64:
		return formatDuration(int64(math.Round(v)), People)
	}
	return Scaled(v, c.Unit)
}

func formatBool(v bool, s Style) string {
	if s == Machine {
		return strconv.FormatBool(v)
	}
	if v {
		return "yes"
	}
	return "no"
}

// formatTime writes a moment: for people relative to the column's origin with µs, or the time of day where it has none;
// exactly as UTC; for machines seconds since the epoch with ns.
func formatTime(ns int64, c *Column, s Style) string {
	if s == Machine {
		return seconds(ns, 9)
	}
	if s == People && c.Origin != 0 {
		return seconds(ns-c.Origin, 6) + " s"
	}
	moment := time.Unix(floorDiv(ns, 1e9), ns-floorDiv(ns, 1e9)*1e9).UTC()
	if s == People {
		return moment.Format("2006-01-02 15:04:05.000000")
	}
	return moment.Format("2006-01-02 15:04:05.000000000 UTC")
}

// floorDiv divides towards minus infinity.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// seconds writes ns as seconds with 0 to 9 decimals, rounding half away from zero, in integers throughout.
func seconds(ns int64, decimals int) string {
	sign, u := "", uint64(ns)
	if ns < 0 {
		sign, u = "-", -uint64(ns)
	}
	unit := uint64(1)
	for i := decimals; i < 9; i++ {
		unit *= 10
	}
	u = (u + unit/2) / unit
	if u == 0 {
		sign = ""
	}
	perSecond := 1_000_000_000 / unit
	if perSecond == 1 {
		return sign + strconv.FormatUint(u, 10)
	}
	fraction := strconv.FormatUint(u%perSecond, 10)
	return sign + strconv.FormatUint(u/perSecond, 10) + "." + strings.Repeat("0", decimals-len(fraction)) + fraction
}

// formatDuration writes a span: three significant digits up to 100 s, then whole seconds, minutes, hours and days.
func formatDuration(ns int64, s Style) string {
	if s == Machine {
		return seconds(ns, 9)
	}
	if s == Exact {
		return seconds(ns, 9) + " s"
	}
	sign, u := "", uint64(ns)
	if ns < 0 {
		sign, u = "-", -uint64(ns)
	}
	// 99.95 s is where three digits would become "100.0".
	if u < 99_950_000_000 {
		return sign + Scaled(float64(u), Nanoseconds)
	}
	sec := (u + 500_000_000) / 1_000_000_000
	two := func(n uint64) string { return strconv.FormatUint(n/10, 10) + strconv.FormatUint(n%10, 10) }
	switch {
	case sec < 600:
		return sign + strconv.FormatUint(sec, 10) + " s"
	case sec < 3600:
		return sign + strconv.FormatUint(sec/60, 10) + " min " + two(sec%60) + " s"
	case sec < 86400:
		return sign + strconv.FormatUint(sec/3600, 10) + " h " + two(sec/60%60) + " min"
	}
	return sign + Thousands(strconv.FormatUint(sec/86400, 10)) + " d " + two(sec/3600%24) + " h"
}

// Scaled writes a raw number with three significant digits in the scale that suits it: "8.39 MB", "45.2 %", "812 B".
// A number of no unit keeps all its whole digits: "12 345".
func Scaled(v float64, u Unit) string {
	if math.IsNaN(v) {
		return absent
	}
	if math.IsInf(v, 0) {
		return map[bool]string{true: "∞", false: "-∞"}[v > 0]
	}
	scale := u.Scale(v)
	if next := u.Scale(scale.Div * 1000); math.Abs(v)/scale.Div >= 999.5 && next != scale {
		scale = next // 999.6 kB reads 1.00 MB, not 1000 kB
	}
	n := significant(v/scale.Div, whole(v, scale, u))
	if scale.Symbol == "" {
		return n
	}
	return n + " " + scale.Symbol
}

// whole says whether v counts indivisible things, which have no decimals.
func whole(v float64, scale Scale, u Unit) bool {
	return scale.Div == 1 && u != Ratio && v == math.Trunc(v)
}

// significant writes v with three significant digits, more where it has more whole ones.
func significant(v float64, whole bool) string {
	a := math.Abs(v)
	decimals := 2
	switch {
	case whole || a >= 99.95:
		decimals = 0
	case a >= 9.995:
		decimals = 1
	case a > 0 && a < 0.9995:
		decimals = min(2-int(math.Floor(math.Log10(a))), 9)
	}
	if a == 0 {
		decimals = 0
	}
	text := strconv.FormatFloat(v, 'f', decimals, 64)
	if zero, _ := strconv.ParseFloat(text, 64); zero == 0 {
		return "0"
	}
	return Thousands(text)
}

// integer is any type of whole numbers.
type integer interface {
	~int | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

// Whole writes a whole number for people: "12 345".
func Whole[N integer](n N) string { return Thousands(fmt.Sprint(n)) }

// Count writes a number of things, which an s makes many: "1 packet", "12 345 packets".
func Count[N integer](n N, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return Whole(n) + " " + thing
}

// Thousands puts thin spaces between the thousands of a decimal number.
func Thousands(digits string) string {
	sign, rest := "", digits
	if strings.HasPrefix(rest, "-") {
		sign, rest = "-", rest[1:]
	}
	integer, fraction := rest, ""
	if i := strings.IndexByte(rest, '.'); i >= 0 {
		integer, fraction = rest[:i], rest[i:]
	}
	if len(integer) < 4 {
		return digits
	}
	var b strings.Builder
	b.WriteString(sign)
	for i := range integer {
		if i > 0 && (len(integer)-i)%3 == 0 {
			b.WriteString(thin)
		}
		b.WriteByte(integer[i])
	}
	b.WriteString(fraction)
	return b.String()
}

// Heading is the head of a column: for people its Head, exactly with the unit of raw numbers, for machines its Key.
func (c *Column) Heading(s Style) string {
	switch {
	case s == Machine:
		return c.Key
	case s == Exact && !c.Exact && c.Unit != Nanoseconds && c.Unit.Symbol() != "":
		return c.Head + " (" + c.Unit.Symbol() + ")"
	}
	return c.Head
}
