package core

import (
	"fmt"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// topic is a matter that help explains and that belongs to no single command.
type topic struct {
	name, summary string
	answer        func() display.Page
}

// topics is the ordered list of them.
func topics() []topic {
	return []topic{
		{"columns", "the columns of packets, for dump, export, plot and --where", func() display.Page { return display.Page{columnTable()} }},
		{"where", "how --where EXPR selects rows", text("where", whereHelp)},
		{"json", "what --json and --csv write", text("json", jsonHelp)},
		{"units", "how numbers are written", text("units", unitsHelp)},
		{"ids", "how packets, streams and connections are numbered", text("ids", idsHelp)},
	}
}

func text(title, body string) func() display.Page {
	return func() display.Page {
		return display.Page{&display.Text{Title: title, Body: strings.TrimPrefix(body, "\n"), Pre: true, Pager: true}}
	}
}

func findTopic(name string) *topic {
	all := topics()
	for i := range all {
		if all[i].name == name {
			return &all[i]
		}
	}
	return nil
}

// topicsText ends the list of commands.
func topicsText() *display.Text {
	var b strings.Builder
	b.WriteString("help COMMAND explains one. Further topics:\n")
	for _, t := range topics() {
		fmt.Fprintf(&b, "  help %-9s %s\n", t.name, t.summary)
	}
	return &display.Text{Body: b.String(), Pre: true}
}

// columnTable lists the packet columns.
func columnTable() *display.Table {
	all := trace.Columns()
	return &display.Table{
		Name: "columns", Title: "Columns of packets", Command: "help columns", Rows: len(all),
		Columns: []display.Column{
			{Key: "column", Head: "Column"}, {Key: "wireshark", Head: "Wireshark's field", Wide: true}, {Key: "type", Head: "Type"},
			{Key: "plot", Head: "Plot"}, {Key: "doc", Head: "What it is", Wide: true},
		},
		Cell: func(row, col int) display.Value {
			c := &all[row]
			switch col {
			case 0:
				return display.Str(c.Name)
			case 1:
				return display.Str(c.Field)
			case 2:
				return display.Str(typeWord(c))
			case 3:
				return display.Bool(plottable(c.Name) != nil)
			}
			return display.Str(c.Doc)
		},
	}
}

func typeWord(c *trace.Column) string {
	switch {
	case c.Type == trace.List:
		return "list"
	case c.Uint == nil:
		return "text"
	case c.Type == trace.Nanoseconds:
		return "time"
	case c.Bits == 64:
		return "number, 64 bits"
	}
	return "number"
}

const whereHelp = `
--where EXPR keeps the rows for which an expression is true. It takes the rest of the line, up to a ; or a comment, or one
word in quotes: write other options before it.

    dump --where tcplen > 0 && tcpstream == 2 && dss_dsn != nil
    lt --csv --where packets > 1000 and state contains "reset"
    dump packetid dsn --where '30 in tcpoptions' -n 5

What it is about: in dump, export and plot the columns of packets (help columns; Wireshark's names too, as tcp.len), and
tcpdest and mptcpdest, which are "Client" or "Server". In listings the columns of the listing, by the keys that --csv
writes.

Operators
  == != < <= > >=           numbers, times, texts; 1 < packetid <= 9 is both
  and && or || not !        conditions
  + - * %                   whole numbers and times, exact up to 127 bits
  in, not in                a list, as in 30 in tcpoptions; values, as in dport in [80, 443]; a range, as in packetid in 5..9
  contains startsWith endsWith matches      texts; matches takes a regular expression
  ??                        what stands in for a missing value: dsn ?? 0
  len(x) bitand(tcpflags, 2) lower(text) upper(text)

Numbers are exact up to 64 bits: sendkey == 18446744073709551615 is right. 0x12, 1_000, 1e6 and 2.5 are numbers too. A time
is in seconds (reltime > 1.25), or a text: "250ms", "2026-11-22T02:16:30.5Z". Texts stand in quotes: ipsrc == "10.0.1.1".

What a row does not have is nil. nil equals nothing else and is neither less nor greater: dsn == nil asks for packets
without a data sequence number, dsn != 5 keeps them, dsn > 5 does not. Of several options of a packet a number is the
first one; in looks into all.

An unquoted > belongs to the expression. To write the answer to a file, put the expression in quotes.`

const jsonHelp = `
Every listing takes --csv and --json: every row, raw values, columns by keys that stay. Keys of packet columns are those of
the export (help columns).

--csv   a line of keys, then a line a row, separated by commas, quoted as RFC 4180 says; nothing where a value is missing.
--json  an array with an object a row. What a column is written as never depends on the value:
          keys, data sequence numbers and data acks (64 bits)  decimal strings
          moments                                               strings: seconds since 1970 with nine decimals
          durations                                             numbers: seconds with nine decimals
          all other numbers                                     numbers; ratios from 0 to 1
          missing values                                        null

In CSV times are seconds with nine decimals, sizes bytes, rates bits a second, shares ratios from 0 to 1.`

const unitsHelp = `
Where people read, numbers are scaled to three digits with their unit: 1.20 MB is 1 200 000 bytes (powers of ten), rates are
bits a second, times s, ms, µs. -H does so for one answer, set human_readable no (or the option --raw) shows all digits.
--csv and --json write raw values: bytes, bits a second, seconds with nine decimals, ratios from 0 to 1 for shares.

Bytes of TCP count payload, with retransmissions. Data counts application bytes, each data sequence number once.`

const idsHelp = `
packetid     the TCP packets of a capture, from 1: Wireshark's frame.number after its filter "mptcp or tcp and not icmp".
             Where other frames came before, answers say which frame of the file it is.
tcpstream    Wireshark's tcp.stream, from 0, by first appearance; a 4-tuple used again is a new stream, if the SYN was captured.
mptcpstream  Wireshark's mptcp.stream, from 0. Ids may have gaps: joins whose connection is found later.
Client       of TCP: who sent the SYN; of MPTCP: who sent the MP_CAPABLE SYN. A subflow that the server opened has the
             MPTCP server as its TCP client.`
