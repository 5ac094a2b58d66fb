package packet

import (
	"encoding/hex"
	"testing"
)

// optionFrames are segments of 8 bytes whose options are odd.
func optionFrames() []frame {
	var frames []frame
	for _, c := range []struct {
		name, options, kinds string
		faults               Fault
	}{
		{name: "SYN of Linux", options: "020405b4 0402080a 00000001 00000000 01030307 1e040181", kinds: "2,4,8,1,3,30"},
		{name: "end mark, then junk", options: "020405b4 00010101", kinds: "2,0"},
		{name: "end marks only", options: "00000000", kinds: "0,0,0,0"},
		{name: "end marks, then an option", options: "00000000 020405b4", kinds: "0,0,0,0"},
		{name: "end mark, NOP", options: "01000100", kinds: "1,0"},
		{name: "length 0", options: "01010800", kinds: "1,1", faults: OptionLength},
		{name: "length 1", options: "01010801", kinds: "1,1", faults: OptionLength},
		{name: "length past the end", options: "01010814", kinds: "1,1", faults: OptionLength},
		{name: "a kind without a length", options: "0101011e", kinds: "1,1,1", faults: OptionLength},
		{name: "unknown kind", options: "fd04aabb 01010101", kinds: "253,1,1,1,1"},
		{name: "unknown kind, lying", options: "fdffaabb", faults: OptionLength},
		{name: "MSS of 5 bytes", options: "0205aabbcc010101", kinds: "2,1,1,1"},
		{name: "timestamps of 8 bytes", options: "0101080800000001 00000101", kinds: "1,1,8,1,1"},
		{name: "SACK", options: "01010512 00000001 00000002 00000003 00000004", kinds: "1,1,5"},
		{name: "SACK of 11 bytes", options: "050b00000001 00000002 ff 01", kinds: "5,1"},
		{name: "timestamps twice", options: "0101080a0000000100000002 0101080a0000000300000004", kinds: "1,1,8,1,1,8"},
		{name: "40 NOPs", options: "0101010101010101010101010101010101010101010101010101010101010101 0101010101010101",
			kinds: "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1"},
		{name: "MPTCP of 2 bytes", options: "1e020101", kinds: "30,1,1"},
		{name: "DSS of 3 bytes", options: "1e032001", kinds: "30,1"},
		{name: "DSS shorter than its flags", options: "1e082005 00000000 01010101", kinds: "30,1,1,1,1"},
		{name: "unassigned subtype", options: "1e04a0ff", kinds: "30"},
		{name: "MP_CAPABLE of 5 bytes", options: "1e050081 00010101", kinds: "30,1,1,1"},
		{name: "two MPTCP options", options: "1e0c7000 0102030405060708 1e048003", kinds: "30,30"},
		{name: "thirteen MPTCP options", options: "1e03511e03511e03511e03511e03511e03511e03511e03511e03511e03511e03511e03511e0351 01",
			kinds: "30,30,30,30,30,30,30,30,30,30,30,30,30,1"},
	} {
		frames = append(frames, frame{name: c.name, link: linkEthernet, bytes: ethernet4(tcp(0x10, c.options, "01234567")),
			kind: TCP, length: 8, kinds: c.kinds, faults: c.faults})
	}
	return append(frames, cutOptions()...)
}

// cutOptions are timestamps and a DSS, cut at each place. A kind counts once its length was captured.
func cutOptions() []frame {
	whole := ethernet4(tcp(0x10, "0101080a0000000100000002 1e142005c9dc1c61b1712fb60000000100019e91", "01234567"))
	const start = 14 + 20 + 20
	var frames []frame
	for n := range 33 {
		f := frame{name: "options cut", link: linkEthernet, bytes: whole[: start+n : start+n], wire: len(whole), kind: TCP, length: 8}
		switch {
		case n >= 14:
			f.kinds = "1,1,8,30"
		case n >= 4:
			f.kinds = "1,1,8"
		case n >= 2:
			f.kinds = "1,1"
		case n >= 1:
			f.kinds = "1"
		}
		frames = append(frames, f)
		if n > 0 && n < 32 { // the same where the frame itself ends: its IP length lies
			f.wire, f.length, f.faults = start+n, 0, IPLength|TCPLength
			frames = append(frames, f)
		}
	}
	return frames
}

