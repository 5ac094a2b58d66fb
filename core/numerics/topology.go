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
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
)

// Topology is a sender, a receiver and the subflows between them.
type Topology struct {
	Name       string
	SendBuffer int64 // 0 unknown
	RecvBuffer int64 // 0 unknown
	Scheduler  string
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

// file is what a topology file may hold, in any form.
type file struct {
	Name         text         `json:"name"`
	Sender       end          `json:"sender"`
	Receiver     end          `json:"receiver"`
	Capabilities capabilities `json:"capabilities"`
	Subflows     json.RawMessage
}

type end struct {
	SendBuffer   *number      `json:"snd_buffer"`
	RecvBuffer   *number      `json:"rcv_buffer"`
	Scheduler    string       `json:"scheduler"`
	Capabilities capabilities `json:"capabilities"`
}

type path struct {
	Name         text    `json:"name"`
	Cwnd         *number `json:"cwnd"`
	SndCwnd      *number `json:"snd_cwnd"`
	MSS          *number `json:"mss"`
	MTU          *number `json:"mtu"`
	Fowd         *number `json:"fowd"`
	Bowd         *number `json:"bowd"`
	F            *number `json:"f"`
	B            *number `json:"b"`
	Var          *number `json:"var"`
	RTTVar       *number `json:"rttvar"`
	RTTVarMS     *number `json:"rttvar_ms"` // of microseconds, whatever its name says
	MinRTT       *number `json:"min_rtt"`
	RTTus        *number `json:"rtt_us"`
	RTTms        *number `json:"rtt_ms"` // the same
	RTOus        *number `json:"rto_us"`
	RTOms        *number `json:"rto_ms"` // the same
	Loss         *number `json:"loss"`
	Contribution *number `json:"contribution"`
}

// number is a JSON number.
type number float64

// text is a JSON text, or a number taken for one.
type text string

// UnmarshalJSON takes texts and numbers.
func (t *text) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, (*string)(t))
	}
	*t = text(b)
	return nil
}

// capabilities are a list, or an empty object as mptcp-pm writes.
type capabilities []string

// UnmarshalJSON takes lists and objects.
func (c *capabilities) UnmarshalJSON(b []byte) error {
	if bytes.HasPrefix(bytes.TrimSpace(b), []byte("[")) {
		return json.Unmarshal(b, (*[]string)(c))
	}
	return nil
}

// Parse reads a topology in any of the three forms. An error names the subflow and the value that is wrong.
func Parse(b []byte) (*Topology, error) {
	var f file
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, plain(b, err)
	}
	t := &Topology{Name: string(f.Name), Scheduler: f.Sender.Scheduler, Capabilities: slices.Concat(f.Capabilities, f.Sender.Capabilities, f.Receiver.Capabilities)}
	slices.Sort(t.Capabilities)
	t.Capabilities = slices.Compact(t.Capabilities)
	var err error
	if t.SendBuffer, err = whole("snd_buffer", f.Sender.SendBuffer); err != nil {
		return nil, err
	}
	if t.RecvBuffer, err = whole("rcv_buffer", f.Receiver.RecvBuffer); err != nil {
		return nil, err
	}
	names, paths, err := subflows(f.Subflows)
	if err != nil {
		return nil, err
	}
	t.Form = form(f.Subflows, paths)
	for i := range paths {
		s, err := t.subflow(names[i], &paths[i])
		if err != nil {
			return nil, fmt.Errorf("subflow %q: %w", names[i], err)
		}
		t.Subflows = append(t.Subflows, s)
	}
	slices.SortStableFunc(t.Subflows, func(a, b Subflow) int { return cmp.Compare(a.Name, b.Name) })
	for i := 1; i < len(t.Subflows); i++ {
		if t.Subflows[i].Name == t.Subflows[i-1].Name {
			return nil, fmt.Errorf("two subflows are called %q", t.Subflows[i].Name)
		}
	}
	return t, t.check()
}

// plain says where a file is no JSON.
func plain(b []byte, err error) error {
	var wrong *json.SyntaxError
	if errors.As(err, &wrong) {
		line := 1 + bytes.Count(b[:min(int(wrong.Offset), len(b))], []byte("\n"))
		return fmt.Errorf("line %d: is no JSON: %w", line, err)
	}
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		return fmt.Errorf("%s: %s where a %s is needed", kind.Field, kind.Value, kind.Type.Kind())
	}
	return err
}

