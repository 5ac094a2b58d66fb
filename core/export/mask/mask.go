// Package mask makes captures and tables that can be shown to others: addresses, ports, keys and tokens are replaced, the
// same by the same, payload is dropped, and what relates packets to each other stays. Interfaces are numbered, captures get
// other names.
//
//	m, err := mask.New(secret)  // the same secret for all captures that belong together
//	m.Learn(digest)             // where the connections are known before the packets
//	m.Know(mask.Ends(other))    // of other captures, whose connections may go on in this one
//	m.Row(&row)                 // in place
//	m.Frame(frame, &row)        // after Row
//	m.Other(frame)              // what is no TCP
//	d = m.Digest(digest)        // a copy
//
// Addresses keep their common prefixes (Crypto-PAn: Xu, Fan, Ammar, Moon, "Prefix-preserving IP address anonymization",
// ICNP 2002). A new key stands for new tokens and initial numbers as its version wants it, data sequence numbers and acks
// are shifted along, and HMACs are made anew, wrong ones wrong, so that the connections of a masked capture are found as
// those of the original are. Where a key is not known, its token is replaced alone and numbers stay: two captures of a connection,
// one of which shows its keys, fit together if the other was masked by somebody who knew them (Know).
//
// What stays: times, lengths, TCP sequence numbers and timestamps, windows, IP ids, nonces, address ids. Whoever knows a part
// of the traffic may recognise it by them. Of a stream whose handshake was not captured, the ends may change places: Wireshark
// takes the lower port for the server's. Link layers and tunnels are dropped: a masked frame is a bare IP packet.
package mask

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// SecretLen is how many bytes a secret has.
const SecretLen = 32

// Mask replaces what tells who spoke. One goroutine uses it at a time.
type Mask struct {
	secret  []byte
	block   cipher.Block // of Crypto-PAn
	pad     [16]byte
	addrs   map[netip.Addr]netip.Addr
	ports   []uint16
	keys    map[mptcp.Key]mptcp.Key
	tokens  map[uint32]uint32
	ends    map[uint32]known     // by token
	deltas  map[mptcp.Key]uint64 // by how much the numbers of a key's owner move
	nonces  map[uint32][2]uint32 // of the SYN and the SYN/ACK of a stream
	options []byte               // of the row at hand, replaced
	frame   []byte
}

// New makes a mask of a secret of SecretLen bytes.
func New(secret []byte) (*Mask, error) {
	if len(secret) != SecretLen {
		return nil, fmt.Errorf("a secret of %d bytes is needed, not %d", SecretLen, len(secret))
	}
	block, err := aes.NewCipher(secret[:16])
	if err != nil {
		return nil, err
	}
	m := &Mask{secret: secret, block: block, addrs: map[netip.Addr]netip.Addr{}, keys: map[mptcp.Key]mptcp.Key{},
		tokens: map[uint32]uint32{}, ends: map[uint32]known{}, deltas: map[mptcp.Key]uint64{}, nonces: map[uint32][2]uint32{}}
	block.Encrypt(m.pad[:], secret[16:])
	m.shuffle()
	return m, nil
}

// NewSecret makes a secret by chance.
func NewSecret() []byte {
	secret := make([]byte, SecretLen)
	_, _ = rand.Read(secret) // never fails, says its documentation
	return secret
}

// Encode is the text form of a secret, for files.
func Encode(secret []byte) string { return hex.EncodeToString(secret) + "\n" }

// Decode reads the text form of a secret.
func Decode(text string) ([]byte, error) {
	secret, err := hex.DecodeString(strings.TrimSpace(text))
	if err != nil || len(secret) != SecretLen {
		return nil, errors.New("is no key: 64 hexadecimal digits are needed")
	}
	return secret, nil
}

// prf is a number that follows from the secret and a value of some sort.
func (m *Mask) prf(sort string, value uint64) uint64 {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], value)
	return m.digest(sort, b[:])
}

func (m *Mask) digest(sort string, value []byte) uint64 {
	h := hmac.New(sha256.New, m.secret)
	h.Write([]byte(sort))
	h.Write(value)
	return binary.BigEndian.Uint64(h.Sum(nil))
}

// Capture replaces the name of a capture, which often tells of whom it is.
func (m *Mask) Capture(name string) string {
	return fmt.Sprintf("capture-%08x", uint32(m.digest("capture", []byte(name))))
}

// Interfaces are those of a capture with numbers in the place of names.
func (m *Mask) Interfaces(list []trace.Interface) []trace.Interface {
	masked := slices.Clone(list)
	for i := range masked {
		if masked[i].Name != "" {
			masked[i].Name = fmt.Sprintf("if%d", i)
		}
	}
	return masked
}

// shuffle makes the permutation of the ports; 0 stays 0.
func (m *Mask) shuffle() {
	m.ports = make([]uint16, 1<<16)
	for i := range m.ports {
		m.ports[i] = uint16(i)
	}
	for i := len(m.ports) - 1; i > 1; i-- {
		j := 1 + m.prf("port", uint64(i))%uint64(i)
		m.ports[i], m.ports[j] = m.ports[j], m.ports[i]
	}
}

