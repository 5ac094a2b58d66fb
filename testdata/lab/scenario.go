package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Scenario is what a JSON file asks for. Path numbers count from 1; times are milliseconds from the
// start of traffic.
type Scenario struct {
	Name           string   `json:"name"`             // folder and file stem; the JSON file's stem when empty
	Story          string   `json:"story"`            // one paragraph for the reader of the capture
	Seed           uint64   `json:"seed"`             // of payload and of every die the paths throw
	Checksum       bool     `json:"checksum"`         // both kernels ask for DSS checksums
	Snaplen        int      `json:"snaplen"`          // captured bytes per frame; 0: whole frames
	CaptureStartMs float64  `json:"capture_start_ms"` // captures begin this late, so without handshakes
	CaptureMiss    float64  `json:"capture_miss"`     // probability that a host's capture misses a frame that passes it
	TimeoutS       float64  `json:"timeout_s"`        // traffic is cut after this; 20 when 0
	SettleMs       float64  `json:"settle_ms"`        // how long the paths run on after the last flow; 600 when 0
	ClientClock    Clock    `json:"client_clock"`
	ServerClock    Clock    `json:"server_clock"`
	Paths          []Path   `json:"paths"`
	Setup          []Event  `json:"setup"`  // done in order before traffic; at_ms is ignored
	Events         []Event  `json:"events"` // done while traffic flows
	Flows          []Flow   `json:"flows"`
	Keep           []string `json:"keep"` // what -publish copies: client, server, truth
}

// Path is one emulated link. Client addresses are 10.0.N.1, or 2001:db8:N::1; the server's end in 2.
type Path struct {
	Name        string  `json:"name"`          // of the interface, in both hosts; pathN when empty
	V6          bool    `json:"v6"`            // IPv6 instead of IPv4
	RateMbit    float64 `json:"rate_mbit"`     // each direction; 0: no limit
	DelayMs     float64 `json:"delay_ms"`      // client to server
	DelayBackMs float64 `json:"delay_back_ms"` // server to client; as DelayMs when 0
	JitterMs    float64 `json:"jitter_ms"`     // mean of an exponential extra delay
	Reorder     bool    `json:"reorder"`       // jitter may let frames overtake each other
	Loss        float64 `json:"loss"`          // probability, each direction
	Duplicate   float64 `json:"duplicate"`     // probability that a frame arrives twice
	Queue       int     `json:"queue"`         // frames waiting for the transmitter; 100 when 0
	MTU         int     `json:"mtu"`           // 1500 when 0
	Offload     bool    `json:"offload"`       // the hosts' devices segment and checksum: captures of what is sent show segments of up to 64 KB
	Boxes       []Box   `json:"boxes"`         // middleboxes, applied in order
}

// Event changes a host or a path. Exactly one of IP, Sysctl, Do is set.
type Event struct {
	AtMs   float64 `json:"at_ms"`
	Host   string  `json:"host"`   // "client" or "server", with IP and Sysctl
	IP     string  `json:"ip"`     // arguments of ip(8)
	Sysctl string  `json:"sysctl"` // key=value
	Do     string  `json:"do"`     // "down" or "up": the path loses everything, or works again
	Path   int     `json:"path"`   // with Do
}

// Flow is one application connection. Both ends send at once. The server half-closes when it has
// sent and received everything, and then the client does; a kernel that was told of the end of the
// data opens no more subflows, so half_close makes another story.
type Flow struct {
	StartMs   float64 `json:"start_ms"`
	Up        int64   `json:"up"`         // bytes client to server, at least lineLen
	Down      int64   `json:"down"`       // bytes server to client
	Chunk     int     `json:"chunk"`      // bytes per write; 32768 when 0
	PaceMs    float64 `json:"pace_ms"`    // pause between writes, both ends
	Via       int     `json:"via"`        // the path whose server address is dialled; 1 when 0
	Port      int     `json:"port"`       // server's; 5001 when 0
	TCP       bool    `json:"tcp"`        // the client asks for plain TCP
	ServerTCP bool    `json:"server_tcp"` // the server listens with plain TCP
	Abort     bool    `json:"abort"`      // the client resets the connection half way
	HalfClose bool    `json:"half_close"` // each end half-closes as soon as it has sent everything
	LingerMs  float64 `json:"linger_ms"`  // the client waits so long with its close
}

