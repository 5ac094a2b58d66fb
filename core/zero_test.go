package core_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// TestTimeZero holds that a capture that begins at 0, as those of simulators do, is answered as one of today: no moment is taken
// for one that is not known. Retransmissions are left out, as Wireshark knows no first round trip where the SYN comes at 0.
func TestTimeZero(t *testing.T) {
	s := loaded(t, "signal-address.client.pcapng")
	table := exported(t, s, "packetid,reltime,ipsrc,ipdst,tcpstream,sport,dport,rwnd,tcpflags,tcpoptions,tcpseq,tcplen,tcpack,tcptsval,tcptsecr,"+
		"mptcpstream,sendkey,recvkey,recvtok,datafin,mptcpversion,dack,dsn,subtype,expected_token,dss_dsn,dss_rawack,dss_ssn,dss_length,addrid")
	const today = 1_700_000_000 * time.Second
	zero, later := began(t, table, 0), began(t, table, today)
	for _, line := range []string{"lc", "lt", "ls 0", "handshake 0", "explain 0", "addresses 0", "rtt 0", "stalls 0", "stalls 0 --periods", "scheduler 0",
		"scheduler 0 --choices", "account 0", "summary 0", "top", "top --by stalls", "counters 0", "verify 0", "compare 0 0", "lr 0", "plot dsn 0", "plot tput 0"} {
		if got, want := answered(t, zero, line), answered(t, later, line); got != want {
			t.Errorf("%s: from 0 on\n%s\nlater\n%s", line, got, want)
		}
	}
}

// exported is the table of packets of the current capture, with those columns.
func exported(t *testing.T, s *core.Session, columns string) [][]string {
	t.Helper()
	var out collector
	if err := s.Run(context.Background(), "export packets.csv --columns "+columns, &out); err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := out.blocks[0].(*display.File).Write(&text); err != nil {
		t.Fatal(err)
	}
	in := csv.NewReader(&text)
	in.Comma = '|'
	rows, err := in.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// began is a session with a table of packets of which the first one stands at a time since 1970.
func began(t *testing.T, rows [][]string, at time.Duration) *core.Session {
	t.Helper()
	first := span(t, rows[1][1])
	var text bytes.Buffer
	fmt.Fprintln(&text, "abstime|"+strings.Join(rows[0], "|"))
	for _, row := range rows[1:] {
		since := span(t, row[1]) - first
		fields := append([]string{""}, row...)
		fields[0], fields[2] = seconds(at+since), seconds(since)
		fmt.Fprintln(&text, strings.Join(fields, "|"))
	}
	s := core.New(core.Options{})
	l := s.Begin("table.csv", int64(text.Len()))
	if err := l.Feed(text.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := l.Finish(&collector{}); err != nil {
		t.Fatal(err)
	}
	return s
}

func span(t *testing.T, text string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(text + "s")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func seconds(d time.Duration) string { return fmt.Sprintf("%d.%09d", d/time.Second, d%time.Second) }

// answered is what a line answers, as text.
func answered(t *testing.T, s *core.Session, line string) string {
	t.Helper()
	var out collector
	if err := s.Run(context.Background(), line, &out); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	var text strings.Builder
	for _, b := range out.blocks {
		switch b := b.(type) {
		case *display.Text:
			fmt.Fprintln(&text, b.Body)
		case *display.Note:
			fmt.Fprintln(&text, b.Body)
		case *display.Table:
			tell(&text, b)
		case *display.Chart:
			tell(&text, b.Table())
		}
	}
	return text.String()
}

// tell writes a table with the keys of its columns, without moments: those differ.
func tell(w io.Writer, t *display.Table) {
	for _, c := range t.Columns {
		fmt.Fprint(w, c.Key, "|")
	}
	for row := range t.Rows {
		fmt.Fprintln(w)
		for col := range t.Columns {
			if v := t.Cell(row, col); v.Kind() != display.TimeKind {
				fmt.Fprint(w, display.Format(v, &t.Columns[col], display.Exact), "|")
			}
		}
	}
	fmt.Fprintln(w)
}
