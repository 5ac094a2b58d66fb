package mptcp

import "encoding/binary"

// The flags of MP_CAPABLE (RFC 8684 section 3.1). RFC 6824 calls 0x01 HMAC-SHA1 and leaves C to the crypto choice.
const (
	FlagChecksum     uint8 = 0x80 // A
	FlagExtensible   uint8 = 0x40 // B, must be zero, else the option is to be ignored
	FlagDenyJoinID0  uint8 = 0x20 // C, version 1
	FlagHMAC         uint8 = 0x01 // H
	reservedCapable0 uint8 = 0x3e // crypto negotiation of version 0, never assigned
	reservedCapable1 uint8 = 0x1e // D to G
)

// Capable is an MP_CAPABLE option (RFC 8684 section 3.1, RFC 6824 section 3.1).
type Capable struct {
	Version     Version
	Flags       uint8
	HasSender   bool
	Sender      Key // of the host that sends the packet
	HasReceiver bool
	Receiver    Key
	// HasLength: version 1, the packet carries data and the option is an implicit mapping of Length bytes from the
	// first data sequence number (IDSN+1) and subflow sequence number 1 on.
	HasLength   bool
	Length      uint16
	HasChecksum bool
	Checksum    uint16
}

// ChecksumRequired is flag A: the sender wants DSS checksums.
func (c Capable) ChecksumRequired() bool { return c.Flags&FlagChecksum != 0 }

// DenyJoinID0 is flag C of version 1: no subflow may be opened to the address and port this packet comes from.
func (c Capable) DenyJoinID0() bool { return c.Version >= 1 && c.Flags&FlagDenyJoinID0 != 0 }

// Mapping is the DSS mapping that an MP_CAPABLE with data stands for, given the sender's initial data sequence number.
func (c Capable) Mapping(idsn uint64) (d DSS, ok bool) {
	if !c.HasLength {
		return DSS{}, false
	}
	return DSS{
		HasMapping: true, HasDSN: true, HasSSN: true, DSN8: true,
		DSN: idsn + 1, SSN: 1, Length: c.Length,
		HasChecksum: c.HasChecksum, Checksum: c.Checksum,
	}, true
}

// ParseCapable reads an MP_CAPABLE option. The lengths are 12 and 20 in version 0; 4, 12, 20, 22 and 24 in version 1.
func ParseCapable(o Option) (c Capable, f Fault) {
	if f = check(o, SubCapable); f == WrongSubtype {
		return c, f
	}
	c.Version = Version(o.low())
	stated := o.Stated()
	if !capableLength(c.Version, stated) {
		return c, BadLength
	}
	if len(o) < 4 {
		return c, Cut
	}
	c.Flags = o[3]
	if len(o) >= 12 {
		c.HasSender, c.Sender = true, Key(binary.BigEndian.Uint64(o[4:]))
	}
	if len(o) >= 20 {
		c.HasReceiver, c.Receiver = true, Key(binary.BigEndian.Uint64(o[12:]))
	}
	if len(o) >= 22 {
		c.HasLength, c.Length = true, binary.BigEndian.Uint16(o[20:])
	}
	if len(o) >= 24 {
		c.HasChecksum, c.Checksum = true, binary.BigEndian.Uint16(o[22:])
	}
	if f == NoFault && c.reserved() {
		f = ReservedBits
	}
	return c, f
}

// capableLength reports whether an MP_CAPABLE of version v may have that length. Versions to come get the lengths of 1.
func capableLength(v Version, length int) bool {
	switch length {
	case 12, 20:
		return true
	case 4, 22, 24:
		return v >= 1
	}
	return false
}

func (c Capable) reserved() bool {
	if c.Version == 0 {
		return c.Flags&(FlagExtensible|reservedCapable0) != 0
	}
	return c.Flags&(FlagExtensible|reservedCapable1) != 0
}
