package dissecttest

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
)

func be16(v uint16) []byte { return binary.BigEndian.AppendUint16(nil, v) }
func be32(v uint32) []byte { return binary.BigEndian.AppendUint32(nil, v) }
func be64(v uint64) []byte { return binary.BigEndian.AppendUint64(nil, v) }

// option is the parameters of an option word.
type option struct {
	s     *script
	p     *packet
	words map[string]string
	err   error
}

// makers build the options by name. Each gives the option, whose length byte is yet to be filled in.
var makers = map[string]func(*option) []byte{
	"mp_capable": (*option).capable, "mp_join": (*option).join, "dss": (*option).dss,
	"add_addr": (*option).addAddr, "remove_addr": (*option).removeAddr, "mp_prio": (*option).prio,
	"mp_fail": (*option).fail, "mp_fastclose": (*option).fastclose, "mp_tcprst": (*option).reset,
}

// options appends the options of a line to its packet.
func (s *script) options(p *packet, words []string) error {
	for len(words) > 0 {
		name := words[0]
		words = words[1:]
		switch name {
		case "nop":
			p.options = append(p.options, 1)
			continue
		case "eol":
			p.options = append(p.options, 0)
			continue
		case "opt":
			if len(words) == 0 {
				return fmt.Errorf("opt needs its bytes")
			}
			b, err := hex.DecodeString(words[0])
			if err != nil {
				return err
			}
			p.options, words = append(p.options, b...), words[1:]
			continue
		}
		maker := makers[name]
		if maker == nil {
			return fmt.Errorf("no option %q", name)
		}
		o := &option{s: s, p: p, words: map[string]string{}}
		for len(words) > 0 && isParameter(words[0]) {
			k, v, _ := strings.Cut(words[0], "=")
			o.words[k] = v
			words = words[1:]
		}
		b := maker(o)
		if o.err != nil {
			return fmt.Errorf("%s: %w", name, o.err)
		}
		for k := range o.words {
			return fmt.Errorf("%s has no parameter %q", name, k)
		}
		b[1] = byte(len(b))
		p.options = append(p.options, b...)
	}
	for len(p.options)%4 != 0 {
		p.options = append(p.options, 1)
	}
	if len(p.options) > 40 {
		return fmt.Errorf("%d bytes of options, 40 is the most", len(p.options))
	}
	return nil
}

// isParameter tells an option's parameter from the next option.
func isParameter(word string) bool {
	switch word {
	case "backup", "echo", "fin", "transient", "csum", "hmac":
		return true
	}
	return strings.Contains(word, "=")
}

// take is the value of a parameter, which is then used up.
func (o *option) take(name string) (value string, ok bool) {
	value, ok = o.words[name]
	delete(o.words, name)
	return value, ok
}

func (o *option) number(name string, bits int, otherwise uint64) uint64 {
	text, ok := o.take(name)
	if !ok {
		return otherwise
	}
	v, err := strconv.ParseUint(text, 0, bits)
	if err != nil {
		o.err = fmt.Errorf("%s=%s", name, text)
	}
	return v
}

func (o *option) has(name string) bool {
	_, ok := o.take(name)
	return ok
}

// key is the key of an end, sender or receiver of the packet.
func (o *option) key(end int) mptcp.Key { return o.s.keys[end] }

// relative reads a data sequence number of what an end sends: relative to its initial one, or raw.
func (o *option) relative(name string, end int) (v uint64, ok bool) {
	text, ok := o.words[name]
	if !ok {
		return 0, false
	}
	v = o.number(name, 64, 0)
	if !strings.HasPrefix(text, "0x") {
		v += o.key(end).IDSN(o.s.version)
	}
	return v, true
}

func (o *option) capable() []byte {
	from, to := o.p.from, 1-o.p.from
	b := []byte{30, 0, byte(o.s.version), byte(o.number("flags", 8, 1))}
	syn, ack := o.p.flags&flagSYN != 0, o.p.flags&flagACK != 0
	own := o.number("key", 64, uint64(o.key(from)))
	peer := o.number("rkey", 64, uint64(o.key(to)))
	if syn && !ack && o.s.version == 1 {
		return b
	}
	b = append(b, be64(own)...)
	if syn {
		return b
	}
	b = append(b, be64(peer)...)
	if _, ok := o.words["dlen"]; ok {
		n := uint16(o.number("dlen", 16, 0))
		b = append(b, be16(n)...)
		b = append(b, o.checksum(mptcp.Key(own).IDSN(1)+1, 1, n)...)
	}
	return b
}

// checksum is the DSS checksum of the packet's payload, as the csum parameter wants it, empty without one.
func (o *option) checksum(dsn uint64, ssn uint32, n uint16) []byte {
	text, ok := o.take("csum")
	if !ok {
		return nil
	}
	c := mptcp.NewChecksum(dsn, ssn, n)
	c.AddAt(0, o.p.payload[:min(len(o.p.payload), int(n))])
	switch text {
	case "", "auto":
		return be16(c.Sum())
	case "bad":
		return be16(c.Sum() ^ 0x0100)
	}
	v, err := strconv.ParseUint(text, 0, 16)
	if err != nil {
		o.err = fmt.Errorf("csum=%s", text)
	}
	return be16(uint16(v))
}

// usualNonces are the nonces of a join that names none.
var usualNonces = [2]uint32{0xa0a1a2a3, 0xb0b1b2b3}

