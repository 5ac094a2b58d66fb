package trace_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest/corpus"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// longCapture is a capture of several chunks: MPTCP by a generator, then records with and without a time, frames that are no
// TCP, as pcapng.
func longCapture(t *testing.T, n int) []byte {
	t.Helper()
	var pcap bytes.Buffer
	if _, err := pcap.ReadFrom(newGenerator().reader(n, nil)); err != nil {
		t.Fatal(err)
	}
	le := binary.LittleEndian
	file := []byte("\x0a\x0d\x0d\x0a\x1c\x00\x00\x00\x4d\x3c\x2b\x1a\x01\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\x1c\x00\x00\x00")
	file = append(file, 1, 0, 0, 0, 20, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0)
	rest := pcap.Bytes()[24:]
	for i := uint32(0); len(rest) > 0; i++ {
		size := le.Uint32(rest[8:])
		data := append(bytes.Clone(rest[16:16+size]), make([]byte, -size&3)...)
		rest = rest[16+size:]
		if i%1000 == 999 {
			data[13] ^= 0xff // another protocol
		}
		body := le.AppendUint32(le.AppendUint32(le.AppendUint32(make([]byte, 4), 0), i), size)
		kind, body := uint32(6), append(le.AppendUint32(body, size), data...)
		if i%17 == 16 {
			kind, body = 3, append(le.AppendUint32(nil, size), data...)
		}
		file = le.AppendUint32(le.AppendUint32(file, kind), uint32(len(body)+12))
		file = le.AppendUint32(append(file, body...), uint32(len(body)+12))
	}
	return file
}

// checkMapped loads a file at once, which maps it where that is possible, and by pieces, and compares.
func checkMapped(t *testing.T, name string, file []byte) {
	t.Helper()
	l := trace.NewLoader(trace.Options{})
	for rest := file; len(rest) > 0; {
		n := min(len(rest), 100_001)
		if err := l.Feed(rest[:n]); err != nil {
			t.Fatal(err)
		}
		rest = rest[n:]
	}
	one, err := l.Finish()
	if err != nil {
		t.Fatal(err)
	}
	f := onDisk(t, file)
	defer f.Close()
	two, err := trace.Load(context.Background(), f, trace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if one.Capture.Cut != nil {
		one.Capture.Bytes = two.Capture.Bytes // where reading stops, the rest may be fed or not
	}
	equalTraces(t, name, one, two)
}

// onDisk is a file with that content.
func onDisk(t *testing.T, content []byte) *os.File {
	t.Helper()
	name := filepath.Join(t.TempDir(), "capture")
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestMapped holds that a file read as a whole gives what its bytes give in pieces: whole, cut, and damaged.
func TestMapped(t *testing.T) {
	file := longCapture(t, 40_000)
	checkMapped(t, "whole", file)
	checkMapped(t, "cut", file[:len(file)-1000])
	damaged := bytes.Clone(file)
	copy(damaged[len(file)/2:], bytes.Repeat([]byte{0xff}, 300))
	checkMapped(t, "damaged", damaged)
}

func TestMappedCorpus(t *testing.T) {
	dir := corpus.Dir(t)
	for _, name := range []string{"public/pymptcpanalyzer/server_2.pcap", "linux-v1/v1_checksum.pcap",
		"linux-v1/v1_two_subflows.twoif.pcapng", "public/DPI-MPTCP/flood.pcap"} {
		file, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		checkMapped(t, name, file)
	}
}

// TestMappedEnds holds that the loading of a file can be followed, and ends with its context.
func TestMappedEnds(t *testing.T) {
	file := longCapture(t, 150_000)
	f := onDisk(t, file)
	defer f.Close()
	ctx, cancel := context.WithCancel(context.Background())
	calls, last := 0, int64(0)
	_, err := trace.Load(ctx, f, trace.Options{Progress: func(p trace.Progress) {
		if p.Bytes <= last || p.Bytes > int64(len(file)) || p.Frames == 0 {
			t.Errorf("%+v after %d bytes", p, last)
		}
		calls++
		last = p.Bytes
		cancel()
	}})
	if !errors.Is(err, context.Canceled) || calls == 0 {
		t.Errorf("%v after %d calls", err, calls)
	}
}
