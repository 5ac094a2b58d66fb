package display

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// Tick is a mark on an axis.
type Tick struct {
	At    float64 // offset from the axis' base
	Label string
}

// Ticks gives up to about want ticks at round values between two offsets, and the axis' name with the unit of their
// labels: "Time (s)".
func (a *Axis) Ticks(lo, hi float64, want int) (ticks []Tick, name string) {
	if !(hi > lo) || math.IsInf(hi-lo, 0) {
		return nil, a.Name(a.Unit.Scale(max(math.Abs(lo), math.Abs(hi))).Symbol)
	}
	want = max(want, 2)
	if len(a.Names) > 0 {
		return a.lanes(lo, hi, want), a.Name("")
	}
	if a.Log {
		return a.logTicks(lo, hi, want), a.Name("")
	}
	if a.Absolute && a.Base != 0 {
		return a.absoluteTicks(lo, hi, want)
	}
	if a.Moments && hi >= longTime && hi-lo >= 1e9*float64(want) {
		return a.hourTicks(lo, hi, want)
	}
	scale := a.Unit.Scale(max(math.Abs(lo), math.Abs(hi)))
	step := RoundStep((hi-lo)/scale.Div, want)
	if math.Floor(hi/scale.Div/step+1e-9)-math.Ceil(lo/scale.Div/step-1e-9) < 1 { // a single tick is no scale
		step = RoundStep((hi-lo)/scale.Div, want+1)
	}
	if a.Unit == Packets || scale.Div == 1 && a.Unit != None && a.Unit != Ratio {
		step = max(step, 1) // there is no half packet, byte or ns
	}
	decimals := max(0, -int(math.Floor(math.Log10(step)+1e-9)))
	for k := math.Ceil(lo/scale.Div/step - 1e-9); k*step <= hi/scale.Div*(1+1e-12)+step*1e-9; k++ {
		ticks = append(ticks, Tick{At: k * step * scale.Div, Label: Thousands(strconv.FormatFloat(k*step+0, 'f', decimals, 64))})
	}
	return ticks, a.Name(scale.Symbol)
}

// longTime is from when on time is written as hours, minutes and seconds, in ns.
const longTime = 3600e9

// hourTicks are ticks of a time axis over more than an hour, at round values of a clock.
func (a *Axis) hourTicks(lo, hi float64, want int) (ticks []Tick, name string) {
	step := clockStep(hi-lo, want)
	for k := math.Ceil(lo / step); k*step <= hi; k++ {
		s, sign := int64(k*step)/1e9, ""
		if s < 0 { // before the capture began, by its own clock
			s, sign = -s, "-"
		}
		label := fmt.Sprintf("%s%d:%02d", sign, s/3600, s/60%60)
		if step < 60e9 {
			label += fmt.Sprintf(":%02d", s%60)
		}
		ticks = append(ticks, Tick{At: k * step, Label: label})
	}
	if step < 60e9 {
		return ticks, a.Name("h:mm:ss")
	}
	return ticks, a.Name("h:mm")
}

// clockStep is the round step of a clock that divides a span into at most want parts.
func clockStep(span float64, want int) float64 {
	steps := clockSteps()
	for _, s := range steps {
		if span/s <= float64(want) {
			return s
		}
	}
	day := steps[len(steps)-1]
	return day * math.Ceil(span/day/float64(want))
}

// lanes are ticks with names, all of them where there is room, else every so many.
func (a *Axis) lanes(lo, hi float64, want int) (ticks []Tick) {
	step := 1
	if n := len(a.Names); n > 3*want {
		step = max(int(RoundStep(float64(n), want)), 1)
	}
	shift := 0 // so that numbers that are named are round
	if _, err := strconv.Atoi(a.Names[0]); err != nil && step > 1 {
		shift = 1
	}
	for i, name := range a.Names {
		if i > 0 && (i == shift || (i-shift)%step != 0) {
			continue
		}
		if at := float64(i); at >= lo && at <= hi {
			ticks = append(ticks, Tick{At: at, Label: name})
		}
	}
	return ticks
}

// Name is the label of the axis with a unit behind it.
func (a *Axis) Name(symbol string) string {
	if symbol == "" {
		return a.Label
	}
	if a.Label == "" {
		return symbol
	}
	return a.Label + " (" + symbol + ")"
}

// RoundStep is a step of 1, 2 or 5 times a power of ten that divides a span into at most want parts.
func RoundStep(span float64, want int) float64 {
	rough := span / float64(want)
	power := math.Pow(10, math.Floor(math.Log10(rough)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= rough*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// clockSteps are the round steps of a clock, in ns, from one second up.
func clockSteps() []float64 {
	const s = 1e9
	return []float64{s, 2 * s, 5 * s, 10 * s, 15 * s, 30 * s, 60 * s, 120 * s, 300 * s, 600 * s, 900 * s, 1800 * s,
		3600 * s, 2 * 3600 * s, 6 * 3600 * s, 12 * 3600 * s, 86400 * s}
}

// absoluteTicks are ticks at round values of base+offset: times of day, or sequence numbers with all their digits.
func (a *Axis) absoluteTicks(lo, hi float64, want int) ([]Tick, string) {
	step := max(RoundStep(hi-lo, want), 1)
	if a.Unit == Nanoseconds && step >= 1e9 {
		step = clockStep(hi-lo, want)
	}
	var ticks []Tick
	first := float64(a.Base % uint64(step))
	for k := math.Ceil((lo + first) / step); k*step-first <= hi; k++ {
		at := k*step - first
		ticks = append(ticks, Tick{At: at, Label: a.absolute(int64(at), step)})
	}
	if a.Unit == Nanoseconds {
		return ticks, a.Name("UTC, " + time.Unix(0, int64(a.Base)).UTC().Format("2006-01-02"))
	}
	return ticks, a.Name("")
}

func (a *Axis) absolute(offset int64, step float64) string {
	v := a.Base + uint64(offset)
	if a.Unit != Nanoseconds {
		return Whole(v)
	}
	layout := "15:04:05"
	if decimals := -int(math.Floor(math.Log10(step/1e9) + 1e-9)); decimals > 0 {
		layout += ".000000000"[:1+min(decimals, 9)]
	}
	return time.Unix(0, int64(v)).UTC().Format(layout)
}

// Padded widens a range so that marks do not touch the edge: a range of one value gets a height, and a range of
// positive numbers that reaches near zero starts there.
func Padded(lo, hi float64) (float64, float64) {
	if lo > hi || math.IsNaN(lo) || math.IsNaN(hi) {
		return 0, 1
	}
	if lo == hi {
		d := max(math.Abs(lo)*0.1, 1)
		return lo - d, hi + d
	}
	pad := (hi - lo) * 0.04
	if lo >= 0 && lo <= 0.25*hi {
		return 0, hi + pad
	}
	return lo - pad, hi + pad
}
