package analysis

import (
	"encoding/json"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/match"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// ClockTable says how far the clocks of two captures are apart.
func ClockTable(p *Pair) *display.Table {
	list := table(p.A, clockFields, 1, func(int) *Pair { return p })
	list.Name, list.Title = "clock", "The clocks of the two captures"
	return list
}

var clockFields = []field[*Pair]{
	{display.Column{Key: "base", Head: "Against", Doc: "the capture whose clock is taken for right: that nearer to the client"}, func(_ *trace.Trace, p *Pair) display.Value {
		return display.Str(p.Names[p.Clock.Base])
	}},
	{display.Column{Key: "other", Head: "Clock of", Doc: "the other capture"}, func(_ *trace.Trace, p *Pair) display.Value {
		return display.Str(p.Names[p.Clock.Base.Other()])
	}},
	clockField("offset_ns", "Ahead", "how far it is ahead at the base's first frame: the middle of what is certain", func(c *match.Clock) (int64, bool) {
		return c.Offset, offsetKnown(c)
	}),
	clockField("offset_low_ns", "At least", "no delay is negative: it is ahead by no less", func(c *match.Clock) (int64, bool) { return c.Low, c.HasLow }),
	clockField("offset_high_ns", "At most", "and by no more", func(c *match.Clock) (int64, bool) { return c.High, c.HasHigh }),
	{display.Column{Key: "drift_ppm", Head: "Drift (ppm)", Doc: "what it gains on the base's clock, in millionths"}, func(_ *trace.Trace, p *Pair) display.Value {
		return display.Float(p.Clock.Drift * 1e6)
	}},
	{display.Column{Key: "steps", Head: "Steps", Doc: "jumps of either clock"}, func(_ *trace.Trace, p *Pair) display.Value {
		return display.Uint(uint64(len(p.Clock.Steps)))
	}},
	{display.Column{Key: "packets", Head: "Packets", Unit: display.Packets, Doc: "what it rests on"}, func(_ *trace.Trace, p *Pair) display.Value {
		return display.Uint(uint64(p.Clock.Packets))
	}},
	{display.Column{Key: "method", Head: "Method", Doc: "envelope: from the least delays both ways; one-way: packets of one direction only; given"}, func(_ *trace.Trace, p *Pair) display.Value {
		return display.Str(p.Clock.Method.String())
	}},
}

// offsetKnown says whether the clocks could be compared.
func offsetKnown(c *match.Clock) bool { return c.Method != match.OneWay && c.Method != match.NoClock }

func clockField(key, head, doc string, value func(*match.Clock) (int64, bool)) field[*Pair] {
	return field[*Pair]{display.Column{Key: key, Head: head, Unit: display.Nanoseconds, Doc: doc}, func(_ *trace.Trace, p *Pair) display.Value {
		v, ok := value(p.Clock)
		if !ok {
			return display.Value{}
		}
		return display.Int(v)
	}}
}

// clockStep is a step as ClockJSON writes it.
type clockStep struct {
	Capture  string `json:"capture"`
	PacketID uint32 `json:"packetid"` // the first after the jump
	At       int64  `json:"at_ns"`    // its time since 1970, by the clock that jumped
	Size     int64  `json:"size_ns"`
}

// ClockJSON is the clock as one JSON object, numbers in it exact; null is what cannot be told.
func ClockJSON(p *Pair) (string, error) {
	c := p.Clock
	known := func(v int64, ok bool) *int64 {
		if !ok {
			return nil
		}
		return &v
	}
	steps := []clockStep{}
	for _, s := range c.Steps {
		steps = append(steps, clockStep{p.Names[s.Of], s.Row + 1, s.At, s.Size})
	}
	out, err := json.Marshal(struct {
		Offset *int64      `json:"offset_ns"`
		Low    *int64      `json:"offset_low_ns"`
		High   *int64      `json:"offset_high_ns"`
		Drift  float64     `json:"drift_ppm"`
		Method string      `json:"method"`
		Steps  []clockStep `json:"steps"`
	}{known(c.Offset, offsetKnown(c)), known(c.Low, c.HasLow), known(c.High, c.HasHigh), c.Drift * 1e6, c.Method.String(), steps})
	return string(out), err
}

// StepTable lists the jumps of the clocks.
func StepTable(p *Pair) *display.Table {
	fields := []field[*match.Step]{
		{display.Column{Key: "capture", Head: "Clock of", Doc: "the capture whose clock jumped"}, func(_ *trace.Trace, s *match.Step) display.Value { return display.Str(p.Names[s.Of]) }},
		{display.Column{Key: "at", Head: "At", Unit: display.Nanoseconds, Doc: "from the start of its capture, by that clock"}, func(_ *trace.Trace, s *match.Step) display.Value {
			return display.Duration(s.At - p.Trace(s.Of).Capture.First)
		}},
		{id("packetid", "Packet", "its first packet after the jump"), func(_ *trace.Trace, s *match.Step) display.Value { return display.Uint(uint64(s.Row) + 1) }},
		{display.Column{Key: "size_ns", Head: "Ahead by", Unit: display.Nanoseconds, Doc: "below zero: it jumped back"}, func(_ *trace.Trace, s *match.Step) display.Value { return display.Int(s.Size) }},
	}
	list := table(p.A, fields, len(p.Clock.Steps), func(i int) *match.Step { return &p.Clock.Steps[i] })
	list.Name, list.Title = "steps", "Jumps of the clocks"
	return list
}
