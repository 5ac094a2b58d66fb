package main

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/binary"
	"hash"
)

// The ends of a connection, and the direction toward each.
const (
	client = 0
	server = 1
)

// conn is one MPTCP connection.
type conn struct {
	world    *world
	v0       bool
	key      [2]uint64
	token    [2]uint32
	idsn     [2]uint64 // of what each end sends
	sent     [2]uint64 // next data sequence number each end will send
	subflows []*subflow
	upload   uint64 // in 8: how often a burst goes toward the server
}

// newConn makes connection i, which says nothing yet.
func newConn(w *world, i int) *conn {
	c := &conn{world: w, v0: w.v0, upload: []uint64{7, 1, 4}[i%3]}
	for end := range 2 {
		c.key[end] = w.rng.Uint64()
		sum := c.hash(c.key[end])
		c.token[end] = binary.BigEndian.Uint32(sum)
		c.idsn[end] = binary.BigEndian.Uint64(sum[len(sum)-8:])
		c.sent[end] = c.idsn[end] + 1
	}
	for j := range 2 + i%3 {
		c.subflows = append(c.subflows, newSubflow(c, i, j))
	}
	return c
}

func (c *conn) algorithm() func() hash.Hash {
	if c.v0 {
		return sha1.New
	}
	return sha256.New
}

func (c *conn) hash(key uint64) []byte {
	h := c.algorithm()()
	h.Write(binary.BigEndian.AppendUint64(nil, key))
	return h.Sum(nil)
}

// mac is the HMAC whose key is that of the two ends, the sender's first.
func (c *conn) mac(sender int, message []byte) []byte {
	key := binary.BigEndian.AppendUint64(nil, c.key[sender])
	h := hmac.New(c.algorithm(), binary.BigEndian.AppendUint64(key, c.key[1-sender]))
	h.Write(message)
	return h.Sum(nil)
}

// open does the handshakes of all subflows (RFC 8684 §3.1, §3.2).
func (c *conn) open() {
	s := c.subflows[0]
	s.syn(server, c.capable(1))
	s.syn(client, c.capable(2))
	s.send(segment{toward: server, options: c.capable(3)})
	if c.v0 {
		s.start(burst{toward: server, segments: 1})
	} else {
		// The first data repeats both keys and is mapped by its place.
		s.send(segment{toward: server, flags: flagPSH, options: c.capableData(segmentLen), payload: segmentLen})
		c.sent[client] += segmentLen
		s.ack(client)
	}
	for len(s.steps) > 0 {
		s.step(false)
	}
	c.announce(s)
	for _, j := range c.subflows[1:] {
		j.syn(server, j.join(1))
		j.syn(client, j.join(2))
		j.send(segment{toward: server, options: j.join(3)})
		j.ack(client)
	}
}

// announce has the server tell its second address, and the client echo it (RFC 8684 §3.4.1).
func (c *conn) announce(s *subflow) {
	if s.v6 {
		return
	}
	s.send(segment{toward: client, options: c.addAddr(s)})
	if !c.v0 {
		s.send(segment{toward: server, options: s.addAddrEcho()})
	}
}

// received is the next data sequence number that the end expects of the other one: that of the first byte which no
// subflow has delivered.
func (c *conn) received(end int) uint64 {
	expected := c.sent[1-end]
	for _, s := range c.subflows {
		b := &s.burst
		if b.toward == end && b.missing() {
			if first := b.dsn + uint64(b.firstMissing()*segmentLen); first-c.idsn[1-end] < expected-c.idsn[1-end] {
				expected = first
			}
		}
	}
	return expected
}

// closeCost is the number of packets that close sends.
func (c *conn) closeCost() int { return 3 + 3*len(c.subflows) }

// close ends the data, then the subflows.
func (c *conn) close() {
	s := c.subflows[0]
	for _, toward := range []int{server, client} {
		s.send(segment{toward: toward, options: s.dataFIN(toward)})
		c.sent[1-toward]++
	}
	s.ack(server)
	for _, s := range c.subflows {
		s.send(segment{toward: server, flags: flagFIN, options: s.dss(server, nil)})
		s.send(segment{toward: client, flags: flagFIN, options: s.dss(client, nil)})
		s.ack(server)
	}
}
