package numerics

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
)

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

// Parse reads a topology in any of the three forms. An error names the line, the subflow and the value that is wrong. A byte
// order mark, as editors on Windows put one in front, is passed over.
func Parse(b []byte) (*Topology, error) {
	b = bytes.TrimPrefix(b, []byte("\uFEFF"))
	t, err := parse(b)
	var wrong *located
	if errors.As(err, &wrong) {
		return nil, fmt.Errorf("line %d: %w", 1+bytes.Count(b[:min(wrong.at, len(b))], []byte("\n")), err)
	}
	return t, err
}

// located is an error at a place of a file.
type located struct {
	error
	at int
}

func (l *located) Unwrap() error { return l.error }

// locate says where in a file an error is: at the first of some keys that stands in a part of the file, or else at its
// beginning.
func locate(err error, part []byte, at int, keys ...string) error {
	if err == nil {
		return nil
	}
	for _, key := range keys {
		if i := bytes.Index(part, []byte(`"`+key+`"`)); i >= 0 {
			return &located{error: err, at: at + i}
		}
	}
	return &located{error: err, at: at}
}

func parse(b []byte) (*Topology, error) {
	var f file
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, plain(err, 0)
	}
	t := &Topology{Name: string(f.Name), Capabilities: slices.Concat(f.Capabilities, f.Sender.Capabilities, f.Receiver.Capabilities)}
	slices.Sort(t.Capabilities)
	t.Capabilities = slices.Compact(t.Capabilities)
	var err error
	if t.SendBuffer, err = whole("snd_buffer", f.Sender.SendBuffer); err != nil {
		return nil, locate(err, b, 0, "snd_buffer")
	}
	if t.RecvBuffer, err = whole("rcv_buffer", f.Receiver.RecvBuffer); err != nil {
		return nil, locate(err, b, 0, "rcv_buffer")
	}
	if f.Sender.Scheduler != "" {
		if t.Scheduler, err = SchedulerByName(f.Sender.Scheduler); err != nil {
			t.Notes = append(t.Notes, fmt.Sprintf("%v: %v is taken", err, t.Scheduler))
		}
	}
	pieces, err := subflows(f.Subflows, max(0, bytes.Index(b, f.Subflows)))
	if err != nil {
		return nil, err
	}
	if err := t.add(pieces, form(f.Subflows, pieces)); err != nil {
		return nil, err
	}
	return t, t.check()
}

// add adds the subflows of a file, ordered by name.
func (t *Topology) add(pieces []piece, form Form) error {
	t.Form = form
	for i := range pieces {
		p := &pieces[i]
		s, err := t.subflow(p)
		if err != nil {
			return fmt.Errorf("subflow %q: %w", p.name, err)
		}
		if slices.ContainsFunc(t.Subflows, func(o Subflow) bool { return o.Name == s.Name }) {
			return locate(fmt.Errorf("two subflows are called %q", s.Name), nil, p.at)
		}
		t.Subflows = append(t.Subflows, s)
	}
	slices.SortFunc(t.Subflows, func(a, b Subflow) int { return cmp.Compare(a.Name, b.Name) })
	return nil
}

// plain says what is wrong with a part of a file that begins at an offset, and where.
func plain(err error, at int) error {
	var wrong *json.SyntaxError
	if errors.As(err, &wrong) {
		return &located{error: fmt.Errorf("is no JSON: %w", err), at: at + int(wrong.Offset)}
	}
	var kind *json.UnmarshalTypeError
	if !errors.As(err, &kind) {
		return err
	}
	needed := map[reflect.Kind]string{reflect.Float64: "a number", reflect.Struct: "an object", reflect.Slice: "a list"}[kind.Type.Kind()]
	if needed == "" {
		needed = "a " + kind.Type.Kind().String()
	}
	text := fmt.Errorf("%s: %s where %s is needed", kind.Field, kind.Value, needed)
	if kind.Field == "" {
		text = fmt.Errorf("%s where %s is needed", kind.Value, needed)
	}
	return &located{error: text, at: at + int(kind.Offset)}
}

// piece is what a file says of a subflow, and where.
type piece struct {
	path
	name string
	raw  []byte
	at   int // offset in the file
}

// subflows reads the subflows, an object or a list that begins at an offset of the file, in their order.
func subflows(raw json.RawMessage, at int) (pieces []piece, err error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, errors.New(`there are no "subflows"`)
	}
	if raw[0] != '[' && raw[0] != '{' {
		return nil, locate(errors.New("subflows: an object or a list is needed"), nil, at)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	if _, err := d.Token(); err != nil {
		return nil, plain(err, at)
	}
	for d.More() {
		p := piece{name: fmt.Sprintf("subflow%d", len(pieces))}
		if raw[0] == '{' {
			name, err := d.Token()
			if err != nil {
				return nil, plain(err, at)
			}
			p.name = fmt.Sprint(name)
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, plain(err, at)
		}
		p.raw, p.at = value, at+int(d.InputOffset())-len(value)
		if err := json.Unmarshal(value, &p.path); err != nil {
			return nil, fmt.Errorf("subflow %q: %w", p.name, plain(err, p.at))
		}
		if raw[0] == '[' && p.Name != "" {
			p.name = string(p.Name)
		}
		pieces = append(pieces, p)
	}
	return pieces, nil
}

