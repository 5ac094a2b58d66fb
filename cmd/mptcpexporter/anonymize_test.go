package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/cmd/internal/console"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
)

// TestAnonymize wants a masked capture to say what a masked table says, and nothing of the original.
func TestAnonymize(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key")
	for _, name := range append(samples[:4:4], "ipv6-checksum.client.pcapng", "fastclose.client.pcapng", "cause-join-forged-ack.server.pcapng",
		"cause-join-forged-synack.client.pcapng", "cause-key-changed.client.pcapng") {
		file := exportTo(t, "a.pcapng", capture(name), "--anonymize", "--key", key)
		const fields = "usual,client_token,server_token,dackraw64,tcpseq_raw"
		args := []string{"--fields", strings.Replace(fields, "usual", "packetid,abstime,ipsrc,ipdst,tcpstream,sport,dport,rwnd,tcpflags,tcpoptions,tcpseq,tcplen,tcpack,expected_token,mptcpstream,sendkey,recvkey,recvtok,datafin,mptcpversion,subtype,dss_dsn,dss_rawack,dss_ssn,dss_length,addrid,dsnraw64,dack,dsn,related_mappings,reinjection_of,reinjected_in,client_key,server_key", 1)}
		want := table(t, append(args, "--anonymize", "--key", key, capture(name))...)
		got := table(t, append(args, file)...)
		if len(got) != len(want) {
			t.Fatalf("%s: %d packets, want %d", name, len(got), len(want))
		}
		for i := range want {
			if !slices.Equal(got[i], want[i]) {
				t.Fatalf("%s: packet %d:\n%v\n%v", name, i+1, got[i], want[i])
			}
		}
		plain := table(t, append(args, capture(name))...)
		for i := range want {
			for _, c := range []int{2, 3, 5, 6} { // addresses and ports
				if want[i][c] == plain[i][c] {
					t.Fatalf("%s: packet %d still tells %s", name, i+1, plain[i][c])
				}
			}
			for _, c := range []int{4, 8, 10, 11, 12, 14, 27, 28, 29} { // what relates packets
				if want[i][c] != plain[i][c] {
					t.Fatalf("%s: packet %d: column %d is %s, was %s", name, i+1, c, want[i][c], plain[i][c])
				}
			}
		}
		verified, _, _ := runProgram("", "--table", "subflows", "--fields", "synack_hmac,ack_hmac", file)
		before, _, _ := runProgram("", "--table", "subflows", "--fields", "synack_hmac,ack_hmac", capture(name))
		if verified != before {
			t.Errorf("%s: HMACs: %q, were %q", name, verified, before)
		}
	}
	info, err := os.Stat(key)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key file: %v %v", info, err)
	}
}

// TestAnonymizedChecksums wants the checksums that can still be verified, those of DATA_FINs without payload, to be right as
// before.
func TestAnonymizedChecksums(t *testing.T) {
	name := capture("ipv6-checksum.client.pcapng")
	args := []string{"--table", "issues", "--fields", "packetid,layer,what,count"}
	args = append(args, "--one-pass") // the dissection's alone
	want, _, _ := runProgram("", append(args, name)...)
	got, stderr, status := runProgram("", append(args, exportTo(t, "a.pcapng", name, "--anonymize"))...)
	if status != console.Fine || got != want {
		t.Errorf("status %d: %s%s, were %s", status, got, stderr, want)
	}
	fins, _, _ := runProgram("", "--fields", "packetid", "--where", "datafin == 1 and tcplen == 0", name)
	if strings.Count(fins, "\n") < 2 {
		t.Error("there is no DATA_FIN without payload")
	}
}

// TestAnonymizedVerdicts wants the analysis to say of an anonymized capture what it says of the capture itself: for that, it
// needs to know of the frames that are no TCP, which tell how long was captured.
func TestAnonymizedVerdicts(t *testing.T) {
	files, err := filepath.Glob(capture("cause-*.pcapng"))
	if err != nil || len(files) < 20 {
		t.Fatalf("%d captures: %v", len(files), err)
	}
	told := 0
	for _, file := range files {
		want := verdicts(t, file)
		got := verdicts(t, exportTo(t, "a.pcapng", file, "--anonymize"))
		if told += len(want); !slices.Equal(got, want) {
			t.Errorf("%s: %v, was %v", filepath.Base(file), got, want)
		}
	}
	if told < len(files) {
		t.Errorf("%d verdicts on %d captures", told, len(files))
	}
}

