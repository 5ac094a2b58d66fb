package match

import (
	"math"
)

// Clock says how far the clock of one capture is ahead of that of the other, which is its base: offset, drift, and steps.
// It is linear between steps.
//
// Of two hosts' clocks packets tell this much: a packet that travels from the base to the other side shows a time
// difference of offset plus delay, one that travels back of offset less delay. As no delay is negative, every packet
// bounds the offset on one side, and all packets of all subflows together leave an interval of it. Which part of the
// interval is delay towards the one side and which towards the other cannot be observed by anybody: Offset is its
// middle, which is right if the shortest delays there and back are equal, and Low and High hold whatever they are.
type Clock struct {
	Base   Capture // the capture whose clock is taken for right
	Ref    int64   // the base's time for which Offset holds: its first frame
	Offset int64   // ns that the other clock is ahead of the base's
	// Low and High bound Offset, whatever the delays are; valid iff HasLow, HasHigh.
	Low, High       int64
	HasLow, HasHigh bool
	Drift           float64 // what the other clock gains on the base's: 1e-6 is 1 ppm
	// DriftLow and DriftHigh are the drifts that no packet contradicts.
	DriftLow, DriftHigh float64
	Steps               []Step
	Method              Method
	Packets             int // what the estimate rests on
	// Bent is how far the packets contradict a clock that is linear but for its steps, in ns: 0 if they do not.
	Bent int64
}

// Step is a jump of one of the clocks.
type Step struct {
	Of   Capture // whose clock jumped
	Row  uint32  // its first row after the jump
	At   int64   // that row's time, by the clock that jumped
	Size int64   // how far it jumped ahead, in ns
}

// Method says where a clock comes from.
type Method uint8

// Methods.
const (
	NoClock   Method = iota // times as captured
	Envelope                // lower envelopes of the delays both ways
	OneWay                  // packets of one direction only: the offset cannot be told
	GivenAll                // offset and drift given
	GivenPart               // one of them given, the other estimated
)

// String is the method in a word or two, as `clock --json` writes it.
func (m Method) String() string {
	return [...]string{"none", "envelope", "one-way", "given", "given+envelope"}[m%5]
}

// Given is what the caller knows of the clocks. The zero value leaves all to be estimated.
type Given struct {
	None      bool  // take the times as captured
	Offset    int64 // ns, as Clock.Offset
	HasOffset bool
	Drift     float64 // as Clock.Drift
	HasDrift  bool
}

// offset is, at a packet, how far the other clock is ahead of the base's, in ns.
func (c *Clock) offset(baseTime int64, baseRow, otherRow uint32) int64 {
	o := c.Offset
	if c.Drift != 0 {
		o += int64(math.Round(c.Drift * float64(baseTime-c.Ref)))
	}
	for i := range c.Steps {
		switch s := &c.Steps[i]; {
		case s.Of == c.Base && baseRow >= s.Row:
			o -= s.Size
		case s.Of != c.Base && otherRow >= s.Row:
			o += s.Size
		}
	}
	return o
}

// Delay is the one-way delay of a hop in ns, by a clock. It may be negative where the clock is wrong.
func (p *Pairing) Delay(c *Clock, f *Flow, h Hop) int64 {
	from, to := p.Trace(f.Sender), p.Trace(f.Sender.Other())
	sent, received := from.Time(h.Sent), to.Time(h.Received)
	if f.Sender == c.Base {
		return received - sent - c.offset(sent, h.Sent, h.Received)
	}
	return received - sent + c.offset(received, h.Received, h.Sent)
}

// Clock tells how far the clocks are apart, base's being taken for right.
func (p *Pairing) Clock(base Capture, given Given) *Clock {
	c := &Clock{Base: base, Ref: p.Trace(base).Capture.First}
	if given.None {
		return c
	}
	e := p.estimator(c)
	c.Packets = len(e.points)
	e.steps()
	e.bound(given)
	e.fit(given)
	return c
}

// AheadOf is how far the clock that is not of's is ahead of it about a time, of either, steps left out.
func (c *Clock) AheadOf(of Capture, at int64) int64 {
	o := c.Offset + int64(math.Round(c.Drift*float64(at-c.Ref)))
	if of != c.Base {
		return -o
	}
	return o
}
