package capture

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"strings"
	"testing"
)

// Two sections of different byte order, with interfaces of different link types, names and clocks, every packet block.
func TestPcapngAll(t *testing.T) {
	w := littleEndian()
	w.section()
	w.iface(1, 0, w.opt(optIfName, []byte("eth0")), w.opt(optComment, []byte("uplink")), w.opt(optIfHardware, []byte("e1000")))
	w.iface(101, 40, w.opt(optIfDescription, []byte("a tunnel")), w.opt(optIfResolution, byte(9)))
	w.enhanced(0, 20_500_000, packet(), w.opt(optComment, []byte("one")), w.opt(2, uint32(0)), w.opt(optComment, []byte("two")))
	w.enhanced(1, 20_500_000_001, packet()[14:])
	w.block(blockSimple, uint32(len(packet())), packet())
	w.block(blockOldPacket, uint16(1), uint16(9), uint32(0), uint32(7), uint32(40), uint32(1500), packet()[14:])
	w.block(5, uint32(0), uint64(0)) // statistics
	file := bytes.Clone(w.Bytes())
	w = bigEndian()
	w.section()
	w.iface(113, 0, w.opt(optIfName, []byte("any")))
	w.enhanced(0, 30_000_000, packet())
	file = append(file, w.Bytes()...)

	o := readSplit(t, file)
	if o.Err != nil || o.Cut != nil || o.Format != "pcapng" {
		t.Fatal(o)
	}
	wantIfaces := []Interface{
		{Name: "eth0", Comment: "uplink", Hardware: "e1000", Link: 1},
		{Description: "a tunnel", Link: 101, SnapLen: 40},
		{Name: "any", Link: 113, Section: 1},
	}
	if !reflect.DeepEqual(o.Interfaces, wantIfaces) {
		t.Errorf("interfaces %+v", o.Interfaces)
	}
	want := []Frame{
		{Number: 1, Time: 20_500_000_000, Link: 1, Data: packet(), Length: 54, Comment: "one\ntwo"},
		{Number: 2, Time: 20_500_000_001, Interface: 1, Link: 101, Data: packet()[14:], Length: 40},
		{Number: 3, NoTime: true, Link: 1, Data: packet(), Length: 54},
		{Number: 4, Time: 7, Interface: 1, Link: 101, Data: packet()[14:], Length: 1500},
		{Number: 5, Time: 30_000_000_000, Interface: 2, Link: 113, Data: packet(), Length: 54},
	}
	if !reflect.DeepEqual(o.Frames, want) {
		t.Error(o)
	}
}

// Blocks that are no packets: some count as frames in Wireshark, so that frame numbers agree with it.
func TestPcapngRecords(t *testing.T) {
	w := littleEndian().section().iface(1, 0).enhanced(0, 1, packet())
	for _, kind := range []uint32{blockCustom, blockCustomTmp, blockJournal, 0x204} {
		w.block(kind, []byte("abcdefgh"))
	}
	for _, kind := range []uint32{4, 5, 10, 0x12345} {
		w.block(kind, []byte("abcdefgh"))
	}
	o := readSplit(t, w.enhanced(0, 2, packet()).Bytes())
	if o.Cut != nil || len(o.Frames) != 6 || o.Frames[5].Number != 6 {
		t.Fatal(o)
	}
	for _, f := range o.Frames[1:5] {
		if f.Link != NoLink || !f.NoTime || len(f.Data) != 0 {
			t.Errorf("%+v", f)
		}
	}
}