// Addr replaces an address; two that share their first n bits share as many afterwards.
func (m *Mask) Addr(a netip.Addr) netip.Addr {
	if !a.IsValid() {
		return a
	}
	a = a.WithZone("")
	if b, known := m.addrs[a]; known {
		return b
	}
	old := a.AsSlice()
	input, output := m.pad, [16]byte{}
	masked := make([]byte, len(old))
	for bit := range len(old) * 8 {
		at, place := bit/8, 7-bit%8
		m.block.Encrypt(output[:], input[:])
		masked[at] |= (old[at] ^ output[0]>>7<<place) & (1 << place)
		input[at] = input[at]&^(1<<place) | old[at]&(1<<place)
	}
	b, _ := netip.AddrFromSlice(masked)
	m.addrs[a] = b
	return b
}

// AddrPort replaces an address and a port.
func (m *Mask) AddrPort(a netip.AddrPort) netip.AddrPort {
	if !a.IsValid() {
		return a
	}
	return netip.AddrPortFrom(m.Addr(a.Addr()), m.ports[a.Port()])
}

// Key replaces a key. What its owner's token and numbers become follows from it.
func (m *Mask) Key(k mptcp.Key) mptcp.Key {
	masked, known := m.keys[k]
	if !known {
		masked = mptcp.Key(m.prf("key", uint64(k)))
		m.keys[k] = masked
		for _, v := range []mptcp.Version{0, 1} {
			m.tokens[k.Token(v)] = masked.Token(v)
		}
	}
	return masked
}

// Token replaces a token.
func (m *Mask) Token(t uint32) uint32 {
	masked, known := m.tokens[t]
	if !known {
		masked = uint32(m.prf("token", uint64(t)))
		m.tokens[t] = masked
	}
	return masked
}

// delta is by how much the data sequence numbers of an end move.
func (m *Mask) delta(e *conn.Endpoint) uint64 {
	if e == nil || !e.HasKey {
		return 0
	}
	d, known := m.deltas[e.Key]
	if !known {
		d = m.Key(e.Key).IDSN(version(e)) - e.IDSN
		m.deltas[e.Key] = d
	}
	return d
}

// version is that by which an end's key gives its token.
func version(e *conn.Endpoint) mptcp.Version {
	if e.Key.Token(0) == e.Token {
		return 0
	}
	return 1
}

// End is what an end of a connection becomes.
func (m *Mask) End(e conn.Endpoint) conn.Endpoint {
	if e.HasKey {
		e.IDSN += m.delta(&e)
		e.Key = m.Key(e.Key)
	}
	if e.HasToken {
		e.Token = m.Token(e.Token)
	}
	return e
}

// Learn takes in the keys of a capture before its rows.
func (m *Mask) Learn(d *trace.Digest) { m.Know(Ends(d)) }

// Row replaces in a row what tells who spoke. Its options are valid until the next row.
func (m *Mask) Row(r *trace.Row) {
	sender, receiver := m.informed(r.End(r.ConnDest.Other()), r.End(r.ConnDest))
	r.Src, r.Dst = m.AddrPort(r.Src), m.AddrPort(r.Dst)
	m.options = m.options[:0]
	for i, o := range r.Options {
		start := len(m.options)
		m.options = append(m.options, o...)
		r.Options[i] = mptcp.Option(m.options[start:len(m.options):len(m.options)])
		m.option(r.Options[i], r, sender, receiver)
	}
	for _, o := range r.Options {
		if r.HasDSS && o.Subtype() == mptcp.SubDSS {
			r.DSS, _ = mptcp.ParseDSS(o)
			break
		}
	}
	if r.HasToken {
		r.ExpectedToken = m.Token(r.ExpectedToken)
	}
	r.DSN += m.delta(sender)
	r.DACK += m.delta(receiver)
}

// Digest is a copy of what is known at the end of a capture, replaced.
func (m *Mask) Digest(d *trace.Digest) *trace.Digest {
	m.Learn(d)
	c := &trace.Digest{Capture: d.Capture, Interfaces: m.Interfaces(d.Interfaces), Issues: d.Issues}
	for _, s := range d.Streams {
		s.Client, s.Server = m.AddrPort(s.Client), m.AddrPort(s.Server)
		c.Streams = append(c.Streams, s)
	}
	for _, connection := range d.Conns {
		c.Conns = append(c.Conns, m.connection(connection))
	}
	return c
}

func (m *Mask) connection(c conn.Conn) conn.Conn {
	for _, to := range []stream.Dest{stream.Client, stream.Server} {
		sender, _ := m.informed(c.End(to.Other()), c.End(to))
		by := m.delta(sender)
		c.Toward[to].DSNMin += by
		c.Toward[to].DSNEnd += by
	}
	c.Client, c.Server = m.End(c.Client), m.End(c.Server)
	c.Subflows = append([]conn.Subflow(nil), c.Subflows...)
	for i := range c.Subflows {
		if s := &c.Subflows[i]; s.HasToken {
			s.Token = m.Token(s.Token)
		}
	}
	c.Addresses = append([]conn.Announcement(nil), c.Addresses...)
	for i := range c.Addresses {
		a := &c.Addresses[i]
		if a.Addr.IsValid() {
			a.Addr = m.AddrPort(a.Addr)
		}
	}
	return c
}
