package sheet

import (
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// haskell are the names of the Haskell generation. Its reinjectedIn holds what Wireshark calls reinjection_of.
var haskell = map[string]string{
	"packetId": "packetid", "interfaceName": "interface", "relTime": "reltime", "absTime": "abstime", "ipSource": "ipsrc",
	"ipDest": "ipdst", "ipSrcHost": "ipsrc_host", "ipDstHost": "ipdst_host", "tcpStream": "tcpstream", "tcpSrcPort": "sport",
	"tcpDestPort": "dport", "rwnd": "rwnd", "tcpFlags": "tcpflags", "tcpOptionKinds": "tcpoptions", "tcpSeq": "tcpseq",
	"tcpLen": "tcplen", "tcpAck": "tcpack", "tsval": "tcptsval", "tsecr": "tcptsecr", "mptcpExpectedToken": "expected_token",
	"mptcpStream": "mptcpstream", "mptcpSendKey": "sendkey", "mptcpRecvKey": "recvkey", "mptcpRecvToken": "recvtok",
	"mptcpDataFin": "datafin", "mptcpVersion": "mptcpversion", "mptcpDack": "dack", "mptcpDsn": "dsn",
}

// columnsOf finds the columns by their names, each by its place from 1.
func columnsOf(names []string) map[string]int {
	known := map[string]string{}
	for _, c := range trace.Columns() {
		known[c.Name], known[c.Field] = c.Name, c.Name
	}
	for name, ours := range haskell {
		known[name] = ours
	}
	columns := map[string]int{}
	for i, name := range names {
		if ours := known[strings.TrimSpace(name)]; ours != "" && columns[ours] == 0 {
			columns[ours] = i + 1
		}
	}
	return columns
}