// Damage: what comes before it is kept, and its place told. The places are those where Wireshark 4 stops.
func TestPcapngDamage(t *testing.T) {
	head := func() *writer { return littleEndian().section().iface(1, 0).enhanced(0, 1, packet()) }
	at := int64(head().Len())
	n := uint32(54)
	pad := []byte{0, 0}
	for _, c := range []struct {
		name   string
		write  func(w *writer)
		reason string
	}{
		{"unknown interface", func(w *writer) { w.enhanced(3, 1, packet()) }, "interface 3, the section has described 1"},
		{"captured length", func(w *writer) {
			w.block(blockEnhanced, uint32(0), uint64(0), uint32(1000), n, packet(), pad)
		}, "claims 1000 captured bytes"},
		{"trailing length", func(w *writer) { w.put(uint32(0x12345), uint32(16), uint32(0), uint32(100)) }, "16 before, 100 behind"},
		{"trailing length of a packet", func(w *writer) {
			w.enhanced(0, 1, packet())
			w.Bytes()[w.Len()-4]++
			w.Bytes()[w.Len()-4] += 4
		}, "block lengths differ"},
		{"tiny block", func(w *writer) { w.put(uint32(0x12345), uint32(8), uint32(8), uint32(8)) }, "block length 8"},
		{"tiny packet block", func(w *writer) { w.block(blockEnhanced, make([]byte, 16)) }, "packet block of 28 bytes"},
		{"tiny old packet block", func(w *writer) { w.block(blockOldPacket, make([]byte, 16)) }, "packet block of 28 bytes"},
		{"tiny simple packet block", func(w *writer) { w.block(blockSimple) }, "simple packet block of 12 bytes"},
		{"simple packet block", func(w *writer) { w.block(blockSimple, uint32(54), packet()[:40]) }, "claims 54 captured bytes"},
		{"tiny interface", func(w *writer) { w.block(blockInterface, uint32(1)) }, "interface description of 16 bytes"},
		{"interface option", func(w *writer) {
			w.block(blockInterface, uint32(1), uint32(0), uint16(optIfName), uint16(500), []byte("abcd"))
		}, "option of an interface description"},
		{"frame too large", func(w *writer) { w.enhanced(0, 1, make([]byte, maxFrame+1)) }, "claims 262145"},
		{"block too large", func(w *writer) { w.put(uint32(blockEnhanced), uint32(maxBlock+4), make([]byte, 100)) }, "block length"},
		{"no byte order", func(w *writer) { w.block(blockSection, uint64(0), uint64(0)) }, "byte-order magic"},
		{"tiny section", func(w *writer) { w.block(blockSection, uint32(byteOrder)) }, "section header of 16 bytes"},
		{"section version", func(w *writer) {
			w.block(blockSection, uint32(byteOrder), uint16(2), uint16(0), int64(-1))
		}, "section of version 2.0"},
		{"interface of another section", func(w *writer) { w.section().enhanced(0, 1, packet()) }, "has described 0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := head()
			c.write(w)
			o := readSplit(t, w.enhanced(0, 9, packet()).Bytes())
			if o.Err != nil || len(o.Frames) != 1 || o.Cut == nil || o.Cut.Short || !strings.Contains(o.Cut.Reason, c.reason) {
				t.Fatal(o)
			}
			wantAt := at
			if strings.HasSuffix(c.name, "another section") {
				wantAt += int64(littleEndian().section().Len())
			}
			if o.Cut.Offset != wantAt || o.Cut.Frame != 2 {
				t.Errorf("cut %+v, want offset %d", o.Cut, wantAt)
			}
		})
	}
}

