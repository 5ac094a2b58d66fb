package capture

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestNoCapture(t *testing.T) {
	long := func(s string) []byte { return []byte(s + strings.Repeat("\x01\x80", 100)) }
	for _, c := range []struct {
		name    string
		file    []byte
		problem Problem
		message string
	}{
		{"empty", nil, Empty, "empty file"},
		{"one byte", []byte{0xd4}, NotCapture, "not a capture: first bytes are d4"},
		{"half a magic number", []byte{0xd4, 0xc3}, TooShort, "capture file cut within its header"},
		{"magic number only", littleEndian().put(uint32(magicNano)).Bytes(), TooShort, "pcap (nanoseconds) file cut within its header"},
		{"section magic only", []byte(sectionMagic), TooShort, "pcapng file cut within its header"},
		{"text", []byte("hello, world\n"), NotCapture, "not a capture: looks like text (first bytes 68 65 6c 6c 6f 2c 20 77 6f 72 6c 64 0a)"},
		{"UTF-8", []byte(strings.Repeat("né€ ", 30)), NotCapture, "looks like text"},
		{"HTML", []byte(" <!DOCTYPE html><html><head><title>404 Not Found</title></head><body>Not Found</body></html>"), NotCapture, "looks like HTML"},
		{"XML", []byte("<?xml version='1.0'?><pdml/>"), NotCapture, "looks like XML"},
		{"JSON", []byte("[{\"_index\": \"packets\"}]"), NotCapture, "looks like JSON"},
		{"Git LFS", []byte("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"), NotCapture, "Git LFS pointer"},
		{"script", []byte("#!/bin/sh\ntcpdump -w x\n"), NotCapture, "looks like a script"},
		{"ZIP", long("PK\x03\x04"), NotCapture, "looks like a ZIP archive: unpack it first"},
		{"xz", long("\xfd7zXZ\x00"), NotCapture, "an xz file"},
		{"snoop", long("snoop\x00\x00\x00"), NotCapture, "Solaris snoop"},
		{"zeros", make([]byte, 100), NotCapture, "looks like zeros"},
		{"anything", long("\x02\x03"), NotCapture, "not a capture: first bytes are 02 03 01 80"},
		{"transfer as text", long("\x0a\x0d\x0d\x0a"), NotCapture, "pcapng, but without a byte-order magic number"},
		{"pcapng version", littleEndian().block(blockSection, uint32(byteOrder), uint16(9), uint16(1), int64(-1)).Bytes(), Unsupported,
			"cannot read pcapng of version 9.1"},
		{"gzip of text", gzipped([]byte("hello, world\n")), NotCapture, "not a capture (inside gzip): looks like text"},
		{"gzip of nothing", gzipped(nil), Empty, "empty file (inside gzip)"},
		{"gzip of gzip", gzipped(gzipped(nil)), NotCapture, "a gzip file within a compressed file"},
		{"zstd of nothing", zstandardised(nil), Empty, "empty file (inside zstd)"},
		{"gzip cut at once", gzipped([]byte("hello"))[:5], TooShort, "gzip data ends before anything could be unpacked"},
		{"three bytes of gzip", gzipped(nil)[:3], TooShort, "capture file cut within its header"},
		{"three bytes of zstd", zstandardised(nil)[:3], TooShort, "capture file cut within its header"},
		{"zstd cut at once", zstandardised(packet())[:5], TooShort, "zstd data ends before anything could be unpacked"},
		{"gzip damaged at once", append([]byte{0x1f, 0x8b, 9}, make([]byte, 20)...), Unsupported, "cannot read gzip data: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := readSplit(t, c.file)
			var fe *FormatError
			if !errors.As(o.Err, &fe) || fe.Problem != c.problem || !strings.Contains(o.Err.Error(), c.message) {
				t.Errorf("%v, want %q", o.Err, c.message)
			}
			if fe != nil && fe.Inside == "" && fe.Problem == NotCapture && !bytes.HasPrefix(c.file, fe.Head) {
				t.Errorf("head % x", fe.Head)
			}
		})
	}
}

// An error stays, and nothing more is taken.
func TestErrorsStay(t *testing.T) {
	r := NewReader(func(*Frame) error { return nil })
	err := r.Feed(make([]byte, 100))
	if err == nil || r.Feed(littleEndian().pcapHeader(magicMicro, 1).Bytes()) != err || r.Finish() != err || r.Finish() != err {
		t.Error(err)
	}
	broken := errors.New("broken")
	for _, file := range [][]byte{oddFiles()[0].file, gzipped(oddFiles()[0].file), zstandardised(oddFiles()[0].file)} {
		calls := 0
		r = NewReader(func(*Frame) error { calls++; return broken })
		if err := r.Feed(file); err != broken || r.Feed(file) != broken || r.Finish() != broken || calls != 1 {
			t.Error(err, calls)
		}
	}
}
