package core_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// collector keeps what is shown.
type collector struct{ blocks []display.Block }

func (c *collector) Show(b display.Block) error                  { c.blocks = append(c.blocks, b); return nil }
func (c *collector) Progress(display.Progress)                   {}
func (c *collector) Ask(context.Context, string) (string, error) { return "", core.ErrNoInput }

// loaded is a session with a capture of the project.
func loaded(t *testing.T, name string) *core.Session {
	t.Helper()
	t.Chdir(coretest.Captures())
	s := core.New(disk.Options())
	if err := s.Run(context.Background(), "load "+name, &collector{}); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestComplete(t *testing.T) {
	s := loaded(t, "signal-address.client.pcapng")
	tests := []struct {
		text  string // | is the cursor
		start int
		has   []string
		not   []string
	}{
		{"|", 0, []string{"load", "lc", "plot", "help"}, nil},
		{"l|", 0, []string{"load", "lc", "ls", "lt"}, []string{"plot"}},
		{"lc; pl|", 4, []string{"plot"}, nil},
		{"lc\npl|", 3, []string{"plot"}, nil},
		{"lc;|", 3, []string{"lc"}, nil},
		{"ls |", 3, []string{"0"}, []string{"1"}},
		{"plot |", 5, []string{"attr", "dsn", "rwnd"}, []string{"ipsrc", "0"}},
		{"plot d|", 5, []string{"dsn", "dack"}, []string{"attr"}},
		{"plot dsn |", 9, []string{"0", "Client", "Server", "Both"}, nil},
		{"plot dsn 0 |", 11, []string{"Client", "Server"}, []string{"0"}},
		{"plot attr 0 |", 12, []string{"Client", "dsn"}, nil},
		{"plot attr 0 Client d|", 19, []string{"dsn"}, []string{"Client"}},
		{"plot dsn 0 --|", 11, []string{"--dest", "--skip", "--out"}, nil},
		{"plot dsn 0 --dest |", 18, []string{"Client", "Server"}, nil},
		{"plot dsn --dest Client |", 23, []string{"0"}, nil},
		{"help s|", 5, []string{"summary"}, []string{"load"}},
		{"load sig|", 5, []string{"signal-address.client.pcapng", "signal-address.server.pcapng"}, []string{"fallback.client.pcapng"}},
		{"load 'sig|", 5, []string{"signal-address.client.pcapng"}, nil},
		{"summary é |", 11, []string{"Client"}, nil},
		{"use |", 4, []string{"signal-address.client.pcapng"}, []string{"fallback.client.pcapng"}},
		{"nosuch |", 7, nil, []string{"0"}},
	}
	for _, test := range tests {
		before, after, _ := strings.Cut(test.text, "|")
		c := s.Complete(before+after, len(before))
		items := map[string]bool{}
		for _, i := range c.Items {
			items[i.Text] = true
			if i.Type == "" {
				t.Errorf("%q: %q has no type", test.text, i.Text)
			}
		}
		if c.Start != test.start || c.End != len(before) {
			t.Errorf("%q: replaces %d…%d, want %d…%d", test.text, c.Start, c.End, test.start, len(before))
		}
		for _, want := range test.has {
			if !items[want] {
				t.Errorf("%q does not offer %q but %v", test.text, want, c.Items)
			}
		}
		for _, no := range test.not {
			if items[no] {
				t.Errorf("%q offers %q", test.text, no)
			}
		}
	}
}

func TestInspect(t *testing.T) {
	s := loaded(t, "signal-address.client.pcapng")
	for text, want := range map[string]string{"plot dsn 0": "Data sequence", "plot": "--skip", "pl": "", "ls 0": "subflows", "plot dsn --skip": "Leave out"} {
		page, found := s.Inspect(text, len(text))
		if found != (want != "") {
			t.Errorf("Inspect(%q) found %v", text, found)
		}
		body := ""
		for _, b := range page {
			body += b.(*display.Text).Body
		}
		if !strings.Contains(body, want) && text != "plot dsn 0" {
			t.Errorf("Inspect(%q) says %q, want %q in it", text, body, want)
		}
	}
	page, _ := s.Inspect("plot dsn 0", 7)
	if body := page[0].(*display.Text).Body; !strings.Contains(body, "mptcp.dsn") {
		t.Errorf("a field is not explained: %q", body)
	}
}

func TestCheck(t *testing.T) {
	s := core.New(core.Options{})
	for text, want := range map[string]core.Status{
		"lc": core.Complete, "": core.Complete, "# note": core.Complete, "lc\nls 0": core.Complete,
		`load "a`: core.Incomplete, "plot dsn \\": core.Incomplete, "plot \\\ndsn": core.Complete, "nosuch": core.Invalid,
	} {
		if got := s.Check(text); got != want {
			t.Errorf("Check(%q) = %v, want %v", text, got, want)
		}
	}
}

// TestNothingPanics throws words of all kinds at every command.
func TestNothingPanics(t *testing.T) {
	s := loaded(t, "fallback.client.pcapng")
	words := []string{"", "0", "-1", "99999999999999999999", "Client", "dsn", "--dest", "--skip", "--out", "--title=", "-", "--", "'", `"x y"`, "é", "\x00", "attr"}
	for _, c := range s.Commands() {
		if c.Name == "load" {
			continue
		}
		for _, a := range words {
			for _, b := range words {
				line := c.Name + " " + a + " " + b
				err := s.Run(context.Background(), line, &collector{})
				if err != nil && strings.Contains(err.Error(), "internal error") {
					t.Errorf("%q: %v\n%v", line, err, errors.Unwrap(err))
				}
				s.Complete(line, len(line))
				s.Inspect(line, len(line)/2)
			}
		}
	}
}

func TestErrorsPlaceTheWord(t *testing.T) {
	s := loaded(t, "fallback.client.pcapng")
	err := s.Run(context.Background(), "lc\n  plot dsnn 0\n", &collector{})
	var e *core.LineError
	if !errors.As(err, &e) {
		t.Fatalf("%v is no LineError", err)
	}
	if e.Line != 2 || e.Text[e.Start:e.End] != "dsnn" || !strings.Contains(e.Suggestion, "did you mean dsn?") {
		t.Errorf("%+v", e)
	}
}

func TestCancelledLoadKeepsTheSession(t *testing.T) {
	s := loaded(t, "fallback.client.pcapng")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := s.Run(ctx, "load two-path-upload.client.pcapng", &collector{})
	if !errors.Is(err, context.Canceled) || s.Current() != "fallback.client.pcapng" {
		t.Errorf("%v, current %q", err, s.Current())
	}
}

// TestPushedAsOpened holds that a capture pushed in by odd chunks gives what opening it gives.
func TestPushedAsOpened(t *testing.T) {
	opened := loaded(t, "handover.client.pcapng")
	data, err := os.ReadFile(filepath.Join(coretest.Captures(), "handover.client.pcapng"))
	if err != nil {
		t.Fatal(err)
	}
	pushed := core.New(core.Options{})
	l := pushed.Begin("handover.client.pcapng", int64(len(data)))
	for size := 1; len(data) > 0; size = size*3 + 1 {
		n := min(size, len(data))
		if err := l.Feed(data[:n]); err != nil {
			t.Fatal(err)
		}
		data = data[n:]
	}
	if p := l.Progress(); p.Done != p.Total {
		t.Errorf("progress ends at %d of %d", p.Done, p.Total)
	}
	if err := l.Finish(&collector{}); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"lc", "ls", "lt", "summary"} {
		if a, b := cells(t, opened, line), cells(t, pushed, line); a != b {
			t.Errorf("%s differs:\n%s\n%s", line, a, b)
		}
	}
}

