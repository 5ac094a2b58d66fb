package mptcp

import (
	"encoding/binary"
	"math/bits"
)

// The flags of a DSS option, its fourth byte (RFC 8684 section 3.3).
const (
	FlagDataAck  = 0x01 // A: there is a data ack
	FlagDataAck8 = 0x02 // a: it has 8 bytes
	FlagMapping  = 0x04 // M: there is a mapping
	FlagDSN8     = 0x08 // m: its data sequence number has 8 bytes
	FlagDataFIN  = 0x10 // F
	dssReserved  = 0xe0
)

// DSS is a Data Sequence Signal option (RFC 8684 section 3.3).
//
//	 0                   1                   2                   3
//	+---------------+---------------+-------+----------------------+
//	|     Kind      |    Length     |Subtype| (reserved) |F|m|M|a|A|
//	+---------------+---------------+-------+----------------------+
//	|           Data ACK (4 or 8 octets, if A)                     |
//	|   Data Sequence Number (4 or 8 octets, if M)                 |
//	|              Subflow Sequence Number (4 octets, if M)        |
//	| Data-Level Length (2 octets, M) |  Checksum (2, negotiated)  |
//	+---------------------------------+----------------------------+
type DSS struct {
	HasAck     bool
	Ack8       bool   // the ack is 8 bytes on the wire
	Ack        uint64 // low 32 bits only unless Ack8
	HasMapping bool   // DSN, SSN and Length are all there
	// HasDSN and HasSSN differ from HasMapping only where the capture cut the option.
	HasDSN      bool
	DSN8        bool   // the DSN is 8 bytes on the wire
	DSN         uint64 // low 32 bits only unless DSN8
	HasSSN      bool
	SSN         uint32 // relative to the subflow's ISN
	Length      uint16 // 0 with HasMapping: infinite mapping
	HasChecksum bool
	Checksum    uint16
	DataFIN     bool
}

// Infinite reports an infinite mapping: a fall back to plain TCP from DSN on (RFC 8684 section 3.7).
func (d *DSS) Infinite() bool { return d.HasMapping && d.Length == 0 }

// DSSLength is the length that the flags byte gives a DSS option without a checksum; with one it is 2 more. The length
// alone does not tell the layout: 18, 20, 22 and 24 each have several.
func DSSLength(flags uint8) int { return int(dssLengths[flags&0x0f]) }

// dssLengths by A, a, M, m. The widths a and m mean nothing without A and M.
var dssLengths = [16]uint8{
	4, 8, 4, 12, // a alone: nothing to be wide
	14, 18, 14, 22, // M
	4, 8, 4, 12, // m alone
	18, 22, 18, 26, // M, m
}

// ParseDSS is [DSS.Read] into a new value.
func ParseDSS(o Option) (d DSS, f Fault) {
	f = d.Read(o)
	return d, f
}

// Read sets d from a DSS option, which costs less than a new value a packet. The layout is told by the flags; there is a
// checksum iff the option is 2 bytes longer than they say.
func (d *DSS) Read(o Option) Fault {
	*d = DSS{}
	if len(o) < 4 {
		return shortDSS(o)
	}
	if o[2]>>4 != uint8(SubDSS) {
		return WrongSubtype
	}
	flags, length := o[3], int(o[1])
	want := int(dssLengths[flags&0x0f])
	checksum := flags&FlagMapping != 0 && length == want+2
	if length != want && !checksum {
		return BadLength
	}
	d.DataFIN = flags&FlagDataFIN != 0
	d.Ack8 = flags&(FlagDataAck|FlagDataAck8) == FlagDataAck|FlagDataAck8
	d.DSN8 = flags&(FlagMapping|FlagDSN8) == FlagMapping|FlagDSN8
	if len(o) < length {
		d.readCut(o, flags)
		return Cut
	}
	d.readWhole(o[:length], flags, checksum)
	if flags&dssReserved != 0 || o[2]&0x0f != 0 {
		return ReservedBits
	}
	return NoFault
}

// shortDSS is the fault of a DSS that has no flags byte.
func shortDSS(o Option) Fault {
	f := check(o, SubDSS)
	if f == NoFault {
		return BadLength
	}
	return f
}

// readWhole decodes a whole option: its length has been compared with the flags.
func (d *DSS) readWhole(o []byte, flags uint8, checksum bool) {
	at := 4
	if flags&FlagDataAck != 0 {
		d.HasAck = true
		d.Ack, at = number(o, at, d.Ack8)
	}
	if flags&FlagMapping == 0 {
		return
	}
	d.HasMapping, d.HasDSN, d.HasSSN = true, true, true
	d.DSN, at = number(o, at, d.DSN8)
	d.SSN = be32(o[at:])
	d.Length = binary.BigEndian.Uint16(o[at+4:])
	if checksum {
		d.HasChecksum, d.Checksum = true, binary.BigEndian.Uint16(o[at+6:])
	}
}

// readCut decodes what the capture kept of an option; the checksum, its last field, is never whole.
func (d *DSS) readCut(o []byte, flags uint8) {
	at := 4
	if flags&FlagDataAck != 0 {
		if len(o) < at+width(d.Ack8) {
			return
		}
		d.HasAck = true
		d.Ack, at = number(o, at, d.Ack8)
	}
	if flags&FlagMapping == 0 || len(o) < at+width(d.DSN8) {
		return
	}
	d.HasDSN = true
	d.DSN, at = number(o, at, d.DSN8)
	if len(o) < at+4 {
		return
	}
	d.HasSSN, d.SSN = true, be32(o[at:])
	if len(o) < at+6 {
		return
	}
	d.HasMapping, d.Length = true, binary.BigEndian.Uint16(o[at+4:])
}

// width of a sequence number on the wire, in bytes.
func width(wide bool) int {
	if wide {
		return 8
	}
	return 4
}

// number reads a 4 or 8 byte sequence number at offset at, and the offset behind it.
func number(o []byte, at int, wide bool) (uint64, int) {
	if wide {
		return be64(o[at:]), at + 8
	}
	return uint64(be32(o[at:])), at + 4
}

// be32 and be64 read big-endian numbers. In native code that is a load and a swap either way; WebAssembly has no swap, and
// one wide load with a few shifts takes half the time of the byte loads that binary.BigEndian becomes there.

func be32(b []byte) uint32 { return bits.ReverseBytes32(binary.LittleEndian.Uint32(b)) }
func be64(b []byte) uint64 { return bits.ReverseBytes64(binary.LittleEndian.Uint64(b)) }