// lineLen is the length of a payload line; the first one carries the flow's number to the server.
const lineLen = 64

// ms turns a scenario's milliseconds into a duration.
func ms(v float64) time.Duration { return time.Duration(v * float64(time.Millisecond)) }

// readScenario reads and checks a scenario file. Unknown fields are errors, so that a typing
// mistake doesn't silently give another experiment.
func readScenario(file string) (Scenario, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return Scenario{}, err
	}
	sc, err := parseScenario(raw, strings.TrimSuffix(filepath.Base(file), ".json"))
	if err != nil {
		return sc, fmt.Errorf("%s: %w", file, err)
	}
	return sc, nil
}

// parseScenario decodes raw, fills in the defaults and validates; name is used if raw gives none.
func parseScenario(raw []byte, name string) (Scenario, error) {
	sc := Scenario{Name: name}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&sc); err != nil {
		return sc, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return sc, errors.New("more than one JSON value")
	}
	sc.fill()
	return sc, sc.validate()
}

// fill replaces zero values by the defaults that the field comments state.
func (sc *Scenario) fill() {
	orFloat(&sc.TimeoutS, 20)
	orFloat(&sc.SettleMs, 600)
	for i := range sc.Paths {
		p := &sc.Paths[i]
		if p.Name == "" {
			p.Name = fmt.Sprintf("path%d", i+1)
		}
		orFloat(&p.DelayBackMs, p.DelayMs)
		orInt(&p.Queue, 100)
		orInt(&p.MTU, 1500)
	}
	for i := range sc.Flows {
		f := &sc.Flows[i]
		orInt(&f.Chunk, 32768)
		orInt(&f.Via, 1)
		orInt(&f.Port, 5001)
	}
}

func orFloat(v *float64, def float64) {
	if *v == 0 {
		*v = def
	}
}

func orInt(v *int, def int) {
	if *v == 0 {
		*v = def
	}
}

// validate tells the first thing that makes the scenario impossible to run.
func (sc *Scenario) validate() error {
	switch {
	case sc.Name == "" || strings.ContainsAny(sc.Name, "/\\ "):
		return fmt.Errorf("name %q is not usable as a file name", sc.Name)
	case len(sc.Paths) == 0 || len(sc.Paths) > 200:
		return fmt.Errorf("%d paths: want 1 to 200", len(sc.Paths))
	case len(sc.Flows) == 0:
		return errors.New("no flows")
	case sc.TimeoutS < 0 || sc.TimeoutS > 120:
		return fmt.Errorf("timeout_s %v: want 0 to 120", sc.TimeoutS)
	case sc.SettleMs < 0 || sc.SettleMs > 10000:
		return fmt.Errorf("settle_ms %v: want 0 to 10000", sc.SettleMs)
	case sc.CaptureMiss < 0 || sc.CaptureMiss > 1:
		return fmt.Errorf("probability %v is not in 0 to 1", sc.CaptureMiss)
	case sc.Snaplen < 0 || sc.CaptureStartMs < 0:
		return errors.New("snaplen and capture_start_ms must not be negative")
	}
	for i := range sc.Paths {
		if err := sc.Paths[i].validate(); err != nil {
			return fmt.Errorf("path %d: %w", i+1, err)
		}
	}
	for i := range sc.Flows {
		if err := sc.Flows[i].validate(len(sc.Paths)); err != nil {
			return fmt.Errorf("flow %d: %w", i, err)
		}
	}
	return sc.validateRest()
}

