package trace_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest/corpus"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// text is a sink that writes all columns.
type text struct {
	b       strings.Builder
	columns []trace.Column
	rows    int
	failAt  int
}

var errFull = errors.New("full")

func (s *text) Add(c *trace.Context, r *trace.Row) error {
	if s.rows++; s.rows == s.failAt {
		return errFull
	}
	for k := range s.columns {
		if k > 0 {
			s.b.WriteByte(' ')
		}
		cell := s.columns[k].Append(nil, c, r)
		if len(cell) == 0 {
			cell = []byte("-")
		}
		s.b.Write(cell)
	}
	s.b.WriteByte('\n')
	return nil
}

// TestScan wants of a scan of a small capture what a Trace has: every row was held back until all was known.
func TestScan(t *testing.T) {
	for name, file := range situations(t) {
		t.Run(name, func(t *testing.T) {
			tr, err := trace.Load(context.Background(), bytes.NewReader(file), trace.Options{})
			if err != nil {
				t.Fatal(err)
			}
			checkScan(t, file, tr)
		})
	}
}

// TestScanCorpus does so with real captures that are short enough.
func TestScanCorpus(t *testing.T) {
	dir := corpus.Dir(t)
	for _, name := range []string{"public/pymptcpanalyzer/client_2.pcap", "public/pymptcpanalyzer/server_2.pcap",
		"public/MULTIFLOW/mptcp_test.pcap", "public/tcpdump/mptcp-v0.pcap", "linux-v1/v1_two_subflows.twoif.pcapng",
		"linux-v1/v1_link_failure_reinject.pcap", "linux-v1/v1_checksum.pcap", "linux-v1/v1_snaplen96.pcap",
		"linux-v1/v1_fallback_plain_server.pcap", "synthetic/v0_dsn32_wrap.pcap"} {
		t.Run(filepath.Base(name), func(t *testing.T) {
			file, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			checkScan(t, file, load(t, filepath.Join(dir, name)))
		})
	}
}

func TestScanStops(t *testing.T) {
	file := situations(t)["v1-handshake"]
	_, err := trace.Scan(context.Background(), bytes.NewReader(file), &text{failAt: 3}, trace.Options{})
	if !errors.Is(err, errFull) {
		t.Errorf("an error of the sink became %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := trace.Scan(ctx, bytes.NewReader(file), &text{}, trace.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled, but %v", err)
	}
	if _, err := trace.Load(ctx, bytes.NewReader(file), trace.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled, but %v", err)
	}
}

// counter is a sink that counts what a long scan gets right.
type counter struct{ rows, mapped, late int }

func (c *counter) Add(_ *trace.Context, r *trace.Row) error {
	c.rows++
	if r.HasRelDSN && r.Len > 0 {
		c.mapped++
	}
	if len(r.ReinjectionOf) > 0 {
		c.late++
	}
	return nil
}

// TestScanLong scans more rows than are held back, and looks at what memory it takes.
func TestScanLong(t *testing.T) {
	const n = 200_000
	g := newGenerator()
	sink := &counter{}
	before := heap()
	var peak uint64
	read, err := trace.Scan(context.Background(), g.reader(n, func() { peak = max(peak, heap()) }), sink, trace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if sink.rows != n || sink.mapped < n*6/10 || sink.late == 0 || read.Capture.Kept != n {
		t.Errorf("%d rows, %d mapped, %d reinjections of %d", sink.rows, sink.mapped, sink.late, n)
	}
	if grown := int64(peak) - int64(before); grown > 24<<20 {
		t.Errorf("the heap grew by %d MB over %d rows", grown>>20, n)
	}
}
