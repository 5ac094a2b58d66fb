package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/mptcpanalyzer/mptcpanalyzer/cmd/internal/console"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export"
	"github.com/mptcpanalyzer/mptcpanalyzer/core/export/mask"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest/corpus"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// secrets are byte strings that a masked output must not have, by what they are.
type secrets map[string]string

// add takes a secret, turned round too, as little-endian machines have it.
func (s secrets) add(what string, b []byte) {
	different := map[byte]bool{}
	for _, c := range b {
		different[c] = true
	}
	if 2*len(different) <= len(b) {
		return // padding, or 02:00:00:00:02:01: such bytes are everywhere
	}
	s[string(b)] = what
	turned := slices.Clone(b)
	slices.Reverse(turned)
	s[string(turned)] = what + ", turned round"
}

// number takes a number as bytes, in decimal and in hexadecimal.
func (s secrets) number(what string, v uint64, size int) {
	if v < 1<<16 {
		return
	}
	b := binary.BigEndian.AppendUint64(nil, v)[8-size:]
	s.add(what, b)
	s[strconv.FormatUint(v, 10)] = what + ", decimal"
	s[fmt.Sprintf("%0*x", 2*size, v)] = what + ", hexadecimal"
}

func (s secrets) addr(what string, a netip.Addr) {
	if a.IsValid() && !a.IsUnspecified() {
		s.add(what, a.AsSlice())
		s[a.String()] = what + ", text"
	}
}

func (s secrets) end(e *conn.Endpoint) {
	if e.HasToken {
		s.number("token", uint64(e.Token), 4)
	}
	if e.HasKey {
		s.number("key", uint64(e.Key), 8)
		s.number("IDSN", e.IDSN, 8)
		s.number("first DSN", e.IDSN+1, 8)
	}
}

// frame takes the link layer's addresses, payload, and what options authenticate or name.
func (s secrets) frame(f *trace.Frame, row *trace.Row) {
	const ethernet = 1
	if f.Link == ethernet && len(f.Data) > 14 {
		s.add("MAC address", f.Data[:6])
		s.add("MAC address", f.Data[6:12])
	}
	for p := f.Packet.Payload(); len(p) >= 12; p = p[min(len(p), 500):] {
		s.add("payload", p[:12])
	}
	for _, o := range row.Options {
		switch o.Subtype() {
		case mptcp.SubJoin:
			j, _ := mptcp.ParseJoin(o)
			if j.HasHMAC && j.HMAC64 != 0 {
				s.number("HMAC", j.HMAC64, 8)
			} else if j.HasHMAC {
				s.add("HMAC", j.HMAC160[:8])
				s.add("HMAC", j.HMAC160[8:])
			}
		case mptcp.SubAddAddr:
			a, _ := mptcp.ParseAddAddr(o, mptcp.VersionUnknown)
			s.addr("announced address", a.Addr)
			if a.HasHMAC {
				s.number("HMAC", a.HMAC, 8)
			}
		}
	}
}

// reread is what was read of a capture, and its file, to be read once more.
func reread(t *testing.T, file string) (*trace.Trace, *os.File) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	tr, err := trace.Load(context.Background(), f, trace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	return tr, f
}

// secretsOf are those of a capture, and its name.
func secretsOf(t *testing.T, file string) secrets {
	t.Helper()
	tr, f := reread(t, file)
	s := secrets{filepath.Dir(file): "folder", filepath.Base(file): "name"}
	for i := range tr.Conns {
		s.end(&tr.Conns[i].Client)
		s.end(&tr.Conns[i].Server)
	}
	for i := range tr.Streams {
		s.addr("address", tr.Streams[i].Client.Addr())
		s.addr("address", tr.Streams[i].Server.Addr())
	}
	for _, in := range tr.Interfaces {
		if len(in.Name) > 3 {
			s[in.Name] = "interface"
		}
	}
	var row trace.Row
	for frame, err := range tr.Walk(context.Background(), f) {
		if err != nil {
			t.Fatal(err)
		}
		if frame.Kept {
			tr.Row(int(frame.Row), &row)
			s.frame(frame, &row)
		}
	}
	return s
}

