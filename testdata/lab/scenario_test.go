package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestScenariosOfTheRepositoryAreValid(t *testing.T) {
	files, err := filepath.Glob("scenarios/*.json")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("scenarios/more/*.json")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 5 || len(more) == 0 {
		t.Fatalf("found %d scenarios and %d more", len(files), len(more))
	}
	pairs, err := filepath.Glob("scenarios/pairs/*.json")
	if err != nil || len(pairs) < 9 {
		t.Fatalf("%d scenarios for pairs of captures, %v", len(pairs), err)
	}
	for _, f := range append(append(files, more...), pairs...) {
		sc, err := readScenario(f)
		switch {
		case err != nil:
			t.Error(err)
		case sc.Name != strings.TrimSuffix(filepath.Base(f), ".json"):
			t.Errorf("%s: its name is %q", f, sc.Name)
		case sc.Story == "":
			t.Errorf("%s: tells no story", f)
		}
	}
}

func TestParseScenarioFillsDefaults(t *testing.T) {
	sc, err := parseScenario([]byte(`{"paths":[{"delay_ms":7},{"name":"lte","delay_back_ms":9}],"flows":[{"up":100}]}`), "plain")
	if err != nil {
		t.Fatal(err)
	}
	p, f := sc.Paths, sc.Flows[0]
	if sc.Name != "plain" || p[0].Name != "path1" || p[1].Name != "lte" {
		t.Errorf("names: %q, %q, %q", sc.Name, p[0].Name, p[1].Name)
	}
	if p[0].DelayBackMs != 7 || p[1].DelayBackMs != 9 || p[0].Queue != 100 || p[0].MTU != 1500 {
		t.Errorf("paths: %+v", p)
	}
	if f.Chunk != 32768 || f.Via != 1 || f.Port != 5001 || sc.TimeoutS != 20 || sc.SettleMs != 600 {
		t.Errorf("flow: %+v, timeout %v, settle %v", f, sc.TimeoutS, sc.SettleMs)
	}
}

func TestParseScenarioRefuses(t *testing.T) {
	const flow = `"flows":[{"up":100}]`
	const path = `"paths":[{}]`
	tests := []struct{ json, want string }{
		{`{`, "unexpected EOF"},
		{`{} {}`, "more than one JSON value"},
		{`{"patsh":[]}`, `unknown field "patsh"`},
		{`{` + flow + `}`, "0 paths"},
		{`{` + path + `}`, "no flows"},
		{`{"name":"a/b",` + path + `,` + flow + `}`, "not usable as a file name"},
		{`{"paths":[{"loss":1.5}],` + flow + `}`, "path 1: probability 1.5"},
		{`{"paths":[{"delay_ms":-1}],` + flow + `}`, "path 1: rate or delay -1"},
		{`{"paths":[{"name":"x"},{"name":"x"}],` + flow + `}`, `two paths are named "x"`},
		{`{"paths":[{"name":"longer than an interface"}],` + flow + `}`, "15 characters"},
		{`{"paths":[{"mtu":100}],` + flow + `}`, "mtu 100"},
		{`{"paths":[{"v6":true,"mtu":1000}],` + flow + `}`, "mtu 1000"},
		{`{"paths":[{"boxes":[{"do":"melt"}]}],` + flow + `}`, `box 0: do "melt"`},
		{`{"paths":[{"boxes":[{"do":"nat","addr":"2001:db8::1"}]}],` + flow + `}`, "not an address of this path's family"},
		{`{"paths":[{"boxes":[{"do":"strip","dir":"left"}]}],` + flow + `}`, `dir "left"`},
		{`{` + path + `,"flows":[{"up":10}]}`, "flow 0: up 10"},
		{`{` + path + `,"flows":[{"up":100,"via":2}]}`, "via 2: there are 1 paths"},
		{`{` + path + `,"flows":[{"up":100,"pace_ms":1e9}]}`, "pace_ms"},
		{`{` + path + `,"flows":[{"up":100},{"up":100,"server_tcp":true}]}`, "port 5001 is asked for with MPTCP and without"},
		{`{` + path + `,` + flow + `,"events":[{"at_ms":1}]}`, "exactly one of ip, sysctl, do"},
		{`{` + path + `,` + flow + `,"events":[{"do":"down","path":3}]}`, "path 3"},
		{`{` + path + `,` + flow + `,"events":[{"ip":"link","host":"router"}]}`, `host "router"`},
		{`{` + path + `,` + flow + `,"setup":[{"host":"client","sysctl":"kernel.panic=1"}]}`, "want net.key=value"},
		{`{` + path + `,` + flow + `,"keep":["all"]}`, `keep "all"`},
		{`{` + path + `,` + flow + `,"timeout_s":1000}`, "timeout_s 1000"},
	}
	for _, tt := range tests {
		_, err := parseScenario([]byte(tt.json), "test")
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q in it", tt.json, err, tt.want)
		}
	}
}

func TestClockRead(t *testing.T) {
	tests := []struct {
		name  string
		clock Clock
		at    float64 // ms
		want  float64 // ms
	}{
		{"right", Clock{}, 1234, 1234},
		{"offset", Clock{OffsetMs: -1500}, 100, -1400},
		{"drift", Clock{DriftPPM: 100}, 10000, 10001},
		{"slow", Clock{DriftPPM: -100}, 10000, 9999},
		{"before the step", Clock{StepMs: 40, StepAtMs: 900}, 899, 899},
		{"after the step", Clock{StepMs: 40, StepAtMs: 900}, 900, 940},
		{"all", Clock{OffsetMs: 250, DriftPPM: 50, StepMs: -10, StepAtMs: 500}, 1000, 1240.05},
	}
	for _, tt := range tests {
		if got := tt.clock.read(ms(tt.at)); got != ms(tt.want) {
			t.Errorf("%s: read %v, want %v", tt.name, got, ms(tt.want))
		}
	}
}
