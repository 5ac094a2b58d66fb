// Package mptcp reads TCP option kind 30, Multipath TCP versions 0 (RFC 6824) and 1 (RFC 8684): options to values,
// keys to tokens, HMACs, 64-bit data sequence arithmetic, DSS checksums. Standard library only; nothing allocates;
// no input panics.
package mptcp

// Subtype is the high nibble of an option's third byte (IANA, RFC 8684 section 7.2).
type Subtype uint8

// The assigned subtypes.
const (
	SubCapable    Subtype = 0x0
	SubJoin       Subtype = 0x1
	SubDSS        Subtype = 0x2
	SubAddAddr    Subtype = 0x3
	SubRemoveAddr Subtype = 0x4
	SubPrio       Subtype = 0x5
	SubFail       Subtype = 0x6
	SubFastclose  Subtype = 0x7
	SubReset      Subtype = 0x8
	SubExperiment Subtype = 0xf
)

// Version is the MPTCP version of a connection: 0 or 1.
type Version uint8

// Key is a host's 64-bit connection key.
type Key uint64

// Option is one whole option, kind and length byte included, already cut to its stated length (at least 3 bytes).
type Option []byte

// Subtype of the option.
func (o Option) Subtype() Subtype { return Subtype(o[2] >> 4) }

// DSS is a Data Sequence Signal option (RFC 8684 section 3.3).
type DSS struct {
	HasAck      bool
	Ack8        bool // the ack is 8 bytes on the wire
	Ack         uint64
	HasMapping  bool
	DSN8        bool // the DSN is 8 bytes on the wire
	DSN         uint64
	SSN         uint32 // relative to the subflow's ISN
	Length      uint16 // 0 with HasMapping: infinite mapping
	HasChecksum bool
	Checksum    uint16
	DataFIN     bool
}
