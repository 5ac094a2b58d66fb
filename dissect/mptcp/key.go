package mptcp

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
)

// Derive gives what a host's key stands for on the wire: its token, by which a joining subflow names the connection, and
// its initial data sequence number (RFC 8684 section 3.1: the first 32 and the last 64 bits of the key's SHA-256; RFC
// 6824: of its SHA-1). The first data byte of the host has number idsn+1.
func (k Key) Derive(v Version) (token uint32, idsn uint64) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(k))
	if v == 0 {
		h := sha1.Sum(b[:])
		return binary.BigEndian.Uint32(h[:]), binary.BigEndian.Uint64(h[12:])
	}
	h := sha256.Sum256(b[:])
	return binary.BigEndian.Uint32(h[:]), binary.BigEndian.Uint64(h[24:])
}

// Token is the first result of Derive.
func (k Key) Token(v Version) uint32 {
	token, _ := k.Derive(v)
	return token
}

// IDSN is the second result of Derive.
func (k Key) IDSN(v Version) uint64 {
	_, idsn := k.Derive(v)
	return idsn
}

// JoinSecret is what authenticates the handshake of a joining subflow (RFC 8684 section 3.2). A is the host that opens
// this subflow, B its peer, whoever opened the connection.
type JoinSecret struct {
	Version        Version
	KeyA, KeyB     Key
	NonceA, NonceB uint32 // of the JOIN SYN, of the SYN/ACK
}

// SYNACK is the truncated HMAC that B must send: HMAC(KeyB||KeyA, NonceB||NonceA), leftmost 64 bits.
func (s JoinSecret) SYNACK() uint64 {
	h := s.mac(s.KeyB, s.KeyA, s.NonceB, s.NonceA)
	return binary.BigEndian.Uint64(h[:])
}

// ACK is the HMAC that A must send: HMAC(KeyA||KeyB, NonceA||NonceB), leftmost 160 bits.
func (s JoinSecret) ACK() [20]byte {
	h := s.mac(s.KeyA, s.KeyB, s.NonceA, s.NonceB)
	return [20]byte(h[:20])
}

func (s JoinSecret) mac(k1, k2 Key, n1, n2 uint32) [32]byte {
	var m [8]byte
	binary.BigEndian.PutUint32(m[:], n1)
	binary.BigEndian.PutUint32(m[4:], n2)
	if s.Version == 0 {
		return hmacSHA1(k1, k2, m[:])
	}
	return hmacSHA256(k1, k2, m[:])
}

// HMACMatch is the outcome of comparing an ADD_ADDR's HMAC.
type HMACMatch uint8

// Outcomes. HMACLeft: the leftmost 64 bits were sent instead of the rightmost, as early Linux version 1 did.
const (
	HMACAbsent HMACMatch = iota
	HMACRight
	HMACLeft
	HMACWrong
)

// Authenticate compares the option's HMAC with that of the keys: HMAC-SHA256(sender||receiver, id, address, port),
// rightmost 64 bits (RFC 8684 section 3.4.1). Without a port two zero bytes stand for it.
func (a AddAddr) Authenticate(sender, receiver Key) HMACMatch {
	if !a.HasHMAC || !a.Addr.IsValid() {
		return HMACAbsent
	}
	left, right := a.mac(sender, receiver)
	switch a.HMAC {
	case right:
		return HMACRight
	case left:
		return HMACLeft
	}
	return HMACWrong
}

// Expected is the HMAC that the option should carry (RFC 8684 section 3.4.1). Addr must be valid.
func (a AddAddr) Expected(sender, receiver Key) uint64 {
	_, right := a.mac(sender, receiver)
	return right
}

func (a AddAddr) mac(sender, receiver Key) (left, right uint64) {
	var m [19]byte
	m[0] = a.ID
	n := 1
	if a.Addr.Is4() {
		b := a.Addr.As4()
		n += copy(m[n:], b[:])
	} else {
		b := a.Addr.As16()
		n += copy(m[n:], b[:])
	}
	binary.BigEndian.PutUint16(m[n:], a.Port)
	h := hmacSHA256(sender, receiver, m[:n+2])
	return binary.BigEndian.Uint64(h[:]), binary.BigEndian.Uint64(h[24:])
}

const block = 64 // bytes, of both hashes

// hmacSHA256 is HMAC (RFC 2104) with the key k1||k2. crypto/hmac would allocate; keys here are always 16 bytes and
// messages at most 19, so that both hashes fit one array.
func hmacSHA256(k1, k2 Key, msg []byte) [32]byte {
	var b [block + 32]byte
	pad(&b, k1, k2, 0x36)
	inner := sha256.Sum256(b[:block+copy(b[block:], msg)])
	pad(&b, k1, k2, 0x5c)
	return sha256.Sum256(b[:block+copy(b[block:], inner[:])])
}

// hmacSHA1 is the same with SHA-1; the last 12 bytes of the result are zero.
func hmacSHA1(k1, k2 Key, msg []byte) (h [32]byte) {
	var b [block + 32]byte
	pad(&b, k1, k2, 0x36)
	inner := sha1.Sum(b[:block+copy(b[block:], msg)])
	pad(&b, k1, k2, 0x5c)
	outer := sha1.Sum(b[:block+copy(b[block:], inner[:])])
	copy(h[:], outer[:])
	return h
}

// pad writes the first block of an HMAC's hash: the key, filled up with zeroes, XORed with x.
func pad(b *[block + 32]byte, k1, k2 Key, x byte) {
	binary.BigEndian.PutUint64(b[:], uint64(k1))
	binary.BigEndian.PutUint64(b[8:], uint64(k2))
	clear(b[16:block])
	for i := range block {
		b[i] ^= x
	}
}
