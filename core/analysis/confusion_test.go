package analysis_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest/corpus"
)

// known is a connection whose truth is known: what was done to it, and what explain must say of it from this capture. Where
// one end cannot see the cause, want is the effect that it sees, or that it cannot be told.
type known struct {
	file  string
	conn  uint32
	plain bool // conn is a TCP stream
	truth string
	want  analysis.Diagnosis
	blind bool // this capture does not show the cause
}

// lab lists the project's own captures; the middleboxes and settings of their scenarios are the truth.
func lab() []known {
	at := func(file, truth string, want analysis.Diagnosis) known {
		return known{file: file, truth: truth, want: want}
	}
	blind := func(file, truth string, want analysis.Diagnosis) known {
		return known{file: file, truth: truth, want: want, blind: true}
	}
	list := []known{
		at("cause-plain-server.server", "server without MPTCP", analysis.ServerWithout),
		blind("cause-plain-server.client", "server without MPTCP", analysis.NoCapable),
		{file: "cause-strip-syn.server", plain: true, truth: "option stripped from the SYN", want: analysis.StrippedSYN},
		blind("cause-strip-syn.client", "option stripped from the SYN", analysis.NoCapable),
		{file: "fallback.server", plain: true, truth: "option stripped from the SYN", want: analysis.StrippedSYN},
		blind("fallback.client", "option stripped from the SYN", analysis.NoCapable),
		{file: "cause-strip-once.client", conn: 1, truth: "option stripped from one SYN of two", want: analysis.StrippedEither},
		{file: "signal-address.client", conn: 2, plain: true, truth: "plain TCP asked for", want: analysis.NotAsked},
		at("cause-strip-synack.client", "option stripped from the SYN/ACK", analysis.StrippedSYNACK),
		at("cause-strip-synack.server", "option stripped from the SYN/ACK", analysis.StrippedSYNACK),
		{file: "fallback.client", conn: 1, truth: "option stripped from the SYN/ACK", want: analysis.StrippedSYNACK},
		at("fallback.server", "option stripped from the SYN/ACK", analysis.StrippedSYNACK),
		at("cause-strip-data.client", "options stripped after the SYNs", analysis.StrippedHandshake),
		at("cause-strip-data.server", "options stripped after the SYNs", analysis.StrippedHandshake),
		at("cause-options-cut.client", "options cut out after the SYNs", analysis.StrippedHandshake),
		at("cause-options-cut.server", "options cut out after the SYNs", analysis.StrippedHandshake),
		at("cause-options-cut-small.client", "options cut out after the SYNs", analysis.StrippedHandshake),
		blind("cause-options-cut-small.server", "options cut out after the SYNs", analysis.StrippedAfter),
		at("cause-strip-later.client", "options stripped in the middle", analysis.StrippedLater),
		at("cause-strip-later.server", "options stripped in the middle", analysis.StrippedLater),
		at("cause-strip-later-join.server", "options stripped on one of two subflows", analysis.SubflowStripped),
		blind("cause-strip-later-join.client", "options stripped on one of two subflows", analysis.SubflowReset),
		at("cause-bad-checksum.client", "checksum failure, MP_FAIL", analysis.ChecksumFailed),
		at("cause-bad-checksum.server", "checksum failure, MP_FAIL", analysis.ChecksumFailed),
		at("checksum-failure.server", "checksum failure on one of two subflows", analysis.SubflowChecksum),
		at("cause-infinite.server", "infinite mapping", analysis.InfiniteMapping),
		blind("cause-infinite.client", "infinite mapping", analysis.AcksBare),
		at("cause-key-changed.client", "key changed on the way", analysis.KeysDiffer),
		at("cause-key-changed.server", "key changed on the way", analysis.KeysDiffer),
		at("cause-no-answer.client", "SYN never answered", analysis.NoAnswer),
		at("cause-syn-dropped.client", "SYN with MP_CAPABLE dropped", analysis.SYNDropped),
		at("cause-refused.client", "SYN answered by a reset", analysis.Refused),
		blind("cause-refused.server", "SYN answered by a reset", analysis.Unfinished),
		at("fastclose.client", "fast close", analysis.FastClosed),
		at("cause-cut-off.server", "NAT binding lost on the only path", analysis.SubflowRebound),
		{file: "cause-cut-off.server", conn: 1, truth: "NAT binding lost on the only path", want: analysis.SubflowRebound},
		blind("cause-cut-off.client", "NAT binding lost on the only path", analysis.CutOff),
		at("cause-nat-rebound.server", "NAT binding lost on one of two paths", analysis.SubflowRebound),
		blind("cause-nat-rebound.client", "NAT binding lost on one of two paths", analysis.SubflowReset),
		at("cause-join-prohibited.client", "join refused, reason 3", analysis.JoinRefused),
		at("cause-join-prohibited.server", "join refused, reason 3", analysis.JoinRefused),
		at("cause-join-forged-ack.server", "HMAC of the join's ACK forged", analysis.JoinForged),
		blind("cause-join-forged-ack.client", "HMAC of the join's ACK forged", analysis.JoinRefused),
		at("cause-join-forged-synack.client", "HMAC of the join's SYN/ACK forged", analysis.JoinForged),
		blind("cause-join-forged-synack.server", "HMAC of the join's SYN/ACK forged", analysis.JoinRefused),
		at("cause-join-refused.client", "join reset by a firewall", analysis.JoinReset),
		blind("cause-join-refused.server", "join reset by a firewall", analysis.JoinUnfinished),
		at("cause-join-stripped-syn.client", "MP_JOIN stripped from the SYN", analysis.JoinStripped),
		{file: "cause-join-stripped-syn.server", conn: 1, plain: true, truth: "MP_JOIN stripped from the SYN", want: analysis.StrippedSYN},
		at("cause-join-stripped-synack.client", "MP_JOIN stripped from the SYN/ACK", analysis.JoinStripped),
		blind("cause-join-stripped-synack.server", "MP_JOIN stripped from the SYN/ACK", analysis.JoinRefused),
		at("cause-join-unanswered.client", "join never answered", analysis.JoinUnanswered),
		at("cause-no-joins.client", "C flag", analysis.JoinsForbidden),
		at("cause-address-forged.client", "HMAC of ADD_ADDR forged", analysis.AddressForged),
		blind("cause-address-forged.server", "HMAC of ADD_ADDR forged", analysis.AddressUnanswered),
		at("cause-address-lost.server", "ADD_ADDR lost", analysis.AddressUnanswered),
		blind("cause-address-lost.client", "ADD_ADDR lost", analysis.Healthy),
		at("cause-echo-lost.server", "echo of ADD_ADDR lost", analysis.AddressUnanswered),
		at("cause-echo-lost.client", "echo of ADD_ADDR lost", analysis.AddressUnused),
		at("cause-address-unused.client", "ADD_ADDR not joined", analysis.AddressUnused),
		{file: "late-start.client", truth: "MPTCP, captured from the middle", want: analysis.NotCaptured, blind: true},
	}
	for _, file := range []string{"handover.client", "handover.server", "ipv6-checksum.client", "nat-clocks.client", "nat-clocks.server",
		"signal-address.client", "signal-address.server", "two-path-upload.client", "two-path-upload.server", "cause-removed.client",
		"cause-window.server", "cause-idle.client", "cause-slow-path.client", "cause-blocked.server", "cause-lossy-path.client"} {
		list = append(list, at(file, "MPTCP to the end", analysis.Healthy))
	}
	return list
}