// subflows reads the subflows, in the order of the file, and their names.
func subflows(raw json.RawMessage) (names []string, paths []path, err error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil, errors.New(`there are no "subflows"`)
	}
	if raw[0] == '[' {
		if err := json.Unmarshal(raw, &paths); err != nil {
			return nil, nil, plain(raw, err)
		}
		for i := range paths {
			name := string(paths[i].Name)
			if name == "" {
				name = fmt.Sprintf("subflow%d", i)
			}
			names = append(names, name)
		}
		return names, paths, nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	if _, err := d.Token(); err != nil {
		return nil, nil, err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, nil, err
		}
		var p path
		if err := d.Decode(&p); err != nil {
			return nil, nil, fmt.Errorf("subflow %q: %w", name, plain(raw, err))
		}
		names, paths = append(names, fmt.Sprint(name)), append(paths, p)
	}
	return names, paths, nil
}

// form tells the form of a file by its subflows.
func form(raw json.RawMessage, paths []path) Form {
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
		return Form2016
	}
	for i := range paths {
		if paths[i].SndCwnd != nil || paths[i].MTU != nil {
			return FormPM
		}
	}
	return FormList
}

// headers are the bytes of IPv4 and TCP headers in an MTU, usualMTU is that of Ethernet.
const (
	headers  = 40
	usualMTU = 1500
)

func (t *Topology) subflow(name string, p *path) (s Subflow, err error) {
	s.Name = name
	scale := 1000.0 // milliseconds
	if t.Form == FormPM {
		scale = 1
	}
	for _, v := range []struct {
		name  string
		to    *int64
		scale float64
		from  []*number
	}{
		{"cwnd", &s.Cwnd, 1, []*number{p.Cwnd, p.SndCwnd}},
		{"mss", &s.MSS, 1, []*number{p.MSS, p.MTU}},
		{"fowd", &s.Fowd, scale, []*number{p.Fowd, p.F}},
		{"bowd", &s.Bowd, scale, []*number{p.Bowd, p.B}},
		{"var", &s.Var, scale, []*number{p.Var, p.RTTVar, p.RTTVarMS}},
		{"rto", &s.RTO, 1, []*number{p.RTOus, p.RTOms}},
		{"min_rtt", &s.MinRTT, 1, []*number{p.MinRTT}},
	} {
		if *v.to, err = scaled(v.name, v.scale, v.from); err != nil {
			return s, err
		}
	}
	if p.MSS == nil && p.MTU != nil {
		if s.MSS > headers {
			s.MSS -= headers
		} else {
			t.Notes = append(t.Notes, fmt.Sprintf("subflow %s: an mtu of %d has no room for %d bytes of headers: it is taken for the segment size", name, s.MSS, headers))
		}
	}
	if s.MSS == 0 && t.Form == FormPM {
		s.MSS = usualMTU - headers
		t.Notes = append(t.Notes, fmt.Sprintf("subflow %s: no mtu is given: segments of %d bytes are taken", name, s.MSS))
	}
	if s.RTT() == 0 {
		if s.MinRTT == 0 {
			return s, errors.New("no delay is given (fowd and bowd, or min_rtt)")
		}
		s.Fowd = s.MinRTT / 2
		s.Bowd = s.MinRTT - s.Fowd
		t.Notes = append(t.Notes, fmt.Sprintf("subflow %s: one-way delays are halves of its min_rtt", name))
	}
	if p.Loss != nil {
		s.Loss = float64(*p.Loss)
	}
	if p.Contribution != nil {
		s.Contribution = float64(*p.Contribution)
	}
	return s, nil
}

// largest is the largest value of anything in a file: sums of products of two stay whole in 64 bits, with room.
const largest = 1 << 40

// scaled takes the first value that is there.
func scaled(name string, scale float64, from []*number) (int64, error) {
	for _, n := range from {
		if n == nil {
			continue
		}
		v := float64(*n) * scale
		switch {
		case math.IsNaN(v) || v < 0 || v > largest:
			return 0, fmt.Errorf("%s %v is out of range", name, float64(*n))
		case v != math.Trunc(v):
			return 0, fmt.Errorf("%s %v is no whole number", name, float64(*n))
		}
		return int64(v), nil
	}
	return 0, nil
}

func whole(name string, n *number) (int64, error) { return scaled(name, 1, []*number{n}) }

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
		if s.MSS == 0 {
			return fmt.Errorf("subflow %q: no segment size is given (mss, or mtu)", s.Name)
		}
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
	return nil, fmt.Errorf("there is no subflow %q: they are %v", name, names)
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
