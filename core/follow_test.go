package core_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest"
)

// application is what an end of a lab's flow says that it sent and received.
type application struct {
	Address  string `json:"address"`
	Sent     string `json:"sent_sha256"`
	Received string `json:"received_sha256"`
}

// TestFollowHash compares what follow puts together with what the lab's applications sent, wherever a capture holds the
// whole payload: a capture of the client's side with what that side sent and received, and likewise for the server.
func TestFollowHash(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(coretest.Captures(), "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no captures: %v", err)
	}
	compared := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var told struct {
			App []struct{ Client, Server application }
		}
		if err := json.Unmarshal(text, &told); err != nil {
			t.Fatal(err)
		}
		for _, side := range []string{"client", "server"} {
			name := strings.TrimSuffix(file, "json") + side + ".pcapng"
			if _, err := os.Stat(name); err != nil {
				continue
			}
			s := core.New(disk.Options())
			if err := s.Run(context.Background(), "load "+name, &collector{}); err != nil {
				t.Fatal(err)
			}
			for _, flow := range told.App {
				own, other := flow.Client, "Server"
				if side == "server" {
					own, other = flow.Server, "Client"
				}
				compared += compareFlow(t, s, filepath.Base(name), flow.Client.Address, map[string]string{other: own.Sent, map[string]string{"Server": "Client", "Client": "Server"}[other]: own.Received})
			}
		}
	}
	if compared < 2 {
		t.Errorf("%d directions compared", compared)
	}
	t.Logf("%d directions compared", compared)
}

// compareFlow finds a flow by its client's address and compares the directions that are whole.
func compareFlow(t *testing.T, s *core.Session, name, client string, want map[string]string) int {
	conns := answer(t, s, "lc")
	compared := 0
	for row := range conns.Rows {
		if conns.Cell(row, 1).Text() != client {
			continue
		}
		table := answer(t, s, fmt.Sprintf("follow %d --hash --json", conns.Cell(row, 0).Uint()))
		for r := range table.Rows {
			dest, sum := table.Cell(r, 0).Text(), table.Cell(r, 5).Text()
			if sum == "" || table.Cell(r, 1).Uint() == 0 || want[dest] == "" {
				continue
			}
			compared++
			if sum != want[dest] {
				t.Errorf("%s, towards the %s: %s, the application says %s", name, dest, sum, want[dest])
			}
		}
	}
	return compared
}

// answer is the first table of a command's answer.
func answer(t *testing.T, s *core.Session, line string) *display.Table {
	t.Helper()
	out := &collector{}
	if err := s.Run(context.Background(), line, out); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	for _, b := range out.blocks {
		if table, ok := b.(*display.Table); ok {
			return table
		}
	}
	t.Fatalf("%s shows no table", line)
	return nil
}

// Data that no mapping covers, and that is data all the same (RFC 8684 section 3.7 and appendix B.2).
const (
	openedBySYN = `0 C>S 0 S data=0102030405 mp_capable
0.01 S>C 0 S. ack=6 mp_capable
0.02 C>S 0 . mp_capable
0.03 C>S 0 P. data=060708 mp_capable dlen=3
0.04 S>C 0 . dss ack8=4
`
	joined = `0.05 C>S 1 S mp_join id=1
0.06 S>C 1 S. mp_join
0.07 C>S 1 . mp_join
0.08 S>C 1 . dss ack8=4
0.10 C>S 1 P. data=0b0c dss dsn8=6 ssn=1 ack8=1
0.11 C>S 0 P. data=090a dss dsn8=4 ssn=4 ack8=1
`
	stripped = `0 C>S 0 S mp_capable
0.01 S>C 0 S. mp_capable
0.02 C>S 0 . mp_capable
0.03 C>S 0 P. data=0102 mp_capable dlen=2
0.04 S>C 0 . dss ack8=3
0.05 C>S 0 P. data=0304050607
0.06 C>S 0 P. data=08090a0b
0.07 C>S 0 P. seq=8 data=08090a0b
0.08 C>S 0 P. data=0c
`
)

// loadScript is a session with the capture that a packet script makes.
func loadScript(t *testing.T, script string) *core.Session {
	t.Helper()
	content, err := dissecttest.Capture(script)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "made.pcapng")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	s := core.New(disk.Options())
	if err := s.Run(t.Context(), "load "+file, &collector{}); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestFollowWithoutMapping holds that what the application sent is whole and in order where a part of it has no data sequence
