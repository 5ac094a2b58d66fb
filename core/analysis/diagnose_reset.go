package analysis

import (
	"fmt"

	"github.com/mptcpanalyzer/mptcpanalyzer/dissect/stream"
)

// cutOff concludes on a connection whose only subflow was reset before an end had ended its data.
func (e *examination) cutOff(m *life) (Finding, bool) {
	o := &m.refusal
	if len(e.lives) != 1 || !o.seen() || !m.up() {
		return Finding{}, false
	}
	if e.unknown(m) {
		return find(CutOff, fmt.Sprintf("the %s, which had acknowledged nothing but the SYN, resets its only subflow without an ack: it knows no such connection", e.sender(m, o.from).End()), o.packet).
			with("see whether the server's queue of connections was full (ListenOverflows, ListenDrops of nstat), with SYN cookies, or whether a firewall resets"), true
	}
	if e.endedBefore(o.packet) {
		return Finding{}, false
	}
	why := "gives no reason"
	if o.reason >= 0 {
		why = fmt.Sprintf("says why with MP_TCPRST (%s)", resetWord(o.reason))
	}
	return find(CutOff, fmt.Sprintf("the %s resets its only subflow before either end has ended its data, and %s", e.sender(m, o.from).End(), why), o.packet), true
}

// unknown says whether the server of a stream resets it as one that it has no socket for (RFC 9293 section 3.10.7.1), and never had: of
// what the client sent after the handshake it acknowledged nothing, and it sent nothing.
func (e *examination) unknown(m *life) bool {
	o := &m.refusal
	if o.from != stream.Server || !m.third.seen() || !m.sent && m.stream.Toward[stream.Server].Bytes == 0 || e.t.Flags(o.packet-1)&stream.ACK != 0 {
		return false
	}
	for _, row := range e.rowsOf(m) {
		if row+1 >= o.packet {
			break
		}
		seq, ack := e.t.SeqAck(row)
		switch dest := e.t.Dest(row); {
		case dest == stream.Server && ack > 1, dest == stream.Client && (ack > 1 || seq > 1 || e.t.PayloadLen(row) > 0):
			return false
		}
	}
	seq, _ := e.t.SeqAck(o.packet - 1)
	return seq <= 1
}

// endedBefore says whether an end told that its data ends (DATA_FIN, FIN) before a packet.
func (e *examination) endedBefore(packet uint32) bool {
	for i := range e.lives {
		for _, row := range e.rowsOf(&e.lives[i]) {
			if row+1 >= packet {
				break
			}
			if e.t.Flags(row)&stream.FIN != 0 || e.t.DataFIN(row) {
				return true
			}
		}
	}
	return false
}
