package mptcp_test

import (
	"encoding/hex"
	"strings"

	. "github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
)

// unhex reads hexadecimal digits, spaces allowed.
func unhex(s string) Option {
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		panic("bad test data: " + err.Error())
	}
	return b
}

// sized is an option of that length: the bytes given after the length byte, then distinct ones.
func sized(length int, head ...byte) Option {
	o := make(Option, length)
	for i := range o {
		o[i] = byte(0xa0 + i)
	}
	o[0], o[1] = Kind, byte(length)
	copy(o[2:], head)
	return o
}

// numberAt is the big-endian number in the n bytes at an offset.
func numberAt(o Option, at, n int) uint64 {
	var v uint64
	for _, b := range o[at : at+n] {
		v = v<<8 | uint64(b)
	}
	return v
}
