package packet

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/capture"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/dissecttest/corpus"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
)

// fields are what both print of a packet; the first says whether tshark found a TCP stream, so a whole header.
var fields = []string{
	"tcp.stream", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "ip.id", "tcp.srcport", "tcp.dstport",
	"tcp.hdr_len", "tcp.len", "tcp.flags", "tcp.window_size_value", "tcp.seq_raw", "tcp.ack_raw", "tcp.option_kind",
	"tcp.options.timestamp.tsval", "tcp.options.timestamp.tsecr", "tcp.options.mss_val", "tcp.options.wscale.shift",
	"tcp.options.sack_le", "tcp.options.sack_re", "tcp.options.mptcp.subtype",
}

// isList are the fields with a value for each option; of the others tshark prints one for each layer of a tunnel.
var isList = map[string]bool{
	"tcp.option_kind": true, "tcp.options.sack_le": true, "tcp.options.sack_re": true, "tcp.options.mptcp.subtype": true,
}

// runTshark gives tshark's fields of every frame of a file that is no ICMP.
func runTshark(t *testing.T, path string) map[uint32][]string {
	t.Helper()
	if _, err := exec.LookPath("tshark"); err != nil {
		t.Skip("tshark is not installed")
	}
	args := []string{
		"-n", "-r", path, "-T", "fields", "-E", "separator=|", "-e", "frame.number", "-Y", "not icmp and not icmpv6",
		"-o", "tcp.relative_sequence_numbers:FALSE", "-o", "tcp.desegment_tcp_streams:FALSE", "-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE",
	}
	for _, f := range fields {
		args = append(args, "-e", f)
	}
	cmd := exec.Command("tshark", args...)
	cmd.Env = append(os.Environ(), "WIRESHARK_CONFIG_DIR="+t.TempDir())
	out, err := cmd.Output()
	if err != nil {
		t.Logf("tshark %s: %v", path, err) // it says so of a file that ends early, and prints what it read
	}
	rows := map[uint32][]string{}
	lines := bufio.NewScanner(strings.NewReader(string(out)))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		cells := strings.Split(lines.Text(), "|")
		n, err := strconv.ParseUint(cells[0], 10, 32)
		if err != nil || len(cells) != len(fields)+1 {
			t.Fatalf("tshark printed %q", lines.Text())
		}
		rows[uint32(n)] = cells[1:]
	}
	return rows
}

// row is the packet in tshark's words, nil where tshark should find no whole TCP header.
func row(p *Packet) []string {
	if p.Kind != TCP {
		return nil
	}
	src, dst := p.Src.Netip(p.V6).String(), p.Dst.Netip(p.V6).String()
	cells := []string{"stream", src, dst, "", "", fmt.Sprintf("0x%04x", p.IPID)}
	if p.V6 {
		cells = []string{"stream", "", "", src, dst, ""}
	}
	number := func(has bool, n uint32) {
		if has {
			cells = append(cells, strconv.FormatUint(uint64(n), 10))
		} else {
			cells = append(cells, "")
		}
	}
	number(true, uint32(p.SrcPort))
	number(true, uint32(p.DstPort))
	number(true, uint32(p.HeaderLen))
	number(p.Faults&TCPLength == 0 && (p.Faults&FirstFragment == 0 || p.Tunnel != NoTunnel), p.PayloadLen)
	cells = append(cells, fmt.Sprintf("0x%04x", p.Flags))
	number(true, uint32(p.Window))
	number(true, p.Seq)
	number(true, p.Ack)
	cells = append(cells, list(p.Kinds()[:tsharkStops(p)]))
	number(p.HasTS, p.TSVal)
	number(p.HasTSEcr, p.TSEcr)
	number(p.HasMSS, uint32(p.MSS))
	number(p.HasWScale, uint32(p.WScale))
	return append(cells, list(left(p.SACK)), list(left(p.SACK[min(4, len(p.SACK)):])), subtypes(p))
}

// tsharkStops is the number of option kinds that tshark lists: its MPTCP dissector reads past the end of an option that is
// shorter than the fields of its subtype, and throws the rest of the options away with it.
func tsharkStops(p *Packet) int {
	it := 0
	for i, kind := range p.Kinds() {
		if kind != mptcp.Kind {
			continue
		}
		if it == p.NumMPTCP { // too short for a view
			return i + 1
		}
		o := p.MPTCP[it]
		it++
		if o.Cut() || o.Stated() < tsharkNeeds(o) {
			return i + 1
		}
	}
	return len(p.Kinds())
}

// tsharkNeeds is how many bytes of an option tshark reads whatever its length says.
func tsharkNeeds(o mptcp.Option) int {
	switch o.Subtype() {
	case mptcp.SubDSS:
		if len(o) < 4 {
			return 4
		}
		return mptcp.DSSLength(o[3])
	case mptcp.SubRemoveAddr, mptcp.SubReset:
		return 4
	case mptcp.SubFail, mptcp.SubFastclose:
		return 12
	}
	return 3
}

