package where

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// rows are four packets: data with a number just above 2⁶³, the same one further, a plain TCP packet over IPv6, and a SYN
// that shows the largest key.
func rows() []trace.Row {
	addr := netip.MustParseAddrPort
	capable := mptcp.Option{30, 12, 0x00, 0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	return []trace.Row{
		{ID: 1, Stream: 2, Len: 100, Src: addr("10.0.0.1:4000"), Dst: addr("10.0.0.2:5001"), RelTime: 1_250_000_000, Time: 1795313790_556364256,
			HasDSN: true, DSN: 1<<63 + 5, HasRelDSN: true, RelDSN: 1, OptionKinds: []byte{1, 1, 30}, ReinjectionOf: []uint32{3, 4}, Flags: 0x018, Dest: stream.Server,
			InConn: true, ConnID: 0, ConnDest: stream.Client, Interface: 0},
		{ID: 2, Stream: 2, Len: 100, Src: addr("10.0.0.1:4000"), Dst: addr("10.0.0.2:5001"), RelTime: 1_250_000_001, Time: 1795313790_556364257,
			HasDSN: true, DSN: 1<<63 + 6, HasRelDSN: true, RelDSN: 2, OptionKinds: []byte{1, 1, 8, 30}, Flags: 0x010, Dest: stream.Client, Interface: 1},
		{ID: 3, Stream: 0, Src: addr("[2001:db8::1]:80"), Dst: addr("[2001:db8::2]:4000"), RelTime: -500, Flags: 0x011, Dest: stream.Client, Interface: 1},
		{ID: 4, Stream: 11, Src: addr("10.0.0.1:4001"), Dst: addr("10.0.0.2:4001"), HasMPTCP: true, Options: []mptcp.Option{capable}, OptionKinds: []byte{30}, Flags: 0x002, Interface: 1},
	}
}

func TestMatch(t *testing.T) {
	on := &trace.Context{Interfaces: []trace.Interface{{Name: "eth0"}, {Name: "wlan|0"}}}
	all := rows()
	for source, want := range map[string]string{
		"tcplen > 0": "12",
		"tcplen > 0 && tcpstream == 2 && dsn != nil": "12",
		"dsn == nil":                                        "34",
		"nil != dsn and true":                               "12",
		"dsnraw64 == 9223372036854775813":                   "1",
		"dsnraw64 > 9223372036854775813":                    "2",
		"dsnraw64 >= 9223372036854775807":                   "12",
		"dsnraw64 > 0x8000000000000005":                     "2",
		"dsnraw64 < 18446744073709551616":                   "12",
		"dsnraw64 - 9223372036854775808 == 6":               "2",
		"dsnraw64 + dsnraw64 == 18446744073709551626":       "1",
		"dsnraw64 * 4 == 36893488147419103256":              "2",
		"-dsnraw64 < -9223372036854775813":                  "2",
		"sendkey == 18446744073709551615":                   "4",
		"sendkey == 0xffffffffffffffff":                     "4",
		"sendkey != 18446744073709551614":                   "1234",
		"sendkey in [1, 18446744073709551615]":              "4",
		"dsnraw64 % 2 == 1":                                 "1",
		"dsn < 2":                                           "1",
		"dsn != 1":                                          "234",
		"not (dsn == 1)":                                    "234",
		"!(dsn < 2)":                                        "234",
		"(dsn ?? 7) == 7":                                   "34",
		"reltime > 1.25":                                    "2",
		"reltime >= 1.25 and reltime <= 1.250":              "1",
		"reltime == 1.250000001":                            "2",
		"reltime < 0":                                       "3",
		"reltime > -0.000000501 and reltime < 0":            "3",
		`reltime >= "1250ms"`:                               "12",
		`reltime > "1.25s"`:                                 "2",
		"reltime * 2 > 2.5":                                 "2",
		"abstime == 1795313790.556364256":                   "1",
		`abstime == "2026-11-22T02:16:30.556364257Z"`:       "2",
		`abstime > "2026-11-22"`:                            "12",
		"tcplen > 99.5 and tcplen < 100.5":                  "12",
		"tcplen == 1e2":                                     "12",
		`ipsrc == "10.0.0.1"`:                               "124",
		`ipsrc != "10.0.0.1"`:                               "3",
		`ipsrc startsWith "2001:"`:                          "3",
		`ipsrc contains ".0." and not (ipdst endsWith "2")`: "",
		`ipsrc matches "^10[.]"`:                            "124",
		`ipsrc not matches "^10[.]"`:                        "3",
		`ipsrc in ["10.0.0.1", "2001:db8::1"]`:              "1234",
		`ipsrc < ipdst`:                                     "1234",
		`ipsrc_host == nil`:                                 "3",
		`lower(interface) == upper("ETH0")`:                 "",
		`interface == 'wlan|0'`:                             "234",
		`len(interface) == 4`:                               "1",
		"30 in tcpoptions":                                  "124",
		"30 not in tcpoptions":                              "3",
		"tcpoptions contains 8":                             "2",
		"tcpoptions == nil":                                 "3",
		"len(tcpoptions) >= 3":                              "12",
		"len(reinjection_of) == 2 and 4 in reinjection_of":  "1",
		"3.5 in reinjection_of":                             "",
		"packetid in reinjection_of":                        "",
		"4000 in [sport, dport]":                            "123",
		"packetid in 2..3":                                  "23",
		"1 < packetid <= 3":                                 "23",
		"sport == dport":                                    "4",
		"bitand(tcpflags, 2) != 0":                          "4",
		"bitand(tcpflags, 0x10) == 16":                      "123",
		"tcpflags == 0x012 || tcpflags == 0x011":            "3",
		"tcp.stream == 2 && tcp.len > 0":                    "12",
		`_ws.col.ipsrc == "10.0.0.1"`:                       "124",
		`tcpdest == "Client"`:                               "23",
		`mptcpdest == "Client"`:                             "1",
		`mptcpdest == nil`:                                  "234",
		"(dsn != nil) == (packetid < 3)":                    "1234",
		"tcptsval == tcptsecr":                              "1234",
		"tcptsval != 1":                                     "1234",
		"tcptsval <= tcptsecr":                              "",
		"1_000 == 1000 and packetid == 1":                   "1",
	} {
		p, err := Compile(source)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		got := ""
		for i := range all {
			if p.Match(on, &all[i]) {
				got += string(rune('0' + all[i].ID))
			}
		}
		if got != want {
			t.Errorf("%s selects %q, want %q", source, got, want)
		}
	}
}

func TestColumns(t *testing.T) {
	p, err := Compile("tcplen > 0 && tcp.stream == 2 && tcplen < 5 || mptcpdest == nil")
	if err != nil || !slices.Equal(p.Columns(), []string{"tcplen", "tcpstream", "mptcpdest"}) {
		t.Errorf("%v, %v", p.Columns(), err)
	}
}

// TestErrors asks that the word to blame is marked (between ‹ and ›) and what would be right is said.
func TestErrors(t *testing.T) {
	for source, want := range map[string]string{
		"‹tcpln› > 0":              "did you mean tcplen? (columns: packetid, ",
		"tcplen > ‹lots›":          `a text stands in quotes: "lots" (columns: packetid`,
		"‹tcplen›":                 "tcplen is a number, not a condition: as in tcplen > 0, or tcplen != nil",
		"‹tcpoptions› && true":     "is a list, not a condition: as in 3 in tcpoptions",
		`‹ipsrc›`:                  `as in ipsrc contains "x"`,
		`tcplen == ‹"5"›`:          `tcplen is a number and "5" is a text: a number stands without quotes`,
		"ipsrc == ‹5›":             `a text stands in quotes, as in "5"`,
		`tcpdest == ‹"server"›`:    `tcpdest is never "server": it is "Client" or "Server"`,
		`‹"C"› != mptcpdest`:       `mptcpdest is never "C"`,
		`tcpdest in [‹"up"›]`:      `tcpdest is never "up"`,
		"tcpoptions == ‹30›":       "in looks for an element, as in 30 in tcpoptions",
		"tcplen == ‹[1, 2]›":       "as in tcplen in [1, 2]",
		`‹"x"› in tcpoptions`:      "tcpoptions holds numbers",
		`"10." in ‹ipsrc›`:         `as in ipsrc contains "10."`,
		"tcplen ‹/› 2 > 5":         "/ is not exact",
		"tcplen ‹**› 2 > 5":        "** is not exact",
		"tcplen ‹=› 5":             "equality is ==",
		"tcplen > 0 ‹AND› dsn > 0": "it is written and, or &&",
		"tcplen > 0 ‹&› dsn > 0":   "both is &&",
		"tcplen > 0 ‹|› dsn > 0":   "either is ||",
		"ipsrc == ‹10.0.0.1›":      `an address stands in quotes, as in ipsrc == "10.0.0.1"`,
		"reltime > ‹50ms›":         `a text or a time stands in quotes, as in reltime > "50ms"`,
		`reltime > ‹"soon"›`:       `"soon" is no time`,
		`ipsrc == ‹"10.0.0.1›`:     "a quote is not closed",
		"tcplen ‹>›":               `the expression ends after ">"`,
		"(tcplen > 0":              "something is missing",
		"tcplen > 0‹)›":            `unexpected ")"`,
		"":                         "the expression is empty",
		"   ":                      "the expression is empty",
		"// all":                   "the expression is empty",
		"dsn < ‹nil›":              "nil is neither less nor greater",
		"‹min›(tcplen) > 2":        "there are len, bitand, lower, upper",
		"‹foo›(tcplen) > 2":        "there are len, bitand, lower, upper",
		"‹len›(tcpoptions, 2) > 2": "len takes 1, not 2",
		"len(‹tcplen›) > 2":        "tcplen is a number, which len does not take",
		"ipsrc matches ‹\"(\"›":    "missing closing",
		"ipsrc matches ‹ipdst›":    "wants a regular expression in quotes",
		"tcplen contains 5":        "looks into texts",
		"ipsrc + 5 > 2":            "computes with whole numbers",
		"tcplen > ‹340282366920938463463374607431768211456›": "too many digits",
		"reltime > ‹1.0000000000000000001›":                  "too many digits",
		"tcplen > ‹1e999›":                                   "too large or too small",
		"tcplen > 1 ? true : false":                          "have no place in a filter",
		"‹let› x = 1; x > 0":                                 "",
		"tcplen > {}":                                        "have no place in a filter",
		"any(tcpoptions, # == 3)":                            "there are len",
		"‹tcp.lenn› > 0":                                     "did you mean",
		"tcpoptions[0] == 1":                                 "elements of lists have no place",
		"(dsn > 1) > 2":                                      "",
		"é ‹==› €":                                           "",
		"not ‹tcplen›":                                       "not a condition",
		strings.Repeat("(", maxLength+1):                     "longer than",
	} {
		clean := strings.NewReplacer("‹", "", "›", "").Replace(source)
		_, err := Compile(clean)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%.60s: %v, want an error", source, err)
			continue
		}
		if !strings.Contains(e.Error(), want) {
			t.Errorf("%.60s: %q, want %q in it", source, e, want)
		}
		if e.Start < 0 || e.End < e.Start || e.End > len(clean) {
			t.Fatalf("%.60s: blames %d…%d of %d bytes", source, e.Start, e.End, len(clean))
		}
		if strings.Contains(source, "‹") && want != "" {
			if got := clean[:e.Start] + "‹" + clean[e.Start:e.End] + "›" + clean[e.End:]; got != source {
				t.Errorf("marks %s, want %s", got, source)
			}
		}
	}
}

