package mptcp

import "encoding/binary"

// JoinForm is which of the three MP_JOIN options of a subflow handshake it is; the length tells.
type JoinForm uint8

// The forms of MP_JOIN.
const (
	JoinUnknown JoinForm = iota
	JoinSYN              // token and nonce
	JoinSYNACK           // truncated HMAC and nonce
	JoinACK              // HMAC
)

// Join is an MP_JOIN option (RFC 8684 section 3.2).
type Join struct {
	Form     JoinForm
	Backup   bool  // B, in SYN and SYN/ACK
	AddrID   uint8 // of the sender's address, in SYN and SYN/ACK; 0 is the address of the initial subflow
	HasToken bool
	Token    uint32 // of the receiver of this SYN
	HasNonce bool
	Nonce    uint32 // in SYN and SYN/ACK
	HasHMAC  bool
	HMAC64   uint64   // leftmost 64 bits, in SYN/ACK
	HMAC160  [20]byte // leftmost 160 bits, in ACK
}

// ParseJoin reads an MP_JOIN option: 12 bytes on a SYN, 16 on a SYN/ACK, 24 on an ACK, in both versions.
func ParseJoin(o Option) (j Join, f Fault) {
	if f = check(o, SubJoin); f == WrongSubtype {
		return j, f
	}
	switch o.Stated() {
	case 12:
		j.Form = JoinSYN
	case 16:
		j.Form = JoinSYNACK
	case 24:
		j.Form = JoinACK
	default:
		return j, BadLength
	}
	j.Backup = j.Form != JoinACK && o.low()&1 != 0
	if len(o) < 4 {
		return j, Cut
	}
	reserved := o.low()&0x0e != 0
	if j.Form == JoinACK {
		reserved = o.low() != 0 || o[3] != 0
		j.readACK(o)
	} else {
		j.AddrID = o[3]
		j.readSYN(o)
	}
	if f == NoFault && reserved {
		f = ReservedBits
	}
	return j, f
}

func (j *Join) readACK(o Option) {
	if len(o) >= 24 {
		j.HasHMAC, j.HMAC160 = true, [20]byte(o[4:24])
	}
}

// readSYN reads what follows the address id in a SYN or SYN/ACK.
func (j *Join) readSYN(o Option) {
	nonce := 8
	if j.Form == JoinSYNACK {
		nonce = 12
		if len(o) >= 12 {
			j.HasHMAC, j.HMAC64 = true, binary.BigEndian.Uint64(o[4:])
		}
	} else if len(o) >= 8 {
		j.HasToken, j.Token = true, binary.BigEndian.Uint32(o[4:])
	}
	if len(o) >= nonce+4 {
		j.HasNonce, j.Nonce = true, binary.BigEndian.Uint32(o[nonce:])
	}
}
