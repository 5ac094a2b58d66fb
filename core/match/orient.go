package match

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// orient finds out, for each stream, which capture was made nearer to its client. A packet to the server and one to the
// client that cross at about the same time tell it, whatever the clocks: the difference of the two captures' times is
// larger for what travels from A's side to B's than for what travels back, by the round trip between them.
func (p *Pairing) orient() {
	sides := map[netip.Addr]int{} // of A's addresses: votes for A less votes for B
	votes, known := 0, make([]bool, len(p.Streams))
	for i := range p.Streams {
		s := &p.Streams[i]
		v := crossings(p, &p.Flows[2*i], &p.Flows[2*i+1])
		if v == 0 {
			continue
		}
		known[i] = true
		sign := 1
		if v < 0 {
			s.Near, sign = B, -1
		}
		st := &p.A.Streams[s.A]
		sides[st.Client.Addr()] += sign
		sides[st.Server.Addr()] -= sign
		if p.NearTCPClient(s) != s.Near {
			sign = -sign
		}
		votes += sign * p.towardsServer(s)
	}
	p.Guess = !slices.Contains(known, true)
	if votes < 0 {
		p.Near = B
	}
	for i := range p.Streams {
		if !known[i] {
			p.Streams[i].Near = p.usual(&p.Streams[i], sides)
		}
	}
	for i := range p.Flows {
		f := &p.Flows[i]
		f.Sender = p.Streams[f.Stream].Near
		if f.Dest == stream.Client {
			f.Sender = f.Sender.Other()
		}
	}
}

// crossings weighs the packets that follow each other in A and travel in opposite directions: positive if A is nearer to
// the client.
func crossings(p *Pairing, toClient, toServer *Flow) int {
	votes, k := 0, 0
	down, up := toClient.Hops, toServer.Hops
	for _, u := range up {
		for k+1 < len(down) && down[k+1].Sent < u.Sent {
			k++
		}
		if k == len(down) {
			break
		}
		rise := p.B.Time(u.Received) - p.A.Time(u.Sent)
		fall := p.B.Time(down[k].Received) - p.A.Time(down[k].Sent)
		votes += cmp.Compare(rise, fall)
	}
	return votes
}

// NearTCPClient is the capture made nearer to a stream's client. Where A had to guess which end that is and guessed
// otherwise than B knows, it is not Near, which goes by A.
func (p *Pairing) NearTCPClient(s *StreamPair) Capture {
	if s.Flipped && p.A.Streams[s.A].Role == stream.Guessed && p.B.Streams[s.B].Role != stream.Guessed {
		return s.Near.Other()
	}
	return s.Near
}

// towardsServer is 1 where the stream's client is the MPTCP client too, or it is plain TCP; else -1.
func (p *Pairing) towardsServer(s *StreamPair) int {
	for i := range p.A.Conns {
		for k := range p.A.Conns[i].Subflows {
			if f := &p.A.Conns[i].Subflows[k]; f.Stream == s.A && f.Dest == stream.Client {
				return -1
			}
		}
	}
	return 1
}

// usual is the side of a stream's client where its packets do not tell: that of its addresses, or of most streams.
func (p *Pairing) usual(s *StreamPair, sides map[netip.Addr]int) Capture {
	st := &p.A.Streams[s.A]
	switch v := sides[st.Client.Addr()] - sides[st.Server.Addr()]; {
	case v > 0:
		return A
	case v < 0:
		return B
	}
	return p.Near
}

// NearClient is the capture made nearer to the client of a connection that is paired, by what its subflows say.
func (p *Pairing) NearClient(c *ConnPair) Capture {
	of, votes := p.A.ConnByID(c.A), 0
	for i := range of.Subflows {
		s := p.StreamOf(A, of.Subflows[i].Stream)
		if s == nil {
			continue
		}
		sign := 1
		if s.Near == B {
			sign = -1
		}
		if of.Subflows[i].Dest == stream.Client {
			sign = -sign
		}
		votes += sign
	}
	if votes < 0 {
		return B
	}
	return A
}

// StreamOf is the pair that a stream of one of the captures belongs to, nil if it has no partner.
func (p *Pairing) StreamOf(c Capture, id uint32) *StreamPair {
	if i := p.index[c][id]; i > 0 {
		return &p.Streams[i-1]
	}
	return nil
}

// ConnOf is the pair that a connection of one of the captures belongs to, nil if it has no partner.
func (p *Pairing) ConnOf(c Capture, id uint32) *ConnPair {
	for i := range p.Conns {
		if q := &p.Conns[i]; c == A && q.A == id || c == B && q.B == id {
			return q
		}
	}
	return nil
}