// cells writes the exact cells of a command's table.
func cells(t *testing.T, s *core.Session, line string) string {
	t.Helper()
	var c collector
	if err := s.Run(context.Background(), line, &c); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, block := range c.blocks {
		table, ok := block.(*display.Table)
		for row := 0; ok && row < table.Rows; row++ {
			for col := range table.Columns {
				b.WriteString(display.Format(table.Cell(row, col), &table.Columns[col], display.Machine) + "|")
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func TestFeedOfRubbish(t *testing.T) {
	s := core.New(core.Options{})
	l := s.Begin("notes.pcap", -1)
	err := l.Feed([]byte("These are notes, and no capture at all, whatever the name may say."))
	if err == nil {
		err = l.Finish(&collector{})
	}
	if err == nil || !strings.Contains(err.Error(), "not a capture") || s.Current() != "" {
		t.Errorf("%v, current %q", err, s.Current())
	}
}

func TestChartNamesTheCommandThatDrawsIt(t *testing.T) {
	s := loaded(t, "handover.client.pcapng")
	for line, want := range map[string]string{
		"  plot dsn 0 --out a.png Client": "plot dsn 0 Client",
		"lc; plot dsn -o a.png":           "plot dsn",
		"plot dsn 0 --out=a.png":          "plot dsn 0",
		"plot dsn 0":                      "plot dsn 0",
	} {
		var c collector
		if err := s.Run(context.Background(), line, &c); err != nil {
			t.Fatal(err)
		}
		var chart *display.Chart
		switch b := c.blocks[len(c.blocks)-1].(type) {
		case *display.File:
			chart = b.Chart
		case *display.Chart:
			chart = b
		}
		if chart == nil || chart.Command != want {
			t.Errorf("%q draws %+v, want the command %q", line, chart, want)
		}
	}
}

// TestCancelEndsABlockedRead holds that whatever reads a pipe that nobody writes to can be interrupted, and so whatever waits
// for it to be opened.
func TestCancelEndsABlockedRead(t *testing.T) {
	for _, line := range []string{"load pipe", "run pipe", "numerics pipe"} {
		for _, opens := range []bool{true, false} {
			r, w := io.Pipe()
			ctx, cancel := context.WithCancel(context.Background())
			over := make(chan struct{})
			s := core.New(core.Options{Open: func(string) (core.Source, error) {
				time.AfterFunc(20*time.Millisecond, cancel)
				if !opens {
					<-over
				}
				return core.Source{ReadCloser: r, Size: -1}, nil
			}})
			if err := s.Run(ctx, line, &collector{}); !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v, want it cancelled", line, err)
			}
			close(over)
			w.Close()
		}
	}
}