// number: follow, account and the connection say the same.
func TestFollowWithoutMapping(t *testing.T) {
	for name, test := range map[string]struct {
		script string
		bytes  int
	}{
		"Fast Open":                      {openedBySYN, 8},
		"Fast Open, a second subflow":    {openedBySYN + joined, 12},
		"options stripped in the middle": {stripped, 12},
	} {
		s := loadScript(t, test.script)
		want := make([]byte, test.bytes)
		for i := range want {
			want[i] = byte(i + 1)
		}
		got := answer(t, s, "follow 0 Server --hash --json")
		if sum := fmt.Sprintf("%x", sha256.Sum256(want)); got.Cell(0, 5).Text() != sum || got.Cell(0, 1).Uint() != uint64(test.bytes) {
			t.Errorf("%s: follow has %d bytes, %s; want %d, %s", name, got.Cell(0, 1).Uint(), got.Cell(0, 5).Text(), test.bytes, sum)
		}
		account, conns := answer(t, s, "account 0 Server --json"), answer(t, s, "lc --json")
		if unique, data := account.Cell(0, 3).Uint(), conns.Cell(0, 5).Uint(); unique != uint64(test.bytes) || data != unique {
			t.Errorf("%s: account has %d bytes, the list of connections %d; want %d", name, unique, data, test.bytes)
		}
	}
}

// failed is a mapping with a wrong checksum, on the second subflow of two, which carries the third to sixth byte.
const failed = `0 C>S 0 S mp_capable flags=0x81
0.01 S>C 0 S. mp_capable flags=0x81
0.02 C>S 0 . mp_capable
0.03 C>S 1 S mp_join id=1
0.04 S>C 1 S. mp_join
0.05 C>S 1 . mp_join
0.06 S>C 1 . dss ack8=1
0.07 C>S 0 P. data=0102 dss ack8=1 dsn8=1 ssn=1 csum=auto
0.08 C>S 1 P. data=ffffffff dss ack8=1 dsn8=3 ssn=1 csum=0x1234
0.09 C>S 0 P. data=0708 dss ack8=1 dsn8=7 ssn=3 csum=auto
0.10 C>S 1 P. seq=1 data=ffffffff dss ack8=1 dsn8=3 ssn=1 csum=0x1234
`

// TestFollowFailedChecksum holds that bytes which the receiver dropped, as their checksum failed, are taken from where they were sent
// again (RFC 8684 section 3.7), and that it is told where they were not.
func TestFollowFailedChecksum(t *testing.T) {
	const note = "bytes towards the server come from a mapping whose DSS checksum failed, and were not sent otherwise"
	for name, test := range map[string]struct {
		script, bytes string
		doubtful      int
	}{
		"never again":         {failed, "\x01\x02\xff\xff\xff\xff\x07\x08", 4},
		"another subflow":     {failed + "1 C>S 0 P. data=03040506 dss ack8=1 dsn8=3 ssn=5 csum=auto\n", "\x01\x02\x03\x04\x05\x06\x07\x08", 0},
		"the same subflow":    {failed + "1 C>S 1 P. data=03040506 dss ack8=1 dsn8=3 ssn=5 csum=auto\n", "\x01\x02\x03\x04\x05\x06\x07\x08", 0},
		"a part":              {failed + "1 C>S 0 P. data=0405 dss ack8=1 dsn8=4 ssn=5 csum=auto\n", "\x01\x02\xff\x04\x05\xff\x07\x08", 2},
		"both times wrong":    {failed + "1 C>S 0 P. data=fefefefe dss ack8=1 dsn8=3 ssn=5 csum=0x1234\n", "\x01\x02\xff\xff\xff\xff\x07\x08", 4},
		"again, not captured": {failed + "1 C>S 0 P. len=4 cut=82 dss ack8=1 dsn8=3 ssn=5 csum=0x1234\n", "\x01\x02\xff\xff\xff\xff\x07\x08", 4},
	} {
		out := &collector{}
		s := loadScript(t, test.script)
		if err := s.Run(t.Context(), "follow 0 Server --hash", out); err != nil {
			t.Fatal(err)
		}
		notes := ""
		for _, b := range out.blocks {
			switch b := b.(type) {
			case *display.Table:
				if sum := fmt.Sprintf("%x", sha256.Sum256([]byte(test.bytes))); b.Cell(0, 5).Text() != sum {
					t.Errorf("%s: %s, want that of %q", name, b.Cell(0, 5).Text(), test.bytes)
				}
			case *display.Note:
				notes += b.Body
			}
		}
		if want := fmt.Sprintf("%d %s", test.doubtful, note); strings.Contains(notes, want) != (test.doubtful > 0) {
			t.Errorf("%s: notes %q", name, notes)
		}
	}
}
