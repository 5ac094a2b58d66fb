package packet

import (
	"testing"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
)

// BenchmarkDecode is the everyday segment: Ethernet, IPv4, TCP with timestamps and a DSS of 26 bytes.
func BenchmarkDecode(b *testing.B) {
	frame := everyday()
	var p Packet
	b.ReportAllocs()
	for b.Loop() {
		Decode(&p, linkEthernet, frame, uint32(len(frame)))
	}
}

// BenchmarkDecodeDSS adds the reading of the DSS.
func BenchmarkDecodeDSS(b *testing.B) {
	frame := everyday()
	var p Packet
	var d mptcp.DSS
	var sum uint64
	b.ReportAllocs()
	for b.Loop() {
		Decode(&p, linkEthernet, frame, uint32(len(frame)))
		d.Read(p.MPTCP[0])
		sum += d.DSN
	}
	if sum == 0 {
		b.Fatal("no DSN read")
	}
}

// BenchmarkDecodeSYN has five options of different kinds, none at the usual place.
func BenchmarkDecodeSYN(b *testing.B) {
	frame := ethernet4(tcp(0x02, "020405b4 0402080a00000001 00000000 01 030307 1e0c0181 9c9eabd1 e46a33b2", ""))
	var p Packet
	b.ReportAllocs()
	for b.Loop() {
		Decode(&p, linkEthernet, frame, uint32(len(frame)))
	}
}

func everyday() []byte {
	return ethernet4(tcp(0x18, "0101080a 00000001 00000002 1e1a200f 0000000000000001 0000000000000002 00000001 0564 0101",
		string(make([]byte, 60))))
}
