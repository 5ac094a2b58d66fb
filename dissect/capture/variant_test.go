package capture

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"
)

// TestEditcapVariants reads what editcap writes in the formats of old programs.
func TestEditcapVariants(t *testing.T) {
	if _, err := exec.LookPath("editcap"); err != nil {
		t.Skip("editcap is not installed")
	}
	usual := filepath.Join(t.TempDir(), "usual")
	if err := os.WriteFile(usual, bulk(20), 0o600); err != nil {
		t.Fatal(err)
	}
	for format, name := range map[string]string{
		"modpcap": "pcap (modified)", "rh6_1pcap": "pcap (Red Hat 6.1)", "suse6_3pcap": "pcap (SuSE 6.3)", "nokiapcap": "pcap (Nokia)",
		"pcap": "pcap", "nsecpcap": "pcap (nanoseconds)", "pcapng": "pcapng",
	} {
		t.Run(format, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), format)
			if out, err := exec.Command("editcap", "-F", format, usual, file).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			o := readSplit(t, content)
			shown := runTshark(t, file, "frame.number", "frame.time_epoch", "frame.len", "frame.cap_len")
			if o.Err != nil || o.Format != name || o.fault() != shown.fault || !reflect.DeepEqual(o.lines(), shown.lines) {
				t.Errorf("%v\ngot  %q %q\nwant %q %q", o, o.Format, o.lines(), name, shown.lines)
			}
		})
	}
}

// TestUsualStaysUsual holds that a file whose magic number is right is read by it, also where it is damaged.
func TestUsualStaysUsual(t *testing.T) {
	p := packet()
	n := uint32(len(p))
	file := func() *writer { return littleEndian().pcapHeader(magicMicro, 1).record(1, 0, p) }
	for name, w := range map[string]*writer{
		"one packet":              file(),
		"zeros behind":            file().put(make([]byte, 1000)),
		"8 bytes too many, once":  file().put(make([]byte, 8)).record(2, 0, p).record(3, 0, p).record(4, 0, p),
		"4 bytes too many, once":  file().put(make([]byte, 4)).record(2, 0, p).record(3, 0, p).record(4, 0, p),
		"8 bytes, and the end":    file().put(make([]byte, 8)).record(2, 0, p),
		"a fraction of a minute":  file().put(uint32(2), uint32(60e6), n, n, p).record(3, 0, p),
		"a claim of 2 GB":         file().put(uint32(2), uint32(0), uint32(1<<31-1), uint32(1<<31-1)).record(3, 0, p).record(4, 0, p),
		"other data in between":   file().put(bytes.Repeat([]byte("text"), 100)),
		"cut in the next header":  file().put(make([]byte, 8)),
		"an empty packet":         littleEndian().pcapHeader(magicMicro, 1).record(1, 0, nil).record(2, 0, p),
		"captured more than was":  file().put(uint32(2), uint32(0), n, uint32(20), p),
		"first a claim too large": littleEndian().pcapHeader(magicMicro, 1).put(uint32(1), uint32(0), uint32(1<<30), uint32(1<<30), p, p),
	} {
		o := readSplit(t, w.Bytes())
		if o.Format != "pcap" {
			t.Errorf("%s is taken for %s", name, o.Format)
		}
		if len(o.Frames) > 0 && !bytes.Equal(o.Frames[0].Data, p) && name != "an empty packet" {
			t.Errorf("%s: first frame % x", name, o.Frames[0].Data)
		}
	}
}
