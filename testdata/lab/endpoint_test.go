package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"testing"
)

func TestPatternIsTheSameEveryTime(t *testing.T) {
	read := func(seed uint64, flow int, dir direction, chunk int) string {
		p := newPattern(seed, flow, dir)
		var b bytes.Buffer
		if _, err := io.CopyBuffer(&b, io.LimitReader(p, 1000), make([]byte, chunk)); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	want := read(1, 2, up, 1000)
	if got := read(1, 2, up, 7); got != want {
		t.Error("read in small pieces it is another")
	}
	for name, other := range map[string]string{"seed": read(2, 2, up, 99), "flow": read(1, 3, up, 99), "direction": read(1, 2, down, 99)} {
		if other == want {
			t.Errorf("another %s gives the same", name)
		}
	}
	if first := want[:lineLen]; first[:32] != "flow 002 up   at 000000000000 "+first[30:32] || first[lineLen-1] != '\n' {
		t.Errorf("first line %q", first)
	}
	if i, err := flowOf([]byte(want[:lineLen])); i != 2 || err != nil {
		t.Errorf("flow %d, %v", i, err)
	}
}

func TestFlowOfRefuses(t *testing.T) {
	for _, line := range []string{"", "flow", "flow x", "GET / HTTP/1.1"} {
		if _, err := flowOf([]byte(line)); err == nil {
			t.Errorf("%q names a flow", line)
		}
	}
}

func TestCounters(t *testing.T) {
	text := "TcpExt: A B\nTcpExt: 1 2\nMPTcpExt: MPCapableSYNRX MPJoinSynRx DssFin\nMPTcpExt: 3 0 18446744073709551615\n"
	got := parseCounters(text, "MPTcpExt:", "")
	if s := got.String(); s != "MPCapableSYNRX 3\nDssFin 18446744073709551615\n" {
		t.Errorf("got %q", s)
	}
	if one := parseCounters(text, "TcpExt:", "B"); one.String() != "B 2\n" {
		t.Errorf("one: %q", one.String())
	}
	b, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var back counters
	if err := json.Unmarshal(b, &back); err != nil || back.String() != got.String() {
		t.Errorf("%s came back as %q, %v", b, back.String(), err)
	}
}

func TestShortVersion(t *testing.T) {
	for in, want := range map[string]string{"6.18.44-x-v1": "6.18", "6.1": "6.1", "7": "7"} {
		if got := shortVersion(in); got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
}

func TestCommandStatus(t *testing.T) {
	tests := []struct {
		args   []string
		status int
		out    string
		errOut string
	}{
		{nil, 2, "", "usage: lab"},
		{[]string{"-what"}, 2, "", "usage: lab"},
		{[]string{"scenarios/fallback.json"}, 2, "", "usage: lab"},
		{[]string{"-list", "scenarios/fallback.json"}, 0, "fallback  2 paths  2 flows", ""},
		{[]string{"-list", "scenarios/none.json"}, 1, "", "lab: open scenarios/none.json"},
	}
	for _, tt := range tests {
		var out, errOut bytes.Buffer
		if got := command(context.Background(), tt.args, &out, &errOut); got != tt.status {
			t.Errorf("%v: status %d, want %d", tt.args, got, tt.status)
		}
		if !bytes.Contains(out.Bytes(), []byte(tt.out)) || !bytes.Contains(errOut.Bytes(), []byte(tt.errOut)) {
			t.Errorf("%v: said %q and %q", tt.args, out.String(), errOut.String())
		}
	}
}
