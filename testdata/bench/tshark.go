package main

import (
	"fmt"
	"os/exec"
	"path/filepath"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// mostColumns is how many packets tshark writes all columns of: it takes two passes, and for each further packet longer,
// so that two million would take it more than half an hour.
const mostColumns = 100_000

// tshark is measured once with nine fields of the whole capture, and with the exporter's columns of its first packets.
func tshark(o options, dir string) ([]*program, error) {
	list := found("tshark", tsharkArgs(o.capture)...)
	if len(list) == 0 {
		return nil, nil
	}
	cut := filepath.Join(dir, "cut.pcap")
	// editcap comes with tshark.
	if out, err := exec.Command("editcap", "-F", "nsecpcap", "-r", o.capture, cut, fmt.Sprintf("1-%d", mostColumns)).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("editcap: %w: %s", err, out)
	}
	columns := found("tshark", exportArgs(cut)...)
	for _, p := range columns {
		p.name, p.most = "tshark 38", mostColumns
	}
	list = append(list, columns...)
	for _, p := range list {
		p.once = true
	}
	return list, nil
}

// tsharkArgs has tshark write nine fields of every packet, with the analysis of mappings and reinjections.
func tsharkArgs(capture string) []string {
	args := []string{"-r", capture, "-T", "fields", "-o", "mptcp.analyze_mappings:TRUE", "-o", "mptcp.intersubflows_retransmission:TRUE"}
	for _, f := range []string{
		"frame.number", "frame.time_epoch", "tcp.stream", "mptcp.stream", "tcp.seq", "tcp.ack", "tcp.len", "mptcp.dsn", "mptcp.ack",
	} {
		args = append(args, "-e", f)
	}
	return args
}

// exportArgs has tshark write the exporter's 38 columns, as the original called it.
func exportArgs(capture string) []string {
	args := []string{"-r", capture, "-o", "mptcp.analyze_mappings:TRUE", "-o", "mptcp.relative_sequence_numbers:TRUE",
		"-o", "mptcp.intersubflows_retransmission:TRUE", "-2", "-R", "mptcp or tcp and not icmp", "-T", "fields",
		"-o", `gui.column.format:"Time","%At","ipsrc","%s","ipdst","%d"`}
	for _, c := range trace.Columns() {
		args = append(args, "-e", c.Field)
	}
	return args
}