// left are the left edges of SACK blocks; the right ones of blocks that begin 4 bytes further on.
func left(sack []byte) []uint32 {
	var edges []uint32
	for ; len(sack) >= 4; sack = sack[min(8, len(sack)):] {
		edges = append(edges, be32(sack))
	}
	return edges
}

func subtypes(p *Packet) string {
	var s []mptcp.Subtype
	for _, o := range p.MPTCP[:p.NumMPTCP] {
		s = append(s, o.Subtype())
	}
	return list(s)
}

func list[N ~uint8 | uint32](n []N) string {
	var s []string
	for _, v := range n {
		s = append(s, strconv.FormatUint(uint64(v), 10))
	}
	return strings.Join(s, ",")
}

// last is the innermost, or the latest, of a field that occurs several times.
func last(cell string) string { return cell[strings.LastIndexByte(cell, ',')+1:] }

// compare returns the differences between a decoded packet and tshark's row of it.
func compare(p *Packet, theirs []string) []string {
	ours := row(p)
	switch {
	case ours == nil && (theirs == nil || theirs[0] == ""):
		return nil
	case ours == nil || theirs == nil || theirs[0] == "":
		return []string{fmt.Sprintf("kind %v, tshark %v", p.Kind, theirs)}
	}
	var diffs []string
	for i := 1; i < len(fields); i++ {
		want := theirs[i]
		if i < 6 && ours[i] == "" { // the other IP version
			continue
		}
		if !isList[fields[i]] {
			want = last(want)
		}
		if ours[i] != want {
			diffs = append(diffs, fmt.Sprintf("%s: %q, tshark %q", fields[i], ours[i], want))
		}
	}
	return diffs
}

// corpusCaptures lists the captures of the corpus.
func corpusCaptures(t *testing.T) []string {
	t.Helper()
	root := corpus.Dir(t)
	var paths []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if ext := filepath.Ext(path); err == nil && (ext == ".pcap" || ext == ".pcapng") {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil || len(paths) == 0 {
		t.Fatalf("no captures in %s: %v", root, err)
	}
	return paths
}

// read decodes every frame of a capture.
func read(t *testing.T, path string, use func(f *capture.Frame, p *Packet)) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var p Packet
	r := capture.NewReader(func(f *capture.Frame) error {
		p.Number, p.Time, p.Interface = f.Number, f.Time, f.Interface
		Decode(&p, f.Link, f.Data, f.Length)
		use(f, &p)
		return nil
	})
	if err := r.ReadAll(context.Background(), file); err != nil {
		t.Errorf("%s: %v", path, err)
	}
}

// The frames of this package's tables, against tshark. Where the table says that it differs, it must differ so.
func TestFramesLikeTshark(t *testing.T) {
	byLink := map[uint32][]frame{}
	for _, set := range [][]frame{everyLayer(), oddFrames(), cutFrames(), optionFrames()} {
		for _, f := range set {
			byLink[f.link] = append(byLink[f.link], f)
		}
	}
	for link, frames := range byLink {
		path := filepath.Join(t.TempDir(), "frames.pcap")
		writePcap(t, path, link, frames)
		theirs := runTshark(t, path)
		for i, f := range frames {
			var p Packet
			Decode(&p, f.link, f.bytes, uint32(max(f.wire, len(f.bytes))))
			cells := theirs[uint32(i+1)]
			diffs := compare(&p, cells)
			switch {
			case f.why == "" && diffs != nil:
				t.Errorf("%s (link %d, %d bytes): %s", f.name, link, len(f.bytes), strings.Join(diffs, "; "))
			case f.why != "" && (cells == nil || cells[9]+"|"+cells[14] != f.tshark):
				t.Errorf("%s: tshark, which %s, says %q", f.name, f.why, cells)
			}
		}
	}
}

// writePcap writes frames to a pcap file of one link type.
func writePcap(t *testing.T, path string, link uint32, frames []frame) {
	t.Helper()
	b := unhex("a1b2c3d4 0002 0004 00000000 00000000 00040000")
	b = binary.BigEndian.AppendUint32(b, link)
	for i, f := range frames {
		for _, n := range []int{i, 0, len(f.bytes), max(f.wire, len(f.bytes))} {
			b = binary.BigEndian.AppendUint32(b, uint32(n))
		}
		b = append(b, f.bytes...)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// Every frame of every capture of the corpus, field by field, against tshark.
func TestCorpusLikeTshark(t *testing.T) {
	for _, path := range corpusCaptures(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			theirs := runTshark(t, path)
			frames, different := 0, 0
			read(t, path, func(f *capture.Frame, p *Packet) {
				frames++
				if d := compare(p, theirs[f.Number]); d != nil {
					different++
					if different <= 5 {
						t.Errorf("frame %d: %s", f.Number, strings.Join(d, "; "))
					}
				}
			})
			t.Logf("%d frames, %d different", frames, different)
		})
	}
}
