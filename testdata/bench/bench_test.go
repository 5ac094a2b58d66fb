package main

import (
	"strings"
	"testing"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/testdata/bench/work"
)

func TestMedian(t *testing.T) {
	runs := []measured{{cpu: 5, peak: 1}, {cpu: 1, peak: 9}, {cpu: 3, peak: 5}}
	if m := median(runs, cpu); m != 3 {
		t.Error(m)
	}
	if m := median(runs, memory); m != 5 {
		t.Error(m)
	}
}

func TestReport(t *testing.T) {
	var out strings.Builder
	report(&out, []*program{
		{name: "load", ours: true, runs: []measured{{cpu: 2 * time.Second, kernel: time.Second / 2, wall: time.Second, peak: 3e6}}, told: work.Told{Frames: 4e6, Heap: 8e6}},
		{name: "other", runs: []measured{{cpu: 5 * time.Second, wall: 6 * time.Second}}},
		{name: "slow", most: 1e6, runs: []measured{{cpu: 5 * time.Second, wall: 6 * time.Second}}},
	})
	for _, want := range []string{
		"load                2.000     0.500      1.000         2.00       3.0         1.00",
		"other               5.000     0.000      6.000         0.80       0.0         2.50",
		"slow                5.000     0.000      6.000         0.20       0.0        10.00  for 1000000 packets",
		"2.0 bytes a packet kept",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}
