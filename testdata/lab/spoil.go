package main

import (
	"encoding/binary"
	"strings"
)

// What a Box can do beside what middlebox.go has: each a fault that an analysis of the capture must
// name. The key is the Box's "do".
func spoils() map[string]func(segment) bool {
	return map[string]func(segment) bool{
		"strip-data":    stripData,                       // MPTCP options off all but SYN and SYN/ACK
		"drop-address":  announces,                       // packets with ADD_ADDR, or its echo, are lost
		"refuse":        refuse,                          // the SYN/ACK becomes a reset, as a firewall's
		"forge-key":     forge(subCapable, 20, 24, 11),   // the client's key, in all but the SYNs
		"forge-synack":  forge(subJoin, 16, 16, 11),      // the HMAC of a join's SYN/ACK
		"forge-ack":     forge(subJoin, 24, 24, 23),      // the HMAC of a join's third packet
		"forge-address": forge(subAddAddr, 16, 30, last), // the HMAC of an ADD_ADDR
		"infinite":      infinite,                        // the length of a mapping becomes 0
		"remove":        remove,                          // MPTCP options cut out of all but the SYNs, without a trace
		"drop-syn":      offersMPTCP,                     // SYNs with an MPTCP option are lost, as in a firewall that passes only what it knows
	}
}

// drops says whether what a Box chooses is lost.
func (b *Box) drops() bool { return strings.HasPrefix(b.Do, "drop-") }

// Subtypes of MPTCP options (RFC 8684 §8), and the DSS flag that says that there is a mapping.
const (
	subAddAddr = 3
	flagM      = 0x04
	flagRST    = 0x04
	last       = -1
)

func offersMPTCP(s segment) bool {
	found := false
	s.options(func(o []byte) bool {
		found = found || o[0] == kindMPTCP
		return true
	})
	return found && s.isSYN()
}

func stripData(s segment) bool { return s.flags()&flagSYN == 0 && strip(s) }

// remove cuts MPTCP options out, as boxes do that write headers anew: what follows moves up, and no NOP tells of it.
func remove(s segment) bool {
	if s.flags()&flagSYN != 0 {
		return false
	}
	var kept []byte
	s.options(func(o []byte) bool {
		if o[0] != kindMPTCP {
			kept = append(kept, o...)
		}
		return true
	})
	for len(kept)%4 != 0 {
		kept = append(kept, kindEnd)
	}
	cut := s.off - 20 - len(kept)
	if cut <= 0 {
		return false
	}
	payload := s.payload()
	copy(s.tcp[20:], kept)
	copy(s.tcp[20+len(kept):], payload)
	s.tcp[12] = byte(s.off-cut) << 2
	s.resize(len(s.ip) - cut)
	return true
}

func announces(s segment) bool { return s.mptcp(subAddAddr) != nil }

// refuse makes a reset of a SYN/ACK. It has no options; what is left behind it is no part of the packet.
func refuse(s segment) bool {
	if !s.isSYNACK() {
		return false
	}
	s.tcp[13] = flagRST | flagACK
	s.tcp[12] = 5 << 4
	s.resize(s.hdr + 20)
	return true
}

// resize states another length of the IP packet.
func (s segment) resize(size int) {
	if s.v6() {
		binary.BigEndian.PutUint16(s.ip[4:], uint16(size-40))
	} else {
		binary.BigEndian.PutUint16(s.ip[2:], uint16(size))
	}
}

// forge changes a byte of an option of that subtype whose length is in the range.
func forge(subtype byte, least, most, at int) func(segment) bool {
	return func(s segment) bool {
		o := s.mptcp(subtype)
		if len(o) < least || len(o) > most {
			return false
		}
		if i := at; i == last {
			o[len(o)-1] ^= 0x20
		} else {
			o[i] ^= 0x20
		}
		return true
	}
}

// infinite announces that plain TCP follows (RFC 8684 §3.7), without being asked to.
func infinite(s segment) bool {
	o := s.mptcp(subDSS)
	if len(o) < 4 || o[3]&flagM == 0 || len(s.payload()) == 0 {
		return false
	}
	o[len(o)-1], o[len(o)-2] = 0, 0
	return true
}
