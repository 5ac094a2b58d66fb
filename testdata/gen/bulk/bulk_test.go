package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

func capture(t *testing.T, cfg config) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := generate(cfg, &out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// The number of packets is as asked for, their times go up, and the same arguments give the same bytes.
func TestCountAndOrder(t *testing.T) {
	for _, cfg := range []config{
		{packets: numConns * minPackets, snaplen: 128, seed: 1},
		{packets: minPackets, snaplen: 128, seed: 1, connections: 1},
		{packets: mostConns * minPackets, snaplen: 128, seed: 1, connections: mostConns},
		{packets: 20_001, snaplen: 128, seed: 1},
		{packets: 20_002, snaplen: 0, seed: 7, v0: true},
	} {
		file := capture(t, cfg)
		if sha256.Sum256(file) != sha256.Sum256(capture(t, cfg)) {
			t.Error("two captures of the same arguments differ")
		}
		le := binary.LittleEndian
		n, last := 0, uint64(0)
		for b := file[24:]; len(b) > 0; n++ {
			at := uint64(le.Uint32(b))*1e6 + uint64(le.Uint32(b[4:]))
			if at < last {
				t.Fatalf("packet %d goes back in time", n+1)
			}
			last = at
			captured, length := le.Uint32(b[8:]), le.Uint32(b[12:])
			if cfg.snaplen > 0 && captured > uint32(cfg.snaplen) || captured > length {
				t.Fatalf("packet %d: %d of %d bytes", n+1, captured, length)
			}
			b = b[16+captured:]
		}
		if n != cfg.packets {
			t.Errorf("%d packets, want %d", n, cfg.packets)
		}
	}
	for _, cfg := range []config{{packets: 10}, {packets: 20_000, connections: mostConns}, {packets: 1 << 20, connections: mostConns + 1}, {packets: 1000, connections: -1}} {
		if generate(cfg, &bytes.Buffer{}) == nil {
			t.Errorf("%+v was done", cfg)
		}
	}
}

// tshark finds the connections and subflows, retransmissions and reinjections, and nothing wrong.
func TestAsTshark(t *testing.T) {
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("tshark is not installed")
	}
	for _, cfg := range []config{{}, {v0: true}, {checksum: true, pcapng: true}, {checksum: true, v0: true, bare: true}} {
		name := filepath.Join(t.TempDir(), "bulk.pcap")
		cfg.packets, cfg.seed = 20_000, 1
		if err := os.WriteFile(name, capture(t, cfg), 0o600); err != nil {
			t.Fatal(err)
		}
		rows := tshark(t, name)
		streams, conns := map[string]bool{}, map[string]bool{}
		reinjections, retransmissions := 0, 0
		for i, r := range rows {
			streams[r[0]], conns[r[1]] = true, true
			if r[2] != "" {
				reinjections++
			}
			if r[3] != "" {
				retransmissions++
			}
			if r[4] != "1" || r[5] != "" && r[5] != "1" {
				t.Fatalf("packet %d: checksum is wrong", i+1)
			}
			if r[6] != "" {
				t.Fatalf("packet %d: something is missing or out of the window: %v", i+1, r)
			}
		}
		if len(rows) != 20_000 || len(streams) != 29 || len(conns) != numConns || conns[""] {
			t.Errorf("%d rows, %d streams, %d connections", len(rows), len(streams), len(conns))
		}
		if reinjections < 10 || retransmissions < 50 {
			t.Errorf("%d reinjections, %d retransmissions", reinjections, retransmissions)
		}
	}
}

// TestChecksums holds that the checksums are right, by dissect/trace.
func TestChecksums(t *testing.T) {
	for _, cfg := range []config{{checksum: true}, {checksum: true, v0: true, pcapng: true, bare: true}} {
		cfg.packets, cfg.seed = 20_000, 1
		tr, err := trace.Load(t.Context(), bytes.NewReader(capture(t, cfg)), trace.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for i := range tr.Conns {
			if n := tr.Conns[i].Verified.Checksum; n.Verified < 500 || n.Failed > 0 || n.NotVerifiable > 0 {
				t.Errorf("%+v: connection %d: %+v", cfg, i, n)
			}
		}
	}
}

func tshark(t *testing.T, name string) [][]string {
	t.Helper()
	args := []string{
		"-r", name, "-2", "-o", "mptcp.analyze_mappings:TRUE", "-o", "mptcp.intersubflows_retransmission:TRUE",
		"-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE", "-T", "fields",
	}
	for _, f := range []string{
		"tcp.stream", "mptcp.stream", "mptcp.reinjection_of", "tcp.analysis.retransmission",
		"tcp.checksum.status", "ip.checksum.status", "tcp.analysis.lost_segment",
	} {
		args = append(args, "-e", f)
	}
	cmd := exec.Command("tshark", args...)
	cmd.Env = append(cmd.Environ(), "WIRESHARK_CONFIG_DIR="+t.TempDir())
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for line := range strings.Lines(string(out)) {
		rows = append(rows, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
	return rows
}
