package main

import (
	"encoding/binary"
	"testing"
)

// Two stamps in picoseconds, and what tshark 4.0.17 printed for them.
func TestStamps(t *testing.T) {
	var file []byte
	block := func(kind uint32, body []byte) {
		size := uint32(len(body) + 12)
		file = binary.LittleEndian.AppendUint32(file, kind)
		file = binary.LittleEndian.AppendUint32(file, size)
		file = binary.LittleEndian.AppendUint32(append(file, body...), size)
	}
	packet := func(stamp uint64) {
		body := binary.LittleEndian.AppendUint32(make([]byte, 4), uint32(stamp>>32))
		block(blockEnhanced, append(binary.LittleEndian.AppendUint32(body, uint32(stamp)), make([]byte, 8)...))
	}
	block(blockSection, append([]byte{0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0}, make([]byte, 8)...))
	block(blockInterface, []byte{1, 0, 0, 0, 0, 0, 0, 0, optionResolution, 0, 1, 0, 12, 0, 0, 0})
	packet(12345678901234567890)
	packet(12345679901234567899)
	got := []segment{{frame: 1}, {frame: 2}}
	if err := readStamps(file).note(got, file, func(frame uint32) uint32 { return frame }); err != nil {
		t.Fatal(err)
	}
	for i, want := range [][2]times{
		{{"12345678.901234567", "0.000000000"}, {"12345678.015790852", "0.000000000"}},
		{{"12345679.901234567", "1.000000000"}, {"12345679.015790852", "1.000000000"}},
	} {
		if got[i].times != want {
			t.Errorf("frame %d: %+v, want %+v", i+1, got[i].times, want)
		}
	}
}