// What looks damaged and is not, to Wireshark or to tcpdump.
func TestPcapngTolerance(t *testing.T) {
	lastIs := func(o outcome, ok func(f Frame) bool) bool {
		return o.Err == nil && o.Cut == nil && len(o.Frames) > 0 && ok(o.Frames[len(o.Frames)-1])
	}
	t.Run("block length without the padding", func(t *testing.T) {
		w := littleEndian().section().iface(1, 0)
		w.put(uint32(0x12345), uint32(14), []byte("ab\x00\x00"), uint32(14)).enhanced(0, 5, packet())
		if o := readSplit(t, w.Bytes()); !lastIs(o, func(f Frame) bool { return f.Time == 5000 }) {
			t.Error(o)
		}
	})
	t.Run("packet option that lies", func(t *testing.T) {
		w := littleEndian().section().iface(1, 0)
		w.enhanced(0, 5, packet(), w.opt(optComment, []byte("kept")), []byte{1, 0, 0xff, 0xff, 'a', 'b', 'c', 'd'})
		if o := readSplit(t, w.Bytes()); !lastIs(o, func(f Frame) bool { return f.Comment == "kept" }) {
			t.Error(o)
		}
	})
	t.Run("section length is not looked at", func(t *testing.T) {
		w := littleEndian().block(blockSection, uint32(byteOrder), uint16(1), uint16(2), int64(8)).iface(1, 0).enhanced(0, 5, packet())
		if o := readSplit(t, w.Bytes()); !lastIs(o, func(f Frame) bool { return f.Time == 5000 }) {
			t.Error(o)
		}
	})
	t.Run("an unknown block larger than any buffer", func(t *testing.T) {
		w := littleEndian().section().iface(1, 0).block(0x12345, make([]byte, maxBlock+1000)).enhanced(0, 5, packet())
		o := readWhole(w.Bytes())
		if !lastIs(o, func(f Frame) bool { return f.Time == 5000 }) {
			t.Error(o)
		}
	})
	t.Run("simple packet cut by the snaplen", func(t *testing.T) {
		w := littleEndian().section().iface(1, 40).block(blockSimple, uint32(54), packet()[:40])
		o := readSplit(t, w.Bytes())
		if !lastIs(o, func(f Frame) bool { return len(f.Data) == 40 && f.Length == 54 }) {
			t.Error(o)
		}
	})
}

func TestPcapngCutAnywhere(t *testing.T) {
	w := littleEndian().section().iface(1, 0)
	first := w.Len()
	w.enhanced(0, 1, packet())
	second := w.Len()
	w.block(0x12345, make([]byte, 20))
	third := w.Len()
	w.enhanced(0, 2, packet())
	for n := sectionMin; n < w.Len(); n++ {
		o := readWhole(w.Bytes()[:n])
		frames, start := 0, sectionMin
		for _, b := range []int{first, second, third} {
			if n >= b {
				start = b
			}
		}
		if n >= second {
			frames = 1
		}
		if o.Err != nil || len(o.Frames) != frames {
			t.Fatalf("%d bytes: %v", n, o)
		}
		if n == start {
			if o.Cut != nil {
				t.Errorf("%d bytes: cut %v", n, o.Cut)
			}
		} else if o.Cut == nil || !o.Cut.Short || o.Cut.Offset != int64(start) {
			t.Errorf("%d bytes: cut %+v, want it at %d", n, o.Cut, start)
		}
	}
}

func TestManyInterfaces(t *testing.T) {
	w := bigEndian().section()
	const n = 10_000
	for i := range n {
		w.iface(uint16(i%300), 0)
	}
	for i := range uint32(n) {
		w.enhanced(i, uint64(i), []byte{1, 2, 3})
	}
	o := readWhole(w.Bytes())
	if o.Cut != nil || len(o.Frames) != n || len(o.Interfaces) != n {
		t.Fatalf("%d frames, %d interfaces, %v", len(o.Frames), len(o.Interfaces), o.Cut)
	}
	for i, f := range o.Frames {
		if f.Interface != uint32(i) || f.Link != uint32(i%300) {
			t.Fatalf("%+v", f)
		}
	}
}

func TestOrder(t *testing.T) {
	b := []byte{1, 2, 3, 4, 5, 6, 7, 8}
	for _, o := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		ours := order{big: o == binary.BigEndian}
		if ours.u16(b) != o.Uint16(b) || ours.u32(b) != o.Uint32(b) || ours.u64(b) != o.Uint64(b) {
			t.Error(o)
		}
	}
}
