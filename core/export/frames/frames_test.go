package frames_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/pcapgo"

	"github.com/mptcpanalyzer/mptcpanalyzer/core/coretest"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export/frames"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

const sample = "two-path-upload.client.pcapng"

func job(t *testing.T, q export.Request) *export.Job {
	t.Helper()
	q.Format = "pcapng"
	j, err := export.NewJob(q, []export.Format{frames.Format()})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// written writes our sample's packets, or those that keep wants.
func written(t *testing.T, tr *trace.Trace, keep func(*trace.Context, *trace.Row) bool) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := job(t, export.Request{Select: export.Select{Where: keep}}).Open(&out)
	if err == nil {
		err = w.Trace(context.Background(), sample, tr, func() ([]io.Reader, error) {
			content, err := os.ReadFile(filepath.Join(coretest.Captures(), sample))
			return []io.Reader{bytes.NewReader(content)}, err
		})
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// packet is one as gopacket's fork reads it.
type packet struct {
	info    gopacket.CaptureInfo
	options pcapgo.NgPacketOptions
	data    []byte
}

func packets(t *testing.T, content []byte) (all []packet, r *pcapgo.NgReader) {
	t.Helper()
	r, err := pcapgo.NewNgReader(bytes.NewReader(content), pcapgo.NgReaderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for {
		data, info, options, err := r.ReadPacketDataWithOptions()
		if errors.Is(err, io.EOF) {
			return all, r
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, packet{info: info, options: options, data: data})
	}
}

// TestPackets wants every packet with the bytes, the time, the length and the interface that it had, and a comment that
// says where it belongs.
func TestPackets(t *testing.T) {
	tr := coretest.Trace(t, sample)
	got, r := packets(t, written(t, tr, nil))
	f, err := os.Open(filepath.Join(coretest.Captures(), sample))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	next := 0
	for frame, err := range tr.Walk(context.Background(), f) {
		if err != nil {
			t.Fatal(err)
		}
		if !frame.Kept {
			continue
		}
		if next == len(got) {
			t.Fatalf("only %d packets", next)
		}
		p := &got[next]
		next++
		in, err := r.Interface(p.info.InterfaceIndex)
		if err != nil || in.Name != tr.Interfaces[frame.Interface].Name || uint32(in.LinkType) != frame.Link {
			t.Fatalf("packet %d: interface %v %v", next, in, err)
		}
		if !bytes.Equal(p.data, frame.Data) || p.info.Timestamp.UnixNano() != frame.Time || p.info.Length != int(frame.Length) {
			t.Fatalf("packet %d: %d of %d bytes at %d, want %d of %d at %d", next, len(p.data), p.info.Length, p.info.Timestamp.UnixNano(), len(frame.Data), frame.Length, frame.Time)
		}
		if len(p.options.Comments) != 1 || !strings.HasPrefix(p.options.Comments[0], "mptcp connection 0, subflow ") {
			t.Fatalf("packet %d: comments %q", next, p.options.Comments)
		}
	}
	if next != len(got) || next != tr.Len() {
		t.Errorf("%d packets, want %d", len(got), tr.Len())
	}
}

// TestReinjections wants the comment of a reinjected packet to name the earlier one.
func TestReinjections(t *testing.T) {
	tr := coretest.Trace(t, sample)
	got, _ := packets(t, written(t, tr, func(_ *trace.Context, r *trace.Row) bool { return len(r.ReinjectionOf) > 0 }))
	for i := range got {
		if !strings.Contains(got[i].options.Comments[0], ", again after packet ") {
			t.Errorf("packet %d: %q", i+1, got[i].options.Comments)
		}
	}
	if len(got) == 0 {
		t.Error("there are no reinjections")
	}
}

// TestNothing wants a file that can be read though it has no packet.
func TestNothing(t *testing.T) {
	tr := coretest.Trace(t, sample)
	if got, _ := packets(t, written(t, tr, func(*trace.Context, *trace.Row) bool { return false })); len(got) > 0 {
		t.Errorf("%d packets", len(got))
	}
}

// TestRefused wants reasons for what cannot be written.
func TestRefused(t *testing.T) {
	j := job(t, export.Request{})
	w, err := j.Open(io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Trace(context.Background(), sample, coretest.Trace(t, sample), nil); err == nil || !strings.Contains(err.Error(), "needs the capture's file") {
		t.Errorf("without a file: %v", err)
	}
	if _, err := w.Scan(context.Background(), sample, strings.NewReader(""), trace.Options{}); err == nil || !strings.Contains(err.Error(), "read twice") {
		t.Errorf("streamed: %v", err)
	}
	if _, err := frames.Format().Open(io.Discard, export.Output{Sheets: []export.Sheet{{Table: export.Tables()[1]}}}); err == nil || !strings.Contains(err.Error(), "no other table") {
		t.Errorf("another table: %v", err)
	}
}