// corpus lists other people's captures, of which enough is known: by the kernel's counters beside them, or by what their
// makers say that they show.
func corpusTruth() []known {
	var list []known
	add := func(file string, conn uint32, truth string, want analysis.Diagnosis) {
		list = append(list, known{file: file, conn: conn, truth: truth, want: want, blind: want.Open()})
	}
	for _, name := range []string{"add_addr_port", "add_addr_signal", "asymmetric_paths", "backup_prio", "checksum", "deny_join_id0", "ipv6",
		"link_failure_reinject", "remove_addr", "snaplen96", "two_subflows"} {
		for _, side := range []string{"", ".server"} {
			add("linux-v1/v1_"+name+side+".pcap", 0, "MPTCP to the end", analysis.Healthy)
		}
	}
	for _, side := range []string{"", ".server"} {
		add("linux-v1/v1_fallback_plain_server"+side+".pcap", 0, "server without MPTCP", analysis.NoCapable)
		add("linux-v1/v1_fastclose"+side+".pcap", 0, "fast close", analysis.FastClosed)
		add("linux-v1/v1_join_rejected"+side+".pcap", 0, "join refused, reason 3", analysis.JoinRefused)
	}
	add("public/DPI-MPTCP/flood.pcap", 0, "10 000 joins to an unknown connection", analysis.NotCaptured)
	add("public/DPI-MPTCP/longer.pcapng", 0, "MPTCP, captured from the middle", analysis.NotCaptured)
	add("public/DPI-MPTCP/short.pcapng", 0, "MPTCP, captured from the middle", analysis.NotCaptured)
	add("public/DPI-MPTCP/mp_key_change.pcap", 0, "key changed on the way", analysis.KeysDiffer)
	add("public/DPI-MPTCP/mp_rejected.pcap", 0, "server without MPTCP", analysis.NoCapable)
	add("public/DPI-MPTCP/mp_rejected2.pcap", 0, "server without MPTCP", analysis.NoCapable)
	add("public/MPTCProxy/mptcp.pcap", 0, "MPTCP to the end", analysis.Healthy)
	add("public/mptcp-nids-evasion-tests/SQL_Injection_scenario3_r4_eth1.pcapng", 0, "MPTCP, one path captured", analysis.NotCaptured)
	add("public/nDPI/tls_change_cipher.pcap", 0, "MPTCP, captured from the middle", analysis.NotCaptured)
	add("public/ptcpdump/mptcp.pcap", 0, "MPTCP to the end", analysis.Healthy)
	add("public/pymptcpanalyzer/client_2.pcap", 1, "fast close", analysis.FastClosed)
	add("public/tcpdump/mptcp-fclose.pcap", 0, "fast close", analysis.FastClosed)
	add("public/tcpdump/mptcp-v0.pcap", 0, "MPTCP to the end", analysis.Healthy)
	add("public/tcpdump/mptcp-v1.pcap", 0, "MPTCP to the end", analysis.Healthy)
	add("public/zpx2012-mptcp/server.pcap", 0, "fast close", analysis.FastClosed)
	return list
}

