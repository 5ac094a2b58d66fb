package numerics

import (
	"cmp"
	"container/heap"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// Scheduler is the order in which a sender fills the subflows that are free.
type Scheduler uint8

// The schedulers of the original. All send on every free subflow.
const (
	IncreasingFOWD Scheduler = iota // the shortest way to the receiver first
	DecreasingFOWD
	ByName
)

// Schedulers are their names, in the order of the constants.
var schedulers = [...]string{"GreedySchedulerIncreasingFOWD", "GreedySchedulerDecreasingFOWD", "GreedyScheduler"}

// SchedulerNames lists the names of the schedulers.
func SchedulerNames() []string { return slices.Clone(schedulers[:]) }

// String is the original's name.
func (s Scheduler) String() string { return schedulers[s] }

// SchedulerByName finds a scheduler.
func SchedulerByName(name string) (Scheduler, error) {
	if i := slices.Index(schedulers[:], name); i >= 0 {
		return Scheduler(i), nil
	}
	return 0, fmt.Errorf("unknown scheduler %q: there are %s", name, strings.Join(schedulers[:], ", "))
}

// Options of a simulation. The zero value is the usual one.
type Options struct {
	Scheduler Scheduler
	Duration  int64  // µs; 0: a cycle
	Withstand string // the subflow whose first window is lost, or empty
}

// maxSteps bounds a simulation: steps times subflows.
const maxSteps = 1 << 20

// Cycle is after which time the subflows are again as at the start: the least common multiple of their round trips. That
// of measured ones (mptcp-pm) is that of their minimal round trips, rounded down to 5 ms, as the original has it.
func (t *Topology) Cycle() (int64, error) {
	cycle := big.NewInt(1)
	for i := range t.Subflows {
		s := &t.Subflows[i]
		rtt := s.RTT()
		if t.Form == FormPM && s.MinRTT > 0 {
			rtt = max(s.MinRTT/5000*5000, 5000)
		}
		r := big.NewInt(rtt)
		g := new(big.Int).GCD(nil, nil, cycle, r)
		cycle.Mul(cycle, r.Div(r, g))
		if cycle.BitLen() > 52 {
			return 0, errors.New("the round trips have no cycle of less than a century: choose a --duration")
		}
	}
	return cycle.Int64(), nil
}

// run is how long a simulation runs.
func (t *Topology) run(o Options) (int64, error) {
	duration := o.Duration
	if duration == 0 {
		var err error
		if duration, err = t.Cycle(); err != nil {
			return 0, err
		}
	}
	if o.Withstand != "" {
		s, err := t.Subflow(o.Withstand)
		if err != nil {
			return 0, err
		}
		duration = max(duration, s.Timeout()+s.RTT()+1)
	}
	if duration < 0 {
		return 0, fmt.Errorf("a duration of %d µs is none", duration)
	}
	steps := int64(0)
	for i := range t.Subflows {
		steps += 2 * (duration / t.Subflows[i].RTT())
	}
	if most := int64(maxSteps / len(t.Subflows)); steps > most {
		return 0, fmt.Errorf("%.3f s hold %d steps, more than %d: choose a shorter --duration", float64(duration)/1e6, steps, most)
	}
	return duration, nil
}

// Sum is how many windows of each subflow stand in a quantity, by subflow.
type Sum []int64

func (s Sum) plus(o Sum) Sum {
	r := slices.Clone(s)
	for i := range r {
		r[i] += o[i]
	}
	return r
}

// times is the size of the windows, of so many segments each.
func (s Sum) times(t *Topology, cwnd []int64) (size int64) {
	for i, n := range s {
		size += n * cwnd[i] * t.Subflows[i].MSS
	}
	return size
}

// constraint says that some windows fit in the receive window at a moment.
type constraint struct {
	at     int64 // µs
	needed Sum   // what must fit
	sender int   // the subflow that sends
}

// history is what a simulation gave.
type history struct {
	duration    int64
	constraints []constraint
	received    Sum       // in order at the receiver, in the end
	progress    []moment  // of the receiver
	sent        []sending // windows, in the order of their data
}

// moment is a state of the receiver.
type moment struct {
	at      int64
	inOrder Sum
	waiting Sum // out of order
}

// sending is a window that was sent.
type sending struct {
	subflow int
	at      int64
}

// Simulation. Windows are numbered in the order of their data; as each is sent whole, what the receiver has in order is
// always a number of whole windows.
type simulation struct {
	t         *Topology
	o         Options
	events    events
	order     []int // subflows as the scheduler takes them
	free      []bool
	blocks    []sending
	arrived   []bool
	next      int // windows in order at the receiver
	una       int // windows that the sender knows to be there
	window    Sum // what the receiver's window lacks, as the sender knows it
	inOrder   Sum // the windows before next
	waiting   Sum // arrived, but not in order
	inFlight  Sum // on subflows that wait for their ack
	made      int // events
	withstand int // subflow whose first window is lost, -1 none
	h         history
}

// event is something that happens to a window.
type event struct {
	at    int64
	order int // of making
	kind  kind
	block int
	dack  int // of an ack: windows in order
	lacks Sum
}

type kind uint8

const (
	arrival kind = iota
	ack
	timeout
)

type events []event

// Len and the others are heap.Interface.
func (e events) Len() int { return len(e) }

// Less orders by time, then as they were made.
func (e events) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(e[i].at, e[j].at), cmp.Compare(e[i].order, e[j].order)) < 0
}

