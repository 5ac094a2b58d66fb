package analysis_test

import (
	"bytes"
	"encoding/hex"
	"math/bits"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/analysis"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// cells gives the rows of a table by column key, every cell written.
func cells(list *display.Table) []map[string]string {
	rows := make([]map[string]string, list.Rows)
	for row := range rows {
		rows[row] = map[string]string{}
		for col := range list.Columns {
			rows[row][list.Columns[col].Key] = display.Format(list.Cell(row, col), &list.Columns[col], display.Machine)
		}
	}
	return rows
}

// TestVerifyAgrees compares the HMACs that verify finds right and wrong with what the connection table found while it read:
// the two read the nonces and keys in different ways.
func TestVerifyAgrees(t *testing.T) {
	var all, failed uint64
	for _, name := range captureFiles(t) {
		tr := coretest.Trace(t, name)
		for i := range tr.Conns {
			c := &tr.Conns[i]
			_, _, each := analysis.Verify(tr, []*conn.Conn{c})
			got := map[string]uint64{}
			for _, row := range cells(each) {
				n, err := strconv.ParseUint(row["count"], 10, 64)
				if err != nil {
					t.Fatal(err)
				}
				got[row["check"]+" "+row["verdict"]] += n
			}
			for check, want := range map[string]conn.Count{"JOIN SYN/ACK HMAC": c.Verified.SYNACK, "JOIN ACK HMAC": c.Verified.ACK, "ADD_ADDR HMAC": c.Verified.AddAddr,
				"DSS checksum": c.Verified.Checksum} {
				all, failed = all+want.Verified, failed+want.Failed
				if got[check+" verified"] != want.Verified || got[check+" failed"] != want.Failed {
					t.Errorf("%s, connection %d: %s: %d verified and %d failed, the table has %d and %d", filepath.Base(name), c.ID, check,
						got[check+" verified"], got[check+" failed"], want.Verified, want.Failed)
				}
			}
		}
	}
	if all == 0 || failed == 0 {
		t.Errorf("%d verified, %d failed: nothing was compared", all, failed)
	}
}

// TestForgedIsNamed holds that what the lab's middleboxes changed is named with its packet, and that the values differ by
// the bit that they change.
func TestForgedIsNamed(t *testing.T) {
	for _, c := range []struct{ file, check, subtype string }{
		{"cause-join-forged-ack.server", "JOIN ACK HMAC", "1"},
		{"cause-join-forged-synack.client", "JOIN SYN/ACK HMAC", "1"},
		{"cause-address-forged.client", "ADD_ADDR HMAC", "3"},
		{"cause-bad-checksum.server", "DSS checksum", "2"},
		{"checksum-failure.server", "DSS checksum", "2"},
		{"cause-key-changed.server", "IDSN", "2"},
	} {
		tr := coretest.Trace(t, filepath.Join(coretest.Captures(), c.file+".pcapng"))
		_, failures, _ := analysis.Verify(tr, []*conn.Conn{&tr.Conns[0]})
		rows := cells(failures)
		if len(rows) == 0 {
			t.Errorf("%s: nothing failed", c.file)
			continue
		}
		for _, row := range rows {
			if row["check"] != c.check || row["packetid"] == "" || row["frame"] == "" {
				t.Errorf("%s: %v", c.file, row)
			}
			if c.check == "DSS checksum" {
				checkSum(t, c.file, row["expected"], row["found"])
			} else if c.check != "IDSN" && differ(t, row["expected"], row["found"]) != 1 {
				t.Errorf("%s: expected %s, found %s: the box changes one bit", c.file, row["expected"], row["found"])
			}
		}
		checkSubtype(t, tr, rows[0]["packetid"], c.subtype)
	}
}

// checkSum holds that two checksums differ by the bit that the box changes in a byte, in one's complement.
func checkSum(t *testing.T, file, a, b string) {
	t.Helper()
	x, err := strconv.ParseUint(a, 16, 16)
	y, err2 := strconv.ParseUint(b, 16, 16)
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	switch d := (x + 65535 - y) % 65535; d {
	case 0x20, 0x2000, 65535 - 0x20, 65535 - 0x2000:
	default:
		t.Errorf("%s: expected %s, found %s: they differ by %x", file, a, b, d)
	}
}

// differ counts the bits in which two values differ.
func differ(t *testing.T, a, b string) (n int) {
	t.Helper()
	x, err := hex.DecodeString(a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := hex.DecodeString(b)
	if err != nil || len(x) != len(y) {
		t.Fatal(a, b, err)
	}
	for i := range x {
		n += bits.OnesCount8(x[i] ^ y[i])
	}
	return n
}

// checkSubtype holds that the packet that is named carries the option.
func checkSubtype(t *testing.T, tr *trace.Trace, packet, subtype string) {
	t.Helper()
	for row := range tr.Len() {
		var r trace.Row
		if tr.Row(row, &r); display.Format(display.Uint(uint64(r.ID)), &display.Column{Exact: true}, display.Machine) != packet {
			continue
		}
		for _, o := range r.Options {
			if string('0'+rune(o.Subtype())) == subtype {
				return
			}
		}
		t.Errorf("packet %s has no option of subtype %s", packet, subtype)
	}
}

// TestNothingFails holds that the captures in which nothing was changed verify, those of the corpus too.
func TestNothingFails(t *testing.T) {
	checked := uint64(0)
	for _, name := range captureFiles(t) {
		base := filepath.Base(name)
		if !untouched(name) {
			continue
		}
		tr := coretest.Trace(t, name)
		for i := range tr.Conns {
			_, failures, each := analysis.Verify(tr, []*conn.Conn{&tr.Conns[i]})
			checked += uint64(each.Rows)
			for _, row := range cells(failures) {
				if row["check"] != "address ids" || !strings.Contains(base, "nat") {
					t.Errorf("%s: %v", base, row)
				}
			}
		}
	}
	if checked < 50 {
		t.Errorf("only %d checks", checked)
	}
}

// untouched says whether nothing was changed, forged, or made up with checksums of 0 in a capture.
func untouched(name string) bool {
	base := filepath.Base(name)
	return !strings.HasPrefix(base, "cause-") && !strings.HasPrefix(base, "checksum-failure") && !strings.Contains(name, "DPI-MPTCP") &&
		!strings.Contains(name, "server_2") && !strings.Contains(name, "synthetic")
}

// TestNothingFailsLate holds that a capture that begins late, behind the handshake or in the midst of the data, does not make
// verify call wrong what cannot be told any more.
func TestNothingFailsLate(t *testing.T) {
	told := 0
	for _, name := range captureFiles(t) {
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !untouched(name) || len(file) > 2<<20 {
			continue
		}
		frames := framesOf(t, file)
		for _, without := range []int{4, 8, 12, 20, len(frames) / 10, len(frames) / 2} {
			if without >= len(frames) {
				continue
			}
			tr, err := trace.Load(t.Context(), bytes.NewReader(pcap(frames[without:])), trace.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for i := range tr.Conns {
				_, failures, each := analysis.Verify(tr, []*conn.Conn{&tr.Conns[i]})
				told += each.Rows
				for _, row := range cells(failures) {
					t.Errorf("%s without its first %d frames: %v", filepath.Base(name), without, row)
				}
			}
		}
	}
	if told < 100 {
		t.Errorf("only %d checks", told)
	}
}

// TestFirstNumberElsewhere holds why the first number of a direction cannot be compared where data went over another subflow first.
func TestFirstNumberElsewhere(t *testing.T) {
	const join = `0.1 C>S 1 S mp_join id=2
0.11 S>C 1 S. mp_join
0.12 C>S 1 . mp_join
0.13 S>C 1 P. len=50 dss dsn8=1 ssn=1 ack8=1
`
	const handshake = `0 C>S 0 S mp_capable
0.01 S>C 0 S. mp_capable
0.02 C>S 0 . mp_capable
`
	const data = `0.2 S>C 0 P. len=50 dss dsn8=51 ssn=1 ack8=1
`
	for script, want := range map[string]string{
		handshake + join + data: "other subflows carried data before",
		handshake + data:        "",
	} {
		tr, _ := fromScript(t, script)
		outcome, _, _ := analysis.Verify(tr, []*conn.Conn{&tr.Conns[0]})
		for _, row := range cells(outcome) {
			if row["check"] == "IDSN" && row["why"] != want {
				t.Errorf("%s: %v, want %q", script, row, want)
			}
		}
	}
}
