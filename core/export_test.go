//go:build !js

// These write heavy formats, which are native only.

package core_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/core"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/disk"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export/database"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export/frames"
	"github.com/mptcpanalyzer/mptcpanalyzer/display"
)

// TestExport compares what export writes with what dump shows, and loads again what clean_pcap writes.
func TestExport(t *testing.T) {
	loaded(t, "handover.client.pcapng") // works in the folder of the captures
	o := disk.Options()
	o.Formats = []export.Format{frames.Format()}
	s := core.New(o)
	written := func(line string) []byte {
		t.Helper()
		out := &collector{}
		if err := s.Run(context.Background(), line, out); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		var b bytes.Buffer
		if err := out.blocks[len(out.blocks)-1].(*display.File).Write(&b); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		return b.Bytes()
	}
	if err := s.Run(context.Background(), "load handover.client.pcapng; set delimiter ';'", &collector{}); err != nil {
		t.Fatal(err)
	}
	text := string(written("export x.csv --columns packetid,dsn,sendkey --mptcpstream 0 --where dsn % 2 == 1"))
	shown := answer(t, s, "dump packetid dsn sendkey --json --where dsn % 2 == 1")
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) != shown.Rows+1 || lines[0] != "packetid;dsn;sendkey" {
		t.Fatalf("%d lines for %d rows under %q", len(lines), shown.Rows, lines[0])
	}
	for row := range shown.Rows {
		var cells []string
		for col := range 3 {
			cells = append(cells, display.Format(shown.Cell(row, col), &shown.Columns[col], display.Machine))
		}
		if want := strings.Join(cells, ";"); lines[row+1] != want {
			t.Fatalf("row %d is %q, want %q", row, lines[row+1], want)
		}
	}
	if written("tocsv fastclose.client.pcapng 0 z.csv"); s.Current() != "handover.client.pcapng" {
		t.Errorf("a capture that was only exported is the current one: %s", s.Current())
	}
	clean := written("clean_pcap handover.client.pcapng y.pcapng")
	l := s.Begin("clean", int64(len(clean)))
	if err := l.Feed(clean); err != nil {
		t.Fatal(err)
	}
	if err := l.Finish(&collector{}); err != nil {
		t.Fatal(err)
	}
	was, is := s.Capture("handover.client.pcapng").Trace.Capture, s.Capture("clean").Trace.Capture
	if is.Frames != was.Kept || is.Kept != was.Kept || is.Frames == was.Frames {
		t.Errorf("%d frames, %d kept; the capture had %d and %d", is.Frames, is.Kept, was.Frames, was.Kept)
	}
}

// An export that is cancelled leaves nothing of its format behind.
func TestExportCancelled(t *testing.T) {
	loaded(t, "handover.client.pcapng") // works in the folder of the captures
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	o := disk.Options()
	o.Formats = []export.Format{database.Format()}
	s := core.New(o)
	ctx, cancel := context.WithCancel(context.Background())
	out := &collector{}
	if err := s.Run(ctx, "load handover.client.pcapng; export x.sqlite", out); err != nil {
		t.Fatal(err)
	}
	cancel()
	err := out.blocks[len(out.blocks)-1].(*display.File).Write(io.Discard)
	if left, _ := os.ReadDir(temporary); !errors.Is(err, context.Canceled) || len(left) > 0 {
		t.Errorf("%v; left: %v", err, left)
	}
}