// TestRows compares a selection in a capture with a loop of its own.
func TestRows(t *testing.T) {
	tr := coretest.Trace(t, "handover.client.pcapng")
	p, err := Compile(`tcplen > 0 and tcpstream == 0 and mptcpdest == "Server" and dsn % 3 == 1 and frame > 20`)
	if err != nil {
		t.Fatal(err)
	}
	var want []uint32
	var row trace.Row
	for i := range tr.Len() {
		if tr.Row(i, &row); row.Len > 0 && row.Stream == 0 && row.ConnDest == stream.Server && row.HasRelDSN && row.RelDSN%3 == 1 && row.Frame > 20 {
			want = append(want, uint32(i))
		}
	}
	for _, from := range [][]uint32{nil, tr.StreamRows(0)} {
		got, err := p.Rows(context.Background(), tr, from)
		if err != nil || len(got) == 0 || !slices.Equal(got, want) {
			t.Errorf("%d rows of %d: %v", len(got), len(want), err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := p.Rows(ctx, tr, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled selection gives %v", err)
	}
}

func TestTable(t *testing.T) {
	cells := [][]display.Value{
		{display.Str("all"), display.Uint(1 << 63), display.Float(0.25), display.Duration(1500), display.Bool(true), {}},
		{display.Subflow(1, 7), display.Int(-3), display.Float(0.75), {}, display.Bool(false), {}},
		{{}, display.Uint(1<<63 + 1), display.Uint(1), display.Duration(2500), {}, {}},
	}
	table := &display.Table{Rows: 3, Cell: func(r, c int) display.Value { return cells[r][c] }, Open: func(r int) string { return "open " + string(rune('0'+r)) }}
	for _, key := range []string{"stream", "bytes", "share", "duration", "current", "void"} {
		table.Columns = append(table.Columns, display.Column{Key: key})
	}
	for source, want := range map[string]string{
		"stream == 7": "1", `stream == "all"`: "0", "stream == nil": "2", "bytes > 9223372036854775808": "2", "bytes < 0": "1",
		"share > 0.5": "12", "share == 1": "2", `duration == "1500ns"`: "0", "duration > 0.000002": "2", "duration == nil": "1",
		"current": "0", "not current": "12", "current == nil": "2", "void == nil": "012", "void == 5": "", "void != 5": "012", `void < "x"`: "",
		"share > 0.5 and bytes > 0": "2",
	} {
		kept, err := Table(source, table)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		got := ""
		for row := range kept.Rows {
			got += strings.TrimPrefix(kept.Open(row), "open ")
		}
		if got != want {
			t.Errorf("%s keeps %q, want %q", source, got, want)
		}
		if kept.Rows > 0 && kept.Cell(0, 2) != cells[want[0]-'0'][2] {
			t.Errorf("%s: another row is shown", source)
		}
	}
	if _, err := Table("nosuch > 1", table); err == nil || !strings.Contains(err.Error(), "columns: stream, bytes") {
		t.Errorf("an unknown column gives %v", err)
	}
	if _, err := Table("void", table); err == nil {
		t.Error("a column without values is a condition")
	}
}

func FuzzCompile(f *testing.F) {
	for _, s := range []string{"tcplen > 0 && dss_dsn != nil", `ipsrc in ["a", "b"]`, "1..3", "dsn ?? -1.5e3", "not len(tcpoptions) == 2", "let x = 1; x", "a?.b[1:2]", "#", "if a {b} else {c}", "dsn not in 1..5 | len()", "//"} {
		f.Add(s)
	}
	all := rows()
	on := &trace.Context{Interfaces: []trace.Interface{{Name: "a"}, {Name: "b"}}}
	f.Fuzz(func(t *testing.T, source string) {
		p, err := Compile(source)
		var e *Error
		if err != nil {
			if !errors.As(err, &e) || e.Start < 0 || e.End < e.Start || e.End > len(source) || e.Message == "" {
				t.Fatalf("%#v", err)
			}
			return
		}
		for i := range all {
			p.Match(on, &all[i])
		}
	})
}
