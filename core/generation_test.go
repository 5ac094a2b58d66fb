package core_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
)

// generations are the names of commands that earlier generations of the program had: the Python one of 2016 (seeds), the
// Python one up to 2023, and the Haskell one. Each must still be understood.
var generations = map[string][]string{
	"2016":    {"lc", "ls", "load", "summary", "plot", "dump", "list_available_plots", "clean_cache", "quit", "EOF", "q", "help", "history"},
	"python":  {"checkhealth", "load_pcap", "list_tcp_connections", "lt", "list_mptcp_connections", "lm", "list_connections", "list_subflows", "list_reinjections", "lr", "tcp_summary", "mptcp_summary", "summary_extended", "map_tcp_connection", "map_mptcp_connection", "qualify_reinjections", "print_owds", "tocsv", "clean_pcap", "list_interfaces", "set"},
	"haskell": {"load-pcap", "load-csv", "list-tcp", "list-mptcp", "tcp-summary", "mptcp-summary", "list-reinjections", "map-tcp", "map-mptcp", "analyze", "list-interfaces", "export"},
}

func TestGenerations(t *testing.T) {
	s := core.New(core.Options{})
	for generation, names := range generations {
		for _, name := range names {
			if s.Check(name) == core.Invalid {
				t.Errorf("%s: %q is not understood", generation, name)
			}
		}
	}
}

// TestForms runs lines as the earlier generations wrote them. What they make is tested elsewhere; here none may be refused.
func TestForms(t *testing.T) {
	s := loaded(t, "handover.client.pcapng")
	dir := t.TempDir()
	for _, line := range []string{
		"load --regen handover.client.pcapng", "load -r handover.client.pcapng", "load-csv ../faulty/gone.pcapng.csv True", "load_pcap handover.client.pcapng",
		"list_tcp_connections", "list-tcp --detailed", "list_mptcp_connections", "list-mptcp --detailed", "list_subflows 0 --all", "ls 0",
		"tcp_summary 0", "tcp-summary --full 0", "mptcp_summary 0 --dest Client --dest Server", "mptcp_summary 0 --json", "mptcp_summary 0 -H",
		"mptcp-summary --full 0", "summary 0", "list_reinjections 0 --summary", "list-reinjections 0", "list_interfaces",
		"dump ipsrc ipdst -n 10", "dump", "plot attr 0 Client dsn", "plot attr 0 Both dsn", `plot attr 0 Client dsn --title "custom title" --out ` + dir + `/x.png`,
		"plot tcp_attr handover.client.pcapng 0 tcpseq", "tocsv handover.client.pcapng 0 " + dir + "/x.csv", "tocsv handover.client.pcapng 0 " + dir + "/y.csv --tcpstream 1 --destination Client --drop-syn",
		"clean_pcap handover.client.pcapng " + dir + "/clean.pcapng", "checkhealth", "list_available_plots", "clean_cache", "help", "history",
	} {
		err := s.Run(context.Background(), line, &collector{})
		var e *core.LineError
		if errors.As(err, &e) && (e.Misuse || !strings.Contains(line, "clean_pcap")) {
			t.Errorf("%s: %v", line, err)
		}
	}
}