// Swap is part of heap.Interface.
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }

// Push is part of heap.Interface.
func (e *events) Push(x any) { *e = append(*e, x.(event)) }

// Pop is part of heap.Interface.
func (e *events) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}

func simulate(t *Topology, o Options) (*history, error) {
	duration, err := t.run(o)
	if err != nil {
		return nil, err
	}
	n := len(t.Subflows)
	s := &simulation{t: t, o: o, free: make([]bool, n), window: make(Sum, n), inOrder: make(Sum, n), waiting: make(Sum, n),
		inFlight: make(Sum, n), withstand: -1}
	s.h = history{duration: duration, received: make(Sum, n)}
	for i := range t.Subflows {
		s.free[i] = true
		s.order = append(s.order, i)
		if t.Subflows[i].Name == o.Withstand {
			s.withstand = i
		}
	}
	slices.SortStableFunc(s.order, func(a, b int) int {
		switch by := cmp.Compare(t.Subflows[a].Fowd, t.Subflows[b].Fowd); o.Scheduler {
		case IncreasingFOWD:
			return by
		case DecreasingFOWD:
			return -by
		}
		return 0
	})
	s.schedule(0)
	for len(s.events) > 0 {
		e := heap.Pop(&s.events).(event)
		if e.at >= duration {
			break
		}
		s.happen(e)
	}
	s.h.received, s.h.sent = s.inOrder, s.blocks
	return &s.h, nil
}

func (s *simulation) push(e event) {
	s.made++
	e.order = s.made
	heap.Push(&s.events, e)
}

// schedule sends on every free subflow.
func (s *simulation) schedule(now int64) {
	for _, i := range s.order {
		if s.free[i] {
			s.send(i, now)
		}
	}
}

// send sends a window, and notes that it must fit: beside what is under way, and into what the receiver has left.
func (s *simulation) send(i int, now int64) {
	s.inFlight[i]++
	s.h.constraints = append(s.h.constraints, constraint{at: now, needed: s.inFlight.plus(s.window), sender: i})
	block := len(s.blocks)
	s.blocks = append(s.blocks, sending{subflow: i, at: now})
	s.arrived = append(s.arrived, false)
	s.free[i] = false
	flow := &s.t.Subflows[i]
	if i == s.withstand {
		s.withstand = -1
		s.push(event{at: now + flow.Timeout(), kind: timeout, block: block})
		return
	}
	s.push(event{at: now + flow.Fowd, kind: arrival, block: block})
}

func (s *simulation) happen(e event) {
	flow := &s.t.Subflows[s.blocks[e.block].subflow]
	switch e.kind {
	case timeout:
		s.push(event{at: e.at + flow.Fowd, kind: arrival, block: e.block})
	case arrival:
		s.arrived[e.block] = true
		s.waiting[s.blocks[e.block].subflow]++
		for ; s.next < len(s.blocks) && s.arrived[s.next]; s.next++ {
			i := s.blocks[s.next].subflow
			s.waiting[i]--
			s.inOrder[i]++
		}
		waiting := slices.Clone(s.waiting)
		s.h.progress = append(s.h.progress, moment{at: e.at, inOrder: slices.Clone(s.inOrder), waiting: waiting})
		s.push(event{at: e.at + flow.Bowd, kind: ack, block: e.block, dack: s.next, lacks: waiting})
	case ack:
		if e.dack >= s.una {
			s.una, s.window = e.dack, e.lacks
		}
		s.inFlight[s.blocks[e.block].subflow]--
		s.free[s.blocks[e.block].subflow] = true
		s.schedule(e.at)
	}
}
