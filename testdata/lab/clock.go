package main

import "time"

// Clock is the error of a host's clock, as its capture shows it: what the host reads when the true
// time is t after the start of traffic is t + offset + t·drift, and the step more once it happened.
type Clock struct {
	OffsetMs float64 `json:"offset_ms"`
	DriftPPM float64 `json:"drift_ppm"`
	StepMs   float64 `json:"step_ms"`    // added from StepAtMs on; may be negative
	StepAtMs float64 `json:"step_at_ms"` // true time after the start of traffic
}

// read gives the host's reading, relative to the true start, at the true time since that start.
func (c Clock) read(since time.Duration) time.Duration {
	r := since + ms(c.OffsetMs) + time.Duration(float64(since)*c.DriftPPM/1e6)
	if c.StepMs != 0 && since >= ms(c.StepAtMs) {
		r += ms(c.StepMs)
	}
	return r
}

// stopwatch is the one clock of a run: nanoseconds since its start, taken from the monotonic clock,
// and the wall time of that start. It never jumps, whatever the machine does to its own clock.
type stopwatch struct{ start time.Time }

func newStopwatch() stopwatch { return stopwatch{start: time.Now()} }

// now is the true time since the start of the run.
func (s stopwatch) now() time.Duration { return time.Since(s.start) }

// wall turns a time since the start into a calendar time.
func (s stopwatch) wall(since time.Duration) time.Time {
	return time.Unix(0, s.start.UnixNano()+int64(since)).UTC()
}
