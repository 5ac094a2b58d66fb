// Package numerics computes what buffers and windows a Multipath TCP connection needs over paths that a topology
// describes: the receive buffer for given congestion windows, the best congestion windows for a given buffer, the overhead
// of the options.
//
//	t, err := numerics.Parse(json)
//	p, err := numerics.NewBufferProblem(t, numerics.Options{})
//	a, err := p.Solve(ctx)
//	p.WriteLP(w) // the same problem, for GLPK or CBC
//
// A simulation with symbolic windows writes down what flow control demands; the linear problem that comes of it is solved
// exactly, in rational numbers. The model is that of mptcpnumerics (2016): subflows send a whole window at a time, the
// receiver acknowledges at once. It is not a model of what congestion control does.
//
// Times are whole microseconds, buffers and segments whole numbers of one unit, mostly bytes or kilobytes: the package
// does not care which, as long as they are the same. It refuses what would take more than a million steps.
package numerics

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Topology is a sender, a receiver and the subflows between them.
type Topology struct {
	Name       string
	SendBuffer int64     // 0 unknown
	RecvBuffer int64     // 0 unknown
	Scheduler  Scheduler // that of the file, for Options
	// Capabilities are carried along; the model acts on none.
	Capabilities []string
	Subflows     []Subflow // by name
	Form         Form
	Notes        []string // what was odd about the file
}

// Subflow is one path. Times are in microseconds.
type Subflow struct {
	Name         string
	Cwnd         int64   // congestion window, in segments
	MSS          int64   // size of a segment, in the unit of the buffers
	Fowd, Bowd   int64   // one-way delays, to the receiver and back
	Var          int64   // variation of the round trip
	RTO          int64   // as the system says, 0 if it is to be computed
	MinRTT       int64   // as the system says, 0 if unknown
	Loss         float64 // per cent
	Contribution float64 // share wished for; not acted on, as in the original
}

// RTT is the round trip of the subflow.
func (s *Subflow) RTT() int64 { return s.Fowd + s.Bowd }

// minRTO is the least retransmission timeout, of Linux.
const minRTO = 200_000

// Timeout is the retransmission timeout: max(200 ms, RTT + 4 variations) (RFC 6298 with Linux's minimum), or what the
// system said.
func (s *Subflow) Timeout() int64 {
	if s.RTO > 0 {
		return s.RTO
	}
	return max(minRTO, s.RTT()+4*s.Var)
}

// Throughput is the window that is sent each round trip, in units a second.
func (s *Subflow) Throughput() float64 {
	return float64(s.Cwnd*s.MSS) / float64(s.RTT()) * 1e6
}

// Form is the form of a topology file.
type Form uint8

// The three forms that the program has had: of 2016 with an object of subflows, of its first examples with a list, and of
// 2019 as mptcp-pm writes it, whose times are microseconds.
const (
	Form2016 Form = iota
	FormList
	FormPM
)

// String names a form.
func (f Form) String() string {
	return [...]string{"2016, subflows by name", "list of subflows", "mptcp-pm"}[f]
}

// maxSubflows bounds a topology: an exact solution for more takes too long.
const maxSubflows = 64

// check refuses what cannot be computed with.
func (t *Topology) check() error {
	if len(t.Subflows) == 0 {
		return errors.New("the topology has no subflow")
	}
	if len(t.Subflows) > maxSubflows {
		return fmt.Errorf("%d subflows are more than %d", len(t.Subflows), maxSubflows)
	}
	for i := range t.Subflows {
		s := &t.Subflows[i]
		if t.SendBuffer > 0 && t.SendBuffer < s.MSS && len(t.Notes) < 8 {
			t.Notes = append(t.Notes, fmt.Sprintf("the send buffer (%d) is smaller than a segment of subflow %s (%d): are both in the same unit?", t.SendBuffer, s.Name, s.MSS))
		}
	}
	return nil
}

// Subflow finds a subflow by name.
func (t *Topology) Subflow(name string) (*Subflow, error) {
	var names []string
	for i := range t.Subflows {
		if t.Subflows[i].Name == name {
			return &t.Subflows[i], nil
		}
		names = append(names, t.Subflows[i].Name)
	}
	return nil, fmt.Errorf("there is no subflow %q: they are %s", name, strings.Join(names, ", "))
}

// Write writes a topology in the form of 2016.
func (t *Topology) Write(w io.Writer) error {
	type flow struct {
		Cwnd int64   `json:"cwnd"`
		MSS  int64   `json:"mss"`
		Var  float64 `json:"var"`
		Fowd float64 `json:"fowd"`
		Bowd float64 `json:"bowd"`
		Loss float64 `json:"loss"`
	}
	flows := map[string]flow{}
	for _, s := range t.Subflows {
		flows[s.Name] = flow{s.Cwnd, s.MSS, float64(s.Var) / 1000, float64(s.Fowd) / 1000, float64(s.Bowd) / 1000, s.Loss}
	}
	caps := t.Capabilities
	if caps == nil {
		caps = []string{}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "\t")
	return e.Encode(map[string]any{"name": t.Name, "sender": map[string]any{"snd_buffer": t.SendBuffer, "capabilities": caps},
		"receiver": map[string]any{"rcv_buffer": t.RecvBuffer, "capabilities": caps}, "capabilities": caps, "subflows": flows})
}