// form tells the form of a file by its subflows.
func form(raw json.RawMessage, pieces []piece) Form {
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
		return Form2016
	}
	for i := range pieces {
		if pieces[i].SndCwnd != nil || pieces[i].MTU != nil {
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

// subflow reads a subflow.
func (t *Topology) subflow(p *piece) (s Subflow, err error) {
	s.Name = p.name
	scale := 1000.0 // milliseconds
	if t.Form == FormPM {
		scale = 1
	}
	for _, v := range []struct {
		to    *int64
		scale float64
		keys  []string
		from  []*number
	}{
		{&s.Cwnd, 1, []string{"cwnd", "snd_cwnd"}, []*number{p.Cwnd, p.SndCwnd}},
		{&s.MSS, 1, []string{"mss", "mtu"}, []*number{p.MSS, p.MTU}},
		{&s.Fowd, scale, []string{"fowd", "f"}, []*number{p.Fowd, p.F}},
		{&s.Bowd, scale, []string{"bowd", "b"}, []*number{p.Bowd, p.B}},
		{&s.Var, scale, []string{"var", "rttvar", "rttvar_ms"}, []*number{p.Var, p.RTTVar, p.RTTVarMS}},
		{&s.RTO, 1, []string{"rto_us", "rto_ms"}, []*number{p.RTOus, p.RTOms}},
		{&s.MinRTT, 1, []string{"min_rtt"}, []*number{p.MinRTT}},
	} {
		i := slices.IndexFunc(v.from, func(n *number) bool { return n != nil })
		if i < 0 {
			continue
		}
		if *v.to, err = scaled(v.keys[i], v.scale, *v.from[i]); err != nil {
			return s, locate(err, p.raw, p.at, v.keys[i])
		}
	}
	if p.Loss != nil {
		if s.Loss = float64(*p.Loss); s.Loss < 0 || s.Loss > 100 {
			return s, locate(fmt.Errorf("loss %v is not between 0 and 100 per cent", s.Loss), p.raw, p.at, "loss")
		}
	}
	if p.Contribution != nil {
		s.Contribution = float64(*p.Contribution)
	}
	if s.MSS == 0 && t.Form != FormPM {
		return s, locate(errors.New("no segment size is given (mss, or mtu)"), nil, p.at)
	}
	t.complete(&s, p)
	if s.RTT() == 0 {
		return s, locate(errors.New("no delay is given (fowd and bowd, or min_rtt)"), nil, p.at)
	}
	return s, nil
}

// complete sets what a file leaves open, and notes it.
func (t *Topology) complete(s *Subflow, p *piece) {
	if p.MSS == nil && p.MTU != nil {
		if s.MSS > headers {
			s.MSS -= headers
		} else {
			t.Notes = append(t.Notes, fmt.Sprintf("subflow %s: an mtu of %d has no room for %d bytes of headers: it is taken for the segment size", s.Name, s.MSS, headers))
		}
	}
	if s.MSS == 0 && t.Form == FormPM {
		s.MSS = usualMTU - headers
		t.Notes = append(t.Notes, fmt.Sprintf("subflow %s: no mtu is given: segments of %d bytes are taken", s.Name, s.MSS))
	}
	if s.RTT() == 0 && s.MinRTT > 0 {
		s.Fowd = s.MinRTT / 2
		s.Bowd = s.MinRTT - s.Fowd
		t.Notes = append(t.Notes, fmt.Sprintf("subflow %s: one-way delays are halves of its min_rtt", s.Name))
	}
}

// largest is the largest value of anything in a file: sums of products of two stay whole in 64 bits, with room.
const largest = 1 << 40

// scaled is a number as a whole one of another unit.
func scaled(name string, scale float64, n number) (int64, error) {
	v := float64(n) * scale
	switch {
	case math.IsNaN(v) || v < 0 || v > largest:
		return 0, fmt.Errorf("%s %v is out of range", name, float64(n))
	case v != math.Trunc(v):
		return 0, fmt.Errorf("%s %v is no whole number", name, float64(n))
	}
	return int64(v), nil
}

func whole(name string, n *number) (int64, error) {
	if n == nil {
		return 0, nil
	}
	return scaled(name, 1, *n)
}
