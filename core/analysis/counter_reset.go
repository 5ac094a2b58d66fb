package analysis

import (
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/mptcp"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// deny notes the resets for MPTCP's own reasons: the opener may have given a join up before such an answer comes.
func (k *tally) deny() {
	for i := range k.list {
		p := &k.list[i]
		for _, o := range p.options {
			if len(o) < 4 || o.Subtype() != mptcp.SubReset || o[3] != mptcpSpecific {
				continue
			}
			if k.denied[p.from] == nil {
				k.denied[p.from] = map[int]bool{}
			}
			k.denied[p.from][p.ordinal] = true
		}
	}
}

// reset counts MP_TCPRST. The kernel counts those that a socket sends, which acknowledge, and not those that answer a
// packet without one, be it a JOIN SYN with an unknown token (RFC 9293 section 3.10.7.1: that reset acknowledges too); a
// receiver counts them once its subflow is fully established.
func (k *tally) reset(p *control) {
	l := &k.lives[p.ordinal]
	opener := k.c.Subflows[p.ordinal].Dest.Other()
	if p.flags&stream.ACK != 0 && (!l.offer.seen() || l.answer.seen() || p.from == opener) {
		k.add(p.from, "MPRstTx", 1)
	}
	if !l.third.seen() && l.offer.seen() {
		return
	}
	if k.resetBy[p.from.Other()][p.ordinal] {
		return // the socket it is sent to is no more
	}
	if k.resetBy[p.from] == nil {
		k.resetBy[p.from] = map[int]bool{}
	}
	k.resetBy[p.from][p.ordinal] = true
	sender := stream.Server // of the stream
	if p.opener {
		sender = stream.Client
	}
	if l.downBefore(sender, p.packet) {
		return // likewise, by a reset without a reason
	}
	settled := k.c.Subflows[p.ordinal].Master || !l.offer.seen() || l.up() && l.reply.packet < p.packet
	if settled {
		k.add(p.from.Other(), "MPRstRx", 1)
	}
}
