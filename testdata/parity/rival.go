package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
)

// handshake is what a stream's handshake told: the keys of a connection, or a join.
type handshake struct {
	stream  *tcpStream
	keys    [2]uint64 // by flow
	sources [2]source
	hasKeys [2]bool
	token   uint32
	nonces  [2][]byte // of the opener, and of the end that it sends to
	hmac    []byte    // of the SYN/ACK
}

// prove finds out whose keys the joins were made with. Wireshark does not look at that: of connections that share a key, and
// so a token, it has one.
func (m *model) prove(segments []segment) {
	if m.has&sharedToken != 0 {
		return
	}
	told := map[*tcpStream]*handshake{}
	var all []*handshake
	for i := range segments {
		v := m.visit(&segments[i], &cells{})
		probe := *v
		probe.model = &model{has: v.has, pass: settle}
		probe.walk()
		h := told[v.stream]
		if h == nil {
			h = &handshake{stream: v.stream}
			told[v.stream], all = h, append(all, h)
		}
		for _, o := range probe.raw {
			h.take(o, v.fwd == &v.stream.flows[1])
		}
	}
	for _, join := range all {
		for _, c := range all {
			if join.hmac == nil {
				continue
			}
			if to, proves := c.proves(join); proves {
				join.stream.proven, join.stream.provenTo = c.stream, to
			}
		}
	}
}

// take takes in an option of the stream's first or second flow.
func (h *handshake) take(o []byte, second bool) {
	at, to := 0, 1
	if second {
		at, to = 1, 0
	}
	switch size := len(o); {
	case o[2]>>4 == subCapable && size >= 12:
		from := keysOf(size)
		h.key(at, binary.BigEndian.Uint64(o[4:]), from)
		if size >= 20 {
			h.key(to, binary.BigEndian.Uint64(o[12:]), from)
		}
	case o[2]>>4 == subJoin && size == 12:
		h.token, h.nonces[0] = binary.BigEndian.Uint32(o[4:]), o[8:12]
	case o[2]>>4 == subJoin && size == 16:
		h.hmac, h.nonces[1] = o[4:12], o[12:16]
	}
}

// key takes in the key of a flow's sender, unless another one was seen whose source is as much to be trusted.
func (h *handshake) key(at int, key uint64, from source) {
	if !h.hasKeys[at] || from > h.sources[at] {
		h.keys[at], h.hasKeys[at], h.sources[at] = key, true, from
	}
}

// proves tells whether the SYN/ACK of a join was made with the keys of the handshake, and is for the end that its token names,
// the sender of flow to.
func (h *handshake) proves(join *handshake) (to int, proves bool) {
	if !h.hasKeys[0] || !h.hasKeys[1] || len(join.nonces[0]) == 0 {
		return 0, false
	}
	for to := range h.keys {
		if token, _ := derive(h.stream.agreed, h.keys[to]); token != join.token {
			continue
		}
		kind := sha1.New
		if h.stream.agreed == 1 {
			kind = sha256.New
		}
		mac := hmac.New(kind, binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, h.keys[to]), h.keys[1-to]))
		mac.Write(join.nonces[1])
		mac.Write(join.nonces[0])
		if bytes.HasPrefix(mac.Sum(nil), join.hmac) {
			return to, true
		}
	}
	return 0, false
}
