package export

import (
	"fmt"
	"strings"
)

// Layout is a choice of packet fields under given heads, as earlier programs wrote them.
type Layout struct {
	Name, Doc string
	// Columns lists "field" or "head=field", in order.
	Columns string
	// Wireshark: heads are Wireshark's names of the fields.
	Wireshark bool
	// Decimal: tcpflags is a decimal number.
	Decimal bool
}

// analyzerColumns are the 38 columns of the original.
const analyzerColumns = `packetid interface reltime abstime ipsrc ipdst ipsrc_host ipdst_host tcpstream sport dport rwnd tcpflags
	tcpoptions tcpseq tcplen tcpack tcptsval tcptsecr expected_token mptcpstream sendkey recvkey recvtok datafin mptcpversion
	subtype dss_dsn dss_rawack dss_ssn dss_length addrid dsnraw64 dack dsn related_mappings reinjection_of reinjected_in`

// Layouts lists the layouts, the usual one first. The caller owns the list.
func Layouts() []Layout {
	return []Layout{
		{Name: "mptcpanalyzer", Doc: "the 38 columns of the original, by its short names", Columns: analyzerColumns},
		{Name: "wireshark", Doc: "the same 38 columns under tshark's field names", Columns: analyzerColumns, Wireshark: true},
		{Name: "seed", Doc: "the 31 columns of the program's first version, under tshark's field names", Wireshark: true, Decimal: true,
			Columns: `packetid reltime time_delta abstime ipsrc ipdst ipsrc_host ipdst_host expected_token tcpstream mptcpstream sport dport
				rwnd sendkey recvkey recvtok datafin subtype tcpflags dss_dsn dss_rawack dss_ssn dss_length addrid master tcpseq tcplen
				dsnraw64 dack dsn`},
		{Name: "haskell", Doc: "the 31 columns of the Haskell version, in the order of its names",
			Columns: `absTime=abstime interfaceName=interface ipDest=ipdst ipDstHost=ipdst_host ipSource=ipsrc ipSrcHost=ipsrc_host
				mptcpDack=dack mptcpDataFin=datafin mptcpDsn=dsn mptcpExpectedToken=expected_token mptcpRecvKey=recvkey
				mptcpRecvToken=recvtok mptcpSendKey=sendkey mptcpStream=mptcpstream mptcpVersion=mptcpversion packetId=packetid
				reinjectedIn=reinjected_in reinjectionOf=reinjection_of relTime=reltime relatedMappings=related_mappings rwnd
				tcpAck=tcpack tcpDestPort=dport tcpFlags=tcpflags tcpLen=tcplen tcpOptionKinds=tcpoptions tcpSeq=tcpseq
				tcpSrcPort=sport tcpStream=tcpstream tsecr=tcptsecr tsval=tcptsval`},
	}
}

// LayoutNames lists the names of the layouts.
func LayoutNames() []string {
	var names []string
	for _, l := range Layouts() {
		names = append(names, l.Name)
	}
	return names
}

func layoutByName(name string) (Layout, error) {
	for _, l := range Layouts() {
		if l.Name == name {
			return l, nil
		}
	}
	return Layout{}, fmt.Errorf("unknown layout %q: %s", name, suggestion(name, LayoutNames()))
}

// selected is the layout's choice of a packet table's fields.
func (l Layout) selected(t *Table) ([]Selected, error) {
	var chosen []Selected
	for _, word := range strings.Fields(l.Columns) {
		s, err := t.choose(word)
		if err != nil {
			return nil, err
		}
		if l.Wireshark && s.Wireshark != "" {
			s.Head = s.Wireshark
		}
		if l.Decimal && s.Name == "tcpflags" {
			f := *s.Field
			f.column, f.Append = nil, decimal(f.Number)
			s.Field = &f
		}
		chosen = append(chosen, s)
	}
	return chosen, nil
}

// choose reads "field" or "head=field".
func (t *Table) choose(word string) (Selected, error) {
	head, name, renamed := strings.Cut(word, "=")
	if !renamed {
		name = head
	}
	f := t.field(name)
	if f == nil {
		f = t.field(oldName(name))
	}
	if f == nil {
		return Selected{}, fmt.Errorf("unknown field %q of table %s: %s", name, t.Name, suggestion(name, t.names()))
	}
	return Selected{Field: f, Head: head}, nil
}

// oldName is today's name of a field, by one that the original's files of fields have, and Wireshark had in those years.
func oldName(name string) string {
	return map[string]string{
		"frame.time": "abstime", "_ws.col.Source": "ipsrc", "_ws.col.Destination": "ipdst", "ip.src": "ipsrc", "ip.dst": "ipdst",
		"mptcp.dss.ack": "dack", "mptcp.dss.dsn": "dsn", "mptcp.rawdataack": "dss_rawack", "mptcp.rawdataseqno": "dss_dsn",
	}[name]
}

// Groups are names that stand for several fields of the packets table.
func Groups() map[string]string {
	return map[string]string{
		"all":   "",
		"usual": "",
		"time":  "reltime abstime time_delta",
		"ip":    "ipsrc ipdst",
		"tcp":   "tcpstream sport dport tcpflags tcpseq tcplen tcpack rwnd tcptsval tcptsecr tcpoptions tcpdest analysis",
		"mptcp": "mptcpstream subflow mptcpdest subtype mptcpversion sendkey recvkey recvtok expected_token datafin addrid",
		"dss":   "dss_dsn dss_rawack dss_ssn dss_length dsnraw64 dack dsn related_mappings reinjection_of reinjected_in",
		"keys":  "client_key server_key client_token server_token",
	}
}

// Pick turns names of fields and groups into a choice. A field named twice is taken once, two under one head are refused.
func (t *Table) Pick(words []string) ([]Selected, error) {
	var chosen []Selected
	seen := map[string]string{}
	for _, word := range words {
		names := []string{word}
		if group, ok := Groups()[word]; ok && t.field(word) == nil {
			names = strings.Fields(group)
			switch {
			case word == "all":
				names = t.names()
			case word == "usual":
				names = t.usual()
			case t.Name != "packets":
				return nil, fmt.Errorf("%q is a group of fields of the packets, not of table %s: its fields are %s", word, t.Name, strings.Join(t.names(), ", "))
			}
		}
		for _, name := range names {
			s, err := t.choose(name)
			if err != nil {
				return nil, err
			}
			switch other, taken := seen[s.Head]; {
			case !taken:
				seen[s.Head] = s.Name
				chosen = append(chosen, s)
			case other != s.Name:
				return nil, fmt.Errorf("%q would be the head of two columns, %s and %s", s.Head, other, s.Name)
			}
		}
	}
	return chosen, nil
}

func (t *Table) usual() []string {
	if t.Usual != nil {
		return t.Usual
	}
	return t.names()
}