// TestAnonymizedFrames wants every frame of a capture to be there with its time and its length, and those that are no TCP
// only where no packet is left out.
func TestAnonymizedFrames(t *testing.T) {
	frames := func(file string) (all []string) {
		tr, f := reread(t, file)
		for frame, err := range tr.Walk(context.Background(), f) {
			if err != nil {
				t.Fatal(err)
			}
			length := "" // link layer and IP options are gone from a segment
			if !frame.Kept {
				length = fmt.Sprint(frame.Length)
			}
			all = append(all, fmt.Sprint(frame.Time, frame.Kept, length))
		}
		return all
	}
	for _, name := range []string{"handover.client.pcapng", "fallback.server.pcapng"} {
		want := frames(capture(name))
		if got := frames(exportTo(t, "a.pcapng", capture(name), "--anonymize")); !slices.Equal(got, want) {
			t.Errorf("%s: %d frames, want %d", name, len(got), len(want))
		}
		segments := slices.DeleteFunc(slices.Clone(want), func(s string) bool { return strings.Contains(s, "false") })
		if got := frames(exportTo(t, "a.pcapng", capture(name), "--anonymize", "--where", "packetid > 0")); !slices.Equal(got, segments) || len(got) == len(want) {
			t.Errorf("%s: %d segments, want %d of %d frames", name, len(got), len(segments), len(want))
		}
	}
}

// verdicts are what the analysis finds in a capture, and by which packet. The further packets are left out, as some of them
// are found by their payload.
func verdicts(t *testing.T, file string) (all []string) {
	t.Helper()
	tr := coretest.Trace(t, file)
	for i := range tr.Conns {
		for _, found := range analysis.Diagnose(tr, &tr.Conns[i]) {
			all = append(all, fmt.Sprintf("connection %d: %v %v", tr.Conns[i].ID, found.Diagnosis, found.Packets[:min(1, len(found.Packets))]))
		}
	}
	return all
}

// TestAnonymizedTogether wants a capture that shows a token only to fit with one that shows the key, whichever comes first, and
// in files of their own too.
func TestAnonymizedTogether(t *testing.T) {
	const rows, joined = "abstime,dss_dsn,dss_rawack,recvtok", "tcpstream == 1"
	whole := capture("two-path-upload.client.pcapng")
	late := exportTo(t, "late.pcapng", whole, "--where", "packetid > 8") // behind the first handshake
	key := filepath.Join(t.TempDir(), "key")
	for _, order := range [][]string{{whole, late}, {late, whole}} {
		dir := t.TempDir()
		args := append([]string{"--anonymize", "--key", key, "--split", "-o", dir, "--format", "pcapng"}, order...)
		if _, stderr, status := runProgram("", args...); status != console.Fine {
			t.Fatalf("status %d: %s", status, stderr)
		}
		var found [2][][]string
		for i, name := range []string{"two-path-upload.client.pcapng", "late.pcapng"} {
			found[i] = table(t, "--fields", rows, "--where", joined, filepath.Join(dir, name))
		}
		if len(found[0]) < 100 || !slices.EqualFunc(found[0], found[1], slices.Equal) {
			t.Errorf("%d and %d packets: %v, %v", len(found[0]), len(found[1]), found[0][:3], found[1][:3])
		}
		tokens, stderr, _ := runProgram("", append([]string{"--anonymize", "--key", key, "--table", "connections", "--fields", "server_token"}, order...)...)
		different := map[string]bool{}
		for _, token := range strings.Fields(tokens)[1:] {
			different[token] = true
		}
		if len(different) != 1 {
			t.Errorf("tokens of one server: %v %s", different, stderr)
		}
	}
}
