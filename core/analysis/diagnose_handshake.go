package analysis

import (
	"fmt"
	"net/netip"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/conn"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/trace"
)

// handshake concludes where the handshake did not come to MPTCP.
func (e *examination) handshake(m *life) (Finding, bool) {
	switch {
	case !m.offer.seen():
		return Finding{}, false
	case !m.answer.seen() && m.refusal.seen() && m.refusal.from == stream.Server && !m.third.seen() && !m.reply.seen():
		return find(Refused, fmt.Sprintf("the SYN with MP_CAPABLE (%s) is answered by a reset", e.name(m.offer)), m.refusal.packet), true
	case !m.answer.seen():
		return e.unanswered(m)
	case m.answer.cut:
		return find(NotCaptured, "the capture cut the options of the SYN/ACK", m.answer.packet).with(cureSnaplen), true
	case m.third.cut:
		return find(NotCaptured, "the capture cut the options of the handshake's third packet", m.third.packet, m.answer.packet).with(cureSnaplen), true
	case !m.answer.option:
		return e.bareAnswer(m), true
	case !m.third.seen() && m.refusal.seen() && m.refusal.from == stream.Client && m.refusal.packet > m.answer.packet && !m.up() && !m.sent:
		return find(Unfinished, fmt.Sprintf("the client resets it %s after the SYN/ACK with MP_CAPABLE (%s), without a third packet", spanText(m.refusal.time-m.answer.time), e.name(m.answer)),
			m.refusal.packet, m.answer.packet).with("see whether the client's application gave up before it was connected, or its host did not know the SYN/ACK"), true
	case !m.third.seen() && e.goesOn(m.answer.time):
		return find(Unfinished, "the SYN/ACK carries MP_CAPABLE, and no answer of the client was captured", m.answer.packet, m.offer.packet), true
	case !m.third.seen():
		return find(NotCaptured, e.stops(&m.answer, "the SYN/ACK with MP_CAPABLE"), m.answer.packet).with(cureLonger), true
	}
	switch e.c.Fallback.Cause {
	case conn.NoCapableInACK:
		return e.bareThird(m), true
	case conn.NoDSS:
		if e.failed.in(anySubflow, checkKeys, checkIDSN) != nil {
			return Finding{}, false
		}
		if e.overtaken(m) {
			return find(PeerFellBack, fmt.Sprintf("the first packet that follows the SYN/ACK (%s) is not the third of the handshake, but one of later data without MP_CAPABLE: if that is what the server saw first, it goes on as plain TCP",
				e.name(m.third)), e.c.Fallback.Packet, m.third.packet).with("look for what reorders or loses packets on the way to the server"), true
		}
		return find(StrippedHandshake, "the handshake agrees on MPTCP, but the first data carries no option: what followed the SYNs arrived without",
			e.c.Fallback.Packet, m.answer.packet), true
	}
	return Finding{}, false
}

// patience is how long the capture must go on for the absence of an answer to be worth a word, in ns: few round trips take
// longer.
const patience = 100_000_000

// goesOn says whether the capture goes on for so long that an answer to what was sent at a time should have come.
func (e *examination) goesOn(time int64) bool { return e.t.Capture.Last-time >= patience }

// unanswered concludes on a SYN with MP_CAPABLE of which no answer was captured. That there was none shows in the client: it
// asks again, and does not go on.
func (e *examination) unanswered(m *life) (Finding, bool) {
	switch {
	case m.third.option || m.last[stream.Client].seen() || m.last[stream.Server].seen():
		return Finding{}, false // it was answered with MP_CAPABLE
	case m.third.seen() || m.reply.seen():
		cure := cureLost
		if !e.hears(m, stream.Client) {
			cure = cureBoth
		}
		return find(NotCaptured, "the SYN with MP_CAPABLE was answered, and the answer was not captured", m.offer.packet).with(cure), true
	case m.offers > 1:
		return find(NoAnswer, fmt.Sprintf("the SYN with MP_CAPABLE is sent %s and never answered", times(m.offers)), m.offer.packet), true
	case e.goesOn(m.offer.time):
		return find(Unfinished, "the SYN with MP_CAPABLE is sent once, and what came of it was not captured", m.offer.packet), true
	}
	return find(NotCaptured, e.stops(&m.offer, "the SYN with MP_CAPABLE"), m.offer.packet).with(cureLonger), true
}

// times writes how often something was done.
func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}

// bareAnswer concludes on a SYN/ACK without MP_CAPABLE: who is to blame shows in what was left behind, in where the capture
// was taken, and in what the same server does elsewhere.
func (e *examination) bareAnswer(m *life) Finding {
	f := e.blame(m)
	if m.offer.bad > 0 && m.answer.hole == 0 {
		f.Because = fmt.Sprintf("the SYN's MP_CAPABLE is %d bytes long, which no version allows, so that a server passes it over; %s", m.offer.bad, f.Because)
		f.cure = "look for what builds that SYN: packet shows its bytes"
	}
	return f
}

// blame concludes on it where the SYN may be right.
func (e *examination) blame(m *life) Finding {
	switch {
	case m.bare.seen() && m.bare.time > m.offer.time && m.bare.time < m.answer.time:
		return find(SYNDropped, fmt.Sprintf("the SYN with MP_CAPABLE is sent %s in vain; the one without (%s) is answered", times(m.offers), e.name(m.bare)),
			m.bare.packet, m.offer.packet, m.answer.packet)
	case m.answer.hole > 0:
		return find(StrippedSYNACK, fmt.Sprintf("the SYN/ACK has no MP_CAPABLE but %d NOPs in a row, which is what a box leaves that overwrites an option", m.answer.hole),
			m.answer.packet)
	case m.vantage == AtServer:
		return find(ServerWithout, "the SYN arrives with MP_CAPABLE, and the server, beside which this was captured, answers without", m.answer.packet, m.offer.packet)
	}
	if other := e.capable(m.stream); other != nil {
		return find(StrippedEither, fmt.Sprintf("the SYN/ACK has no MP_CAPABLE, though this server speaks MPTCP (connection %d): a middlebox took it off SYN or SYN/ACK", other.ID),
			m.answer.packet, m.offer.packet)
	}
	return find(NoCapable, "the SYN/ACK carries no MP_CAPABLE, and this side cannot see whether the SYN arrived with it",
		m.answer.packet, m.offer.packet)
}

// capable finds another connection to the same address and port that the server did with MPTCP.
func (e *examination) capable(s *stream.Stream) *conn.Conn {
	if c := e.others().servers[s.Server]; c != e.c {
		return c
	}
	return nil
}

// capableServers lists the addresses and ports of servers that spoke MPTCP, each with a connection that shows it.
func capableServers(t *trace.Trace) map[netip.AddrPort]*conn.Conn {
	servers := map[netip.AddrPort]*conn.Conn{}
	for i := range t.Conns {
		c := &t.Conns[i]
		if !c.Handshake || len(c.Subflows) == 0 || !c.Subflows[0].Master {
			continue
		}
		if at := t.Streams[c.Subflows[0].Stream].Server; servers[at] == nil {
			servers[at] = c
		}
	}
	return servers
}