func (o *option) join() []byte {
	f, to := o.p.flow, 1-o.p.from
	b := []byte{30, 0, 0x10, byte(o.number("id", 8, 0))}
	if o.has("backup") {
		b[2] |= 1
	}
	syn, ack := o.p.flags&flagSYN != 0, o.p.flags&flagACK != 0
	secret := func() mptcp.JoinSecret {
		return mptcp.JoinSecret{Version: o.s.version, KeyA: o.key(f.opener), KeyB: o.key(1 - f.opener),
			NonceA: f.nonce[0], NonceB: f.nonce[1]}
	}
	switch {
	case syn && !ack:
		f.nonce[0] = uint32(o.number("nonce", 32, uint64(usualNonces[0])))
		token := o.number("token", 32, uint64(o.key(to).Token(o.s.version)))
		return append(append(b, be32(uint32(token))...), be32(f.nonce[0])...)
	case syn:
		f.nonce[1] = uint32(o.number("nonce", 32, uint64(usualNonces[1])))
		hmac := o.hmac(be64(secret().SYNACK()))
		return append(append(b, hmac...), be32(f.nonce[1])...)
	}
	full := secret().ACK()
	return append(b, o.hmac(full[:])...)
}

// hmac is the right HMAC, or what the hmac parameter wants.
func (o *option) hmac(right []byte) []byte {
	switch text, _ := o.take("hmac"); text {
	case "", "auto":
	case "bad":
		right[0] ^= 0xff
	default:
		b, err := hex.DecodeString(strings.TrimPrefix(text, "0x"))
		if err != nil || len(b) != len(right) {
			o.err = fmt.Errorf("hmac=%s", text)
		}
		return b
	}
	return right
}

func (o *option) dss() []byte {
	b := []byte{30, 0, 0x20, 0}
	for _, name := range [...]string{"ack4", "ack8"} {
		if v, ok := o.relative(name, 1-o.p.from); ok {
			b[3] |= 0x01
			b = o.wide(b, v, name == "ack8", 0x02)
		}
	}
	fin := o.has("fin")
	if fin {
		b[3] |= 0x10
	}
	for _, name := range [...]string{"dsn4", "dsn8"} {
		if v, ok := o.relative(name, o.p.from); ok {
			b[3] |= 0x04
			b = o.wide(b, v, name == "dsn8", 0x08)
			length := uint64(o.p.length)
			if fin {
				length++
			}
			ssn, n := uint32(o.number("ssn", 32, 0)), uint16(o.number("dlen", 16, length))
			b = append(append(b, be32(ssn)...), be16(n)...)
			b = append(b, o.checksum(v, ssn, n)...)
		}
	}
	return b
}

func (o *option) wide(b []byte, v uint64, wide bool, flag byte) []byte {
	if !wide {
		return append(b, be32(uint32(v))...)
	}
	b[3] |= flag
	return append(b, be64(v)...)
}

func (o *option) addAddr() []byte {
	text, _ := o.take("addr")
	a, err := netip.ParseAddr(text)
	if err != nil {
		o.err = err
		return []byte{30, 0}
	}
	m := mptcp.AddAddr{ID: uint8(o.number("id", 8, 1)), Addr: a, Echo: o.has("echo")}
	b := []byte{30, 0, 0x30, m.ID}
	switch {
	case o.s.version == 0 && a.Is4():
		b[2] |= 4
	case o.s.version == 0:
		b[2] |= 6
	case m.Echo:
		b[2] |= 1
	}
	b = append(b, a.AsSlice()...)
	if _, ok := o.words["port"]; ok {
		m.Port, m.HasPort = uint16(o.number("port", 16, 0)), true
		b = append(b, be16(m.Port)...)
	}
	if o.s.version == 0 || m.Echo {
		return b
	}
	return append(b, o.addressHMAC(&m)...)
}

// addressHMAC is the HMAC of an ADD_ADDR as the hmac parameter wants it. It is computed by crypto/hmac, not by package mptcp.
func (o *option) addressHMAC(m *mptcp.AddAddr) []byte {
	text, _ := o.take("hmac")
	sum := addressDigest(o.key(o.p.from), o.key(1-o.p.from), m)
	right := sum[len(sum)-8:]
	switch text {
	case "", "auto":
	case "bad":
		right[0] ^= 0xff
	case "early":
		right = sum[:8]
	default:
		o.err = fmt.Errorf("hmac=%s", text)
	}
	return right
}

func (o *option) removeAddr() []byte {
	b := []byte{30, 0, 0x40}
	text, _ := o.take("ids")
	for _, id := range strings.Split(text, ",") {
		v, err := strconv.ParseUint(id, 10, 8)
		if err != nil {
			o.err = fmt.Errorf("ids=%s", text)
		}
		b = append(b, byte(v))
	}
	return b
}

func (o *option) prio() []byte {
	b := []byte{30, 0, 0x50}
	if o.has("backup") {
		b[2] |= 1
	}
	if _, ok := o.words["id"]; ok {
		b = append(b, byte(o.number("id", 8, 0)))
	}
	return b
}

func (o *option) fail() []byte {
	v, _ := o.relative("dsn", 1-o.p.from)
	return append([]byte{30, 0, 0x60, 0}, be64(v)...)
}

func (o *option) fastclose() []byte {
	return append([]byte{30, 0, 0x70, 0}, be64(o.number("key", 64, uint64(o.key(1-o.p.from))))...)
}

func (o *option) reset() []byte {
	b := []byte{30, 0, 0x80, byte(o.number("reason", 8, 0))}
	if o.has("transient") {
		b[2] |= 1
	}
	return b
}
