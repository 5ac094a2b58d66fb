package mptcp

import (
	"encoding/hex"
	"strconv"
)

// String is the RFC's name of the subtype.
func (s Subtype) String() string {
	switch {
	case s == SubNone:
		return "no subtype"
	case int(s) < len(subtypeNames) && subtypeNames[s].name != "":
		return subtypeNames[s].name
	}
	return "subtype " + strconv.Itoa(int(s))
}

// Title is the name that Wireshark's tree gives the subtype, empty for those it does not know.
func (s Subtype) Title() string {
	if int(s) < len(subtypeNames) {
		return subtypeNames[s].title
	}
	return ""
}

var subtypeNames = [...]struct{ name, title string }{
	SubCapable:    {"MP_CAPABLE", "Multipath Capable"},
	SubJoin:       {"MP_JOIN", "Join Connection"},
	SubDSS:        {"DSS", "Data Sequence Signal"},
	SubAddAddr:    {"ADD_ADDR", "Add Address"},
	SubRemoveAddr: {"REMOVE_ADDR", "Remove Address"},
	SubPrio:       {"MP_PRIO", "Change Subflow Priority"},
	SubFail:       {"MP_FAIL", "TCP Fallback"},
	SubFastclose:  {"MP_FASTCLOSE", "Fast Close"},
	SubReset:      {"MP_TCPRST", "TCP Reset"},
	SubExperiment: {"MP_EXPERIMENTAL", ""},
}

// ReasonName is the meaning of an MP_TCPRST reason code (RFC 8684 section 3.6), empty for unassigned ones.
func ReasonName(reason uint8) string {
	if int(reason) < len(reasonNames) {
		return reasonNames[reason]
	}
	return ""
}

var reasonNames = [...]string{
	"unspecified error",
	"MPTCP-specific error",
	"lack of resources",
	"administratively prohibited",
	"too much outstanding data",
	"unacceptable performance",
	"middlebox interference",
}

// String is "v0", "v1" or "unknown version".
func (v Version) String() string {
	if v == VersionUnknown {
		return "unknown version"
	}
	return "v" + strconv.Itoa(int(v))
}

// String is the key as it stands on the wire: 0x and 16 hexadecimal digits.
func (k Key) String() string { return string(appendHex(nil, uint64(k), 16)) }

// String names the packet of the handshake that carries the form.
func (j JoinForm) String() string {
	switch j {
	case JoinSYN:
		return "SYN"
	case JoinSYNACK:
		return "SYN/ACK"
	case JoinACK:
		return "ACK"
	}
	return "unknown"
}

// Describe is a one-line description of an option for people, of a connection of version v (VersionUnknown will do):
//
//	MP_JOIN SYN: token 0xe47f0142, nonce 0x1b665a18, address id 0
//
// A fault ends the line in brackets. What has no known layout is shown raw.
func Describe(o Option, v Version) string { return string(AppendDescription(nil, o, v)) }

// AppendDescription appends what Describe returns to b.
func AppendDescription(b []byte, o Option, v Version) []byte {
	b = append(b, o.Subtype().String()...)
	var f Fault
	switch o.Subtype() {
	case SubCapable:
		b, f = appendCapable(b, o)
	case SubJoin:
		b, f = appendJoin(b, o)
	case SubDSS:
		b, f = appendDSS(b, o)
	case SubAddAddr:
		b, f = appendAddAddr(b, o, v)
	case SubRemoveAddr:
		b, f = appendRemoveAddr(b, o)
	case SubPrio:
		b, f = appendPrio(b, o, v)
	case SubFail:
		b, f = appendFail(b, o)
	case SubFastclose:
		b, f = appendFastclose(b, o)
	case SubReset:
		b, f = appendReset(b, o)
	default:
		f = WrongSubtype
	}
	if f == BadLength || f == WrongSubtype {
		b = append(b, ", raw "...)
		b = hex.AppendEncode(b, o)
	}
	if f != NoFault && o.Subtype() != SubExperiment {
		b = append(b, " ["...)
		b = append(b, f.String()...)
		b = append(b, ']')
	}
	return b
}

func appendCapable(b []byte, o Option) ([]byte, Fault) {
	c, f := ParseCapable(o)
	if f == WrongSubtype {
		return b, f
	}
	b = append(b, ' ')
	b = append(b, c.Version.String()...)
	if f == BadLength {
		return b, f
	}
	b = append(b, ": flags "...)
	b = appendHex(b, uint64(c.Flags), 2)
	if c.ChecksumRequired() {
		b = append(b, ", checksum required"...)
	}
	if c.DenyJoinID0() {
		b = append(b, ", no join to this address"...)
	}
	b = appendNumber(b, ", sender key ", uint64(c.Sender), 16, c.HasSender)
	b = appendNumber(b, ", receiver key ", uint64(c.Receiver), 16, c.HasReceiver)
	if c.HasLength {
		b = appendInt(b, ", data length ", uint64(c.Length))
	}
	return appendNumber(b, ", checksum ", uint64(c.Checksum), 4, c.HasChecksum), f
}

