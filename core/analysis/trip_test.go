package analysis_test

import (
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// TestTripsAreTsharks compares round trips with tshark's tcp.analysis.ack_rtt, where nothing was lost.
func TestTripsAreTsharks(t *testing.T) {
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("tshark is not installed")
	}
	for _, name := range []string{"signal-address.client.pcapng", "ipv6-checksum.client.pcapng"} {
		file := filepath.Join(coretest.Captures(), name)
		out, err := exec.Command("tshark", "-r", file, "-Y", "tcp.analysis.ack_rtt and mptcp", "-T", "fields", "-e", "frame.number",
			"-e", "tcp.analysis.acks_frame", "-e", "tcp.analysis.ack_rtt").Output()
		if err != nil {
			t.Fatal(err)
		}
		want := map[[2]string]string{}
		for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
			f := strings.Split(line, "\t")
			want[[2]string{f[0], f[1]}] = f[2]
		}
		tr := coretest.Trace(t, file)
		trips, err := analysis.NewTrips(t.Context(), tr, &tr.Conns[0])
		if err != nil {
			t.Fatal(err)
		}
		same, n := 0, 0
		for _, d := range bothEnds {
			for _, list := range trips.Samples[analysis.SegmentAck][d] {
				for _, s := range list {
					n++
					key := [2]string{strconv.Itoa(int(tr.FrameOf(s.Ack))), strconv.Itoa(int(tr.FrameOf(s.Row)))}
					rtt, ok := want[key]
					if !ok {
						continue // tshark wants the ack to end where the segment ends
					}
					if ns, _ := strconv.ParseFloat(rtt, 64); int64(ns*1e9+0.5) != s.Value {
						t.Errorf("%s: frame %v: %d ns, tshark has %s", name, key, s.Value, rtt)
					}
					same++
				}
			}
		}
		t.Logf("%s: %d of %d compared", name, same, n)
		if same < n*2/3 || same < 40 {
			t.Errorf("%s: only %d of %d could be compared", name, same, n)
		}
	}
}

// dataByte is a data byte on its way.
type dataByte struct {
	row   uint32
	again bool
	sent  bool
}

// TestDataTrips measures data to data ack again, byte by byte.
func TestDataTrips(t *testing.T) {
	for _, name := range []string{"two-path-upload.client", "two-path-upload.server", "handover.server", "nat-clocks.client"} {
		tr := coretest.Trace(t, filepath.Join(coretest.Captures(), name+".pcapng"))
		trips, err := analysis.NewTrips(t.Context(), tr, &tr.Conns[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range bothEnds {
			want := dataTrips(tr, d)
			n := 0
			for _, list := range trips.Samples[analysis.DataAck][d] {
				for _, s := range list {
					n++
					if want[s.Ack] != s.Value {
						t.Errorf("%s: packet %d: %d ns, want %d", name, s.Ack+1, s.Value, want[s.Ack])
					}
				}
			}
			if n != len(want) || n == 0 {
				t.Errorf("%s to %s: %d measurements, want %d", name, d, n, len(want))
			}
		}
	}
}

// dataTrips gives the round trip that each data ack measures, by row.
func dataTrips(tr *trace.Trace, d stream.Dest) map[uint32]int64 {
	idsn := tr.Conns[0].End(d.Other()).IDSN
	data := make([]dataByte, 2<<20)
	trips, acked := map[uint32]int64{}, uint64(0)
	for _, row := range tr.ConnRows(tr.Conns[0].ID) {
		if tr.ConnDest(row) == d {
			for _, p := range tr.Pieces(row, nil) {
				bytes := data[p.DSN-idsn:][:p.Len]
				again := false
				for i := range bytes {
					again = again || bytes[i].sent
				}
				for i := range bytes {
					bytes[i] = dataByte{row, again, true}
				}
			}
			continue
		}
		dack, ok := tr.DACK(row)
		if !ok || dack-idsn <= acked {
			continue
		}
		for end := dack - idsn; end > acked; end-- {
			b := data[end-1]
			if b.sent && b != data[end] {
				if !b.again {
					trips[row] = tr.Time(row) - tr.Time(b.row)
				}
				break
			}
		}
		acked = dack - idsn
	}
	return trips
}