// inflated is a file and all the zstd frames in it, wherever they stand.
func inflated(t *testing.T, file string) [][]byte {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	all := [][]byte{content}
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	magic := []byte{0x28, 0xb5, 0x2f, 0xfd}
	for at := 0; ; at += len(magic) {
		next := bytes.Index(content[at:], magic)
		if next < 0 {
			return all
		}
		at += next
		if err := d.Reset(bytes.NewReader(content[at:])); err == nil {
			plain, _ := io.ReadAll(d) // what follows the frame is no zstd
			all = append(all, plain)
		}
	}
}

// maskedOutputs writes a capture as packets and as a database of all tables, or in all formats, with all columns.
func maskedOutputs(t *testing.T, file, key string, all bool) []string {
	t.Helper()
	dir := t.TempDir()
	var outputs []string
	write := func(name string, args ...string) {
		out := filepath.Join(dir, name)
		if _, stderr, status := runProgram("", append(args, "--anonymize", "--key", key, "-o", out, file)...); status != console.Fine {
			t.Fatalf("%s: status %d: %s", name, status, stderr)
		}
		outputs = append(outputs, out)
	}
	write("a.pcapng")
	write("a.sqlite")
	if !all {
		return outputs
	}
	for _, table := range export.TableNames() {
		for _, format := range []string{"csv", "jsonl", "parquet", "arrow"} {
			write(table+"."+format, "--table", table, "--fields", "all")
		}
	}
	write("one.csv", "--fields", "all", "--one-pass", "--absolute")
	return outputs
}

// fixedKey is a key file of which all runs of a test make the same outputs: a short secret may turn up in one by chance.
func fixedKey(t *testing.T) string {
	t.Helper()
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte(mask.Encode(bytes.Repeat([]byte("mask"), mask.SecretLen/4))), 0o600); err != nil {
		t.Fatal(err)
	}
	return key
}

// TestNothingLeaks searches all that is written of a masked capture, unpacked, for what the capture tells of who spoke.
func TestNothingLeaks(t *testing.T) {
	key, files := fixedKey(t), []string{odd(t)}
	for _, name := range []string{"handover.client.pcapng", "ipv6-checksum.client.pcapng", "signal-address.server.pcapng", "fastclose.client.pcapng",
		"checksum-failure.server.pcapng", "cause-address-forged.client.pcapng", "cause-join-forged-ack.server.pcapng", "fallback.client.pcapng"} {
		files = append(files, capture(name))
	}
	files = append(files, corpus.Files(t, "linux-v1/v1_add_addr_port.pcap", "public/MPTCProxy/*.pcap", "public/tcpdump/mptcp-aa-*.pcap")...)
	for i, file := range files {
		s := secretsOf(t, file)
		if len(s) < 10 {
			t.Errorf("%s: only %d secrets", file, len(s))
		}
		for _, out := range maskedOutputs(t, file, key, i < 2) {
			for _, content := range inflated(t, out) {
				for secret, what := range s {
					if at := bytes.Index(content, []byte(secret)); at >= 0 {
						t.Errorf("%s: %s has %s %q: %.60q", filepath.Base(file), filepath.Base(out), what, secret, content[max(0, at-20):min(len(content), at+40)])
					}
				}
			}
		}
	}
}

// TestSearchFinds wants the search of TestNothingLeaks to find what is there, in every format.
func TestSearchFinds(t *testing.T) {
	file := capture("handover.client.pcapng")
	s := secretsOf(t, file)
	for _, args := range [][]string{{"a.pcapng"}, {"a.sqlite"}, {"a.csv"}, {"a.jsonl"}, {"a.parquet"}, {"a.arrow"}} {
		found := map[string]bool{}
		for _, content := range inflated(t, exportTo(t, args[0], file)) {
			for secret, what := range s {
				if bytes.Contains(content, []byte(secret)) {
					what, _, _ = strings.Cut(what, ",")
					found[what] = true
				}
			}
		}
		for _, what := range []string{"address", "key"} {
			if !found[what] {
				t.Errorf("%s: no %s is found: %v", args[0], what, found)
			}
		}
	}
}

