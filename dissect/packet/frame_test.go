package packet

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
)

// Builders of frames for the tests of this package: each puts one header before a payload.

// unhex reads hexadecimal digits, spaces allowed.
func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		panic("bad test data: " + err.Error())
	}
	return b
}

func join(parts ...[]byte) []byte {
	var b []byte
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

// tcp is a segment from port 1000 to 2000 with seq 1, ack 2, window 100; options in hexadecimal.
func tcp(flags uint16, options, payload string) []byte {
	o := unhex(options)
	for len(o)%4 != 0 {
		o = append(o, 0)
	}
	b := unhex("03e8 07d0 00000001 00000002 0000 0064 0000 0000")
	binary.BigEndian.PutUint16(b[12:], uint16(20+len(o))/4<<12|flags)
	return join(b, o, []byte(payload))
}

// ipv4 is a packet from 10.0.0.1 to 10.0.0.2 with identification 0x1234.
func ipv4(proto uint8, payload []byte) []byte {
	b := unhex("4500 0000 1234 0000 40 00 0000 0a000001 0a000002")
	binary.BigEndian.PutUint16(b[2:], uint16(20+len(payload)))
	b[9] = proto
	return join(b, payload)
}

// ipv6 is a packet from fd00::1 to fd00::2.
func ipv6(next uint8, payload []byte) []byte {
	b := unhex("60000000 0000 00 40 fd000000000000000000000000000001 fd000000000000000000000000000002")
	binary.BigEndian.PutUint16(b[4:], uint16(len(payload)))
	b[6] = next
	return join(b, payload)
}

func udp(src, dst uint16, payload []byte) []byte {
	b := make([]byte, 8)
	binary.BigEndian.PutUint16(b, src)
	binary.BigEndian.PutUint16(b[2:], dst)
	binary.BigEndian.PutUint16(b[4:], uint16(8+len(payload)))
	return join(b, payload)
}

// ether puts an Ethernet header before a payload.
func ether(kind uint16, payload []byte) []byte {
	return join(unhex("020202020202 040404040404"), be(kind), payload)
}

func ethernet4(segment []byte) []byte { return ether(etherIPv4, ipv4(protoTCP, segment)) }
func ethernet6(segment []byte) []byte { return ether(etherIPv6, ipv6(protoTCP, segment)) }
