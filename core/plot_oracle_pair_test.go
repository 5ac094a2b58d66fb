package core_test

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest/corpus"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// Plots of two captures against the original's merges (oracle/owd_merge.json, oracle/reinjections.json).

func TestDelaysAgainstOracle(t *testing.T) {
	session, compared := core.New(disk.Options()), 0
	for _, m := range corpus.Merges(t) {
		if m.First == "" || m.Second == "" || strings.HasSuffix(m.First, ".csv") { // tables of packets have not what pairs them
			continue
		}
		for dest, want := range m.Merge {
			if want.Both == 0 {
				continue
			}
			chart := chartOf(t, session, fmt.Sprintf("plot owd tcp '%s' %d '%s' %d %s --no-clock", m.First, m.S1, m.Second, m.S2, dest))
			var delays []float64
			for i := range chart.Series {
				delays = append(delays, chart.Series[i].Y...)
			}
			want.Check(t, fmt.Sprintf("%s %d towards the %s", filepath.Base(m.First), m.S1, dest), delays)
			compared++
		}
	}
	if compared < 20 {
		t.Errorf("%d merges are compared", compared)
	}
}

func TestReinjectionPlotsAgainstOracle(t *testing.T) {
	dir := corpus.Dir(t)
	type way struct {
		Redundant [][3]float64      `json:"redundant_list"`
		Useful    [][3]float64      `json:"useful_list"`
		Bytes     map[string]uint64 `json:"non_redundant_bytes_per_subflow"`
	}
	var all []struct {
		Label          string
		Client, Server way
	}
	corpus.JSON(t, filepath.Join(dir, "oracle/reinjections.json"), &all)
	a, b := corpus.Original(t, "client_2.pcap"), corpus.Original(t, "server_2.pcap")
	session := core.New(disk.Options())
	if err := session.Run(context.Background(), "load '"+a+"'", &collector{}); err != nil {
		t.Fatal(err)
	}
	frames := framesByPacket(t, session, 16)
	var figures oracle
	corpus.JSON(t, filepath.Join(dir, "oracle/client_2.pcap.json"), &figures)
	unique := map[int]map[stream.Dest]uint64{}
	for id, c := range figures.Connections {
		unique[id] = map[stream.Dest]uint64{stream.Client: c.ToClient.Unique, stream.Server: c.ToServer.Unique}
	}
	compared := 0
	for _, o := range all {
		var here, there int
		if n, _ := fmt.Sscanf(o.Label, "client_2 mptcp%d <-> server_2 mptcp%d", &here, &there); n != 2 {
			continue // of captures that are lost
		}
		for dest, want := range map[stream.Dest]way{stream.Client: o.Client, stream.Server: o.Server} {
			what := fmt.Sprintf("%s towards the %v", o.Label, dest)
			words := fmt.Sprintf("'%s' %d '%s' %d %v --no-clock", a, here, b, there, dest)
			rates := chartOf(t, session, "plot gput "+words+" --window 1")
			compared += compareFirsts(t, what, rates, want.Bytes, unique[here][dest])
			gains := map[uint32]float64{}
			chart := chartOf(t, session, "plot reinject mptcp "+words+" --bins 0")
			for i := range chart.Series {
				for k, frame := range chart.Series[i].Frame {
					gains[frame] = chart.Series[i].Y[k] / 1e9
				}
			}
			for _, r := range append(want.Redundant, want.Useful...) {
				// The original asks one packet only that had carried the data: where others had too, it came earlier still.
				if got, ok := gains[frames[int(r[0])-1]]; !ok || got > r[2]+1e-6 {
					t.Errorf("%s: packet %v gains %v s (%v), want %v", what, r[0], got, ok, r[2])
				}
			}
		}
	}
	if compared == 0 {
		t.Error("nothing is compared")
	}
}

// compareFirsts compares what each subflow brings first. The original takes off whole packets that it knows for redundant
// reinjections, and no bytes that a subflow carried twice: where its sum is more than the data there is, it is a bound.
func compareFirsts(t *testing.T, what string, rates *display.Chart, want map[string]uint64, data uint64) (compared int) {
	t.Helper()
	var sum, bound uint64
	for _, bytes := range want {
		bound += bytes
	}
	for subflow, bytes := range want {
		got := carried(rates, subflow+" ·")
		if got > bytes || bound <= data && got != bytes {
			t.Errorf("%s: subflow %s brings %d bytes first, want %d", what, subflow, got, bytes)
		}
		sum, compared = sum+got, compared+1
	}
	if bound > data && sum != data {
		t.Errorf("%s: the subflows bring %d bytes first, want %d", what, sum, data)
	}
	return compared
}

// framesByPacket lists the frames of the TCP packets of a capture with so many streams: the place is the packet's id less 1.
func framesByPacket(t *testing.T, s *core.Session, streams int) []uint32 {
	t.Helper()
	frames := map[uint32]bool{}
	for id := range streams {
		for _, p := range pointsOf(chartOf(t, s, fmt.Sprintf("plot tcp_attr %d tcplen", id)), every) {
			frames[p.frame] = true
		}
	}
	return slices.Sorted(maps.Keys(frames))
}
