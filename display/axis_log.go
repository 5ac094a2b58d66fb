package display

import (
	"math"
	"strconv"
)

// Decade is how many offsets of a logarithmic axis stand for a factor of ten: so many that whole numbers up to 10¹¹ come back
// exactly.
const Decade = 1_000_000_000_000

// LogOffset is the place of a value above 0 on a logarithmic axis.
func LogOffset(v float64) int64 { return int64(math.Round(math.Log10(v) * Decade)) }

// LogValue is the value at a place on a logarithmic axis. A value that is a whole number but for rounding is that number.
func LogValue(offset float64) float64 {
	v := math.Pow(10, offset/Decade)
	if n := math.Round(v); math.Abs(v-n) < 1e-9*v {
		return n
	}
	return v
}

// logTicks gives ticks at powers of ten; where these are few, at 1, 2 and 5 times such, and closer still at round values.
func (a *Axis) logTicks(lo, hi float64, want int) (ticks []Tick) {
	add := func(v float64) {
		if at := math.Log10(v) * Decade; at >= lo-1e-9*Decade && at <= hi+1e-9*Decade {
			ticks = append(ticks, Tick{At: at, Label: a.round(v)})
		}
	}
	first, last := math.Floor(lo/Decade), math.Ceil(hi/Decade)
	decades := (hi - lo) / Decade
	switch {
	case decades < 0.7:
		from, to := math.Pow(10, lo/Decade), math.Pow(10, hi/Decade)
		step := RoundStep(to-from, want)
		for k := math.Ceil(from/step - 1e-9); k*step <= to*(1+1e-12); k++ {
			add(k * step)
		}
	case decades*3 <= float64(want)+1:
		for k := first; k <= last; k++ {
			for _, m := range []float64{1, 2, 5} {
				add(m * math.Pow(10, k))
			}
		}
	default:
		every := math.Ceil(decades / float64(want))
		for k := math.Ceil(first/every) * every; k <= last; k += every {
			add(math.Pow(10, k))
		}
	}
	return ticks
}

// round writes a round value in the scale that suits it, with no more digits than it has.
func (a *Axis) round(v float64) string {
	scale := a.Unit.Scale(v * (1 + 1e-9))
	n, _ := strconv.ParseFloat(strconv.FormatFloat(v/scale.Div, 'g', 6, 64), 64)
	text := Thousands(strconv.FormatFloat(n, 'f', -1, 64))
	if scale.Symbol != "" {
		text += " " + scale.Symbol
	}
	return text
}