func appendJoin(b []byte, o Option) ([]byte, Fault) {
	j, f := ParseJoin(o)
	if j.Form == JoinUnknown {
		return b, f
	}
	b = append(b, ' ')
	b = append(b, j.Form.String()...)
	sep := ": "
	if j.Form == JoinACK {
		if j.HasHMAC {
			b = append(b, ": HMAC 0x"...)
			b = hex.AppendEncode(b, j.HMAC160[:])
		}
		return b, f
	}
	if j.Backup {
		b, sep = append(b, ": backup"...), ", "
	}
	if len(o) >= 4 {
		b = appendInt(b, sep+"address id ", uint64(j.AddrID))
	}
	b = appendNumber(b, ", token ", uint64(j.Token), 8, j.HasToken)
	b = appendNumber(b, ", HMAC ", j.HMAC64, 16, j.HasHMAC)
	return appendNumber(b, ", nonce ", uint64(j.Nonce), 8, j.HasNonce), f
}

func appendDSS(b []byte, o Option) ([]byte, Fault) {
	d, f := ParseDSS(o)
	b = append(b, ':')
	start := len(b)
	if d.HasAck {
		b = appendInt(b, ", data ack ", d.Ack)
		b = appendWidth(b, d.Ack8)
	}
	if d.HasDSN {
		b = appendInt(b, ", dsn ", d.DSN)
		b = appendWidth(b, d.DSN8)
	}
	if d.HasSSN {
		b = appendInt(b, ", ssn ", uint64(d.SSN))
	}
	if d.HasMapping {
		b = appendInt(b, ", length ", uint64(d.Length))
	}
	if d.Infinite() {
		b = append(b, " (infinite mapping)"...)
	}
	b = appendNumber(b, ", checksum ", uint64(d.Checksum), 4, d.HasChecksum)
	if d.DataFIN {
		b = append(b, ", DATA_FIN"...)
	}
	if len(b) == start {
		return b[:start-1], f
	}
	return append(b[:start], b[start+1:]...), f // drops the first comma
}

func appendWidth(b []byte, wide bool) []byte {
	if wide {
		return append(b, " (64 bits)"...)
	}
	return append(b, " (32 bits)"...)
}

func appendAddAddr(b []byte, o Option, v Version) ([]byte, Fault) {
	a, f := ParseAddAddr(o, v)
	if a.Echo {
		b = append(b, " echo"...)
	}
	if len(o) >= 4 {
		b = appendInt(b, ": address id ", uint64(a.ID))
	}
	if a.Addr.IsValid() {
		b = append(b, ", "...)
		b = a.Addr.AppendTo(b)
	}
	if a.HasPort {
		b = appendInt(b, ", port ", uint64(a.Port))
	}
	return appendNumber(b, ", HMAC ", a.HMAC, 16, a.HasHMAC), f
}

func appendRemoveAddr(b []byte, o Option) ([]byte, Fault) {
	r, f := ParseRemoveAddr(o)
	sep := ": address id "
	for _, id := range r.IDs {
		b = appendInt(b, sep, uint64(id))
		sep = ", "
	}
	return b, f
}

func appendPrio(b []byte, o Option, v Version) ([]byte, Fault) {
	p, f := ParsePrio(o, v)
	if f == BadLength && !p.HasAddrID {
		return b, f
	}
	if p.Backup {
		b = append(b, ": backup"...)
	} else {
		b = append(b, ": regular"...)
	}
	if p.HasAddrID {
		b = appendInt(b, ", address id ", uint64(p.AddrID))
	}
	return b, f
}

func appendFail(b []byte, o Option) ([]byte, Fault) {
	p, f := ParseFail(o)
	if p.HasDSN {
		b = appendInt(b, ": dsn ", p.DSN)
	}
	return b, f
}

func appendFastclose(b []byte, o Option) ([]byte, Fault) {
	p, f := ParseFastclose(o)
	return appendNumber(b, ": receiver key ", uint64(p.Key), 16, p.HasKey), f
}

func appendReset(b []byte, o Option) ([]byte, Fault) {
	r, f := ParseReset(o)
	if r.HasReason {
		b = appendInt(b, ": reason ", uint64(r.Reason))
		if name := ReasonName(r.Reason); name != "" {
			b = append(b, " ("...)
			b = append(b, name...)
			b = append(b, ')')
		}
	}
	if r.Transient {
		b = append(b, ", transient"...)
	}
	return b, f
}

// appendNumber appends a label and a number in hexadecimal, if there is one.
func appendNumber(b []byte, label string, n uint64, digits int, has bool) []byte {
	if !has {
		return b
	}
	return appendHex(append(b, label...), n, digits)
}

func appendInt(b []byte, label string, n uint64) []byte {
	return strconv.AppendUint(append(b, label...), n, 10)
}

// appendHex appends 0x and n as that many hexadecimal digits.
func appendHex(b []byte, n uint64, digits int) []byte {
	b = append(b, "0x"...)
	for shift := (digits - 1) * 4; shift >= 0; shift -= 4 {
		b = append(b, "0123456789abcdef"[n>>shift&0xf])
	}
	return b
}