// tell is explain's verdict on a connection, or on a plain stream.
func (k *known) tell(t *testing.T, path string) analysis.Diagnosis {
	t.Helper()
	tr := coretest.Trace(t, path)
	if k.plain {
		f, _, _ := analysis.ExplainStream(tr, k.conn)
		return f.Diagnosis
	}
	c := tr.ConnByID(k.conn)
	if c == nil {
		t.Fatalf("%s has no connection %d", k.file, k.conn)
	}
	found := analysis.Diagnose(tr, c)
	for i := range found {
		if len(found[i].Packets) == 0 {
			t.Errorf("%s: %s without evidence", k.file, found[i].Diagnosis)
		}
	}
	return found[0].Diagnosis
}

// TestConfusion compares every verdict with the truth: what this capture can show must be told, and what it cannot must be
// left open or told as the effect that it shows.
func TestConfusion(t *testing.T) {
	said := confusion(t, labTable, lab(), func(file string) string { return filepath.Join(coretest.Captures(), file+".pcapng") })
	for d := range analysis.NumDiagnoses {
		if !said[d] && d != analysis.JoinLate && d != analysis.PeerFellBack && d != analysis.PortsReused { // see TestJoinLate, which is never the verdict, TestAcksBare and TestPortsReused
			t.Errorf("no capture of the project makes explain say %q", d)
		}
	}
}

// TestConfusionOfCorpus does the same with the corpus.
func TestConfusionOfCorpus(t *testing.T) {
	dir := corpus.Dir(t)
	confusion(t, corpusTable, corpusTruth(), func(file string) string { return filepath.Join(dir, file) })
}

// Places of the tables in CONTRIBUTING.md.
const (
	labTable = iota
	corpusTable
)

// score is a row of the table.
type score struct {
	truth                         string
	captures, right, blind, wrong int
	told                          []string
}

// confusion writes the table, and gives the verdicts that occurred.
func confusion(t *testing.T, place int, list []known, path func(string) string) map[analysis.Diagnosis]bool {
	var rows []*score
	said := map[analysis.Diagnosis]bool{}
	for i := range list {
		k := &list[i]
		file := path(k.file)
		told := k.tell(t, file)
		at := slices.IndexFunc(rows, func(s *score) bool { return s.truth == k.truth })
		if at < 0 {
			at, rows = len(rows), append(rows, &score{truth: k.truth})
		}
		s := rows[at]
		s.captures++
		said[told] = true
		switch {
		case told != k.want:
			s.wrong++
			t.Errorf("%s, %d: told %q, it is %q and should read %q", k.file, k.conn, told, k.truth, k.want)
		case k.blind:
			s.blind++
		default:
			s.right++
		}
		if !slices.Contains(s.told, told.String()) {
			s.told = append(s.told, told.String())
		}
	}
	var b strings.Builder
	b.WriteString("| what was done | captures | told rightly | not visible there | wrong | told |\n|---|--:|--:|--:|--:|---|\n")
	var sum score
	for _, s := range rows {
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d | %s |\n", s.truth, s.captures, s.right, s.blind, s.wrong, strings.Join(s.told, "; "))
		sum.captures, sum.right, sum.blind, sum.wrong = sum.captures+s.captures, sum.right+s.right, sum.blind+s.blind, sum.wrong+s.wrong
		if s.right == 0 && place == labTable && s.truth != "MPTCP, captured from the middle" {
			t.Errorf("%s is told from no capture", s.truth)
		}
	}
	fmt.Fprintf(&b, "| all | %d | %d | %d | %d | |\n", sum.captures, sum.right, sum.blind, sum.wrong)
	compareTable(t, place, b.String())
	return said
}

// confusionTables finds the tables in CONTRIBUTING.md.
var confusionTables = regexp.MustCompile(`\| what was done .*\n(\|.*\n)+`)

// compareTable compares a table with that in CONTRIBUTING.md, by its place there, or writes it.
func compareTable(t *testing.T, place int, table string) {
	t.Helper()
	file := filepath.Join(coretest.Root(), "CONTRIBUTING.md")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	at := confusionTables.FindAllIndex(text, -1)
	if len(at) <= place {
		t.Fatalf("CONTRIBUTING.md has %d tables of what explain tells", len(at))
	}
	start, end := at[place][0], at[place][1]
	if coretest.Updating() {
		if err := os.WriteFile(file, slices.Concat(text[:start], []byte(table), text[end:]), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if string(text[start:end]) != table {
		t.Errorf("the table in CONTRIBUTING.md is not what explain tells (-update writes it):\n%s", table)
	}
}