func (sc *Scenario) validateRest() error {
	for i, e := range append(append([]Event(nil), sc.Setup...), sc.Events...) {
		if err := e.validate(len(sc.Paths)); err != nil {
			return fmt.Errorf("event %d: %w", i, err)
		}
	}
	names := map[string]bool{}
	for _, p := range sc.Paths {
		if names[p.Name] {
			return fmt.Errorf("two paths are named %q", p.Name)
		}
		names[p.Name] = true
	}
	listeners := map[int]bool{}
	for _, f := range sc.Flows {
		if tcp, seen := listeners[f.Port]; seen && tcp != f.ServerTCP {
			return fmt.Errorf("port %d is asked for with MPTCP and without", f.Port)
		}
		listeners[f.Port] = f.ServerTCP
	}
	for _, k := range sc.Keep {
		if k != "client" && k != "server" && k != "truth" {
			return fmt.Errorf("keep %q: want client, server or truth", k)
		}
	}
	return nil
}

func (p *Path) validate() error {
	for _, v := range []float64{p.Loss, p.Duplicate} {
		if v < 0 || v > 1 {
			return fmt.Errorf("probability %v is not in 0 to 1", v)
		}
	}
	for _, v := range []float64{p.RateMbit, p.DelayMs, p.DelayBackMs, p.JitterMs} {
		if v < 0 || v > 60000 {
			return fmt.Errorf("rate or delay %v is out of range", v)
		}
	}
	if len(p.Name) > 15 || strings.ContainsAny(p.Name, "/ ") {
		return fmt.Errorf("name %q: want at most 15 characters, without space or slash", p.Name)
	}
	if p.Queue < 1 || p.MTU < 576 || p.MTU > 65535 || (p.V6 && p.MTU < 1280) {
		return fmt.Errorf("queue %d or mtu %d is out of range", p.Queue, p.MTU)
	}
	for i := range p.Boxes {
		if err := p.Boxes[i].validate(p.V6); err != nil {
			return fmt.Errorf("box %d: %w", i, err)
		}
	}
	return nil
}

func (f *Flow) validate(paths int) error {
	switch {
	case f.Up < lineLen:
		return fmt.Errorf("up %d: want at least %d, the line that names the flow", f.Up, lineLen)
	case f.Down < 0:
		return fmt.Errorf("down %d is negative", f.Down)
	case min(f.StartMs, f.PaceMs, f.LingerMs) < 0 || max(f.StartMs, f.PaceMs, f.LingerMs) > 60000:
		return errors.New("start_ms, pace_ms and linger_ms: want 0 to 60000")
	case f.Chunk < 1 || f.Chunk > 1<<24:
		return fmt.Errorf("chunk %d: want 1 to 16777216", f.Chunk)
	case f.Via < 1 || f.Via > paths:
		return fmt.Errorf("via %d: there are %d paths", f.Via, paths)
	case f.Port < 1 || f.Port > 65535:
		return fmt.Errorf("port %d is out of range", f.Port)
	}
	return nil
}

func (e *Event) validate(paths int) error {
	set := 0
	for _, s := range []string{e.IP, e.Sysctl, e.Do} {
		if s != "" {
			set++
		}
	}
	switch {
	case set != 1:
		return errors.New("want exactly one of ip, sysctl, do")
	case e.Do == "" && e.Host != "client" && e.Host != "server":
		return fmt.Errorf("host %q: want client or server", e.Host)
	case e.Sysctl != "" && (!strings.Contains(e.Sysctl, "=") || !strings.HasPrefix(e.Sysctl, "net.")):
		return fmt.Errorf("sysctl %q: want net.key=value", e.Sysctl)
	case e.Do != "" && e.Do != "down" && e.Do != "up":
		return fmt.Errorf("do %q: want down or up", e.Do)
	case e.Do != "" && (e.Path < 1 || e.Path > paths):
		return fmt.Errorf("path %d: there are %d paths", e.Path, paths)
	case e.AtMs < 0:
		return errors.New("at_ms must not be negative")
	}
	return nil
}
