package analysis_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// simPath is a path of the simulated sender: a round trip, and a congestion window that stays as it is.
type simPath struct {
	rtt, jitter int64 // ns
	cwnd        int   // bytes
	backup      bool

	inFlight, acked, next int
	queue                 []simRange // data assigned and not sent
	backlog               int        // its bytes
}

// simRange is data sequence numbers [from, to).
type simRange struct{ from, to int }

// simEvent is an ack on its way, or the application writing.
type simEvent struct {
	time  int64
	path  int // -1: the application
	bytes int
	data  simRange
}

// simulation is a sender with a scheduler, which writes what it does as a packet script.
type simulation struct {
	dice    *rand.Rand
	paths   []*simPath
	policy  func(s *simulation) int // path for the next segment, -1 to wait
	burst   int                     // bytes that stay on a path once chosen, sent by its own queue (in the manner of Linux)
	twice   bool                    // every segment goes over all paths
	rate    float64                 // bytes a second that the application writes; 0: as much as can be sent
	total   int
	now     int64
	written int // by the application
	next    int // data sequence number
	last    int // path chosen last
	run     int // segments chosen there by turns
	left    int // of the burst
	got     []simRange
	dack    int
	events  []simEvent
	lines   []simLine
}

type simLine struct {
	time int64
	text string
}

const simMSS = 1000

// script runs the simulation.
func (s *simulation) script() string {
	s.next, s.dack = 1, 1
	for i, p := range s.paths {
		p.next = 1
		at := int64(i) * 5e6
		if i == 0 {
			s.say(at, "C>S 0 S mp_capable")
			s.say(at+p.rtt, "S>C 0 S. mp_capable")
			s.say(at+p.rtt+1000, "C>S 0 . mp_capable")
			continue
		}
		backup := ""
		if p.backup {
			backup = " backup"
		}
		at += s.paths[0].rtt * 2
		s.say(at, "C>S %d S mp_join id=%d%s", i, i+1, backup)
		s.say(at+p.rtt, "S>C %d S. mp_join", i)
		s.say(at+p.rtt+1000, "C>S %d . mp_join", i)
		s.say(at+2*p.rtt+2000, "S>C %d . dss ack8=1", i)
	}
	s.now = 2e9
	s.events = append(s.events, simEvent{time: s.now, path: -1})
	for len(s.events) > 0 {
		i := 0
		for k := range s.events {
			if s.events[k].time < s.events[i].time {
				i = k
			}
		}
		e := s.events[i]
		s.events = slices.Delete(s.events, i, i+1)
		s.now = e.time
		s.happen(e)
		s.send()
	}
	slices.SortStableFunc(s.lines, func(a, b simLine) int { return int(max(min(a.time-b.time, 1), -1)) })
	var b strings.Builder
	for _, l := range s.lines {
		fmt.Fprintf(&b, "%d.%09d %s\n", l.time/1e9, l.time%1e9, l.text)
	}
	return b.String()
}

func (s *simulation) say(time int64, format string, a ...any) {
	s.lines = append(s.lines, simLine{time, fmt.Sprintf(format, a...)})
}

// happen takes in an event.
func (s *simulation) happen(e simEvent) {
	if e.path < 0 {
		if s.rate == 0 {
			s.written = s.total
			return
		}
		s.written = min(s.written+simMSS, s.total)
		if s.written < s.total {
			s.events = append(s.events, simEvent{time: s.now + int64(simMSS/s.rate*1e9*(0.5+s.dice.Float64())), path: -1})
		}
		return
	}
	p := s.paths[e.path]
	p.inFlight -= e.bytes
	p.acked += e.bytes
	s.receive(e.data)
	s.say(s.now, "S>C %d . ack=%d dss ack8=%d", e.path, p.acked+1, s.dack)
}

// receive moves the data ack on.
func (s *simulation) receive(r simRange) {
	s.got = append(s.got, r)
	for again := true; again; {
		again = false
		for i := 0; i < len(s.got); i++ {
			if s.got[i].from <= s.dack {
				s.dack = max(s.dack, s.got[i].to)
				s.got = slices.Delete(s.got, i, i+1)
				i, again = i-1, true
			}
		}
	}
}

// room says whether a path can send another segment.
func (p *simPath) room() bool { return p.inFlight+simMSS <= p.cwnd }

// send sends what can be sent.
func (s *simulation) send() {
	for s.next <= s.written {
		i := s.policy(s)
		if i < 0 {
			break
		}
		r := simRange{s.next, min(s.next+simMSS, s.written+1)}
		s.next = r.to
		s.last = i
		for k := range s.paths {
			if k == i || s.twice {
				s.paths[k].queue = append(s.paths[k].queue, r)
				s.paths[k].backlog += r.to - r.from
			}
		}
		s.drain()
	}
	s.drain()
}

// drain sends what the paths were given.
func (s *simulation) drain() {
	for i, p := range s.paths {
		for len(p.queue) > 0 && p.room() {
			r := p.queue[0]
			p.queue = p.queue[1:]
			n := r.to - r.from
			p.backlog -= n
			s.now += 1000
			s.say(s.now, "C>S %d P. seq=%d len=%d dss dsn8=%d ssn=%d ack8=1", i, p.next, n, r.from, p.next)
			p.next += n
			p.inFlight += n
			back := s.now + p.rtt
			if p.jitter > 0 {
				back += s.dice.Int64N(p.jitter)
			}
			for k := range s.events { // acks of a path stay in order
				if s.events[k].path == i {
					back = max(back, s.events[k].time+1000)
				}
			}
			s.events = append(s.events, simEvent{back, i, n, r})
		}
	}
}

// lowestRTT is the fastest path with room.
func lowestRTT(s *simulation) int {
	best := -1
	for i, p := range s.paths {
		if p.room() && (best < 0 || p.rtt < s.paths[best].rtt) {
			best = i
		}
	}
	return best
}

// inTurn is the next path in turn, after so many segments, if it has room.
func inTurn(segments int) func(s *simulation) int {
	return func(s *simulation) int {
		i := s.last
		if s.run >= segments {
			i = (s.last + 1) % len(s.paths)
		}
		if !s.paths[i].room() {
			return -1
		}
		if i != s.last {
			s.run = 0
		}
		s.run++
		return i
	}
}

// drainsFirst is Linux's: the path that will have sent what it holds first, for a burst; each holds up to twice its window.
func drainsFirst(s *simulation) int {
	if s.left > 0 && s.paths[s.last].backlog < 2*s.paths[s.last].cwnd {
		s.left -= simMSS
		return s.last
	}
	best, least := -1, 0.0
	for i, p := range s.paths {
		if wait := float64(p.backlog+p.inFlight) * float64(p.rtt) / float64(p.cwnd); p.backlog < 2*p.cwnd && (best < 0 || wait < least) {
			best, least = i, wait
		}
	}
	s.left = s.burst - simMSS
	return best
}

// regularFirst uses a backup only when there is no other path; the others by round trip.
func regularFirst(s *simulation) int {
	best, regular := -1, false
	for _, p := range s.paths {
		regular = regular || !p.backup
	}
	for i, p := range s.paths {
		if p.backup != regular && p.room() && (best < 0 || p.rtt < s.paths[best].rtt) {
			best = i
		}
	}
	return best
}
