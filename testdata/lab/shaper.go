package main

import (
	"math/rand/v2"
	"time"
)

// direction is the way a frame travels.
type direction int

const (
	up   direction = iota // client to server
	down                  // server to client
)

func (d direction) String() string { return [...]string{"up", "down"}[d] }

// fate is what became of a frame, as truth.csv names it.
type fate string

const (
	delivered  fate = "delivered"
	lost       fate = "lost"       // the link's random loss
	overflow   fate = "queue"      // no room before the transmitter
	linkDown   fate = "down"       // the link was down when it was sent, or before it arrived
	dropped    fate = "dropped"    // by a middlebox
	unfinished fate = "unfinished" // still on its way when the run ended
)

// shaper decides when a frame that enters one direction of a path leaves it. It is arithmetic on
// the times it is given: no clock, no waiting. Not safe for concurrent use.
type shaper struct {
	path  Path
	delay time.Duration
	dice  *rand.Rand
	free  time.Duration // when the transmitter has sent all it accepted
	last  time.Duration // latest arrival so far
}

// newShaper seeds the dice from scenario, path and direction, so each has its own sequence.
func newShaper(p Path, dir direction, seed uint64, path int) *shaper {
	delay := p.DelayMs
	if dir == down {
		delay = p.DelayBackMs
	}
	return &shaper{path: p, delay: ms(delay), dice: rand.New(rand.NewPCG(seed, uint64(path)<<1|uint64(dir)))}
}

// admit takes a frame of n bytes at time now. It gives the arrival times (two for a duplicated
// frame), or none and the reason.
func (s *shaper) admit(now time.Duration, n int) ([]time.Duration, fate) {
	tx := time.Duration(0)
	if s.path.RateMbit > 0 {
		tx = time.Duration(float64(n*8) / s.path.RateMbit * 1e3)
	}
	s.free = max(s.free, now)
	if tx > 0 && s.free-now > tx*time.Duration(s.path.Queue) {
		return nil, overflow
	}
	s.free += tx
	if s.path.Loss > 0 && s.dice.Float64() < s.path.Loss {
		return nil, lost
	}
	arrivals := []time.Duration{s.arrival()}
	if s.path.Duplicate > 0 && s.dice.Float64() < s.path.Duplicate {
		arrivals = append(arrivals, s.arrival())
	}
	return arrivals, delivered
}

// arrival is when what has just left the transmitter is at the other end.
func (s *shaper) arrival() time.Duration {
	at := s.free + s.delay
	if s.path.JitterMs > 0 {
		at += time.Duration(s.dice.ExpFloat64() * s.path.JitterMs * 1e6)
	}
	if !s.path.Reorder {
		at = max(at, s.last)
	}
	s.last = max(at, s.last)
	return at
}