func decodeOptions(p *Packet, options string) {
	b := ethernet4(tcp(0x10, options, ""))
	Decode(p, linkEthernet, b, uint32(len(b)))
}

func TestStandardOptions(t *testing.T) {
	var p Packet
	decodeOptions(&p, "020405b4 0402080a 00000001 00000002 01030307")
	if !p.HasMSS || p.MSS != 1460 || !p.HasWScale || p.WScale != 7 || !p.HasTS || !p.HasTSEcr || p.TSVal != 1 || p.TSEcr != 2 {
		t.Errorf("%+v", p)
	}
	decodeOptions(&p, "0101080a 00000003 00000004 0101050a 00000005 00000006")
	if p.HasMSS || p.HasWScale || !p.HasTS || p.TSVal != 3 || p.TSEcr != 4 || hex.EncodeToString(p.SACK) != "0000000500000006" {
		t.Errorf("%+v", p)
	}
	decodeOptions(&p, "")
	if p.HasTS || p.HasTSEcr || p.SACK != nil || len(p.Kinds()) != 0 || p.NumMPTCP != 0 || p.BadOption || p.Options() != nil {
		t.Errorf("an earlier packet shows through: %+v", p)
	}
	decodeOptions(&p, "0205aabbcc 0304aabb 0809aabbccddeeffaa 0507000000010a")
	if p.HasMSS || p.HasWScale || p.HasTS || len(p.SACK) != 0 || p.BadOption {
		t.Errorf("options of impossible lengths have values: %+v", p)
	}
}

// What a cut leaves of the options.
func TestCutOptions(t *testing.T) {
	b := ethernet4(tcp(0x10, "0101080a0000000100000002 01010512 00000003 00000004 00000005 00000006", ""))
	const start = 14 + 20 + 20
	var p Packet
	for n := range 32 {
		Decode(&p, linkEthernet, b[:start+n:start+n], uint32(len(b)))
		if p.HasTS != (n >= 8) || p.HasTSEcr != (n >= 12) || len(p.SACK) != max(0, n-16)/4*4 || !p.HeaderCut {
			t.Errorf("cut at %d: %+v", n, p)
		}
		if atBorder := n <= 2 || n == 12 || n == 13 || n == 14; p.BadOption == atBorder {
			t.Errorf("cut at %d: BadOption %t", n, p.BadOption)
		}
	}
}

func TestMPTCPViews(t *testing.T) {
	var p Packet
	decodeOptions(&p, "1e0c7000 0102030405060708 1e020101 1e048003")
	if p.NumMPTCP != 2 || hex.EncodeToString(p.MPTCP[0]) != "1e0c70000102030405060708" || hex.EncodeToString(p.MPTCP[1]) != "1e048003" {
		t.Errorf("%d: %x", p.NumMPTCP, p.MPTCP[:p.NumMPTCP])
	}
	if cap(p.MPTCP[0]) != 12 {
		t.Error("a view can be appended to over what is behind it")
	}
	b := ethernet4(tcp(0x10, "0101080a0000000100000002 1e142005c9dc1c61b1712fb60000000100019e91", ""))
	Decode(&p, linkEthernet, b[:14+20+20+20], uint32(len(b)))
	if p.NumMPTCP != 1 || hex.EncodeToString(p.MPTCP[0]) != "1e142005c9dc1c61" || !p.MPTCP[0].Cut() || !p.BadOption {
		t.Errorf("cut: %d: %x", p.NumMPTCP, p.MPTCP[:p.NumMPTCP])
	}
}