// odd is a capture that says SECRET wherever a capture can, and little else.
func odd(t *testing.T) string {
	t.Helper()
	const text = "SECRET"
	name := filepath.Join(t.TempDir(), text+".pcapng")
	le := binary.LittleEndian
	option := func(b []byte, code uint16, value string) []byte {
		b = le.AppendUint16(le.AppendUint16(b, code), uint16(len(value)))
		return append(append(b, value...), make([]byte, -len(value)&3)...)
	}
	var file []byte
	block := func(kind uint32, body []byte) {
		size := uint32(len(body) + 12)
		file = le.AppendUint32(le.AppendUint32(file, kind), size)
		file = le.AppendUint32(append(file, body...), size)
	}
	section := append(le.AppendUint32(nil, 0x1a2b3c4d), 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
	for code := range uint16(4) {
		section = option(section, code+1, text+" section")
	}
	block(0x0a0d0d0a, option(section, 0, ""))
	for _, link := range []byte{1, 113, 20} { // Ethernet, cooked, cooked v2 (276)
		body := []byte{link, 0, 0, 0, 0, 0, 4, 0}
		if link == 20 {
			body[1] = 1
		}
		for _, code := range []uint16{1, 2, 3, 11, 12, 15} { // comment, name, description, filter, os, hardware
			body = option(body, code, text+" interface")
		}
		body = option(option(body, 6, text), 4, "SECR"+text[2:]) // MAC and IPv4 addresses
		block(1, option(body, 0, ""))
	}
	names := append([]byte{1, 0, 16, 0}, "SECRSECRET.local\x00\x00\x00\x00"...)
	block(4, names)
	for i, frame := range oddFrames(text) {
		body := le.AppendUint32(nil, uint32(i%3))
		body = append(body, 0, 0, 6, 0, byte(i), 0, 0, 0)
		body = le.AppendUint32(le.AppendUint32(body, uint32(len(frame))), uint32(len(frame)))
		body = append(append(body, frame...), make([]byte, -len(frame)&3)...)
		block(6, option(option(body, 1, text+" packet"), 0, ""))
	}
	if err := os.WriteFile(name, file, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// oddFrames are TCP segments, and something else, under three link layers each, that say text where they can.
func oddFrames(text string) (frames [][]byte) {
	tcp := []byte{0x13, 0x89, 0x13, 0x8a, 0, 0, 0, 1, 0, 0, 0, 0, 0xf0, byte(stream.SYN), 1, 0, 0, 0, 0, 0}
	options := append([]byte{34, 8}, text...)                                  // a cookie of TCP Fast Open
	options = append(append(options, 19, 10), text+"AB"...)                    // a signature
	options = append(append(options, 30, 10, 0xf0, 0), text...)                // an MPTCP option of the experiments' subtype
	options = append(append(options, 0), (text + text)[:40-len(options)-1]...) // behind the end
	tcp = append(append(tcp, options...), text+" payload"...)
	ip := func(protocol byte, body []byte) []byte {
		b := []byte{0x47, 0, 0, 0, 0, 1, 0, 0, 64, protocol, 0, 0, 'S', 'E', 'C', 'R', 'E', 'T', 'S', 'E', 0x82, 8}
		b = append(b, text...)
		binary.BigEndian.PutUint16(b[2:], uint16(len(b)+len(body)))
		return append(append(b, body...), text+" trailer"...)
	}
	for _, packet := range [][]byte{ip(6, tcp), ip(17, []byte(text+" datagram")), ip(47, append([]byte{0, 0, 8, 0}, ip(6, tcp)...))} {
		mac := append([]byte(text), text...)
		frames = append(frames,
			append(append(mac, 8, 0), packet...),
			append(append(append([]byte{0, 0, 0, 1, 0, 6}, text...), 0, 0, 8, 0), packet...),
			append(append(append([]byte{8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6}, text...), 0, 0), packet...))
	}
	return frames
}
