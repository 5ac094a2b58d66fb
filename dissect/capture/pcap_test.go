package capture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestPcapVariants(t *testing.T) {
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		for _, c := range []struct {
			magic  uint32
			format string
			extra  []byte // behind the file header
			middle []byte // behind each record header
			frac   uint32
			want   int64
		}{
			{magic: magicMicro, format: "pcap", frac: 999999, want: 1700000000999999000},
			{magic: magicNano, format: "pcap (nanoseconds)", frac: 999999999, want: 1700000000999999999},
			{magic: magicKuznetsov, format: "pcap (modified)", frac: 7, middle: make([]byte, 8), want: 1700000000000007000},
			{magic: magicIxiaHW, format: "pcap (Ixia)", frac: 7, extra: make([]byte, 4), want: 1700000000000007000},
			{magic: magicIxiaSW, format: "pcap (Ixia)", frac: 7, extra: make([]byte, 4), want: 1700000000000007000},
		} {
			t.Run(fmt.Sprintf("%v %#x", order, c.magic), func(t *testing.T) {
				w := (&writer{order: order}).pcapHeader(c.magic, 1).put(c.extra)
				for range 3 {
					n := uint32(len(packet()))
					w.put(uint32(1700000000), c.frac, n, n+10, c.middle, packet())
				}
				o := readSplit(t, w.Bytes())
				if o.Err != nil || o.Cut != nil || o.Format != c.format || len(o.Frames) != 3 {
					t.Fatal(o)
				}
				for i, f := range o.Frames {
					if f.Number != uint32(i+1) || f.Time != c.want || f.Link != 1 || f.Length != 64 ||
						!bytes.Equal(f.Data, packet()) {
						t.Errorf("%+v", f)
					}
				}
			})
		}
	}
}

// What the file header of odd writers does to records, as Wireshark and libpcap take it.
func TestPcapOldVersions(t *testing.T) {
	header := func(major, minor uint16) *writer {
		return littleEndian().put(uint32(magicMicro), major, minor, uint32(0), uint32(0), uint32(0), uint32(1))
	}
	t.Run("2.2 swaps the lengths", func(t *testing.T) {
		o := readSplit(t, header(2, 2).put(uint32(1), uint32(0), uint32(100), uint32(54), packet()).Bytes())
		if o.Cut != nil || len(o.Frames) != 1 || o.Frames[0].Length != 100 || len(o.Frames[0].Data) != 54 {
			t.Error(o)
		}
	})
	t.Run("2.3 may", func(t *testing.T) {
		o := readSplit(t, header(2, 3).record(1, 0, packet()).
			put(uint32(1), uint32(0), uint32(100), uint32(54), packet()).Bytes())
		if o.Cut != nil || len(o.Frames) != 2 || o.Frames[1].Length != 100 || len(o.Frames[1].Data) != 54 {
			t.Error(o)
		}
	})
	t.Run("1.4 is refused", func(t *testing.T) {
		var fe *FormatError
		if o := readSplit(t, header(1, 4).Bytes()); !errors.As(o.Err, &fe) || fe.Problem != Unsupported {
			t.Error(o)
		}
	})
}

func TestPcapNetworkField(t *testing.T) {
	for _, c := range []struct{ network, link uint32 }{
		{1, 1}, {0x24000001, 1}, {0x44000001, 1}, {0xf4000071, 113}, {276, 276}, {0xffff, 0xffff},
	} {
		o := readSplit(t, littleEndian().pcapHeader(magicMicro, c.network).record(1, 0, packet()).Bytes())
		if o.Err != nil || len(o.Frames) != 1 || o.Frames[0].Link != c.link || o.Interfaces[0].Link != c.link {
			t.Errorf("network %#x: %v", c.network, o)
		}
	}
	o := readSplit(t, littleEndian().pcapHeader(magicMicro, 0x10001).record(1, 0, packet()).Bytes())
	if o.Err == nil || !strings.Contains(o.Err.Error(), "network type 0x00010001") {
		t.Error(o)
	}
}

// The file ends at every place it can.
func TestPcapCutAnywhere(t *testing.T) {
	whole := littleEndian().pcapHeader(magicMicro, 1).record(1, 0, packet()).record(2, 0, packet()).Bytes()
	const size = pcapRecordLen + 54
	for n := range whole {
		o := readWhole(whole[:n])
		if n < pcapHeaderLen {
			var fe *FormatError
			if !errors.As(o.Err, &fe) || n == 0 != (fe.Problem == Empty) || n > 1 && fe.Problem != TooShort {
				t.Errorf("%d bytes: %v", n, o.Err)
			}
			continue
		}
		frames := (n - pcapHeaderLen) / size
		start := int64(pcapHeaderLen + frames*size)
		if o.Err != nil || len(o.Frames) != frames {
			t.Errorf("%d bytes: %v", n, o)
		}
		if start == int64(n) {
			if o.Cut != nil {
				t.Errorf("%d bytes: %v", n, o.Cut)
			}
		} else if o.Cut == nil || !o.Cut.Short || o.Cut.Offset != start || o.Cut.Frame != uint32(frames+1) {
			t.Errorf("%d bytes: cut %+v", n, o.Cut)
		}
	}
}
