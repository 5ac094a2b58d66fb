package sheet_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/sheet"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// table exports a capture in a layout.
func table(t *testing.T, tr *trace.Trace, layout string) []byte {
	t.Helper()
	job, err := export.NewJob(export.Request{Tables: []string{"packets"}, Layout: layout}, export.Formats())
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w, err := job.Open(&out)
	if err == nil {
		err = w.Trace(context.Background(), "capture", tr, nil)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func read(t *testing.T, text []byte) *trace.Trace {
	t.Helper()
	if !sheet.Looks(text) {
		t.Fatalf("not seen as a table: %.200s", text)
	}
	c, err := sheet.Read(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	tr, err := trace.Load(context.Background(), c, trace.Options{Start: &c.Start})
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// different counts the rows in which two traces differ, for each column.
func different(a, b *trace.Trace, layout string) (map[string]int, string) {
	on, counts, example := [2]*trace.Context{{Interfaces: a.Interfaces}, {Interfaces: b.Interfaces}}, map[string]int{}, ""
	var x, y trace.Row
	for i := range min(a.Len(), b.Len()) {
		a.Row(i, &x)
		b.Row(i, &y)
		for _, c := range trace.Columns() {
			if layout == "haskell" && x.Len == 0 && strings.HasPrefix(c.Name, "dsn") {
				continue // of an ack it hangs on mappings that the layout does not tell
			}
			if was, is := c.Append(nil, on[0], &x), c.Append(nil, on[1], &y); !bytes.Equal(was, is) {
				if counts[c.Name]++; counts[c.Name] == 1 {
					example += fmt.Sprintf("%s of packet %d was %q and is %q\n", c.Name, i+1, was, is)
				}
			}
		}
	}
	return counts, example
}

// TestRoundTrip exports captures in every layout, reads the tables, and compares every column of every packet. What a
// layout does not tell may differ: allowed names it.
func TestRoundTrip(t *testing.T) {
	allowed := map[string]string{
		// No table tells the options' values but MPTCP's and the timestamps; MP_PRIO is left out.
		"mptcpanalyzer": "tcpoptions subtype",
		"wireshark":     "tcpoptions subtype",
		// No acks, versions, timestamps and interfaces.
		"seed": "tcpoptions subtype tcpack tcptsval tcptsecr mptcpversion interface",
		// No subtypes and no DSS: made from the relative numbers, so that their places and widths are not known.
		"haskell": "tcpoptions subtype dss_dsn dss_rawack dss_ssn dss_length addrid datafin related_mappings recvkey mptcpversion",
	}
	for layout, may := range allowed {
		for _, name := range []string{"two-path-upload.client.pcapng", "handover.server.pcapng", "ipv6-checksum.client.pcapng", "many-connections.client.pcapng"} {
			t.Run(layout+"/"+name, func(t *testing.T) {
				was := coretest.Trace(t, name)
				is := read(t, table(t, was, layout))
				if was.Len() != is.Len() || len(was.Streams) != len(is.Streams) || len(was.Conns) != len(is.Conns) {
					t.Fatalf("%d packets, %d streams, %d connections; want %d, %d, %d", is.Len(), len(is.Streams), len(is.Conns), was.Len(), len(was.Streams), len(was.Conns))
				}
				counts, example := different(was, is, layout)
				for name := range counts {
					if strings.Contains(" "+may+" ", " "+name+" ") {
						delete(counts, name)
					}
				}
				if len(counts) > 0 {
					t.Errorf("%v\n%s", counts, example)
				}
				for i := range was.Conns {
					for d, way := range was.Conns[i].Toward {
						if is.Conns[i].Toward[d].Unique != way.Unique || is.Conns[i].Toward[d].Bytes != way.Bytes {
							t.Errorf("connection %d: %+v, want %+v", i, is.Conns[i].Toward[d], way)
						}
					}
				}
				if is.Capture.Cut != nil || is.Conns[0].Verified.SYNACK.Failed+is.Conns[0].Verified.ACK.Failed+is.Conns[0].Verified.Checksum.Failed > 0 {
					t.Errorf("what the table does not tell is called wrong: %+v", is.Conns[0].Verified)
				}
			})
		}
	}
}

func TestLooks(t *testing.T) {
	for text, want := range map[string]bool{
		"packetid|ipsrc|tcpstream\n":       true,
		"packetid,ipsrc,tcpstream\r\n1,2,": true,
		"ipSource|tcpStream\n":             true,
		"_ws.col.ipsrc\ttcp.stream\n":      true,
		"packetid|ipsrc|tcpstream":         false, // no end of the line
		"# Test data\n":                    false,
		"\x0a\x0d\x0d\x0a\n":               false,
		"":                                 false,
	} {
		if got := sheet.Looks([]byte(text)); got != want {
			t.Errorf("Looks(%q) = %v", text, got)
		}
	}
}

const head = "abstime|ipsrc|ipdst|tcpstream|sport|dport|tcpflags|tcpseq|tcplen|subtype|sendkey\n"

func TestErrors(t *testing.T) {
	for text, want := range map[string]string{
		"ipsrc|tcpstream\n": "the table has no column ipdst, sport, dport, tcpflags, tcpseq, tcplen, abstime",
		head + "1.0|10.0.0.1|10.0.0.2|0|1|2|2|zero|0||\n":                   `line 2 of the table: tcpseq: "zero" is no number`,
		head + "1.0|10.0.0.1|10.0.0.2|0|1|2|2|0|0||\n\n1.0|x|10.0.0.2":      `line 4 of the table: ipsrc: "x" is no address`,
		head + "1.0|10.0.0.1|2001:db8::1|0|1|2|2|0|0||\n":                   `ipdst: "2001:db8::1" is no address of the source's family`,
		head + "1.0|10.0.0.1|10.0.0.2|0|1|70000|2|0|0||\n":                  `dport: "70000" is no number up to 65535`,
		head + "noon|10.0.0.1|10.0.0.2|0|1|2|2|0|0||\n":                     `abstime: "noon" is no time in seconds`,
		head + "1.0|10.0.0.1|10.0.0.2|0|1|2|2|0|0|0|18446744073709551616\n": `sendkey: "18446744073709551616" is no number`,
	} {
		_, err := sheet.Read(strings.NewReader(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// TestLongNameOfAnInterface holds that a name longer than pcapng's field is one interface all the same.
func TestLongNameOfAnInterface(t *testing.T) {
	long := strings.Repeat("x", 300)
	row := "1.0|10.0.0.1|10.0.0.2|0|1|2|2|0|0||"
	text := strings.TrimSuffix(head, "\n") + "|interface\n" + row + "|" + long + "\n" + row + "|" + long + "\n" + row + "|eth1\n"
	c, err := sheet.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := trace.Load(context.Background(), c, trace.Options{Start: &c.Start})
	if err != nil {
		t.Fatal(err)
	}
	if len(loaded.Interfaces) != 2 || loaded.Interfaces[1].Name != "eth1" {
		t.Errorf("interfaces are %+v", loaded.Interfaces)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(head + "1.0|10.0.0.1|10.0.0.2|0|1|2|2|0|0|0|18446744073709551615\n1.5|10.0.0.2|10.0.0.1|0|2|1|0x12|0|0|0,1,2,3,4,6,7,8|1,2\n"))
	f.Add([]byte("absTime|ipSource|ipDest|tcpStream|tcpSrcPort|tcpDestPort|tcpFlags|tcpSeq|tcpLen|mptcpDsn|mptcpDack|mptcpStream\n1|::1|::2|0|1|2|16|5|900000|7|9|0\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := sheet.Read(bytes.NewReader(text))
		if err != nil {
			return
		}
		if _, err := trace.Load(context.Background(), c, trace.Options{Start: &c.Start}); err != nil {
			t.Fatalf("the capture made of a table is none: %v", err)
		}
	})
}
