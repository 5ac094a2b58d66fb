package mptcp_test

import (
	"testing"

	. "github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
)

// BenchmarkDSS reads the DSS of an everyday data segment.
func BenchmarkDSS(b *testing.B) {
	o := unhex("1e1a200f 0102030405060708 1112131415161718 21222324 0564")
	var d DSS
	b.ReportAllocs()
	for b.Loop() {
		if d.Read(o) != NoFault {
			b.Fatal("not read")
		}
	}
}

// BenchmarkDSSAck reads the DSS of an everyday pure ack.
func BenchmarkDSSAck(b *testing.B) {
	o := unhex("1e0c2003 0102030405060708")
	var d DSS
	b.ReportAllocs()
	for b.Loop() {
		if d.Read(o) != NoFault {
			b.Fatal("not read")
		}
	}
}

// BenchmarkChecksum sums the payload of a full segment.
func BenchmarkChecksum(b *testing.B) {
	payload := make([]byte, 1424)
	b.SetBytes(int64(len(payload)))
	for b.Loop() {
		c := NewChecksum(1, 2, 1424)
		c.AddAt(0, payload)
		if c.Sum() == 0 {
			b.Fatal("sum is 0")
		}
	}
}

// BenchmarkJoinHMAC computes both HMACs of a join.
func BenchmarkJoinHMAC(b *testing.B) {
	s := JoinSecret{Version: 1, KeyA: 1, KeyB: 2, NonceA: 3, NonceB: 4}
	b.ReportAllocs()
	for b.Loop() {
		if ack := s.ACK(); s.SYNACK() == 0 || ack[0] == ack[1] && ack[1] == ack[2] && ack[2] == ack[3] {
			b.Fatal("no HMAC")
		}
	}
}
