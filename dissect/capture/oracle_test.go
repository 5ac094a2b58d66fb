package capture

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	googlepacket "github.com/google/gopacket"
	googlelayers "github.com/google/gopacket/layers"
	googlepcapgo "github.com/google/gopacket/pcapgo"
	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/pcapgo"
)

// googleFile has a writer of google/gopacket make a capture of n random frames, and returns what went into it.
func googleFile(t *testing.T, format string, n int) (file []byte, want []Frame) {
	t.Helper()
	var out bytes.Buffer
	var write func(googlepacket.CaptureInfo, []byte) error
	interfaces := 1
	unit := time.Microsecond
	switch format {
	case "pcap", "pcap (nanoseconds)":
		w := googlepcapgo.NewWriter(&out)
		if format != "pcap" {
			w, unit = googlepcapgo.NewWriterNanos(&out), time.Nanosecond
		}
		if err := w.WriteFileHeader(65536, googlelayers.LinkTypeEthernet); err != nil {
			t.Fatal(err)
		}
		write = w.WritePacket
	case "pcapng":
		w, err := googlepcapgo.NewNgWriter(&out, googlelayers.LinkTypeEthernet)
		if err != nil {
			t.Fatal(err)
		}
		other := googlepcapgo.NgInterface{Name: "eth9", Description: "other", LinkType: googlelayers.LinkTypeRaw, SnapLength: 96}
		if _, err := w.AddInterface(other); err != nil {
			t.Fatal(err)
		}
		defer w.Flush()
		interfaces, unit, write = 2, time.Nanosecond, func(ci googlepacket.CaptureInfo, b []byte) error {
			if err := w.WritePacket(ci, b); err != nil {
				return err
			}
			return w.Flush()
		}
	}
	rng := rand.New(rand.NewPCG(5, uint64(n)))
	for i := range n {
		data := make([]byte, rng.IntN(300))
		for j := range data {
			data[j] = byte(rng.Uint32())
		}
		at := time.Unix(rng.Int64N(1<<32), rng.Int64N(1e9)).Truncate(unit)
		ci := googlepacket.CaptureInfo{
			Timestamp: at, CaptureLength: len(data), Length: len(data) + rng.IntN(1000), InterfaceIndex: rng.IntN(interfaces),
		}
		if err := write(ci, data); err != nil {
			t.Fatal(err)
		}
		link := uint32(1)
		if ci.InterfaceIndex == 1 {
			link = uint32(googlelayers.LinkTypeRaw)
		}
		want = append(want, Frame{
			Number: uint32(i + 1), Time: at.UnixNano(), Interface: uint32(ci.InterfaceIndex), Link: link, Data: data, Length: uint32(ci.Length),
		})
	}
	return out.Bytes(), want
}

// What gopacket writes we read.
func TestFilesOfGopacket(t *testing.T) {
	for _, format := range []string{"pcap", "pcap (nanoseconds)", "pcapng"} {
		file, want := googleFile(t, format, 300)
		o := readSplit(t, file)
		if o.Err != nil || o.Cut != nil || o.Format != format || len(o.Frames) != len(want) {
			t.Fatalf("%s: %v", format, o)
		}
		for i, f := range o.Frames {
			if !equal(f, want[i]) {
				t.Fatalf("%s: %+v, want %+v", format, f, want[i])
			}
		}
	}
}

func equal(a, b Frame) bool {
	sameData := bytes.Equal(a.Data, b.Data)
	a.Data, b.Data = nil, nil
	return sameData && a.line() == b.line() && a.Interface == b.Interface && a.Link == b.Link
}

// forkReader is what the maintained fork's two readers have in common.
type forkReader interface {
	ReadPacketData() ([]byte, gopacket.CaptureInfo, error)
}

// agree reads a file with the fork's reader, and fails where it shows other frames than ours did. The fork may stop
// earlier: it refuses some files that are read here.
func agree(t *testing.T, name string, file []byte, o outcome) (agreed int) {
	t.Helper()
	var r forkReader
	var err error
	if o.Format == "pcapng" {
		r, err = pcapgo.NewNgReader(bytes.NewReader(file), pcapgo.NgReaderOptions{WantMixedLinkType: true})
	} else {
		r, err = pcapgo.NewReader(bytes.NewReader(file))
	}
	if err != nil {
		return 0
	}
	for i, f := range o.Frames {
		data, ci, err := r.ReadPacketData()
		if err != nil {
			return i
		}
		if !bytes.Equal(data, f.Data) || ci.Timestamp.UnixNano() != f.Time || uint32(ci.Length) != f.Length || uint32(ci.InterfaceIndex) != f.Interface {
			t.Fatalf("%s: frame %s, the fork has %+v", name, f.line(), ci)
		}
	}
	if _, _, err := r.ReadPacketData(); err == nil {
		t.Errorf("%s: the fork reads more than %d frames", name, len(o.Frames))
	} else if (err == io.EOF) != (o.Cut == nil) {
		t.Errorf("%s: the fork ends with %v, ours with cut %v", name, err, o.Cut)
	}
	return len(o.Frames)
}

func TestAgreesWithFork(t *testing.T) {
	for _, format := range []string{"pcap", "pcap (nanoseconds)", "pcapng"} {
		file, want := googleFile(t, format, 500)
		if n := agree(t, format, file, readWhole(file)); n != len(want) {
			t.Errorf("%s: %d of %d frames compared", format, n, len(want))
		}
		short := file[:len(file)-3]
		agree(t, format+" cut", short, readWhole(short))
	}
}
