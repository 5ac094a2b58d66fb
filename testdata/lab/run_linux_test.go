package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// needLab skips where scenarios cannot run, saying why.
func needLab(t *testing.T) {
	t.Helper()
	if err := ready(); err != nil {
		t.Skip(err)
	}
	if testing.Short() {
		t.Skip("a lab run takes a second")
	}
}

const twoPaths = `{
	"seed": 3, "settle_ms": 100, "client_clock": {"offset_ms": -40}, "server_clock": {"offset_ms": 250, "drift_ppm": 100},
	"paths": [{"rate_mbit": 20, "delay_ms": 4}, {"rate_mbit": 20, "delay_ms": 6, "loss": 0.02}],
	"setup": [{"host": "client", "ip": "mptcp endpoint add 10.0.2.1 dev path2 subflow"}],
	"flows": [{"up": 120000, "down": 40000, "chunk": 10000, "pace_ms": 10}]
}`

func performed(t *testing.T, json, name string) (*Scenario, *Report, string) {
	t.Helper()
	sc, err := parseScenario([]byte(json), name)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), name)
	rep, err := perform(context.Background(), &sc, dir)
	if err != nil {
		t.Fatal(err)
	}
	noneLeft(t)
	return &sc, rep, dir
}

// noneLeft asserts that this process has no namespace left.
func noneLeft(t *testing.T) {
	t.Helper()
	left, err := filepath.Glob("/var/run/netns/" + nsPrefix + "*")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range left {
		if strings.HasPrefix(filepath.Base(f), newName("")) {
			t.Errorf("%s is left behind", f)
		}
	}
}

func TestRunTwoPaths(t *testing.T) {
	needLab(t)
	sc, rep, dir := performed(t, twoPaths, "tiny")
	if len(rep.App) != 1 || len(rep.Failed) != 0 {
		t.Fatalf("report: %+v", rep)
	}
	checkFlow(t, "tiny", rep.App[0])
	f := rep.App[0]
	if !f.Client.MPTCP || !f.Server.MPTCP || f.Client.Sent != 120000 || f.Server.Sent != 40000 || f.Client.Error+f.Server.Error != "" {
		t.Errorf("flow: %+v", f)
	}
	if c := rep.Captures.Client; c.Subflows != 2 || c.Connections != 1 || c.TCPStreams != 2 {
		t.Errorf("client: %+v", c)
	}
	for _, name := range []string{"client.netstat", "server.netstat"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(b), "MPJoin") {
			t.Errorf("%s: %s", name, b)
		}
	}
	fates := compareTruth(t, sc, dir, rep.zero, rep.watch)
	if fates["delivered"] < 100 {
		t.Errorf("fates: %v", fates)
	}
}

func TestRunOffload(t *testing.T) {
	needLab(t)
	json := strings.ReplaceAll(twoPaths, `"rate_mbit": 20,`, `"rate_mbit": 20, "offload": true,`)
	json = strings.ReplaceAll(json, `"pace_ms": 10`, `"pace_ms": 1`)
	sc, rep, dir := performed(t, json, "offload")
	checkFlow(t, "offload", rep.App[0])
	compareTruth(t, sc, dir, rep.zero, rep.watch)
	large := 0
	for _, f := range readCapture(t, filepath.Join(dir, "client.pcapng")) {
		if f.len > 1600 {
			large++
		}
	}
	if large == 0 {
		t.Error("the client's capture has no segment larger than a frame on the path")
	}
}

func TestRunFallsBack(t *testing.T) {
	needLab(t)
	const strip = `{"settle_ms": 50, "paths": [{"delay_ms": 2, "boxes": [{"do": "strip-syn"}]}], "flows": [{"up": 5000, "down": 5000}]}`
	_, rep, _ := performed(t, strip, "strip")
	checkFlow(t, "strip", rep.App[0])
	if rep.App[0].Client.MPTCP || rep.App[0].Server.MPTCP {
		t.Errorf("still MPTCP: %+v", rep.App[0])
	}
	if rep.Captures.Client.Connections != 1 || rep.Captures.Server.Connections != 0 {
		t.Errorf("captures: %+v", rep.Captures)
	}
}

// TestRunEndsInTime cuts a flow that cannot end: the link goes down and stays so.
func TestRunEndsInTime(t *testing.T) {
	needLab(t)
	const dead = `{"timeout_s": 0.5, "settle_ms": 20, "paths": [{"rate_mbit": 5, "delay_ms": 2}],
		"events": [{"at_ms": 100, "do": "down", "path": 1}], "flows": [{"up": 1000000}]}`
	_, rep, _ := performed(t, dead, "dead")
	if f := rep.App[0]; f.Client.Error == "" || f.Server.Received >= 1000000 {
		t.Errorf("flow: %+v", f)
	}
}

func TestCancelledRunLeavesNothing(t *testing.T) {
	needLab(t)
	sc, err := parseScenario([]byte(twoPaths), "cancelled")
	if err != nil {
		t.Fatal(err)
	}
	sc.Flows[0].Up = 1 << 30
	ctx, cancel := context.WithTimeout(context.Background(), 600*time.Millisecond)
	defer cancel()
	if _, err := perform(ctx, &sc, t.TempDir()); err == nil {
		t.Error("a cancelled run tells no error")
	}
	noneLeft(t)
}

func TestFailingSetupLeavesNothing(t *testing.T) {
	needLab(t)
	sc, err := parseScenario([]byte(strings.Replace(twoPaths, "dev path2", "dev none", 1)), "wrong")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := perform(context.Background(), &sc, t.TempDir()); err == nil || !strings.Contains(err.Error(), "setup 0: ip -n") {
		t.Errorf("error %v", err)
	}
	noneLeft(t)
}
