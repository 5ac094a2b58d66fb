package main

import "encoding/binary"

// TCP option kinds, and MPTCP subtypes in the upper half of the third byte.
const (
	kindNOP   = 1
	kindMPTCP = 30

	subCapable = 0x00
	subJoin    = 0x10
	subDSS     = 0x20
	subAddAddr = 0x30
)

// mptcp starts an option; its length is set by done.
func mptcp(subtype, flags byte) []byte {
	return append(make([]byte, 0, 40), kindMPTCP, 0, subtype, flags)
}

func done(o []byte) []byte {
	o[1] = byte(len(o))
	return o
}

// capable is MP_CAPABLE of the nth packet of the handshake. Version 1 names the server's key first in the second.
func (c *conn) capable(n int) []byte {
	version := byte(1)
	if c.v0 {
		version = 0
	}
	o := mptcp(subCapable|version, 0x01)
	if c.world.checksum {
		o[3] |= 0x80
	}
	switch {
	case n == 1 && c.v0, n == 3:
		o = binary.BigEndian.AppendUint64(o, c.key[client])
	case n == 2:
		o = binary.BigEndian.AppendUint64(o, c.key[server])
	}
	if n == 3 {
		o = binary.BigEndian.AppendUint64(o, c.key[server])
	}
	return done(o)
}

// capableData is MP_CAPABLE of version 1 on the first data.
func (c *conn) capableData(length uint16) []byte {
	o := binary.BigEndian.AppendUint16(c.capable(3), length)
	return done(c.world.file.summed(o, &mapping{dsn: c.idsn[client] + 1, ssn: 1, length: length}))
}

// join is MP_JOIN of the nth packet of the handshake.
func (s *subflow) join(n int) []byte {
	c := s.conn
	nonces := func(first int) []byte {
		return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, s.nonce[first]), s.nonce[1-first])
	}
	switch n {
	case 1:
		o := binary.BigEndian.AppendUint32(mptcp(subJoin, byte(s.index)), c.token[server])
		return done(binary.BigEndian.AppendUint32(o, s.nonce[client]))
	case 2:
		o := append(mptcp(subJoin, byte(s.index)), c.mac(server, nonces(server))[:8]...)
		return done(binary.BigEndian.AppendUint32(o, s.nonce[server]))
	}
	return done(append(mptcp(subJoin, 0), c.mac(client, nonces(client))[:20]...))
}

// mapping is what a DSS maps.
type mapping struct {
	dsn    uint64
	ssn    uint32
	length uint16
}

// dss is a data ack to the end it travels toward, with a mapping or without. Version 1 has 64-bit numbers, version 0
// those of 32 bits that its implementation in Linux preferred.
func (s *subflow) dss(toward int, m *mapping) []byte {
	ack := s.conn.received(1 - toward)
	if s.conn.v0 {
		return s.dss32(uint32(ack), m)
	}
	o := binary.BigEndian.AppendUint64(mptcp(subDSS, 0x03), ack)
	if m != nil {
		o[3] |= 0x0c
		o = binary.BigEndian.AppendUint64(o, m.dsn)
		o = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint32(o, m.ssn), m.length)
		o = s.conn.world.file.summed(o, m)
	}
	return done(o)
}

func (s *subflow) dss32(ack uint32, m *mapping) []byte {
	o := binary.BigEndian.AppendUint32(mptcp(subDSS, 0x01), ack)
	if m != nil {
		o[3] |= 0x04
		o = binary.BigEndian.AppendUint32(o, uint32(m.dsn))
		o = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint32(o, m.ssn), m.length)
		o = s.conn.world.file.summed(o, m)
	}
	return done(o)
}

// dataFIN ends the data toward an end.
func (s *subflow) dataFIN(toward int) []byte {
	o := s.dss(toward, &mapping{dsn: s.conn.sent[1-toward], length: 1})
	o[3] |= 0x10
	return o
}

// addAddr is the server's ADD_ADDR of the second subflow's address.
func (c *conn) addAddr(s *subflow) []byte {
	other := c.subflows[1]
	address := other.addr[server][12:]
	if c.v0 {
		return done(append(mptcp(subAddAddr|4, byte(other.index)), address...))
	}
	message := append([]byte{byte(other.index)}, address...)
	sum := c.mac(server, append(message, 0, 0))
	o := append(mptcp(subAddAddr, byte(other.index)), address...)
	return done(append(o, sum[len(sum)-8:]...))
}

func (s *subflow) addAddrEcho() []byte {
	other := s.conn.subflows[1]
	return done(append(mptcp(subAddAddr|1, byte(other.index)), other.addr[server][12:]...))
}
