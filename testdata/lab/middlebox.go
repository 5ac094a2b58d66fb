package main

import (
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// Box is one middlebox on a path. It changes frames and mends their checksums, except the DSS
// checksum, which it doesn't know of: that is how MPTCP notices.
type Box struct {
	Do      string  `json:"do"`       // one of the box* constants, or of those in spoil.go
	Dir     string  `json:"dir"`      // "up", "down"; both when empty (nat: always both)
	AfterMs float64 `json:"after_ms"` // not before this time after the start of traffic
	Count   int     `json:"count"`    // how many frames it changes; 0: every one
	Addr    string  `json:"addr"`     // nat: the address the server sees
}

// What a Box can do.
const (
	boxStripSYN    = "strip-syn"    // MPTCP options off the SYN
	boxStripSYNACK = "strip-synack" // MPTCP options off the SYN/ACK
	boxStrip       = "strip"        // MPTCP options off everything
	boxRewrite     = "rewrite"      // one payload byte changed
	boxNAT         = "nat"          // the client's address and port replaced
)

func (b *Box) validate(v6 bool) error {
	switch b.Do {
	case boxStripSYN, boxStripSYNACK, boxStrip, boxRewrite:
	case boxNAT:
		if a, err := netip.ParseAddr(b.Addr); err != nil || a.Is4() == v6 {
			return fmt.Errorf("addr %q is not an address of this path's family", b.Addr)
		}
	default:
		if spoils()[b.Do] == nil {
			return fmt.Errorf("do %q is unknown", b.Do)
		}
	}
	if b.Dir != "" && b.Dir != "up" && b.Dir != "down" {
		return fmt.Errorf("dir %q: want up or down", b.Dir)
	}
	if b.Count < 0 || b.AfterMs < 0 {
		return errors.New("count and after_ms must not be negative")
	}
	return nil
}

// middlebox is a Box at work, in one direction of one path. Not safe for concurrent use.
type middlebox struct {
	Box
	dir     direction
	inside  netip.Addr // nat: the client's own address
	outside netip.Addr // nat: the address the server sees
	spoil   func(segment) bool
	done    int
}

// newMiddleboxes gives the boxes of a path that act in a direction.
func newMiddleboxes(p Path, client netip.Addr, dir direction) []*middlebox {
	var boxes []*middlebox
	for _, b := range p.Boxes {
		if b.Do != boxNAT && b.Dir != "" && b.Dir != dir.String() {
			continue
		}
		m := &middlebox{Box: b, dir: dir, inside: client, spoil: spoils()[b.Do]}
		if b.Do == boxNAT {
			m.outside = netip.MustParseAddr(b.Addr) // validated with the scenario
		}
		boxes = append(boxes, m)
	}
	return boxes
}

// apply changes the frame in place, if this is one of the frames it changes, and tells whether it
// did. since is the time after the start of traffic.
func (m *middlebox) apply(frame []byte, since time.Duration) bool {
	s, ok := locate(frame)
	if !ok || since < ms(m.AfterMs) || (m.Count > 0 && m.done >= m.Count) || !m.change(s) {
		return false
	}
	m.done++
	s, _ = locate(frame) // it may have become shorter
	s.mend()
	return true
}

func (m *middlebox) change(s segment) bool {
	if m.spoil != nil {
		return m.spoil(s)
	}
	switch m.Do {
	case boxStripSYN:
		return s.isSYN() && strip(s)
	case boxStripSYNACK:
		return s.isSYNACK() && strip(s)
	case boxStrip:
		return strip(s)
	case boxRewrite:
		return rewrite(s)
	default:
		return m.translate(s)
	}
}

// strip overwrites MPTCP options by NOPs, as boxes do that must not move what follows.
func strip(s segment) bool {
	found := false
	s.options(func(o []byte) bool {
		if o[0] == kindMPTCP {
			found = true
			for i := range o {
				o[i] = kindNop
			}
		}
		return true
	})
	return found
}

// rewrite changes the middle byte of the payload, as an application gateway that mends an address
// in the data would.
func rewrite(s segment) bool {
	p := s.payload()
	if len(p) == 0 {
		return false
	}
	p[len(p)/2] ^= 0x20
	return true
}

// translate replaces the client's address and port. The port's complement stands for the table of
// a real NAT: no state, never two clients' ports on one, and undone by the same operation.
func (m *middlebox) translate(s segment) bool {
	addr, port, from, to := s.src(), s.tcp[0:2], m.inside, m.outside
	if m.dir == down {
		addr, port, from, to = s.dst(), s.tcp[2:4], m.outside, m.inside
	}
	if a, _ := netip.AddrFromSlice(addr); a != from {
		return false
	}
	copy(addr, to.AsSlice())
	port[0], port[1] = ^port[0], ^port[1]
	return true
}
