package trace_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest/corpus"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// TestHeaders compares the lengths of headers and options, and SACK blocks, with tshark's.
func TestHeaders(t *testing.T) {
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("tshark is not installed")
	}
	names, _ := filepath.Glob("../../testdata/captures/*.client.pcapng")
	names = append(names, corpus.Files(t, "public/tcpdump/*.pcap", "linux-v1/v1_ipv6.pcap", "public/pymptcpanalyzer/*.pcap")...)
	blocks := 0
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) { blocks += compareHeaders(t, name) })
	}
	if blocks < 100 {
		t.Errorf("only %d SACK blocks were compared", blocks)
	}
}

func compareHeaders(t *testing.T, name string) (blocks int) {
	out, err := exec.Command("tshark", "-r", name, "-2", "-R", "mptcp or tcp and not icmp", "-T", "fields", "-e", "ip.hdr_len", "-e", "tcp.hdr_len", "-e", "tcp.option_kind",
		"-e", "tcp.option_len", "-e", "tcp.options.sack_le", "-e", "tcp.options.sack_re", "-e", "frame.len").Output()
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	tr, err := trace.Load(t.Context(), f, trace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimRight(string(out), "\n"), "\n")
	if len(lines) != tr.Len() {
		t.Fatalf("%d rows, tshark has %d", tr.Len(), len(lines))
	}
	for i, line := range lines {
		row := uint32(i)
		f := strings.Split(line, "\t")
		ip, tcp := tr.Headers(row)
		want := f[0]
		if want == "" {
			want = "40"
		}
		var le, re []string
		for _, b := range tr.SACK(row, nil) {
			blocks++
			le, re = append(le, strconv.Itoa(int(b.Start))), append(re, strconv.Itoa(int(b.End)))
		}
		got := []string{strconv.Itoa(int(ip)), strconv.Itoa(int(tcp)), strconv.Itoa(int(tr.MPTCPLen(row))), strings.Join(le, ","), strings.Join(re, ",")}
		for k, w := range []string{want, f[1], mptcpLen(f[2], f[3]), f[4], f[5]} {
			if got[k] != w {
				t.Fatalf("packet %d: %v, tshark has %v", i+1, got, []string{want, f[1], mptcpLen(f[2], f[3]), f[4], f[5]})
			}
		}
	}
	return blocks
}

// mptcpLen adds up the lengths of the options of kind 30. NOP and end-of-list have no length.
func mptcpLen(kinds, lengths string) string {
	n, all := 0, strings.Split(lengths, ",")
	for _, kind := range strings.Split(kinds, ",") {
		if kind == "0" || kind == "1" || kind == "" {
			continue
		}
		if kind == "30" && len(all) > 0 {
			v, _ := strconv.Atoi(all[0])
			n += v
		}
		if len(all) > 0 {
			all = all[1:]
		}
	}
	return strconv.Itoa(n)
}
